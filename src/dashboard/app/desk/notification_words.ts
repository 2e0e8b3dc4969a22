import type { RouteLocationRaw } from 'vue-router';

import type { Notification } from '../api/types';
import { t, type MessageKey } from '../i18n';
import { ticketPlace } from './system_notices';

const words: Record<Notification['kind'], MessageKey> = {
    mention: 'notifications.mention', reply_approved: 'notifications.approved', reply_returned: 'notifications.returned',
    reply_changed: 'notifications.changed', reminder: 'notifications.reminder',
};

export const wordsOf = (one: Notification): string =>
    t(one.kind === 'reminder' && one.text ? 'notifications.reminderOf' : words[one.kind], { text: one.text ?? '', name: one.by.name || t('message.unnamed'), ticket: one.ticket ? `#${one.ticket}` : t('notifications.broadcast') });

/** Where what it tells of is to be seen. */
export const placeOf = (one: Notification): RouteLocationRaw =>
    (one.ticket ? ticketPlace(one.ticket) : { name: 'approvals', params: { which: 'mine' } });
