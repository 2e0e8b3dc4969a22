#pragma once

#include "json_writer.hpp"

#include <sportello/domain/model.hpp>
#include <sportello/storage/timeline.hpp>

namespace sportello::api {

void write_timeline_item(JsonWriter& json, const storage::TimelineItem& item);
/// A message as its timeline item: what a stale reply missed.
void write_timeline_message(JsonWriter& json, const domain::Message& message);
/// `{state, platform_id?, reason?}`
void write_delivery(JsonWriter& json, std::string_view state, std::string_view platform_id, std::string_view reason);

} // namespace sportello::api
