// @vitest-environment jsdom
// What an agent sees of colleagues, of the day and of the browser's own limits.
import { enableAutoUnmount } from '@vue/test-utils';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { startKeys } from '../app/keys/commands';
import { chooseSound, ring, soundBlocked } from '../app/store/sound';
import type { FakeHouse } from './fake_house';
import { FakeSocket, openAt, prepare, settle } from './stage';

enableAutoUnmount(afterEach);
beforeAll(async () => {
    startKeys();
    await Promise.all([import('../app/pages/QueuePage.vue'), import('../app/components/ticket/panes')]);
}, 60_000);
afterAll(() => void window.dispatchEvent(new Event('pagehide')));
let house: FakeHouse;
beforeEach(() => {
    house = prepare();
});

const at = (name: string): HTMLElement | null => document.querySelector(`[data-testid=${name}]`);
const words = (name: string): string => at(name)?.textContent?.replace(/\s+/g, ' ').trim() ?? '';

async function told(ticket: number, people: { agent: number; name: string; state: 'viewing' | 'writing' }[]): Promise<void> {
    FakeSocket.last!.frame({ seq: 0, type: 'presence', at: house.time(), data: { ticket, people, lease: null, exclusive: false } });
    await settle();
}

test('a row tells in words who is at its ticket: who writes before who looks, and nobody after they left', async () => {
    const id = house.write('linea muta');
    await openAt(house, '/queue/due');
    await told(id, [{ agent: 2, name: 'Matteo Ricci', state: 'viewing' }]);
    expect(words('row-presence')).toBe('MRMatteo guarda');
    await told(id, [{ agent: 2, name: 'Matteo Ricci', state: 'viewing' }, { agent: 3, name: 'Luca Neri', state: 'writing' }]);
    expect(words('row-presence')).toBe('LNLuca sta rispondendo');
    await told(id, [{ agent: 1, name: 'Chiara Bianchi', state: 'writing' }]);
    expect(at('row-presence')).toBeNull();
});

test('an empty queue says that all is answered, how the day went, and which key leads on', async () => {
    await openAt(house, '/queue/due');
    expect(words('empty')).toContain('Tutto risposto');
    expect(words('today')).toBe('Oggi 21 prime risposte, in media dopo 38 min.');
    expect(words('empty')).toContain('Vista successiva: Mie G M');
    await openAt(house, '/queue/snoozed');
    expect(words('empty')).not.toContain('Tutto risposto');
});

test('where the browser holds sounds back, one click lets them; a browser that takes its moment is not accused', async () => {
    let state = 'suspended';
    let allowed = false;
    const node = { connect: () => node, start: vi.fn(), stop: vi.fn(), frequency: {}, gain: { setValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() } };
    vi.stubGlobal('AudioContext', class {
        currentTime = 0;
        destination = {};
        get state(): string { return state; }
        resume = (): Promise<void> => (allowed ? Promise.resolve().then(() => void (state = 'running')) : new Promise(() => undefined));
        createOscillator = (): object => node;
        createGain = (): object => node;
    });
    await openAt(house, '/queue/due');
    chooseSound(true);
    await vi.waitUntil(() => soundBlocked.value, { timeout: 10_000 });
    await settle();
    expect(words('sound-blocked')).toBe('Suoni bloccati: clicca per attivare');
    expect(node.start).not.toHaveBeenCalled();
    allowed = true;
    at('sound-blocked')!.click();
    await vi.waitUntil(() => node.start.mock.calls.length === 1, { timeout: 10_000 });
    await settle();
    expect(at('sound-blocked')).toBeNull();
    state = 'suspended';
    ring(true);
    await vi.waitUntil(() => node.start.mock.calls.length === 2, { timeout: 10_000 });
    expect(soundBlocked.value).toBe(false);
    chooseSound(false);
});

test('3 goes to the details, and opens them where there is no room for three panes; Esc closes them again', async () => {
    const id = house.write('linea muta');
    await openAt(house, `/queue/due/${id}`);
    const press = async (key: string): Promise<void> => {
        (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        await settle();
    };
    const panel = document.querySelector<HTMLElement>('.details')!;
    await press('3');
    expect(document.activeElement).toBe(panel);
    expect(document.querySelector('.work')!.classList.contains('with-details')).toBe(false);
    panel.style.display = 'none';
    await press('3');
    expect(document.querySelector('.work')!.classList.contains('with-details')).toBe(true);
    await press('Escape');
    expect(document.querySelector('.work')!.classList.contains('with-details')).toBe(false);
});

test('the top line tells how many fall due before closing, those of each group of brands beside its hours', async () => {
    house.falling = 1;
    await openAt(house, '/queue/due');
    expect(words('office-banner')).toMatch(/^Ufficio aperto fino alle (\S+ \d+ \S+, )?\d\d:\d\d · 3 scadono prima$/);
});

test('a reply that broke off says how much of it is out, and goes on from there', async () => {
    const id = house.write('cosa devo fare?');
    const delivery = { state: 'failed' as const, reason: 'Il post non c’è più', parts: { count: 3, published: 2 }, can_retry: true };
    house.append(id, { text: 'uno due tre', delivery, direction: 'outbound' });
    const reply = house.timelines.get(id)!.at(-1)!.id;
    await openAt(house, `/queue/due/${id}`);
    expect(words('delivery-state')).toBe('2 di 3 inviati');
    expect(words('retry')).toBe('Riprova dalla parte 3');
    expect(document.body.textContent).not.toContain('Riprendi il testo');

    house.on(`POST /v1/replies/${reply}/retry`, { status: 409, code: 'duplicate_text', title: 'Conflict', detail: 'the same text was sent' }, 409);
    at('retry')!.click();
    await settle();
    expect(words('retry')).toBe('Invia lo stesso');
    house.off(`POST /v1/replies/${reply}/retry`);
    at('retry')!.click();
    await settle();
    const order = house.asked.filter((one) => one.path.endsWith('/retry')).at(-1)!;
    expect(order.body).toEqual({ last_seen: house.timelines.get(id)![0]!.id, confirm_duplicate: true });
    expect(words('delivery-state')).toBe('In invio: 2 di 3 inviati');
    expect(at('retry')).toBeNull();
});

test('what may be out is not tried again, and what is not out at all may be written anew', async () => {
    const id = house.write('cosa devo fare?');
    house.append(id, { text: 'uno', delivery: { state: 'failed', reason: 'discarded by a person\'s decision', can_retry: false }, direction: 'outbound' });
    await openAt(house, `/queue/due/${id}`);
    expect(words('delivery-state')).toBe('Non riuscita');
    expect(at('retry')).toBeNull();
    expect(document.body.textContent).toContain('Riprendi il testo');
});
