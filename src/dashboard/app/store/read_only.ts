import { shallowRef } from 'vue';

/** Why the server takes no changes now, in its own words; empty: it takes them. */
export const readOnly = shallowRef('');
