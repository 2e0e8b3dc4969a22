import type { LiveEvent } from '../api/types';

/**
 * Puts the frames of the live stream in front of the screen: each logged event once and in order, everything that came
 * since the last painted frame in one batch.
 */
export class FrameBuffer {
    private waiting: LiveEvent[] = [];
    private scheduled = false;

    /**
     * @param seq      the last event already part of what is shown.
     * @param apply    gets a batch, never an empty one.
     * @param schedule runs a callback at the next moment to paint.
     */
    constructor(
        private seq: number,
        private readonly apply: (events: LiveEvent[]) => void,
        private readonly schedule: (run: () => void) => void = atNextFrame,
    ) {}

    /** The last event received: where a new connection has to go on. */
    get lastSeq(): number {
        return this.seq;
    }

    /** Takes a frame. `seq` 0 is never in the log and always passes; a logged event seen before is dropped. */
    push(event: LiveEvent): void {
        if (event.seq !== 0) {
            if (event.seq <= this.seq) return;
            this.seq = event.seq;
        }
        this.waiting.push(event);
        if (this.scheduled) return;
        this.scheduled = true;
        this.schedule(() => this.flush());
    }

    /** Starts over from `seq`, after everything has been loaded again. */
    restart(seq: number): void {
        this.seq = seq;
        this.waiting = [];
    }

    private flush(): void {
        this.scheduled = false;
        const batch = this.waiting;
        this.waiting = [];
        if (batch.length) this.apply(batch);
    }
}

/** Animation frames stand still in a hidden tab, so there a timer does. */
function atNextFrame(run: () => void): void {
    if (document.hidden) setTimeout(run, 200);
    else requestAnimationFrame(() => run());
}
