import { openSimulator } from '../../simulator.mjs';

export const page = '104000000000002';
export const pageToken = `sim-facebook-${page}`;
export const appId = '100000000000001';
export const appSecret = 'sim-app-secret';
export const appToken = `${appId}|${appSecret}`;

/** A Page of the simulated Facebook, with short ways for customers to write to it. */
export async function openPage(...options) {
    const simulator = await openSimulator(...options);
    const writes = async (kind, text, more = {}) => {
        const item = { platform: 'facebook', account: page, kind, author: 'Mario Rossi', text, ...more };
        return (await simulator.control('POST', 'posts', item)).id;
    };
    const truth = async (id) => {
        const { items } = await simulator.control('GET', `truth?platform=facebook&account=${page}`);
        return items.find((item) => item.id === id);
    };
    const fault = (endpoint, kind, more = {}) =>
        simulator.control('POST', 'faults', { platform: 'facebook', endpoint, kind, count: 1, ...more });
    const turnClock = (seconds) => simulator.control('POST', 'clock', { advance_s: seconds });
    return { ...simulator, writes, truth, fault, turnClock };
}
