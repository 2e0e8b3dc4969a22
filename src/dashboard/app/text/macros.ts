import type { Macro } from '../api/types';
import { t } from '../i18n';
import { priorityWords, statusWords } from './events';

/** What a macro does, in one line. */
export function macroSteps(macro: Macro): string {
    const steps: string[] = [];
    if (macro.take) steps.push(t('conversation.take'));
    if (macro.status) steps.push(t('event.status', { status: t(statusWords[macro.status]) }));
    if (macro.priority) steps.push(t('macro.priority', { priority: t(priorityWords[macro.priority]) }));
    if (macro.add_labels.length) steps.push(`+ ${macro.add_labels.join(', ')}`);
    if (macro.remove_labels.length) steps.push(`− ${macro.remove_labels.join(', ')}`);
    if (macro.note) steps.push(t('composer.note'));
    if (macro.canned_reply) steps.push(t('composer.reply'));
    return steps.join(' · ');
}
