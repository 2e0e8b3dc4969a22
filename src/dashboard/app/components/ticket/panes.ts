/** What shows an open ticket, together: neither is of use without the other. */
export { default as ConversationPane } from '../ConversationPane.vue';
export { default as DetailsPanel } from '../DetailsPanel.vue';
