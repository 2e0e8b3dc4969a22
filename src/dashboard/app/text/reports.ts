import type { MessageKey } from '../i18n';

/** How a figure reads: a count, seconds, a share of one, an average of notes. */
export type FigureKind = 'count' | 'seconds' | 'share' | 'average';
export interface Figure {
    key: string;
    words: MessageKey;
    kind: FigureKind;
}
export type ReportName = 'volume' | 'first-response' | 'targets' | 'agents' | 'incidents' | 'promises' | 'ratings';
export type Dimension = 'hour' | 'day' | 'week' | 'brand' | 'channel' | 'label' | 'outcome' | 'agent';
export interface Report {
    figures: Figure[];
    /** In clock time, where the report tells both. */
    clock?: Figure[];
    /** What is drawn, and as what. */
    plot: { keys: string[]; kind: 'bars' | 'line' };
    /** By what it is grouped when nothing is chosen. */
    by: Dimension;
}

const count = (key: string, words: MessageKey): Figure => ({ key, words, kind: 'count' });
const spans = (prefix: string): Figure[] => [
    { key: `${prefix}_mean_seconds`, words: 'report.mean', kind: 'seconds' },
    { key: `${prefix}_median_seconds`, words: 'report.median', kind: 'seconds' },
    { key: `${prefix}_p90_seconds`, words: 'report.ninety', kind: 'seconds' },
];

export const reports: Record<ReportName, Report> = {
    volume: {
        figures: [
            count('received', 'report.received'), count('answered', 'report.answered'), count('opened', 'report.opened'),
            count('solved', 'report.solved'), count('reopened', 'report.reopened'), count('handed_over', 'report.handedOver'),
        ],
        plot: { keys: ['received', 'answered'], kind: 'line' }, by: 'day',
    },
    'first-response': {
        figures: [count('answered', 'report.tickets'), ...spans('office')],
        clock: [count('answered', 'report.tickets'), ...spans('clock')],
        plot: { keys: ['mean', 'median', 'p90'], kind: 'line' }, by: 'day',
    },
    targets: {
        figures: [
            count('answered', 'report.tickets'), count('in_time', 'report.inTime'), count('late', 'report.late'),
            { key: 'in_time_rate', words: 'report.inside', kind: 'share' }, count('breached_response', 'report.breachedResponse'),
            count('breached_resolution', 'report.breachedResolution'),
        ],
        plot: { keys: ['in_time_rate'], kind: 'line' }, by: 'day',
    },
    agents: {
        figures: [
            count('answered', 'report.answered'), count('solved', 'report.solved'), count('handed_over', 'report.handedOver'),
            count('first_responses', 'report.firstResponses'), ...spans('office'), count('ratings', 'ratings.given'),
            { key: 'rating_average', words: 'ratings.average', kind: 'average' },
        ],
        plot: { keys: ['answered', 'solved'], kind: 'bars' }, by: 'agent',
    },
    incidents: {
        figures: [
            count('answered', 'report.tickets'), { key: 'office_mean_seconds', words: 'report.withIncidents', kind: 'seconds' },
            { key: 'office_median_seconds', words: 'report.median', kind: 'seconds' }, count('answered_in_incidents', 'report.inIncidents'),
            count('answered_without', 'report.others'), { key: 'office_mean_seconds_without', words: 'report.without', kind: 'seconds' },
            { key: 'office_median_seconds_without', words: 'report.medianWithout', kind: 'seconds' },
            { key: 'office_p90_seconds_without', words: 'report.ninetyWithout', kind: 'seconds' },
        ],
        plot: { keys: ['office_mean_seconds', 'office_mean_seconds_without'], kind: 'line' }, by: 'week',
    },
    promises: {
        figures: [
            count('made', 'promises.made'), count('told', 'promises.told'), count('kept', 'promises.kept'), count('broken', 'promises.broken'),
            count('open', 'promises.open'), { key: 'kept_rate', words: 'promises.rate', kind: 'share' },
        ],
        plot: { keys: ['kept', 'broken'], kind: 'bars' }, by: 'brand',
    },
    ratings: {
        figures: [
            count('asked', 'ratings.asked'), count('given', 'ratings.given'), { key: 'average', words: 'ratings.average', kind: 'average' },
        ],
        plot: { keys: ['average'], kind: 'line' }, by: 'brand',
    },
};

export const dimensionWords: Record<Dimension, MessageKey> = {
    hour: 'report.hour', day: 'report.day', week: 'report.week', brand: 'details.brand', channel: 'details.channel', label: 'report.label',
    outcome: 'report.outcome', agent: 'wall.name',
};
export const outcomes = ['open', 'in_thread', 'phone', 'incident', 'no_answer_possible', 'noise', 'merged'] as const;
export const outcomeWords: Record<(typeof outcomes)[number], MessageKey> = {
    open: 'outcome.open', in_thread: 'outcome.in_thread', phone: 'outcome.phone', incident: 'outcome.incident',
    no_answer_possible: 'outcome.no_answer_possible', noise: 'outcome.noise', merged: 'outcome.merged',
};
