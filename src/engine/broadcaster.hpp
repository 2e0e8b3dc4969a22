#pragma once

#include <sportello/engine/incidents.hpp>
#include <sportello/engine/routes.hpp>
#include <sportello/storage/incidents.hpp>

#include <optional>
#include <string>
#include <vector>

/// Sends one text to many people as ordinary replies of the agent who pressed send: at the pace of each channel, one after
/// the other, and only while no ordinary reply waits. What was sent is in the outbox in the transaction that takes the
/// person off the queue, so that a crash neither forgets nor repeats anybody.
namespace sportello::engine {

/// How one member would be answered now.
struct Eligibility {
    std::string why_not; ///< empty: it can be
    domain::RoutePrice price;
    domain::RoutePrice price_with_url;
};
[[nodiscard]] Eligibility eligibility_of(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                         const Actor& actor, base::Instant now);

/// Every member of the incident takes its place in the queue, the most urgent and oldest first, one a person.
/// @return how many wait.
std::int64_t queue_members(storage::Transaction& tx, std::int64_t broadcast, domain::IncidentId incident);

/// The same for these tickets.
std::int64_t queue_tickets(storage::Transaction& tx, std::int64_t broadcast, std::vector<domain::Ticket> tickets);
/// Who joins while a text to all is under way is told too, after everybody who waits for it already.
void queue_late_member(storage::Transaction& tx, domain::IncidentId incident, const domain::Ticket& ticket);

class Broadcaster {
public:
    Broadcaster(storage::Database& db, const Settings& settings, Connectors& connectors, base::Clock& clock)
        : db_(db), settings_(settings), connectors_(connectors), clock_(clock)
    {
    }

    struct Round {
        std::size_t sent = 0;
        std::optional<base::Instant> next; ///< nothing: nobody waits
    };
    /// Hands over to the outbox what may leave now.
    boost::asio::awaitable<Result<Round>> work();

private:
    [[nodiscard]] storage::BroadcastPace obstacle(storage::Transaction& tx, const std::string& channel, domain::Visibility visibility,
                                                  std::optional<std::int64_t> price) const;
    Round send_next(storage::Transaction& tx, const storage::Broadcast& broadcast, const std::string& channel, base::Instant now) const;
    std::string send_to(storage::Transaction& tx, const storage::Broadcast& broadcast, storage::BroadcastMember& member,
                        domain::Ticket& ticket, const Actor& actor, base::Instant now) const;
    void leave(storage::Transaction& tx, const storage::Broadcast& broadcast, domain::TicketId ticket, base::Instant now) const;

    storage::Database& db_;
    const Settings& settings_;
    Connectors& connectors_;
    base::Clock& clock_;
};

} // namespace sportello::engine
