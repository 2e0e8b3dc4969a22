#pragma once

#include "json_writer.hpp"

#include <sportello/engine/incidents.hpp>
#include <sportello/storage/incidents.hpp>

namespace sportello::api {

/// An incident as a list shows it.
void write_incident_summary(JsonWriter& json, storage::Transaction& tx, const domain::Incident& incident, const engine::Settings& settings);
/// With its status posts and texts to all.
void write_incident(JsonWriter& json, storage::Transaction& tx, const domain::Incident& incident, const engine::Settings& settings,
                    const engine::Actor& actor);
void write_incident_member(JsonWriter& json, storage::Transaction& tx, const storage::IncidentTicket& member, const domain::Ticket& ticket);
void write_broadcast(JsonWriter& json, storage::Transaction& tx, const storage::Broadcast& broadcast);
void write_broadcast_preview(JsonWriter& json, const engine::BroadcastPreview& preview);

} // namespace sportello::api
