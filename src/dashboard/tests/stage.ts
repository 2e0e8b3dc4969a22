import { flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { vi } from 'vitest';

import App from '../app/App.vue';
import { router } from '../app/router';
import { leave } from '../app/store/live';
import { now } from '../app/time/clock';
import { FakeHouse, type Asked } from './fake_house';

/** A socket whose other end is the test. */
export class FakeSocket extends EventTarget {
    static last: FakeSocket | null = null;
    constructor(readonly address: URL) {
        super();
        FakeSocket.last = this;
    }
    frame(event: object): void {
        this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(event) }));
    }
    close(): void {}
}

class NoObserver {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
}

export async function settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn++) await flushPromises();
}

/** Puts a house in the place of the server, and gives jsdom what it lacks: layout and modal dialogs. */
export function prepare(): FakeHouse {
    const house = new FakeHouse();
    vi.stubGlobal('fetch', async (request: Request): Promise<Response> => {
        const url = new URL(request.url);
        const text = await request.text();
        const asked: Asked = {
            method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers,
            body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
        };
        const { status, body } = house.answer(asked);
        const type = status >= 400 ? 'application/problem+json' : 'application/json';
        return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { 'Content-Type': type } });
    });
    vi.stubGlobal('WebSocket', FakeSocket);
    vi.stubGlobal('ResizeObserver', NoObserver);
    Object.defineProperty(Element.prototype, 'clientHeight', { configurable: true, value: 720 });
    Object.defineProperty(Element.prototype, 'clientWidth', { configurable: true, value: 384 });
    HTMLElement.prototype.scrollTo = () => undefined;
    HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
        this.open = true;
    };
    HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
        this.open = false;
        this.dispatchEvent(new Event('close'));
    };
    // What the last test had still to store is stored before it is forgotten, and not in the middle of the next one.
    window.dispatchEvent(new Event('pagehide'));
    leave();
    localStorage.clear();
    sessionStorage.clear();
    now.value = Date.now();
    return house;
}

/** Opens the dashboard at `path` as a browser would, with the socket connected; page and data have come. */
export async function openAt(house: FakeHouse, path: string): Promise<VueWrapper> {
    await router.push(path);
    const page = mount(App, { attachTo: document.body, global: { plugins: [router] } });
    await settle();
    FakeSocket.last?.frame({ seq: 0, type: 'hello', at: house.time(), data: { server_time: house.time() } });
    await settle();
    return page;
}
