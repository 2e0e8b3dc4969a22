import { shallowReactive } from 'vue';

import type { Attachment } from '../api/types';

/** Files that go with the next reply of a ticket; the server keeps each for a day. */
export const uploads = shallowReactive(new Map<number, Attachment[]>());

export const uploadsOf = (ticket: number): Attachment[] => uploads.get(ticket) ?? [];
