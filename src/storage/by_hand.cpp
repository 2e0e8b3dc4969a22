#include <sportello/storage/by_hand.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_BY_HAND_COLUMNS                                                                                                          \
    "id, ticket_id, agent_id, channel, root_id, target_id, text, permalink, since, ask_at, asked_at, ended_at, outcome"

const Statement insert_by_hand_row{
    "INSERT INTO by_hand (ticket_id, agent_id, channel, root_id, target_id, text, permalink, since, ask_at, outcome) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '') RETURNING id"};
const Statement by_hand_by_id{"SELECT " SPORTELLO_BY_HAND_COLUMNS " FROM by_hand WHERE id = $1"};
const Statement of_ticket{"SELECT " SPORTELLO_BY_HAND_COLUMNS " FROM by_hand WHERE ticket_id = $1 AND ended_at IS NULL"};
const Statement under_root{"SELECT " SPORTELLO_BY_HAND_COLUMNS " FROM by_hand WHERE channel = $1 AND root_id = $2 AND ended_at IS NULL "
                           "ORDER BY id"};
const Statement to_ask{"SELECT " SPORTELLO_BY_HAND_COLUMNS " FROM by_hand WHERE ended_at IS NULL AND asked_at IS NULL AND ask_at <= $1 "
                       "ORDER BY ask_at, id LIMIT $2"};
const Statement first_to_ask{"SELECT ask_at FROM by_hand WHERE ended_at IS NULL AND asked_at IS NULL ORDER BY ask_at, id LIMIT 1"};
const Statement update_by_hand{"UPDATE by_hand SET ask_at = $2, asked_at = $3, ended_at = $4, outcome = $5 WHERE id = $1"};

ByHand by_hand_at(const Row& row)
{
    return {.id = row.number(0),
            .ticket = id_at<domain::TicketId>(row, 1),
            .agent = id_at<domain::AgentId>(row, 2),
            .channel = row.string(3),
            .root_id = row.string(4),
            .target_id = row.string(5),
            .text = row.string(6),
            .permalink = row.string(7),
            .since = row.instant(8),
            .ask_at = row.instant(9),
            .asked_at = row.maybe_instant(10),
            .ended_at = row.maybe_instant(11),
            .outcome = row.string(12)};
}

} // namespace

base::Result<std::int64_t> insert_by_hand(Transaction& tx, const ByHand& wait)
{
    // The unique index would refuse the same; asking first keeps PostgreSQL's transaction alive.
    if (waiting_by_hand(tx, wait.ticket)) return base::Error(base::ErrorKind::conflict, "this ticket is being answered by hand");
    const auto id = tx.first(insert_by_hand_row, first_number, wait.ticket, wait.agent, wait.channel, wait.root_id, wait.target_id, wait.text,
                             wait.permalink, wait.since, wait.ask_at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<ByHand> find_by_hand(Transaction& tx, std::int64_t id)
{
    return tx.first(by_hand_by_id, by_hand_at, id);
}

std::optional<ByHand> waiting_by_hand(Transaction& tx, domain::TicketId ticket)
{
    return tx.first(of_ticket, by_hand_at, ticket);
}

std::vector<ByHand> waiting_by_hand_under(Transaction& tx, std::string_view channel, std::string_view root_id)
{
    return tx.all(under_root, by_hand_at, channel, root_id);
}

std::vector<ByHand> by_hand_to_ask(Transaction& tx, base::Instant now, std::int64_t limit)
{
    return tx.all(to_ask, by_hand_at, now, limit);
}

std::optional<base::Instant> next_by_hand_ask(Transaction& tx)
{
    return tx.first(first_to_ask, [](const Row& row) { return row.instant(0); });
}

void save_by_hand(Transaction& tx, const ByHand& wait)
{
    tx.run(update_by_hand, wait.id, wait.ask_at, wait.asked_at, wait.ended_at, wait.outcome);
}

} // namespace sportello::storage
