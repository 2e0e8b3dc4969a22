// Whatever the dashboard's command palette offers can be asked of the API, which is the dashboard's only door; and so can
// every action that people at the counter have a word for.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const operations = new Set([...read('src/api/openapi.yaml').matchAll(/^ {6}operationId: (\w+)$/gm)].map(([, id]) => id));

/** What moves within the page and asks nothing of the server. */
const withinThePage = new Set(['next', 'previous', 'leave', 'help', 'focus-list', 'focus-conversation', 'focus-details', 'go', 'palette', 'select',
    'extend-down', 'extend-up', 'mark-unread']);

const asked = {
    reply: ['reply', 'list_reply_routes', 'preview_text'],
    note: ['add_note'],
    take: ['take_ticket'],
    'take-next': ['take_next_ticket', 'peek_next_ticket'],
    assign: ['change_ticket', 'list_agents'],
    solve: ['change_ticket'],
    snooze: ['change_ticket', 'get_office_hours'],
    handover: ['hand_over', 'list_phone_slots', 'ask_number'],
    undo: ['cancel_reply', 'undo_merge', 'undo_split', 'change_ticket'],
    search: ['list_tickets', 'search', 'add_view', 'change_view', 'delete_view'],
    views: ['list_views'],
    attach: ['upload_file'],
    continue: ['continue_in_private'],
    'go-approvals': ['list_approvals', 'approve', 'change_approval', 'return_approval', 'withdraw_approval'],
    bulk: ['change_many_tickets', 'preview_selection', 'send_to_selection'],
    'view-snoozed': ['list_tickets'],
    send: ['reply', 'send_reply_now'],
    'send-and-next': ['reply', 'take_next_ticket'],
    canned: ['list_canned_replies', 'expand_canned_reply'],
    macro: ['list_macros', 'apply_macro'],
    labels: ['change_ticket', 'list_labels'],
    priority: ['change_ticket'],
    merge: ['merge_ticket'],
    split: ['split_ticket'],
    remind: ['add_reminder', 'list_reminders', 'remove_reminder'],
    customer: ['get_customer', 'change_customer', 'add_customer_note'],
    'view-due': ['list_tickets', 'get_bootstrap'],
    'view-mine': ['list_tickets'],
    'view-unassigned': ['list_tickets'],
    'view-overdue': ['list_tickets'],
    'view-closed': ['list_tickets'],
    'go-incidents': ['list_incidents', 'open_incident'],
    'go-phone': ['list_phone_calls', 'tell_call_outcome'],
    'go-supervision': ['get_queue', 'list_channels', 'list_uncertain_replies', 'pause_all_channels', 'resume_all_channels'],
    'go-rota': ['list_shifts', 'replace_shifts', 'get_shift_coverage'],
    'go-reports': ['report_staffing', 'report_promises'],
    'go-links': ['list_link_proposals', 'decide_link_proposal', 'undo_link_decision'],
    'go-notifications': ['list_notifications', 'read_notification', 'read_notifications'],
    'go-alerts': ['list_alerts', 'acknowledge_alert'],
    'go-account': ['get_me'],
    'go-audit': ['list_audit'],
    'go-settings': ['list_labels', 'list_canned_replies', 'list_rules_in_force', 'list_targets_in_force', 'list_calendars_in_force', 'list_tokens'],
};

/** The actions that the platforms, the engine and the dashboard know by name. */
const actions = {
    hide: ['hide_message', 'unhide_message'],
    like: ['like_message', 'unlike_message'],
    'delete what is ours': ['delete_message', 'withdraw_reply'],
    'link and unlink persons': ['merge_customer', 'undo_customer_merge', 'decide_link_proposal'],
    'decide about an unknown reply': ['decide_reply'],
    'try a failed reply again': ['retry_reply'],
    'open an incident': ['open_incident', 'confirm_incident', 'dismiss_incident', 'close_incident'],
    'status post': ['post_incident_status', 'decide_incident_status'],
    'one text to all': ['start_broadcast', 'stop_broadcast'],
    'one reply to a selection': ['send_to_selection', 'preview_selection', 'stop_broadcast_to_selection'],
    bulk: ['change_many_tickets'],
    'send now': ['send_reply_now'],
    'by hand': ['start_by_hand', 'keep_by_hand', 'give_up_by_hand'],
    'continue in private': ['continue_in_private'],
    'pause all': ['pause_all_channels', 'resume_all_channels'],
    'one-off opening': ['add_office_exception', 'remove_office_exception'],
    'reveal and release': ['reveal_message', 'release_personal_data'],
    views: ['add_view', 'change_view', 'delete_view'],
};

const known = (map) => {
    const missing = Object.entries(map).flatMap(([name, ids]) => ids.filter((id) => !operations.has(id)).map((id) => `${name}: ${id}`));
    assert.deepEqual(missing, []);
};

test('every command of the palette has its operations', () => {
    const union = read('src/dashboard/app/keys/keys.ts').match(/export type Command =([^;]*);/)[1];
    const commands = [...union.matchAll(/'([^']+)'/g)].map(([, command]) => command);
    assert.ok(commands.length > 20);
    for (const command of commands) assert.ok(withinThePage.has(command) || command in asked, `${command} asks for nothing that is known here`);
    known(asked);
});

test('every action by name has its operations', () => known(actions));
