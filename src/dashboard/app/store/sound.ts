import { ref } from 'vue';

const storageKey = 'sportello.sound';
/** Off until the agent wants it. */
export const soundOn = ref(localStorage.getItem(storageKey) === 'on');

export function chooseSound(on: boolean): void {
    soundOn.value = on;
    localStorage.setItem(storageKey, on ? 'on' : 'off');
    if (on) ring(true);
}

/** The browser lets no page sound that nobody has touched yet. */
export const soundBlocked = ref(false);

let context: AudioContext | null = null;
let rungAt = 0;
const atMostEvery = 5_000;

/** A short quiet tone; of several open tabs one rings. `asked`: it is tried out, and rings in any case. */
export function ring(asked = false): void {
    if (!asked && (!soundOn.value || Date.now() - rungAt < atMostEvery)) return;
    rungAt = Date.now();
    const play = (): void => {
        context ??= new AudioContext();
        void context.resume();
        soundBlocked.value = context.state === 'suspended' && !asked;
        if (soundBlocked.value) {
            addEventListener('pointerdown', () => void context?.resume().then(() => (soundBlocked.value = false)), { once: true });
            return;
        }
        const [tone, volume] = [context.createOscillator(), context.createGain()];
        tone.frequency.value = 660;
        volume.gain.setValueAtTime(0.08, context.currentTime);
        volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 0.35);
        tone.connect(volume).connect(context.destination);
        tone.start();
        tone.stop(context.currentTime + 0.4);
    };
    if (asked || !navigator.locks) {
        play();
        return;
    }
    void navigator.locks.request('sportello.sound', { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        play();
        await new Promise((heard) => setTimeout(heard, 1000));
    });
}
