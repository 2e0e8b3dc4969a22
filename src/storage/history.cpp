#include <sportello/storage/history.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement message_range{"SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM message"};
const Statement message_at{"SELECT id, received_at FROM message WHERE id >= $1 ORDER BY id LIMIT 1"};
const Statement messages_from{"SELECT ticket_id, brand, direction, at, received_at FROM message WHERE id >= $1 ORDER BY id LIMIT $2"};

const Statement reply_range{"SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM reply"};
const Statement reply_at{"SELECT id, accepted_at FROM reply WHERE id >= $1 ORDER BY id LIMIT 1"};
const Statement replies_from{"SELECT t.brand, r.agent_id, r.accepted_at, "
                             "(SELECT max(e.at) FROM event e WHERE e.ticket_id = r.ticket_id AND e.type = 'ticket.assigned' "
                             "AND e.at <= r.accepted_at), "
                             "(SELECT max(m.received_at) FROM message m WHERE m.ticket_id = r.ticket_id AND m.direction = 'inbound' "
                             "AND m.received_at <= r.accepted_at) "
                             "FROM reply r JOIN ticket t ON t.id = r.ticket_id WHERE r.id >= $1 ORDER BY r.id LIMIT $2"};

// Grouped rather than of one brand: so the walk is along the span (ticket_answered), not along all that the brand ever had.
const Statement responses{"SELECT brand, count(*), CAST(coalesce(sum(first_response_office_seconds), 0) AS BIGINT) FROM ticket "
                          "WHERE first_response_at IS NOT NULL AND first_response_at >= $1 AND first_response_at < $2 GROUP BY brand"};

/// The first id whose row was written at `from` or later, by halving the ids: about twenty rows are looked at.
std::int64_t first_id_since(Transaction& tx, std::string_view range, std::string_view one, base::Instant from)
{
    const auto ends = tx.first(range, [](const Row& row) { return std::pair(row.number(0), row.number(1)); });
    auto [low, high] = ends.value_or(std::pair<std::int64_t, std::int64_t>(0, -1));
    ++high; // the answer is in [low, high]
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const auto found = tx.first(
            one, [](const Row& row) { return std::pair(row.number(0), row.instant(1)); }, middle);
        if (found && found->second < from) low = found->first + 1;
        else high = middle;
    }
    return low;
}

} // namespace

void for_each_past_message(Transaction& tx, base::Instant from, base::Instant until, std::int64_t limit,
                           const std::function<void(const PastMessage&)>& each)
{
    const Value values[] = {first_id_since(tx, message_range, message_at, from), limit};
    tx.execute(messages_from, values, [&](const Row& row) {
        if (row.instant(4) >= until) return false;
        if (!row.null(0)) each({id_at<domain::TicketId>(row, 0), row.text(1), direction_at(row, 2), row.instant(3)});
        return true;
    });
}

void for_each_past_reply(Transaction& tx, base::Instant from, base::Instant until, std::int64_t limit,
                         const std::function<void(const PastReply&)>& each)
{
    const Value values[] = {first_id_since(tx, reply_range, reply_at, from), limit};
    tx.execute(replies_from, values, [&](const Row& row) {
        if (row.instant(2) >= until) return false;
        each({row.text(0), id_at<domain::AgentId>(row, 1), row.instant(2), row.maybe_instant(3), row.maybe_instant(4)});
        return true;
    });
}

std::vector<PastResponses> past_responses(Transaction& tx, base::Instant from, base::Instant until)
{
    const auto make = [](const Row& row) { return PastResponses{row.string(0), row.number(1), row.number(2)}; };
    return tx.all(responses, make, from, until);
}

} // namespace sportello::storage
