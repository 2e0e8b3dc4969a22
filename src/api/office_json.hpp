#pragma once

#include "json_writer.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/database.hpp>

namespace sportello::api {

/// `{time_zone, weekly, closed_dates}` with every weekday.
void write_calendar(JsonWriter& json, const domain::CalendarSpec& spec);
void write_brand(JsonWriter& json, const engine::BrandSettings& brand);
/// `{brand, open, next_open, next_close}`
void write_brand_office(JsonWriter& json, const engine::BrandSettings& brand, base::Instant now);

/// The queue of the brands that the actor may see.
void write_queue(JsonWriter& json, storage::Transaction& tx, const engine::Settings& settings, const engine::Actor& actor,
                 base::Instant now);

void write_channel(JsonWriter& json, storage::Transaction& tx, const engine::ChannelSettings& channel, base::Instant now);
/// A JSON array of the channels that the actor may see.
void write_channels(JsonWriter& json, storage::Transaction& tx, const engine::Settings& settings, const engine::Actor& actor,
                    base::Instant now);

} // namespace sportello::api
