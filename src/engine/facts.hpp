#pragma once

#include <sportello/domain/ticket_rules.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What every service of the engine needs: the ticket a person may see, the target of its brand, events, and keys that
/// make a repeated request harmless.
namespace sportello::engine {

/// The target of a brand; a brand that the configuration no longer has is open around the clock with an hour's target.
[[nodiscard]] domain::ServiceTarget target_of(const Settings& settings, std::string_view brand);
/// The target of a ticket: by its brand, channel and priority.
[[nodiscard]] domain::ServiceTarget target_of(const Settings& settings, const domain::Ticket& ticket);

/// The ticket, if the actor may see its brand; not_found for both "there is none" and "not yours".
[[nodiscard]] base::Result<domain::Ticket> visible_ticket(storage::Transaction& tx, domain::TicketId id, const Actor& actor);

/// The same for a change or an answer: forbidden when it is the work of a team that the actor is not in. The house itself
/// (actor 0: rules, chores) works on all.
[[nodiscard]] base::Result<domain::Ticket> workable_ticket(storage::Transaction& tx, domain::TicketId id, const Actor& actor);

/// invalid_input about one field, in words.
[[nodiscard]] base::Error invalid(std::string pointer, std::string detail);

/// The ticket that this one was merged into, through all later merges; itself when it was not.
[[nodiscard]] domain::TicketId where_it_is_now(storage::Transaction& tx, domain::TicketId id);

/// Appends a fact. `data` is a JSON object.
void tell(storage::Transaction& tx, std::string_view type, base::Instant at, std::optional<domain::TicketId> ticket, const Command* command,
          const nlohmann::json& data);

/// The thing that an earlier request with the same key made, or nothing for a new key (or none).
/// @return invalid_input when the key came with another request.
[[nodiscard]] base::Result<std::optional<std::int64_t>> made_before(storage::Transaction& tx, const Command& command);
/// Remembers what the request with this key made, in the transaction that made it.
[[nodiscard]] base::Result<void> remember_made(storage::Transaction& tx, const Command& command, std::int64_t id, base::Instant now);

/// What an event tells of an assignment.
nlohmann::json agent_data(std::optional<domain::AgentId> agent, std::string_view why);

} // namespace sportello::engine
