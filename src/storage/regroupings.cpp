#include <sportello/storage/regroupings.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using domain::TicketId;

#define SPORTELLO_REGROUPING_COLUMNS "id, kind, from_id, to_id, agent_id, at, from_clocks, to_clocks, from_labels, to_labels, undone_at"

const Statement insert_regrouping_row{"INSERT INTO regrouping (kind, from_id, to_id, agent_id, at, from_clocks, to_clocks, from_labels, to_labels) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id"};
const Statement merge_of{"SELECT " SPORTELLO_REGROUPING_COLUMNS " FROM regrouping WHERE from_id = $1 AND kind = 'merge' "
                         "ORDER BY id DESC LIMIT 1"};
const Statement split_into{"SELECT " SPORTELLO_REGROUPING_COLUMNS " FROM regrouping WHERE to_id = $1 AND kind = 'split' "
                           "ORDER BY id DESC LIMIT 1"};
const Statement last_from{"SELECT " SPORTELLO_REGROUPING_COLUMNS " FROM regrouping WHERE from_id = $1 AND undone_at IS NULL "
                          "ORDER BY id DESC LIMIT 1"};
const Statement last_to{"SELECT " SPORTELLO_REGROUPING_COLUMNS " FROM regrouping WHERE to_id = $1 AND undone_at IS NULL "
                        "ORDER BY id DESC LIMIT 1"};
const Statement set_undone{"UPDATE regrouping SET undone_at = $2 WHERE id = $1"};

const Statement note_messages{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) "
                              "SELECT CAST($1 AS BIGINT), 'message', id FROM message WHERE ticket_id = $2"};
const Statement note_replies{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) "
                             "SELECT CAST($1 AS BIGINT), 'reply', id FROM reply WHERE ticket_id = $2"};
const Statement note_notes{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) "
                           "SELECT CAST($1 AS BIGINT), 'note', id FROM note WHERE ticket_id = $2"};
const Statement note_handovers{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) "
                               "SELECT CAST($1 AS BIGINT), 'handover', id FROM handover WHERE ticket_id = $2"};
const Statement note_item{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) VALUES ($1, $2, $3) "
                          "ON CONFLICT (regrouping_id, kind, item_id) DO NOTHING"};
// The company's own posts that answer a message, and what our replies to it became; then the replies.
const Statement note_own_answers{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) "
                                 "SELECT CAST($1 AS BIGINT), 'message', id FROM message WHERE ticket_id = $2 AND parent_id = $3 "
                                 "AND direction = 'outbound' ON CONFLICT (regrouping_id, kind, item_id) DO NOTHING"};
const Statement note_reply_messages{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) "
                                    "SELECT CAST($1 AS BIGINT), 'message', m.id FROM message m JOIN reply r ON r.id = m.reply_id "
                                    "WHERE m.ticket_id = $2 AND r.ticket_id = $2 AND r.target_id = $3 "
                                    "ON CONFLICT (regrouping_id, kind, item_id) DO NOTHING"};
const Statement note_answers{"INSERT INTO regrouped_item (regrouping_id, kind, item_id) "
                             "SELECT CAST($1 AS BIGINT), 'reply', id FROM reply WHERE ticket_id = $2 AND target_id = $3 "
                             "ON CONFLICT (regrouping_id, kind, item_id) DO NOTHING"};

const Statement move_noted_messages{"UPDATE message SET ticket_id = $3 WHERE ticket_id = $2 AND id IN "
                                    "(SELECT item_id FROM regrouped_item WHERE regrouping_id = $1 AND kind = 'message')"};
const Statement move_noted_replies{"UPDATE reply SET ticket_id = $3 WHERE ticket_id = $2 AND id IN "
                                   "(SELECT item_id FROM regrouped_item WHERE regrouping_id = $1 AND kind = 'reply')"};
const Statement move_noted_notes{"UPDATE note SET ticket_id = $3 WHERE ticket_id = $2 AND id IN "
                                 "(SELECT item_id FROM regrouped_item WHERE regrouping_id = $1 AND kind = 'note')"};
const Statement move_noted_handovers{"UPDATE handover SET ticket_id = $3 WHERE ticket_id = $2 AND id IN "
                                     "(SELECT item_id FROM regrouped_item WHERE regrouping_id = $1 AND kind = 'handover')"};

// The promised calls go where their hand-overs are.
const Statement follow_handovers{
    "UPDATE phone_call SET ticket_id = (SELECT h.ticket_id FROM handover h WHERE h.id = phone_call.handover_id) "
    "WHERE ticket_id = $1"};

const Statement move_all_messages{"UPDATE message SET ticket_id = $2 WHERE ticket_id = $1"};
const Statement move_all_replies{"UPDATE reply SET ticket_id = $2 WHERE ticket_id = $1"};
const Statement move_all_notes{"UPDATE note SET ticket_id = $2 WHERE ticket_id = $1"};
const Statement move_all_handovers{"UPDATE handover SET ticket_id = $2 WHERE ticket_id = $1"};

// Under a root and by an author of what was moved, provided that nothing else of the ticket stands there.
const Statement follow_messages{
    "UPDATE message SET ticket_id = $3 WHERE ticket_id = $2 "
    "AND EXISTS (SELECT 1 FROM regrouped_item g JOIN message o ON o.id = g.item_id WHERE g.regrouping_id = $1 AND g.kind = 'message' "
    "AND o.direction = 'inbound' AND o.channel = message.channel AND o.root_id = message.root_id "
    "AND (message.direction = 'outbound' OR o.identity_id = message.identity_id)) "
    "AND NOT EXISTS (SELECT 1 FROM message k WHERE k.ticket_id = $2 AND k.channel = message.channel AND k.root_id = message.root_id "
    "AND k.direction = 'inbound' AND k.received_at <= (SELECT at FROM regrouping WHERE id = $1) "
    "AND k.id NOT IN (SELECT item_id FROM regrouped_item WHERE regrouping_id = $1 AND kind = 'message'))"};

const Statement answers_since{
    "SELECT 1 FROM reply r WHERE r.ticket_id = $2 AND r.state <> 'cancelled' AND r.state <> 'failed' "
    "AND r.accepted_at >= (SELECT at FROM regrouping WHERE id = $1) "
    "AND NOT EXISTS (SELECT 1 FROM regrouped_item a WHERE a.regrouping_id = $1 AND a.kind = 'reply' AND a.item_id = r.id) "
    "AND EXISTS (SELECT 1 FROM regrouped_item g JOIN message o ON o.id = g.item_id WHERE g.regrouping_id = $1 AND g.kind = 'message' "
    "AND o.direction = 'inbound' AND o.channel = r.channel AND (o.platform_id = r.target_id OR o.root_id = r.target_id)) LIMIT 1"};
const Statement unsettled{"SELECT 1 FROM reply WHERE ticket_id = $1 "
                          "AND state IN ('queued', 'reserved', 'sending', 'unknown', 'needs_decision') LIMIT 1"};

Regrouping regrouping_at(const Row& row)
{
    return {.id = row.number(0),
            .split = row.text(1) == "split",
            .from = id_at<TicketId>(row, 2),
            .to = id_at<TicketId>(row, 3),
            .agent = id_at<domain::AgentId>(row, 4),
            .at = row.instant(5),
            .from_clocks = row.string(6),
            .to_clocks = row.string(7),
            .from_labels = split(row.text(8), '\n'),
            .to_labels = split(row.text(9), '\n'),
            .undone_at = row.maybe_instant(10)};
}

void move_noted(Transaction& tx, std::int64_t regrouping, TicketId from, TicketId to)
{
    tx.run(move_noted_messages, regrouping, from, to);
    tx.run(move_noted_replies, regrouping, from, to);
    tx.run(move_noted_notes, regrouping, from, to);
    tx.run(move_noted_handovers, regrouping, from, to);
    tx.run(follow_handovers, from);
}

} // namespace

std::int64_t insert_regrouping(Transaction& tx, const Regrouping& given)
{
    const auto id = tx.first(insert_regrouping_row, first_number, given.split ? "split" : "merge", given.from, given.to, given.agent, given.at,
                             given.from_clocks, given.to_clocks, join(given.from_labels, '\n'), join(given.to_labels, '\n'));
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<Regrouping> last_merge_of(Transaction& tx, TicketId from)
{
    return tx.first(merge_of, regrouping_at, from);
}

std::optional<Regrouping> split_that_made(Transaction& tx, TicketId to)
{
    return tx.first(split_into, regrouping_at, to);
}

std::optional<Regrouping> last_regrouping_with(Transaction& tx, TicketId one, TicketId other)
{
    std::optional<Regrouping> last;
    for (const TicketId ticket : {one, other}) {
        for (const Statement* statement : {&last_from, &last_to}) {
            auto found = tx.first(*statement, regrouping_at, ticket);
            if (found && (!last || last->id < found->id)) last = std::move(found);
        }
    }
    return last;
}

void mark_undone(Transaction& tx, std::int64_t regrouping, base::Instant now)
{
    tx.run(set_undone, regrouping, now);
}

void move_everything(Transaction& tx, std::int64_t regrouping, TicketId from, TicketId to)
{
    for (const Statement* note : {&note_messages, &note_replies, &note_notes, &note_handovers}) tx.run(*note, regrouping, from);
    move_noted(tx, regrouping, from, to);
}

void move_messages(Transaction& tx, std::int64_t regrouping, std::span<const domain::Message> messages, TicketId to)
{
    if (messages.empty()) return;
    const TicketId from = messages.front().ticket.value_or(TicketId{});
    for (const domain::Message& message : messages) {
        tx.run(note_item, regrouping, "message", message.id);
        tx.run(note_own_answers, regrouping, from, message.platform_id);
        tx.run(note_reply_messages, regrouping, from, message.platform_id);
        tx.run(note_answers, regrouping, from, message.platform_id);
    }
    move_noted(tx, regrouping, from, to);
}

void move_back(Transaction& tx, std::int64_t regrouping, TicketId to, TicketId from)
{
    move_noted(tx, regrouping, to, from);
}

void move_rest(Transaction& tx, TicketId from, TicketId to)
{
    for (const Statement* move : {&move_all_messages, &move_all_replies, &move_all_notes, &move_all_handovers}) tx.run(*move, from, to);
    tx.run(follow_handovers, from);
}

void follow_back(Transaction& tx, std::int64_t regrouping, TicketId to, TicketId from)
{
    tx.run(follow_messages, regrouping, to, from);
}

bool answered_since(Transaction& tx, std::int64_t regrouping, TicketId to)
{
    return tx.first(answers_since, first_number, regrouping, to).has_value();
}

bool has_unsettled_reply(Transaction& tx, TicketId ticket)
{
    return tx.first(unsettled, first_number, ticket).has_value();
}

} // namespace sportello::storage
