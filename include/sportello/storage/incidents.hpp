#pragma once

#include <sportello/domain/incident.hpp>
#include <sportello/storage/transaction.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Incidents, their members, and the signals that the radar looks at.
namespace sportello::storage {

/// `incident.id` does not count.
domain::IncidentId insert_incident(Transaction& tx, const domain::Incident& incident);
/// @return not_found when there is none.
base::Result<domain::Incident> find_incident(Transaction& tx, domain::IncidentId id);
/// Writes every field and counts the revision up.
void save_incident(Transaction& tx, domain::Incident& incident);
/// Proposed and confirmed ones, the oldest first.
std::vector<domain::Incident> live_incidents(Transaction& tx);
/// Dismissed ones that are to stay quiet.
std::vector<domain::Incident> quiet_incidents(Transaction& tx, base::Instant now);
/// The newest first, by id below `before`. @param state  nothing: all
std::vector<domain::Incident> list_incidents(Transaction& tx, std::optional<domain::IncidentState> state,
                                             std::optional<domain::IncidentId> before, std::int64_t limit);

/// A ticket of an incident.
struct IncidentTicket {
    domain::IncidentId incident;
    domain::TicketId ticket;
    base::Instant joined_at{};
    std::string how; ///< "radar", "late", "person"
    std::string why;
    std::string other_matter; ///< what it asks besides; then it stays ordinary work
    std::optional<base::Instant> left_at;
    bool settled = true; ///< the ticket follows the incident's state
};
/// The ticket's present membership.
std::optional<IncidentTicket> membership_of(Transaction& tx, domain::TicketId ticket);
/// Adds it, or brings it back. The ticket's membership of another incident must have ended.
void put_member(Transaction& tx, const IncidentTicket& member);
/// Present members, by ticket behind `after`.
std::vector<IncidentTicket> members_of(Transaction& tx, domain::IncidentId incident, domain::TicketId after, std::int64_t limit);
/// Every present member is to follow the incident's state.
void unsettle_members(Transaction& tx, domain::IncidentId incident);
/// Members, also former ones, that do not follow it yet.
std::vector<IncidentTicket> unsettled_members(Transaction& tx, domain::IncidentId incident, std::int64_t limit);
/// Incidents that have such.
std::optional<domain::IncidentId> unsettled_incident(Transaction& tx);
/// Members whose ticket waits aside.
std::int64_t count_aside(Transaction& tx, domain::IncidentId incident);

struct StoredSignal {
    domain::MessageId message;
    domain::TicketId ticket;
    domain::OutageSignal signal;
    std::string other_matter;
};
/// @param free  it belongs to no incident
void insert_signal(Transaction& tx, const StoredSignal& signal, bool free);
/// Of no incident, written after `since`, the newest `limit`.
std::vector<StoredSignal> free_signals(Transaction& tx, base::Instant since, std::int64_t limit);
/// They belong to an incident now.
void take_signals(Transaction& tx, domain::TicketId ticket);
/// @return how many.
std::int64_t forget_signals(Transaction& tx, base::Instant before);

using SignalHour = std::chrono::sys_time<std::chrono::hours>;
void count_signal(Transaction& tx, const domain::OutageKey& key, SignalHour hour);
/// Signals in [from, to).
std::int64_t signals_between(Transaction& tx, const domain::OutageKey& key, SignalHour from, SignalHour to);
/// The first hour of which anything is known.
std::optional<SignalHour> first_signal_hour(Transaction& tx);
std::int64_t forget_signal_hours(Transaction& tx, SignalHour before);

} // namespace sportello::storage
