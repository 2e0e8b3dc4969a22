#include "ticket_clocks.hpp"

#include "facts.hpp"

#include <sportello/engine/routes.hpp>

#include <algorithm>

namespace sportello::engine {

std::optional<base::Instant> last_route_ends(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                             const domain::Message& message, base::Instant now)
{
    std::optional<base::Instant> last;
    for (const domain::ReplyRoute& route : routes_of(tx, settings, ticket, message, now).routes) {
        if (!route.open || route.kind == domain::RouteKind::by_hand) continue;
        if (!route.until) return std::nullopt;
        last = last ? std::max(*last, *route.until) : route.until;
    }
    return last;
}

void note_alarm(const Settings& settings, std::optional<base::Instant> at)
{
    if (!at) return;
    const std::int64_t wanted = base::to_micros(*at);
    std::int64_t known = settings.nudges->alarm_at.load();
    while (wanted < known && !settings.nudges->alarm_at.compare_exchange_weak(known, wanted)) {}
}

void plan_clocks(Arrival& arrival)
{
    domain::Ticket& ticket = arrival.ticket;
    if (ticket.waiting_since) ticket.route_ends_at = last_route_ends(arrival.tx, arrival.settings, ticket, arrival.message, arrival.now);
    domain::replan(ticket, target_of(arrival.settings, ticket));
    note_alarm(arrival.settings, ticket.alarm_at);
}

} // namespace sportello::engine
