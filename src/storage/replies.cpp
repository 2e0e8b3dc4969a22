#include <sportello/storage/replies.hpp>

#include "outbox_rows.hpp"
#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using domain::PartId;
using domain::Reply;
using domain::ReplyId;
using domain::ReplyPart;

const Statement insert_reply_row{
    "INSERT INTO reply (ticket_id, agent_id, channel, conversation, visibility, text, state, reason, target_id, "
    "recipient_id, accepted_at, send_after, platform_id, route) "
    "VALUES ($1, $2, $3, $4, $5, $6, 'queued', '', $7, $8, $9, $10, '', $11) RETURNING id"};
const Statement insert_part_row{
    "INSERT INTO reply_part (reply_id, channel, conversation, number, part_count, text, state, reason, platform_id, "
    "next_try, attempts, reads, canary_seen, started_at, deadline_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, 'queued', '', '', $7, 0, 0, 0, 0, 0)"};

const Statement private_reply_of_target{"SELECT count(*) FROM reply WHERE channel = $1 AND target_id = $2 AND route = 'private_reply' "
                                        "AND state NOT IN ('failed', 'cancelled') AND id <> $3"};
const Statement replies_by_target{"SELECT " SPORTELLO_REPLY_COLUMNS " FROM reply r WHERE r.channel = $1 AND r.target_id = $2 "
                                  "AND r.accepted_at >= $3 ORDER BY r.accepted_at, r.id"};
const Statement note_double{"UPDATE reply SET doubled_at = $2 WHERE id = $1 AND doubled_at IS NULL"};

const Statement reply_by_id{"SELECT " SPORTELLO_REPLY_COLUMNS " FROM reply r WHERE r.id = $1"};
const Statement replies_by_ticket{"SELECT " SPORTELLO_REPLY_COLUMNS " FROM reply r WHERE r.ticket_id = $1 ORDER BY r.id"};
const Statement parts_by_reply{"SELECT " SPORTELLO_PART_COLUMNS " FROM reply_part p WHERE p.reply_id = $1 ORDER BY p.number"};
const Statement progress_by_ticket{
    "SELECT p.reply_id, count(*), sum(CASE WHEN p.state = 'published' THEN 1 ELSE 0 END) FROM reply r "
    "JOIN reply_part p ON p.reply_id = r.id WHERE r.ticket_id = $1 AND p.part_count > 1 GROUP BY p.reply_id"};
const Statement part_by_id{"SELECT " SPORTELLO_PART_COLUMNS " FROM reply_part p WHERE p.id = $1"};

// The unique indexes would refuse the same; asking first keeps PostgreSQL's transaction alive.
const Statement update_part{
    "UPDATE reply_part SET state = $2, reason = $3, platform_id = $4, next_try = $5, attempts = $6, reads = $7, "
    "canary_seen = $8, started_at = $9, deadline_at = $10, held = $11, uncertain_since = $12, paged_at = $13, quarantined = $14, "
    "resent = $15 WHERE id = $1 "
    "AND ($2 NOT IN (" SPORTELLO_UNDER_WAY ") OR NOT EXISTS (SELECT 1 FROM reply_part o WHERE o.channel = reply_part.channel "
    "AND o.conversation = reply_part.conversation AND o.state IN (" SPORTELLO_UNDER_WAY ") AND o.id <> reply_part.id)) "
    "AND ($4 = '' OR NOT EXISTS (SELECT 1 FROM reply_part o WHERE o.channel = reply_part.channel "
    "AND o.platform_id <> '' AND o.platform_id = $4 AND o.id <> reply_part.id))"};
const Statement update_reply{"UPDATE reply SET state = $2, reason = $3, published_at = $4, platform_id = $5 WHERE id = $1"};

const Statement cancel_reply{
    "UPDATE reply SET state = 'cancelled' WHERE id = $1 AND state IN ('queued', 'reserved') "
    "AND NOT EXISTS (SELECT 1 FROM reply_part p WHERE p.reply_id = reply.id AND p.state NOT IN ('queued', 'reserved'))"};
const Statement cancel_parts{"UPDATE reply_part SET state = 'cancelled' WHERE reply_id = $1"};

const Statement insert_attempt_row{
    "INSERT INTO delivery_attempt (part_id, number, attempt_key, started_at, deadline_at, outcome, detail, snapshot) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"};
const Statement finish_attempt_row{"UPDATE delivery_attempt SET ended_at = $2, outcome = $3, detail = $4 WHERE id = $1"};

#define SPORTELLO_ATTEMPT_COLUMNS "id, part_id, number, attempt_key, started_at, deadline_at, ended_at, outcome, detail, snapshot"

const Statement last_attempt_row{"SELECT " SPORTELLO_ATTEMPT_COLUMNS " FROM delivery_attempt WHERE part_id = $1 "
                                 "ORDER BY number DESC LIMIT 1"};
const Statement attempt_rows{"SELECT " SPORTELLO_ATTEMPT_COLUMNS " FROM delivery_attempt WHERE part_id = $1 ORDER BY number"};

Attempt attempt_at(const Row& row)
{
    return {.id = id_at<domain::AttemptId>(row, 0),
            .part = id_at<PartId>(row, 1),
            .number = small_number_at(row, 2),
            .key = row.string(3),
            .started_at = row.instant(4),
            .deadline_at = row.instant(5),
            .ended_at = row.maybe_instant(6),
            .outcome = row.string(7),
            .detail = row.string(8),
            .snapshot = row.string(9)};
}

PartProgress progress_at(const Row& row)
{
    return {.reply = id_at<ReplyId>(row, 0), .count = row.number(1), .published = row.number(2)};
}
Reply whole_reply(const Row& row)
{
    return reply_at(row, 0);
}
ReplyPart whole_part(const Row& row)
{
    return part_at(row, 0);
}

} // namespace

ReplyId insert_reply(Transaction& tx, const Reply& reply, std::span<const std::string> part_texts)
{
    const auto id = inserted<ReplyId>(tx.first(insert_reply_row, first_number, reply.ticket, reply.author, reply.channel,
                                               reply.conversation, to_string(reply.visibility), reply.text, reply.target_id,
                                               reply.recipient_id, reply.accepted_at, reply.send_after, to_string(reply.route)));
    std::int64_t number = 0;
    for (const std::string& text : part_texts) {
        tx.run(insert_part_row, id, reply.channel, reply.conversation, ++number, part_texts.size(), text, reply.send_after);
    }
    return id;
}

Result<Reply> find_reply(Transaction& tx, ReplyId id)
{
    auto found = tx.first(reply_by_id, whole_reply, id);
    if (!found) return Error(ErrorKind::not_found, "no reply " + std::to_string(id.value));
    return std::move(*found);
}

std::vector<Reply> replies_of_ticket(Transaction& tx, domain::TicketId ticket)
{
    return tx.all(replies_by_ticket, whole_reply, ticket);
}

bool private_reply_used(Transaction& tx, std::string_view channel, std::string_view target_id, ReplyId except)
{
    return tx.first(private_reply_of_target, first_number, channel, target_id, except).value_or(0) > 0;
}

std::vector<Reply> replies_to_target(Transaction& tx, std::string_view channel, std::string_view target_id, base::Instant accepted_since)
{
    return tx.all(replies_by_target, whole_reply, channel, target_id, accepted_since);
}

bool mark_doubled(Transaction& tx, ReplyId id, base::Instant now)
{
    return tx.run(note_double, id, now) > 0;
}

std::vector<PartProgress> part_progress_of(Transaction& tx, domain::TicketId ticket)
{
    return tx.all(progress_by_ticket, progress_at, ticket);
}

std::vector<ReplyPart> parts_of(Transaction& tx, ReplyId reply)
{
    return tx.all(parts_by_reply, whole_part, reply);
}

Result<ReplyPart> find_part(Transaction& tx, PartId id)
{
    auto found = tx.first(part_by_id, whole_part, id);
    if (!found) return Error(ErrorKind::not_found, "no part " + std::to_string(id.value));
    return std::move(*found);
}

Result<void> save_part(Transaction& tx, const ReplyPart& part)
{
    const auto rows = tx.run(update_part, part.id, to_string(part.state), part.reason, part.platform_id, part.next_try, part.attempts,
                             part.reads, part.canary_seen, part.started_at, part.deadline_at, to_string(part.held), part.uncertain_since,
                             part.paged_at, part.quarantined, part.resent);
    if (rows == 0) {
        return Error(ErrorKind::conflict, "part " + std::to_string(part.id.value) +
                                              ": another part of its conversation is under way, or its platform id \"" + part.platform_id +
                                              "\" belongs to another part");
    }
    return {};
}

void save_reply_state(Transaction& tx, const Reply& reply)
{
    tx.run(update_reply, reply.id, to_string(reply.state), reply.reason, reply.published_at, reply.platform_id);
}

bool cancel_if_unsent(Transaction& tx, ReplyId id)
{
    if (tx.run(cancel_reply, id) == 0) return false;
    tx.run(cancel_parts, id);
    return true;
}

domain::AttemptId insert_attempt(Transaction& tx, const Attempt& attempt)
{
    return inserted<domain::AttemptId>(tx.first(insert_attempt_row, first_number, attempt.part, attempt.number, attempt.key,
                                                attempt.started_at, attempt.deadline_at, attempt.outcome, attempt.detail,
                                                attempt.snapshot));
}

void finish_attempt(Transaction& tx, domain::AttemptId id, base::Instant ended_at, std::string_view outcome, std::string_view detail)
{
    tx.run(finish_attempt_row, id, ended_at, outcome, detail);
}

std::optional<Attempt> last_attempt(Transaction& tx, PartId part)
{
    return tx.first(last_attempt_row, attempt_at, part);
}

std::vector<Attempt> attempts_of(Transaction& tx, PartId part)
{
    return tx.all(attempt_rows, attempt_at, part);
}

} // namespace sportello::storage
