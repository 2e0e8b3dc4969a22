import { ref } from 'vue';

import { api, body } from '../api/client';
import type { EventPage, LiveEvent } from '../api/types';
import { learnServerTime } from '../time/clock';
import { FrameBuffer } from './frames';

export type ConnectionState = 'connecting' | 'live' | 'polling' | 'offline';

const firstRetry = 500;
const longestRetry = 15_000;
const silence = 45_000;
const socketPatience = 5_000;
const pollEvery = 3_000;
/** A cable that is put back at once is no news. */
const unpluggedFor = 1_500;
const sessionEnded = 4401;

/** Half to one and a half of the doubled wait, so that nine dashboards do not come back in one moment. */
export function retryAfter(failures: number, chance: number = Math.random()): number {
    const wait = Math.min(longestRetry, firstRetry * 2 ** failures);
    return wait * (0.5 + chance);
}

/**
 * The stream of what happens: a WebSocket resumed by sequence number, retried for ever, and the JSON event log every
 * three seconds while there is no socket.
 */
export class Connection {
    readonly state = ref<ConnectionState>('connecting');
    /** The build of the server that the socket reached; empty before the first greeting. */
    readonly build = ref('');

    private readonly frames: FrameBuffer;
    private socket: WebSocket | null = null;
    private failures = 0;
    private stopped = false;
    private polling = false;
    private retryTimer = 0;
    private silenceTimer = 0;
    private heardAt = 0;
    private pollTimer = 0;
    private unpluggedTimer = 0;
    /** The browser says that there is no network: nothing would tell of that on the socket before the next heartbeat is missed. */
    private readonly unplugged = (): void => {
        clearTimeout(this.unpluggedTimer);
        this.unpluggedTimer = window.setTimeout(() => {
            if (navigator.onLine) return;
            this.giveUp();
            this.state.value = 'offline';
        }, unpluggedFor);
    };
    private readonly wake = (): void => {
        if (!document.hidden && !this.socket) this.connect();
    };

    /**
     * @param since   the last event already shown.
     * @param apply   gets logged events in batches, in order, each once.
     * @param reload  loads everything again and answers the sequence number of what it loaded.
     * @param ended   runs when the server says that the session is over.
     * @param heard   gets what is never in the log: greetings, and who is at which ticket.
     */
    constructor(
        since: number,
        apply: (events: LiveEvent[]) => void,
        private readonly reload: () => Promise<number>,
        private readonly ended: () => void,
        private readonly heard: (event: LiveEvent) => void = () => undefined,
    ) {
        this.frames = new FrameBuffer(since, apply);
        window.addEventListener('online', this.wake);
        window.addEventListener('offline', this.unplugged);
        document.addEventListener('visibilitychange', this.wake);
        this.connect();
        this.pollTimer = window.setTimeout(() => void this.poll(), socketPatience);
    }

    /** Says something to the server; nothing where there is no socket. */
    send(frame: object): void {
        if (this.state.value === 'live') this.socket?.send(JSON.stringify(frame));
    }

    stop(): void {
        this.stopped = true;
        window.removeEventListener('online', this.wake);
        window.removeEventListener('offline', this.unplugged);
        document.removeEventListener('visibilitychange', this.wake);
        for (const timer of [this.retryTimer, this.silenceTimer, this.pollTimer, this.unpluggedTimer]) clearTimeout(timer);
        this.socket?.close();
    }

    private connect(): void {
        if (this.stopped) return;
        clearTimeout(this.retryTimer);
        const address = new URL('/v1/live', window.location.href);
        address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
        address.searchParams.set('since', String(this.frames.lastSeq));
        const socket = new WebSocket(address);
        this.socket = socket;
        this.expectSound();
        socket.addEventListener('message', (message) => this.receive(socket, String(message.data)));
        socket.addEventListener('close', (close) => this.lost(socket, close.code));
    }

    private receive(socket: WebSocket, text: string): void {
        if (socket !== this.socket) return;
        this.expectSound();
        const event = JSON.parse(text) as LiveEvent;
        if (event.seq === 0) this.control(event);
        else this.frames.push(event);
    }

    private control(event: LiveEvent): void {
        const data = event.data as { server_time?: string; build?: string };
        learnServerTime(data.server_time ?? null);
        if (event.type === 'hello') {
            this.failures = 0;
            this.build.value = data.build ?? '';
            this.state.value = 'live';
            clearTimeout(this.pollTimer);
        } else if (event.type === 'reset') {
            void this.startOver();
        }
        this.heard(event);
    }

    private async startOver(): Promise<void> {
        try {
            this.frames.restart(await this.reload());
        } catch {
            this.socket?.close();
        }
    }

    /** A connection that says nothing, not even a heartbeat, is dead whatever the browser thinks. */
    private expectSound(): void {
        this.heardAt = performance.now();
        // One timer for all that comes meanwhile: of a burst, a new one for each frame would be a third of the work.
        this.silenceTimer ||= window.setTimeout(() => this.listen(), silence);
    }

    private listen(): void {
        const left = this.heardAt + silence - performance.now();
        this.silenceTimer = left > 0 ? window.setTimeout(() => this.listen(), left) : 0;
        if (left <= 0) this.giveUp();
    }

    private giveUp(): void {
        const silent = this.socket;
        if (!silent) return;
        silent.close();
        this.lost(silent, 0);
    }

    private lost(socket: WebSocket, code: number): void {
        if (this.stopped || socket !== this.socket) return;
        this.socket = null;
        clearTimeout(this.silenceTimer);
        this.silenceTimer = 0;
        if (code === sessionEnded) {
            this.stop();
            this.ended();
            return;
        }
        if (this.state.value === 'live') {
            this.state.value = 'connecting';
            clearTimeout(this.pollTimer);
            this.pollTimer = window.setTimeout(() => void this.poll(), socketPatience);
        }
        this.retryTimer = window.setTimeout(() => this.connect(), retryAfter(this.failures++));
    }

    private async poll(): Promise<void> {
        if (this.stopped || this.polling || this.state.value === 'live') return;
        this.polling = true;
        try {
            const since = this.frames.lastSeq;
            const request = api.GET('/v1/events', { params: { query: { since, limit: 1000 } } });
            // The same address also streams; we asked for JSON.
            const page = (await body(request)) as EventPage;
            if (page.last_seq < since) await this.startOver();
            else for (const event of page.items) this.frames.push(event);
            if (this.notLive()) this.state.value = 'polling';
        } catch {
            if (this.notLive()) this.state.value = 'offline';
        } finally {
            this.polling = false;
        }
        if (!this.stopped && this.notLive()) {
            this.pollTimer = window.setTimeout(() => void this.poll(), pollEvery);
        }
    }

    /** The socket may come back while a poll is under way. */
    private notLive(): boolean {
        return this.state.value !== 'live';
    }
}
