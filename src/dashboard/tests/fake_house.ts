import type {
    Agent, Bootstrap, Brand, BrandOffice, ByHand, Channel, LiveEvent, Me, OfficeHours, Platform, Queue, Reply, Ticket, TimelineItem,
    UncertainReply, Visibility,
} from '../app/api/types';
import { lengthOf } from '../app/text/budget';

/** One request as the house sees it. */
export interface Asked {
    method: string;
    path: string;
    query: URLSearchParams;
    headers: Headers;
    body: Record<string, unknown>;
}
export interface Answered {
    status: number;
    body?: unknown;
}

const minute = 60_000;
const calendar = {
    time_zone: 'Europe/Rome',
    weekly: {
        monday: ['09:00-18:00'], tuesday: ['09:00-18:00'], wednesday: ['09:00-18:00'], thursday: ['09:00-18:00'],
        friday: ['09:00-18:00'], saturday: [], sunday: [],
    },
    closed_dates: [], open_dates: [], holidays: [], entered: [],
};
const names: [string, string][] = [['ti', 'Telecom Italia'], ['tim', 'TIM'], ['is', 'Impresa Semplice']];

/** A house of three brands with its API, in memory: what the dashboard talks to in tests. */
export class FakeHouse {
    readonly me: Me = {
        id: 1, login: 'chiara', name: 'Chiara Bianchi', role: 'agent', available: true, needs_approval: false, capacity: 20, brands: [],
        csrf_token: 'csrf-1',
    };
    readonly tickets = new Map<number, Ticket>();
    readonly timelines = new Map<number, TimelineItem[]>();
    readonly asked: Asked[] = [];
    readonly events: LiveEvent[] = [];
    uncertain: UncertainReply[] = [];
    open = true;
    /** How many fall due before closing, of each brand. */
    falling = 0;
    loggedIn = true;
    practice = false;
    crmLinks: Bootstrap['crm_links'] = [];
    private lastId = 0;
    private readonly told = new Map<string, Answered>();

    constructor(readonly now: () => number = Date.now) {}

    /** What the house answers to a request that it has no rules of its own for, like `GET /v1/incidents`. */
    on(request: string, body: unknown, status = 200): void {
        this.told.set(request, body === undefined ? { status } : { status, body });
    }

    off(request: string): void {
        this.told.delete(request);
    }

    problem(request: string, status: number, errors: { pointer: string; detail: string }[]): void {
        this.told.set(request, problem(status, 'invalid_input', 'Some values are not right', { errors }));
    }

    time(minutesFromNow = 0): string {
        return new Date(this.now() + minutesFromNow * minute).toISOString();
    }

    /** A customer writes; answers the ticket's id. */
    write(text: string, given: Partial<Ticket> & { minutesAgo?: number; dueIn?: number } = {}): number {
        const { minutesAgo = 20, dueIn = 40, ...fields } = given;
        const id = fields.id ?? 1000 + this.tickets.size;
        const at = this.time(-minutesAgo);
        const platform: Platform = fields.platform ?? 'facebook';
        const visibility: Visibility = fields.visibility ?? 'public';
        this.tickets.set(id, {
            id, brand: 'tim', channel: `tim-${platform}`, platform, visibility, status: 'new', priority: 'normal',
            subject: text.slice(0, 60), labels: [], assignee: null,
            customer: { id: id + 5000, name: 'Sara Greco', handle: platform === 'twitter' ? 'saragr' : null },
            created_at: at, updated_at: at, last_inbound_at: at, last_message: { text, at, direction: 'inbound' },
            first_response_at: null, due_at: this.time(dueIn), overdue: dueIn < 0, waiting_since: at, snoozed_until: null, aside: null, incident: null,
            language: null, proposals: [], message_count: 1, inbound_count: 1, revision: 1, first_inbound_at: at, handover: null, permalink: null, context: null,
            reasons: { ticket: null, assignee: null, due: null, order: null, status: null, priority: null },
            ...fields,
        });
        this.timelines.set(id, []);
        this.say(id, text, minutesAgo);
        return id;
    }

    /** One more message of the ticket's customer. */
    say(id: number, text: string, minutesAgo = 0): TimelineItem {
        const ticket = this.tickets.get(id)!;
        const item: TimelineItem = {
            kind: 'message', id: ++this.lastId, platform_id: `p${this.lastId}`, at: this.time(-minutesAgo),
            author: { kind: 'customer', id: ticket.customer.id, name: ticket.customer.name }, text,
            visibility: ticket.visibility, delivery: null, direction: 'inbound', deleted: false,
        };
        this.timelines.get(id)!.push(item);
        return item;
    }

    append(id: number, item: Partial<TimelineItem>): void {
        this.timelines.get(id)!.push({
            kind: 'reply', id: ++this.lastId, platform_id: null, at: this.time(),
            author: { kind: 'agent', id: 1, name: this.me.name }, text: '', visibility: 'public', delivery: null,
            ...item,
        });
    }

    change(id: number, fields: Partial<Ticket>): Ticket {
        const before = this.tickets.get(id)!;
        const ticket = { ...before, ...fields, updated_at: this.time(), revision: before.revision + 1 };
        this.tickets.set(id, ticket);
        this.tell('ticket.changed', id);
        return ticket;
    }

    tell(type: string, ticket: number): LiveEvent {
        const event = { seq: this.events.length + 1, type, at: this.time(), ticket, data: {} };
        this.events.push(event);
        return event;
    }

    answer(asked: Asked): Answered {
        this.asked.push(asked);
        if (asked.path === '/v1/session') return this.session(asked);
        if (!this.loggedIn) return problem(401, 'unauthenticated', 'log in first');
        if (asked.method !== 'GET' && asked.headers.get('X-CSRF-Token') !== 'csrf-1') {
            return problem(403, 'csrf', 'the X-CSRF-Token header is missing');
        }
        const told = this.told.get(`${asked.method} ${asked.path}`);
        if (told) return told;
        const [, , noun = '', id = '', verb = ''] = asked.path.split('/');
        if (noun === 'tickets' && /^\d+$/.test(id)) return this.ticket(asked, Number(id), verb);
        switch (`${asked.method} ${asked.path}`) {
            case 'GET /v1/bootstrap': return ok(this.bootstrap());
            case 'GET /v1/tickets': return ok(this.list(asked.query));
            case 'POST /v1/tickets/next': return this.takeNext();
            case 'GET /v1/queue': return ok(this.queue());
            case 'GET /v1/office-hours': return ok(this.hours(asked.query));
            case 'GET /v1/events': return ok({ items: [], next_cursor: null, last_seq: this.events.length });
            case 'GET /v1/replies': return ok({ items: this.uncertain, next_cursor: null });
            case 'POST /v1/compose/preview': return ok(this.preview(String(asked.body['text'])));
            default: return noun === 'replies' ? this.reply(asked, Number(id)) : problem(404, 'not_found', asked.path);
        }
    }

    private session({ method, body }: Asked): Answered {
        if (method === 'DELETE') {
            this.loggedIn = false;
            return { status: 204 };
        }
        if (body['password'] !== 'right') return problem(401, 'unauthenticated', 'wrong login or password');
        this.loggedIn = true;
        return ok({ me: this.me, csrf_token: 'csrf-1' });
    }

    private bootstrap(): Bootstrap {
        const brands: Brand[] = names.map(([id, name]) => (
            {
                id, name, signature: '', language: 'it', calendar, first_response_seconds: 3600, next_response_seconds: 7200,
                resolution_seconds: 28800,
            }));
        const channels: Channel[] = names.flatMap(([brand, name]) => (['facebook', 'twitter'] as const).map((platform) => ({
            id: `${brand}-${platform}`, brand, platform, account: name.replaceAll(' ', ''), state: 'ok' as const, paused: false,
            reading_paused: false, publishing_paused: false, publish: true, replies_held: 0, start_at: this.time(), reason: null, not_before: null, last_poll_at: this.time(), last_item_at: this.time(), lag_seconds: 4,
            quiet: null, behind: null, access: { ends_at: null, lacks: null, warning: null },
            budget: { calls_today: 0, usd_today: 0, usd_this_month: 0, usd_a_day: null, usd_a_month: null, quotas: [] },
            limits: platform === 'twitter'
                ? {
                    public: { counts: 'weighted' as const, limit: 280, over: 'split' as const },
                    private: { counts: 'code_points' as const, limit: 10_000, over: 'split' as const },
                }
                : {
                    public: { counts: 'code_points' as const, limit: 8000, over: 'refuse' as const },
                    private: { counts: 'code_points' as const, limit: 2000, over: 'split' as const },
                },
        })));
        const agents: Agent[] = [
            { ...this.me, disabled: false, skills: [], languages: [], teams: [], open_tickets: 2 },
            { ...this.me, id: 2, login: 'matteo', name: 'Matteo Ricci', disabled: false, skills: [], languages: [], teams: [], open_tickets: 1 },
        ];
        return {
            me: this.me, csrf_token: 'csrf-1', server_time: this.time(), build: 'test', seq: this.events.length, brands,
            practice: this.practice, crm_links: this.crmLinks, teams: [{ id: 'phone', name: 'Telefono' }, { id: 'bills', name: 'Fatture' }],
            channels, office_hours: names.map(([id]) => this.office(id)), agents, queue: this.queue(),
            tickets: this.list(new URLSearchParams({ sort: 'due', limit: '100' })),
        };
    }

    private office(brand: string): BrandOffice {
        return this.open
            ? { brand, open: true, next_close: this.time(240), next_open: this.time(240 + 15 * 60) }
            : { brand, open: false, next_close: this.time(14 * 60 + 540), next_open: this.time(14 * 60) };
    }

    /** Office time towards the past is always ten minutes. */
    private hours(query: URLSearchParams): OfficeHours {
        const office_seconds_until = query.has('until') ? 600 : null;
        return { ...this.office(query.get('brand') ?? 'ti'), due: null, office_seconds_until, calendar };
    }

    private queue(): Queue {
        const control = {
            mean_seconds: 38 * 60, budget_seconds: 3600, budget_each_seconds: 600, projected_mean_seconds: 40 * 60,
            projected_answered: 30, projected_waiting: 0, why: '',
        };
        const figures = {
            control, control_without_incidents: control,
            waiting: [...this.tickets.values()].filter((ticket) => ticket.waiting_since).length, due_before_closing: this.falling, mine_due_before_closing: 0, oldest_at: this.time(-31),
            mean_first_response_today_seconds: 38 * 60, answered_today: 21,
            promised: { seconds: 3600, at: this.time(60) },
        };
        return { ...figures, due_before_closing: names.length * this.falling, brands: names.map(([brand]) => ({ ...figures, brand })) };
    }

    private list(query: URLSearchParams): { items: Ticket[]; next_cursor: string | null } {
        const status = query.get('status');
        const wanted = status === 'active' ? ['new', 'open', 'pending', 'on_hold'] : status?.split(',');
        const assignee = query.get('assignee');
        const due = query.get('sort') === 'due';
        const snoozed = query.get('snoozed');
        const items = [...this.tickets.values()].filter((ticket) =>
            (wanted ? wanted.includes(ticket.status) : !due || ['new', 'open'].includes(ticket.status)) &&
            (assignee !== 'me' || ticket.assignee?.id === this.me.id) &&
            (assignee !== 'none' || ticket.assignee === null) &&
            (snoozed === null || String(ticket.snoozed_until !== null) === snoozed) &&
            (!due || !ticket.snoozed_until));
        const at = (ticket: Ticket): string => ticket.due_at ?? '9';
        items.sort((a, b) => (due ? at(a).localeCompare(at(b)) : b.updated_at.localeCompare(a.updated_at)));
        const from = Number(query.get('cursor') ?? 0);
        const to = from + Number(query.get('limit') ?? 25);
        return { items: items.slice(from, to), next_cursor: to < items.length ? String(to) : null };
    }

    private ticket(asked: Asked, id: number, verb: string): Answered {
        const ticket = this.tickets.get(id);
        if (!ticket) return problem(404, 'not_found', `there is no ticket ${id}`);
        const timeline = this.timelines.get(id)!;
        switch (`${asked.method} ${verb}`) {
            case 'GET ': return ok(ticket);
            case 'PATCH ': return this.patch(asked, ticket);
            case 'GET timeline': return ok({ items: timeline, next_cursor: null });
            case 'POST take': return ok(this.change(id, { assignee: { id: 1, name: this.me.name }, status: 'open' }));
            case 'POST replies': return this.accept(asked, ticket, timeline);
            case 'POST by-hand': return this.byHand(id, asked);
            case 'DELETE by-hand': return ok(this.change(id, { by_hand: null }));
            case 'POST notes':
                this.append(id, { kind: 'note', visibility: 'internal', text: String(asked.body['text']) });
                return { status: 201, body: timeline.at(-1) };
            case 'POST handover': {
                const handover = {
                    id: 1, ticket: id, reference: 'S-7K3M', status: 'handed_to_phone' as const, at: this.time(),
                    callback_number: String(asked.body['callback_number']), note: String(asked.body['note']),
                };
                this.change(id, { handover });
                this.append(id, { kind: 'handover', reference: handover.reference, visibility: 'internal' });
                return { status: 201, body: handover };
            }
            default: return problem(405, 'method_not_allowed', verb);
        }
    }

    private patch({ headers, body }: Asked, ticket: Ticket): Answered {
        const wanted = headers.get('If-Match');
        if (wanted && wanted !== `"${ticket.revision}"`) return problem(412, 'precondition_failed', 'it was changed meanwhile');
        const { assignee, ...fields } = body as Partial<Ticket> & { assignee?: unknown };
        const given = typeof assignee === 'number' ? { id: assignee, name: assignee === 1 ? this.me.name : 'Matteo Ricci' } : null;
        return ok(this.change(ticket.id, { ...fields, ...(assignee === undefined ? {} : { assignee: given }) }));
    }

    private accept({ body }: Asked, ticket: Ticket, timeline: TimelineItem[]): Answered {
        const at = timeline.findIndex((item) => item.kind === 'message' && item.id === body['last_seen']);
        const said = (item: TimelineItem): boolean => item.kind === 'reply' && item.text === body['text'];
        if (timeline.some(said) && body['confirm_duplicate'] !== true) return problem(409, 'duplicate_text', 'sent before');
        const missed = timeline.slice(at + 1).filter((item) => item.direction === 'inbound');
        if (missed.length) return problem(409, 'stale_reply', 'the customer has written since', { missed });
        const delivery = { state: 'queued' as const };
        this.append(ticket.id, { text: String(body['text']), visibility: ticket.visibility, delivery, direction: 'outbound' });
        // As in the real house, what is taken in for a ticket changes it.
        this.change(ticket.id, {});
        return { status: 202, body: this.replyOf(timeline.at(-1)!, ticket.id, Number(body['undo_seconds'])) };
    }

    private byHand(id: number, { path, body }: Asked): Answered {
        const kept = path.endsWith('/keep');
        const before = this.tickets.get(id)!.by_hand;
        const wait: ByHand = before && kept
            ? { ...before, asked_at: null }
            : {
                id: 1, ticket: id, agent: { id: 1, name: this.me.name }, text: String(body['text']), permalink: null,
                since: this.time(), ask_at: this.time(30), asked_at: null,
            };
        this.change(id, { by_hand: wait });
        return { status: kept ? 200 : 201, body: wait };
    }

    private replyOf(item: TimelineItem, ticket: number, undoSeconds: number): Reply {
        return {
            id: item.id, ticket, text: item.text, visibility: item.visibility as Visibility, route: 'public_reply', author: item.author,
            automatic: false, approval: null,
            created_at: item.at, send_at: this.time(undoSeconds / 60), delivery: item.delivery!,
        };
    }

    private reply({ method, path }: Asked, id: number): Answered {
        for (const [ticket, items] of this.timelines) {
            const item = items.find((candidate) => candidate.kind === 'reply' && candidate.id === id);
            if (!item) continue;
            if (method === 'DELETE') item.delivery = { state: 'cancelled' };
            if (path.endsWith('/retry')) {
                const { parts } = item.delivery!;
                item.delivery = parts ? { state: 'sending', parts } : { state: 'queued' };
            }
            return ok(this.replyOf(item, ticket, 0));
        }
        return problem(404, 'not_found', `there is no reply ${id}`);
    }

    private takeNext(): Answered {
        const next = this.list(new URLSearchParams({ sort: 'due', assignee: 'none' })).items[0];
        if (!next) return { status: 204 };
        return ok(this.change(next.id, { assignee: { id: 1, name: this.me.name }, status: 'open' }));
    }

    private preview(text: string): { weighted_length: number; limit: number; parts: { text: string; weighted_length: number }[] } {
        const parts = (text.match(/[^]{1,270}/gu) ?? []).map((part, index, all) => `${part.trim()} (${index + 1}/${all.length})`);
        return {
            weighted_length: lengthOf(text, 'weighted'), limit: 280,
            parts: parts.map((part) => ({ text: part, weighted_length: lengthOf(part, 'weighted') })),
        };
    }
}

function ok(body: unknown): Answered {
    return { status: 200, body };
}

function problem(status: number, code: string, detail: string, more: object = {}): Answered {
    return { status, body: { type: 'about:blank', title: code, status, code, detail, request_id: 'test', ...more } };
}
