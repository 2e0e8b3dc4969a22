#pragma once

#include "deliveries_json.hpp"
#include "files_json.hpp"
#include "json_writer.hpp"
#include "shielded.hpp"

#include <sportello/domain/model.hpp>
#include <sportello/storage/timeline.hpp>

namespace sportello::api {

/// `{kind, id, name}` of a person's reply, or of the counter's own.
void write_author_of_reply(JsonWriter& json, domain::AgentId author, std::string_view name);
void write_timeline_item(JsonWriter& json, const storage::TimelineItem& item, const Shielded& shielded, const TicketFiles& files,
                         const TicketDeliveries& deliveries);
/// The key `approval`: `{id, state, decided_by, note}` of a reply that a colleague read first; null with id 0.
void write_reply_approval(JsonWriter& json, std::int64_t id, std::string_view state, std::optional<domain::AgentId> decider,
                          std::string_view name, std::string_view note);

} // namespace sportello::api
