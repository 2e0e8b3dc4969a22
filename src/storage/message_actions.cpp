#include <sportello/storage/message_actions.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Instant;

#define SPORTELLO_ACTION_COLUMNS                                                                                                           \
    "id, message_id, ticket_id, channel, kind, agent_id, state, reason, attempts, next_try, asked_at, ended_at, target_id, visibility"

const Statement replace_waiting{"UPDATE message_action SET state = 'replaced', ended_at = $2 WHERE message_id = $1 AND state = 'queued' "
                                "AND ($3 = 'remove' OR kind = $3 OR kind = $4)"};
const Statement insert_message_action_row{
    "INSERT INTO message_action (message_id, ticket_id, channel, kind, agent_id, state, reason, attempts, next_try, asked_at, target_id, "
    "visibility) VALUES (NULLIF($1, 0), $2, $3, $4, $5, 'queued', '', 0, $6, $7, $8, $9) RETURNING id"};
const Statement update_message_action{"UPDATE message_action SET state = $2, reason = $3, attempts = $4, next_try = $5, ended_at = $6 WHERE id = $1"};
const Statement message_action_by_id{"SELECT " SPORTELLO_ACTION_COLUMNS " FROM message_action WHERE id = $1"};
const Statement last_of_message{"SELECT " SPORTELLO_ACTION_COLUMNS " FROM message_action WHERE message_id = $1 ORDER BY id DESC LIMIT 1"};
const Statement due_until{"SELECT " SPORTELLO_ACTION_COLUMNS " FROM message_action WHERE state = 'queued' AND next_try <= $1 "
                          "ORDER BY next_try, id LIMIT $2"};
const Statement first_due{"SELECT next_try FROM message_action WHERE state = 'queued' ORDER BY next_try, id LIMIT 1"};
const Statement removal_waits{"SELECT 1 FROM message_action WHERE state = 'queued' AND kind = 'remove' AND channel = $1 AND target_id = $2 "
                              "LIMIT 1"};
const Statement author_by_message{"SELECT r.agent_id FROM message m JOIN reply r ON r.id = m.reply_id WHERE m.id = $1"};
const Statement blank_removed{
    "UPDATE message SET deleted_at = $3, text = '' WHERE channel = $1 AND platform_id = $2 AND deleted_at IS NULL"};
const Statement update_hidden{"UPDATE message SET hidden = $2 WHERE id = $1"};

MessageAction action_at(const Row& row)
{
    MessageAction action;
    action.id = row.number(0);
    action.message = id_at<domain::MessageId>(row, 1);
    action.ticket = id_at<domain::TicketId>(row, 2);
    action.channel = row.string(3);
    action.kind = row.string(4);
    action.agent = id_at<domain::AgentId>(row, 5);
    action.state = row.string(6);
    action.reason = row.string(7);
    action.attempts = small_number_at(row, 8);
    action.next_try = row.instant(9);
    action.asked_at = row.instant(10);
    action.ended_at = row.maybe_instant(11);
    action.target_id = row.string(12);
    action.visibility = visibility_at(row, 13);
    return action;
}

/// What undoes a kind of action.
std::string_view opposite(std::string_view kind)
{
    if (kind == "hide") return "unhide";
    if (kind == "unhide") return "hide";
    if (kind == "like") return "unlike";
    return kind == "unlike" ? "like" : kind;
}

} // namespace

std::int64_t insert_message_action(Transaction& tx, const MessageAction& action)
{
    if (action.message.value != 0) tx.run(replace_waiting, action.message, action.asked_at, action.kind, opposite(action.kind));
    const auto id = tx.first(insert_message_action_row, first_number, action.message, action.ticket, action.channel, action.kind, action.agent,
                             action.next_try, action.asked_at, action.target_id, to_string(action.visibility));
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

void save_message_action(Transaction& tx, const MessageAction& action)
{
    tx.run(update_message_action, action.id, action.state, action.reason, action.attempts, action.next_try, action.ended_at);
}

base::Result<MessageAction> find_message_action(Transaction& tx, std::int64_t id)
{
    auto found = tx.first(message_action_by_id, action_at, id);
    if (!found) return base::Error(base::ErrorKind::not_found, "no action " + std::to_string(id));
    return std::move(*found);
}

std::optional<MessageAction> last_action_of(Transaction& tx, domain::MessageId message)
{
    return tx.first(last_of_message, action_at, message);
}

std::vector<MessageAction> due_message_actions(Transaction& tx, Instant now, std::int64_t limit)
{
    return tx.all(due_until, action_at, now, limit);
}

std::optional<Instant> next_message_action(Transaction& tx)
{
    return tx.first(first_due, [](const Row& row) { return row.instant(0); });
}

bool is_being_removed(Transaction& tx, std::string_view channel, std::string_view target_id)
{
    return tx.first(removal_waits, first_number, channel, target_id).has_value();
}

std::optional<domain::AgentId> author_of_message(Transaction& tx, domain::MessageId message)
{
    return tx.first(
        author_by_message, [](const Row& row) { return id_at<domain::AgentId>(row, 0); }, message);
}

void mark_removed(Transaction& tx, std::string_view channel, std::string_view platform_id, Instant now)
{
    tx.run(blank_removed, channel, platform_id, now);
}

void set_hidden(Transaction& tx, domain::MessageId message, bool hidden)
{
    tx.run(update_hidden, message, hidden);
}

} // namespace sportello::storage
