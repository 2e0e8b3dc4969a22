import { shallowRef } from 'vue';

/** Not while the first screen after the log-in comes: what is read later waits until that stands. */
export const firstScreenStands = shallowRef(true);
