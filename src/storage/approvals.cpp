#include <sportello/storage/approvals.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

#define SPORTELLO_APPROVAL_COLUMNS                                                                                                         \
    "id, reply_id, broadcast_id, brands, author_id, options, written, why, state, asked_at, changed_by, decided_by, decided_at, note, "    \
    "revision"

const Statement insert_approval_row{"INSERT INTO approval (reply_id, broadcast_id, brands, author_id, options, written, why, state, asked_at, note, "
                           "revision) VALUES ($1, $2, $3, $4, $5, '', $6, 'waiting', $7, '', 1) RETURNING id"};
const Statement approval_by_id{"SELECT " SPORTELLO_APPROVAL_COLUMNS " FROM approval WHERE id = $1"};
const Statement by_reply{"SELECT " SPORTELLO_APPROVAL_COLUMNS " FROM approval WHERE reply_id = $1"};
const Statement by_broadcast{"SELECT " SPORTELLO_APPROVAL_COLUMNS " FROM approval WHERE broadcast_id = $1"};
const Statement update_approval{"UPDATE approval SET written = $2, state = $3, changed_by = $4, decided_by = $5, decided_at = $6, note = $7, "
                           "revision = $8 WHERE id = $1"};
const Statement oldest_first{"SELECT " SPORTELLO_APPROVAL_COLUMNS " FROM approval WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3"};
const Statement newest_first{"SELECT " SPORTELLO_APPROVAL_COLUMNS " FROM approval WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};
const Statement own_oldest_first{"SELECT " SPORTELLO_APPROVAL_COLUMNS " FROM approval WHERE state = $1 AND id > $2 AND author_id = $4 "
                                 "ORDER BY id LIMIT $3"};
const Statement own_newest_first{"SELECT " SPORTELLO_APPROVAL_COLUMNS " FROM approval WHERE state = $1 AND id < $2 AND author_id = $4 "
                                 "ORDER BY id DESC LIMIT $3"};
const Statement update_reply{"UPDATE reply SET ticket_id = $2, channel = $3, conversation = $4, visibility = $5, text = $6, "
                             "state = 'queued', reason = '', target_id = $7, recipient_id = $8, accepted_at = $9, send_after = $10, "
                             "route = $11 WHERE id = $1"};
const Statement insert_part{
    "INSERT INTO reply_part (reply_id, channel, conversation, number, part_count, text, state, reason, platform_id, "
    "next_try, attempts, reads, canary_seen, started_at, deadline_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, 'queued', '', '', $7, 0, 0, 0, 0, 0)"};
const Statement update_text{"UPDATE reply SET text = $2 WHERE id = $1 AND state = 'awaiting_approval'"};
const Statement erase_texts{"UPDATE approval SET written = '', note = '' WHERE reply_id IN (SELECT id FROM reply WHERE ticket_id = $1)"};

Approval approval_at(const Row& row)
{
    return {.id = row.number(0),
            .reply = maybe_id_at<domain::ReplyId>(row, 1),
            .broadcast = row.maybe_number(2),
            .brands = split(row.text(3), '\n'),
            .author = id_at<domain::AgentId>(row, 4),
            .options = row.string(5),
            .written = row.string(6),
            .why = row.string(7),
            .state = row.string(8),
            .asked_at = row.instant(9),
            .changed_by = maybe_id_at<domain::AgentId>(row, 10),
            .decided_by = maybe_id_at<domain::AgentId>(row, 11),
            .decided_at = row.maybe_instant(12),
            .note = row.string(13),
            .revision = small_number_at(row, 14)};
}

bool fits(const Approval& approval, const ApprovalFilter& filter)
{
    if (filter.not_of == approval.author) return false;
    if (filter.brands.empty() || approval.brands.empty()) return true;
    return std::ranges::any_of(approval.brands, [&](const std::string& brand) { return std::ranges::count(filter.brands, brand) > 0; });
}

} // namespace

std::int64_t insert_approval(Transaction& tx, const Approval& approval)
{
    const auto id = tx.first(insert_approval_row, first_number, approval.reply, approval.broadcast, join(approval.brands, '\n'), approval.author,
                             approval.options, approval.why, approval.asked_at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<Approval> find_approval(Transaction& tx, std::int64_t id)
{
    return tx.first(approval_by_id, approval_at, id);
}

std::optional<Approval> approval_of(Transaction& tx, domain::ReplyId reply)
{
    return tx.first(by_reply, approval_at, reply);
}

std::optional<Approval> approval_of_broadcast(Transaction& tx, std::int64_t broadcast)
{
    return tx.first(by_broadcast, approval_at, broadcast);
}

void save_approval(Transaction& tx, Approval& approval)
{
    ++approval.revision;
    tx.run(update_approval, approval.id, approval.written, approval.state, approval.changed_by, approval.decided_by, approval.decided_at,
           approval.note, approval.revision);
}

std::vector<Approval> approvals(Transaction& tx, const ApprovalFilter& filter, std::optional<std::int64_t> cursor, std::int64_t limit)
{
    const bool waiting = filter.state == "waiting";
    std::int64_t place = cursor.value_or(waiting ? 0 : INT64_MAX);
    std::vector<Approval> found;
    while (static_cast<std::int64_t>(found.size()) < limit) { // nearly all fit: one or two walks
        std::vector<Approval> batch;
        if (filter.author)
            batch = tx.all(waiting ? own_oldest_first : own_newest_first, approval_at, filter.state, place, limit, *filter.author);
        else batch = tx.all(waiting ? oldest_first : newest_first, approval_at, filter.state, place, limit);
        for (Approval& approval : batch) {
            place = approval.id;
            if (fits(approval, filter) && static_cast<std::int64_t>(found.size()) < limit) found.push_back(std::move(approval));
        }
        if (static_cast<std::int64_t>(batch.size()) < limit) break;
    }
    return found;
}

std::int64_t count_approvals(Transaction& tx, const ApprovalFilter& filter, std::int64_t most)
{
    return std::ssize(approvals(tx, filter, std::nullopt, most));
}

void queue_approved(Transaction& tx, const domain::Reply& reply, const std::vector<std::string>& part_texts)
{
    tx.run(update_reply, reply.id, reply.ticket, reply.channel, reply.conversation, to_string(reply.visibility), reply.text,
           reply.target_id, reply.recipient_id, reply.accepted_at, reply.send_after, to_string(reply.route));
    std::int64_t number = 0;
    for (const std::string& text : part_texts) {
        tx.run(insert_part, reply.id, reply.channel, reply.conversation, ++number, part_texts.size(), text, reply.send_after);
    }
}

void reword_waiting(Transaction& tx, domain::ReplyId reply, std::string_view text)
{
    tx.run(update_text, reply, text);
}

void erase_approval_texts(Transaction& tx, domain::TicketId ticket)
{
    tx.run(erase_texts, ticket);
}

} // namespace sportello::storage
