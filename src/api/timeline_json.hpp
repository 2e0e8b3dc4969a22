#pragma once

#include "json_writer.hpp"
#include "shielded.hpp"

#include <sportello/domain/model.hpp>
#include <sportello/storage/timeline.hpp>

namespace sportello::api {

/// `{kind, id, name}` of a person's reply, or of the counter's own.
void write_author_of_reply(JsonWriter& json, domain::AgentId author, std::string_view name);
void write_timeline_item(JsonWriter& json, const storage::TimelineItem& item, const Shielded& shielded);
/// `{state, platform_id?, reason?}`
void write_delivery(JsonWriter& json, std::string_view state, std::string_view platform_id, std::string_view reason);

} // namespace sportello::api
