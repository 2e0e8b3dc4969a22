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

/** Longer than a browser takes that lets a page sound. */
const wakesWithin = 300;

/** Whether sounds come out; where the browser holds them back, that is told until somebody has let them. */
async function wakes(sound: AudioContext): Promise<boolean> {
    // What is held back does not fail, it waits for somebody to touch the page.
    const awake = sound.resume().then(() => void (soundBlocked.value = false), () => undefined);
    await Promise.race([awake, new Promise((late) => setTimeout(late, wakesWithin))]);
    soundBlocked.value = sound.state !== 'running';
    return !soundBlocked.value;
}

/** A short quiet tone; of several open tabs one rings. `asked`: it is tried out, and rings in any case. */
export function ring(asked = false): void {
    if (!asked && (!soundOn.value || Date.now() - rungAt < atMostEvery)) return;
    rungAt = Date.now();
    const play = async (): Promise<void> => {
        const sound = (context ??= new AudioContext());
        if (sound.state === 'running') soundBlocked.value = false;
        else if (!(await wakes(sound))) return;
        const [tone, volume] = [sound.createOscillator(), sound.createGain()];
        tone.frequency.value = 660;
        volume.gain.setValueAtTime(0.08, sound.currentTime);
        volume.gain.exponentialRampToValueAtTime(0.0001, sound.currentTime + 0.35);
        tone.connect(volume).connect(sound.destination);
        tone.start();
        tone.stop(sound.currentTime + 0.4);
    };
    if (asked || !navigator.locks) {
        void play();
        return;
    }
    void navigator.locks.request('sportello.sound', { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        void play();
        await new Promise((heard) => setTimeout(heard, 1000));
    });
}
