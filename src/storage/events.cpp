#include <sportello/storage/events.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement insert_event{"INSERT INTO event (type, at, ticket_id, actor_id, cause, data) "
                           "VALUES ($1, $2, $3, $4, $5, $6)"};
const Statement after_seq{"SELECT seq, type, at, ticket_id, actor_id, cause, data FROM event WHERE seq > $1 "
                          "ORDER BY seq LIMIT $2"};
const Statement last_one{"SELECT seq FROM event WHERE seq > 0 ORDER BY seq DESC LIMIT 1"};

} // namespace

void append_event(Transaction& tx, const domain::Event& event)
{
    tx.run(insert_event, event.type, event.at, event.ticket, event.actor, event.cause, event.data);
}

void events_since(Transaction& tx, std::int64_t seq, std::int64_t limit, const std::function<void(const domain::Event&)>& each)
{
    const auto tell = [&](const Row& row) {
        each(domain::Event{.seq = row.number(0),
                           .type = row.string(1),
                           .at = row.instant(2),
                           .ticket = maybe_id_at<domain::TicketId>(row, 3),
                           .actor = maybe_id_at<domain::AgentId>(row, 4),
                           .cause = row.string(5),
                           .data = row.string(6)});
    };
    tx.for_each(after_seq, tell, seq, limit);
}

std::int64_t last_seq(Transaction& tx)
{
    return tx.first(last_one, first_number).value_or(0);
}

} // namespace sportello::storage
