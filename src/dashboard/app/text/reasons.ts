import { locale, t, type MessageKey } from '../i18n';
import { now } from '../time/clock';
import { shortTime } from '../time/format';

/** One wording of the server, its values as named groups, and the text that says the same here. */
interface Wording {
    said: RegExp;
    words: MessageKey;
}

const instant = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`;

/** `<at>` and `<due>` stand for instants. */
function withTimes(said: RegExp): RegExp {
    return new RegExp(said.source.replace(/(?<!\?)<(at|due)>/g, `(?<$1>${instant})`));
}

const wordings: Wording[] = [
    // Why the ticket: domain/threading.cpp
    { said: /^a new post or conversation$/, words: 'reason.newPost' },
    { said: /^the first message of this person under this post$/, words: 'reason.firstHere' },
    {
        said: /^the first message of this person here; others under the same post have their own tickets$/,
        words: 'reason.firstAmongOthers',
    },
    { said: /^the platform does not say who wrote it, so it stands by itself$/, words: 'reason.authorHidden' },
    {
        said: /^the same person under the same post or conversation as ticket (?<ticket>#\d+)$/,
        words: 'reason.samePerson',
    },
    { said: /^it goes on with what was said in ticket (?<ticket>#\d+)$/, words: 'reason.chain' },
    { said: /^written in private after our invitation in ticket (?<ticket>#\d+)$/, words: 'reason.invited' },
    { said: /^the same person wrote a short time ago, in ticket (?<ticket>#\d+)$/, words: 'reason.shortTimeAgo' },
    { said: /^it takes up ticket (?<ticket>#\d+) again, which is closed$/, words: 'reason.followsClosed' },
    {
        said: /^it takes up ticket (?<ticket>#\d+) again, which was solved more than (?<n>\d+) days? before$/,
        words: 'reason.followsSolvedDays',
    },
    {
        said: /^it takes up ticket (?<ticket>#\d+) again, which was solved more than (?<n>\d+) minutes before$/,
        words: 'reason.followsSolvedMinutes',
    },
    { said: /^split from ticket (?<ticket>#\d+) by (?<name>.+)$/, words: 'reason.splitFrom' },
    { said: /^our answer to a message of ticket (?<ticket>#\d+)$/, words: 'reason.ourAnswer' },
    { said: /^our own post: the background of what people write under it$/, words: 'reason.ourPost' },
    { said: /^our answer under a post with one ticket only, (?<ticket>#\d+)$/, words: 'reason.ourAnswerOnlyTicket' },
    { said: /^our answer to a message that is not known yet$/, words: 'reason.ourAnswerUnknown' },
    {
        said: /^our answer under a post with (?<n>\d+) tickets, and the message it answers is not known yet$/,
        words: 'reason.ourAnswerAmongTickets',
    },
    // Its place in the queue: domain/queue_order.cpp; its priority: engine/triage.cpp
    { said: withTimes(/^by <at>: due at <due>$/), words: 'reason.orderDue' },
    { said: withTimes(/^by <at>: due at <due>, 30 min earlier for its high priority$/), words: 'reason.orderHigh' },
    { said: withTimes(/^by <at>: due at <due>, 60 min later for its low priority$/), words: 'reason.orderLow' },
    { said: /^rule "(?<name>.+)"$/, words: 'reason.rule' },
    // Why this agent: domain/assignment.cpp, ticket_actions.cpp, ticket_messages.cpp, engine/ticketing.cpp
    { said: /^most slack of (?<many>\d+) with room \((?<n>\d+) open, (?<work>\d+) min of work\)$/, words: 'reason.mostSlack' },
    {
        said: /^most slack of (?<many>\d+) with room \((?<n>\d+) open, (?<work>\d+) min of work\); (?:of team|who can do) .+$/,
        words: 'reason.mostSlackSuitable',
    },
    { said: /^next in turn of (?<n>\d+) with room$/, words: 'reason.nextInTurn' },
    { said: /^next in turn of (?<n>\d+) with room; (?:of team|who can do) .+$/, words: 'reason.nextInTurnSuitable' },
    // Why not this one (any more): domain/attendance.cpp
    { said: /^(?:taken back: )?(?<name>.+) is off shift$/, words: 'reason.offShift' },
    { said: /^(?:taken back: )?(?<name>.+) is not available$/, words: 'reason.notAvailable' },
    { said: /^(?:taken back: )?(?<name>.+) is not signed in$/, words: 'reason.notSignedIn' },
    { said: /^(?:taken back: )?(?<name>.+) has given no sign of life for (?<n>\d+) min$/, words: 'reason.noSignOfLife' },
    { said: /^(?:taken back: )?(?<name>.+) no longer works here$/, words: 'reason.worksNoMore' },
    { said: /^(?<name>.+) has a break$/, words: 'reason.onBreak' },
    // Earlier versions said it so.
    { said: /^least busy of (?<many>\d+) (?:with room|on shift) \((?<n>\d+) open\)$/, words: 'reason.leastBusy' },
    { said: /^(?<name>.+) answered this customer before$/, words: 'reason.answeredBefore' },
    { said: /^(?<name>.+) took it$/, words: 'reason.took' },
    { said: /^(?<name>.+) answered it$/, words: 'reason.answered' },
    { said: /^assigned to (?<name>.+) by a person$/, words: 'reason.byPerson' },
    { said: /^given back$/, words: 'reason.givenBack' },
    { said: /^as ticket (?<ticket>#\d+), from which it was split$/, words: 'reason.asSplit' },
    // Why this status and priority: domain/ticket_messages.cpp, regrouping.cpp, engine/ticketing.cpp, regrouping.cpp, macros.cpp
    { said: /^the customer wrote again$/, words: 'reason.wroteAgain' },
    { said: /^closed by itself (?<n>\d+) days after it was solved$/, words: 'reason.closedByItself' },
    { said: /^merged into ticket (?<ticket>#\d+)$/, words: 'reason.mergedInto' },
    { said: /^ticket (?<ticket>#\d+), which waited, was merged into it$/, words: 'reason.openedByMerging' },
    { said: /^as ticket (?<ticket>#\d+), which was merged into it$/, words: 'reason.urgedByMerging' },
    { said: /^the split from ticket (?<ticket>#\d+) was taken back$/, words: 'reason.splitUndone' },
    { said: /^set by (?<name>.+)$/, words: 'reason.setBy' },
    { said: /^by the macro (?<name>.+)$/, words: 'reason.byMacro' },
    // Why this deadline: api/ticket_json.cpp, domain/ticket_clocks.cpp
    { said: withTimes(/^(?<n>\d+) hours? of (?<brand>.+)'s office time after the customer wrote at <at>$/), words: 'reason.dueHours' },
    { said: withTimes(/^(?<n>\d+) minutes of (?<brand>.+)'s office time after the customer wrote at <at>$/), words: 'reason.dueMinutes' },
    { said: /^nobody waits for an answer$/, words: 'reason.nobodyWaits' },
    { said: withTimes(/^waiting since <at>, (?<n>\d+) min of office time: due at <due>$/), words: 'reason.waiting' },
    {
        said: withTimes(/^waiting since <at>, (?<n>\d+) min of office time, counted from the opening: due at <due>$/),
        words: 'reason.waitingFromOpening',
    },
    {
        said: withTimes(/^waiting since <at>, (?<n>\d+) min of office time: the office does not open for so long$/),
        words: 'reason.waitingClosed',
    },
    // What holds a reply up: engine/outbox.cpp, outbox_accept.cpp, settle.cpp, connectors/guarded.cpp
    { said: /^the server stopped while it was being sent; the platform is being read back$/, words: 'reason.serverStoppedReading' },
    { said: /^the channel (?<channel>\S+) is not in the configuration any more$/, words: 'reason.channelGone' },
    { said: /^the platform cannot be read; the reply waits$/, words: 'reason.waitsForReading' },
    {
        said: /^this channel runs without publishing: the reply waits until a person sends it or takes it back$/,
        words: 'reason.heldTrial',
    },
    { said: /^publishing on this channel is paused: the reply leaves when it goes on$/, words: 'reason.heldPaused' },
    { said: /^a similar message of our account stands there: (?<id>.+)$/, words: 'reason.similarThere' },
    { said: /^what it answers is gone from the platform, and with it whatever was written under it$/, words: 'reason.answeredGone' },
    { said: /^not visible on the platform: send again, confirm that it is there, or discard$/, words: 'reason.notVisible' },
    { said: /^the platform could not be read for a day: look there, then decide$/, words: 'reason.unreadForADay' },
    { said: /^the outcome is not known; the platform is being read back$/, words: 'reason.readingBack' },
    { said: /^the platform cannot be read back: (?<rest>[^]*)$/, words: 'reason.cannotReadBack' },
    { said: /^the platform answered with the id of another reply$/, words: 'reason.idOfAnother' },
    { said: /^sent again by a person's decision$/, words: 'reason.sentAgain' },
    { said: /^discarded by a person's decision$/, words: 'reason.discarded' },
    { said: /^The sending broke off: (?<rest>[^]*)$/, words: 'reason.brokeOff' },
    { said: /^the sending broke off; the platform is being read back$/, words: 'reason.brokeOffReading' },
    { said: /^the database was restored: the platform is read before this is sent$/, words: 'reason.restored' },
    { said: /^too late: this automatic message would not be true any more$/, words: 'reason.automaticTooLate' },
    { said: /^not visible on the platform: sent again once, as this channel is set$/, words: 'reason.resentOnce' },
    { said: /^this machine stood still; tried again by itself$/, words: 'reason.stoodStill' },
    // Which routes are closed, and what to mind: domain/reply_routes.cpp
    { said: /^the account that was addressed is not in the configuration any more$/, words: 'reason.accountGone' },
    { said: /^the message was deleted$/, words: 'reason.messageGone' },
    {
        said: /^X lets this app answer only posts that name or quote the account themselves; this one does not$/,
        words: 'reason.replyRule',
    },
    { said: /^the message is hidden: only its author and their friends see it and the answer$/, words: 'reason.hiddenMessage' },
    { said: /^this person has never written to us in private$/, words: 'reason.neverPrivate' },
    { said: /^Messenger's seven days after the person's last message are over$/, words: 'reason.sevenDaysOver' },
    { said: /^Messenger's 24 hours after the person's last message are over$/, words: 'reason.dayOver' },
    { said: /^after 24 hours Messenger takes only text written by a person$/, words: 'reason.onlyPeople' },
    { said: /^once for each comment, as one message; more only when the person answers$/, words: 'reason.onceOnly' },
    { said: /^the one private answer to this comment has been used$/, words: 'reason.privateReplyUsed' },
    { said: /^the seven days in which a comment can be answered in private are over$/, words: 'reason.commentTooOld' },
    // Why something asked for is refused: domain/ticket_actions.cpp, engine/ticketing.cpp, outbox_accept.cpp
    { said: /^somebody was faster: it is with agent \d+$/, words: 'refusal.faster' },
    { said: /^the ticket was changed by somebody else; read it again$/, words: 'refusal.changed' },
    { said: /^the ticket is closed for good; what the customer writes next opens another$/, words: 'refusal.closedForGood' },
    { said: /^the ticket is closed(?:; there is nothing to put off)?$/, words: 'refusal.closed' },
    { said: /^the ticket is solved; there is nothing to put off$/, words: 'refusal.solved' },
    { said: /^snoozed_until must lie in the future$/, words: 'refusal.past' },
    { said: /^too long: at most (?<n>\d+) characters fit into one message here$/, words: 'refusal.tooLong' },
    { said: /^the text is too long: at most (?<n>\d+) characters$/, words: 'refusal.tooLong' },
    { said: /^too long: it would go out as more than (?<n>\d+) messages$/, words: 'refusal.tooManyParts' },
    { said: /^there is no message to answer$/, words: 'refusal.nothingToAnswer' },
    { said: /^there is nothing to decide: the reply is \w+$/, words: 'refusal.decided' },
    {
        said: /^it is still being looked for on the platform; send again only when that has ended$/,
        words: 'refusal.stillLooking',
    },
    { said: /^is no message of this account(?: on the platform)?$/, words: 'refusal.notOurs' },
    {
        said: /^the platform cannot be read right now, so this could not be checked: (?<rest>[^]*)$/,
        words: 'refusal.notReadable',
    },
    { said: /^must be the id that the reply has on the platform, or its address there$/, words: 'refusal.noAddress' },
    { said: /^this person's private conversation is ticket (?<ticket>#\d+): answer there$/, words: 'refusal.otherTicket' },
    { said: /^this ticket is being answered by hand$/, words: 'refusal.byHandTaken' },
    { said: /^nobody is answering this ticket by hand$/, words: 'refusal.byHandNobody' },
    { said: /^the same text was sent to this message in the last 24 hours$/, words: 'refusal.sameText' },
];

const instants = new Set(['at', 'due']);

/** A value as it is told: an instant in the office's time, a number as one (it also chooses the plural). */
function told(name: string, value: string): string | number {
    if (instants.has(name)) return shortTime(Date.parse(value), now.value, locale());
    return name === 'n' ? Number(value) : value;
}

/**
 * A reason or refusal of the server in the agent's language and the office's time; one that is not in the table (a platform's own
 * words, a newer server) stays as it was said.
 */
export function reasonWords(reason: string): string {
    for (const { said, words } of wordings) {
        const found = said.exec(reason);
        if (!found) continue;
        const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, told(name, value)]);
        return t(words, Object.fromEntries(values) as Record<string, string | number>);
    }
    return reason;
}
