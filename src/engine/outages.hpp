#pragma once

#include "arrival.hpp"

#include <sportello/domain/incident.hpp>
#include <sportello/storage/incidents.hpp>

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

/// What an arriving message says of an outage: it joins an incident, or is counted by the radar, which may propose one.
namespace sportello::engine {

struct OutageNews {
    domain::OutageReading reading;
    std::optional<domain::Incident> joins; ///< its ticket becomes a member
    std::string why;
};

/// Before the ticket is stored: a new member of a confirmed incident does not wait in the queue; one that asks for
/// something else comes back to it.
void hear_of_outage(Arrival& arrival);
/// Afterwards: the membership, the signal, and the radar's look.
void note_outage(Arrival& arrival);

/// Makes the ticket a member; its fields are the caller's. Counts it, and takes its brand in.
void join_incident(storage::Transaction& tx, domain::Incident& incident, const domain::Ticket& ticket,
                   const storage::IncidentTicket& member, base::Instant now);
/// What its event tells of an incident.
[[nodiscard]] nlohmann::json incident_data(const domain::Incident& incident);

} // namespace sportello::engine
