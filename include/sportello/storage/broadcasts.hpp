#pragma once

#include <sportello/domain/broadcast.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One text to all members of an incident, or to a selection of tickets, as a durable queue of people.
namespace sportello::storage {

struct Broadcast {
    std::int64_t id = 0;
    domain::IncidentId incident; ///< 0: of a selection
    std::string kind = "update"; ///< "update", "closing", "selection"
    std::string texts;           ///< JSON
    domain::AgentId agent;
    std::string cause;
    std::string state = "running"; ///< "running", "stopped", "done", "awaiting_approval"
    base::Instant created_at{};
    std::optional<base::Instant> ended_at;
};
/// `broadcast.id` does not count. @return conflict while another one of the incident is running.
base::Result<std::int64_t> insert_broadcast(Transaction& tx, const Broadcast& broadcast);
base::Result<Broadcast> find_broadcast(Transaction& tx, std::int64_t id);
/// The incident's, the newest first.
std::vector<Broadcast> broadcasts_of(Transaction& tx, domain::IncidentId incident, std::int64_t limit);
std::optional<Broadcast> running_broadcast(Transaction& tx, domain::IncidentId incident);
/// Texts to selections, the newest first, with ids below `before` (0: all).
/// @param agent  who sent them; 0: anybody
std::vector<Broadcast> selections(Transaction& tx, domain::AgentId agent, std::int64_t before, std::int64_t limit);
/// Whose tickets it goes to.
std::vector<std::string> brands_of_broadcast(Transaction& tx, std::int64_t broadcast);
/// Of all incidents and selections.
std::vector<Broadcast> running_broadcasts(Transaction& tx);
/// One that waits for a colleague; there is one at most.
std::optional<Broadcast> awaiting_broadcast(Transaction& tx, domain::IncidentId incident);
void save_broadcast_texts(Transaction& tx, const Broadcast& broadcast);
/// Writes state and end.
void save_broadcast(Transaction& tx, const Broadcast& broadcast);

struct BroadcastMember {
    std::int64_t broadcast = 0;
    domain::TicketId ticket;
    domain::CustomerId customer;
    std::string channel;
    std::int64_t place = 0;        ///< in the order of sending
    std::string state = "waiting"; ///< "waiting", "sent" (in the outbox), "skipped"
    std::string reason;
    std::optional<domain::ReplyId> reply;
    std::optional<base::Instant> at;
};
/// @return whether it was put in: not when the person is in already.
bool insert_broadcast_member(Transaction& tx, const BroadcastMember& member);
void save_broadcast_member(Transaction& tx, const BroadcastMember& member);
/// The next who waits on a channel.
std::optional<BroadcastMember> next_waiting(Transaction& tx, std::string_view channel, std::int64_t broadcast);
/// Channels on which somebody waits.
std::vector<std::string> waiting_channels(Transaction& tx, std::int64_t broadcast);
/// Whether the ticket waits for it.
/// The place behind everybody who has one.
std::int64_t last_broadcast_place(Transaction& tx, std::int64_t broadcast);
bool waits_for_broadcast(Transaction& tx, std::int64_t broadcast, domain::TicketId ticket);
/// Those who wait are skipped. @return how many.
std::int64_t skip_waiting(Transaction& tx, std::int64_t broadcast, std::string_view reason);

struct BroadcastFigures {
    std::int64_t waiting = 0;
    std::int64_t sent = 0;      ///< in the outbox or beyond
    std::int64_t published = 0; ///< on the platform
    std::int64_t failed = 0;
    std::int64_t skipped = 0;
};
BroadcastFigures figures_of(Transaction& tx, std::int64_t broadcast);
/// Why people were left out, with how many, the most frequent first.
std::vector<std::pair<std::string, std::int64_t>> skip_reasons(Transaction& tx, std::int64_t broadcast);

/// Replies of broadcasts on this channel that are not settled yet.
std::int64_t broadcasts_in_flight(Transaction& tx, std::string_view channel);
/// Other replies that wait in the outbox of the channel, due now.
std::int64_t ordinary_replies_due(Transaction& tx, std::string_view channel, base::Instant now);

struct BroadcastPace {
    base::Instant next_at{};
    std::string why;
};
BroadcastPace load_pace(Transaction& tx, std::string_view channel);
void save_pace(Transaction& tx, std::string_view channel, const BroadcastPace& pace);

} // namespace sportello::storage
