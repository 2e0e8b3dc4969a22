#pragma once

#include "json_writer.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/office_hours.hpp>

namespace sportello::api {

/// The hours in force: `{time_zone, weekly, closed_dates, open_dates, holidays, entered}` with every weekday; of the holidays
/// those of this year and the next; `entered` by supervisors, from today on.
void write_calendar(JsonWriter& json, storage::Transaction& tx, const engine::BrandSettings& brand, base::Instant now);
/// `{id, brand, date, hours, note, author, at}`
void write_exception(JsonWriter& json, const storage::OfficeException& exception);
void write_brand(JsonWriter& json, storage::Transaction& tx, const engine::BrandSettings& brand, base::Instant now);
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
