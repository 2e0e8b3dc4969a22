export type TicketDialog = 'handover' | 'snooze' | 'assign' | 'labels' | 'macro' | 'merge' | 'priority' | 'remind' | 'split' | 'continue';
