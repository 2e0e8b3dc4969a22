#pragma once

#include "json_writer.hpp"

#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/engine/ticketing.hpp>
#include <sportello/storage/handovers.hpp>
#include <sportello/storage/tickets.hpp>

#include <string>

namespace sportello::api {

/// A line of a list, straight from its row.
void write_ticket_summary(JsonWriter& json, const storage::TicketRow& row, const engine::Settings& settings, base::Instant now);

struct TicketDocument {
    std::string json;
    std::int32_t revision = 0;
};
/// The open ticket with context, reasons and hand-over. @return not_found also when the actor may not see it.
[[nodiscard]] base::Result<TicketDocument> ticket_document(storage::Transaction& tx, domain::TicketId id, const engine::Actor& actor,
                                                           const engine::Settings& settings, base::Instant now);

/// The ticket, if the actor may see it; not_found else.
[[nodiscard]] base::Result<domain::Ticket> visible_ticket(storage::Transaction& tx, domain::TicketId id, const engine::Actor& actor);

void write_handover(JsonWriter& json, std::int64_t id, domain::TicketId ticket, std::string_view reference,
                    std::string_view callback_number, std::string_view note, base::Instant at);

/// A status that a person may set; nothing for other words and for those that come by themselves.
[[nodiscard]] std::optional<domain::TicketStatus> parse_settable_status(std::string_view word);
/// Where a person may put a ticket aside: "spam", "noise", or "" for back again.
[[nodiscard]] std::optional<std::string> parse_settable_aside(std::string_view word);

} // namespace sportello::api
