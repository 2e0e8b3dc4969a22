#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/broadcast.hpp>
#include <sportello/domain/incident.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <vector>

/// What people may say of an incident. Each answers what it was given in its clean form, or invalid_input with a pointer to
/// the field.
namespace sportello::engine {

/// The incident, or what is asked of it, does not allow it now.
[[nodiscard]] base::Error in_conflict(std::string what);
/// invalid_input with the field's pointer.
[[nodiscard]] base::Error invalid(std::string pointer, std::string detail);

/// @return not_found also for one of none of the actor's brands.
base::Result<domain::Incident> visible_incident(storage::Transaction& tx, domain::IncidentId id, const Actor& actor);

base::Result<std::string> checked_service(const Settings& settings, const std::string& service);
/// Keys of the places that are meant, each once.
base::Result<std::vector<std::string>> checked_places(const Settings& settings, const std::vector<std::string>& given);
/// None given: all that the actor may see.
base::Result<std::vector<std::string>> checked_brands(const Settings& settings, const std::vector<std::string>& given, const Actor& actor);
base::Result<std::string> checked_note(const std::string& given);
base::Result<void> check_times(base::Instant began_at, std::optional<base::Instant> expected_end, base::Instant now);
/// Cleans the texts. @param to_all  each is sent to many, with salutation and reference: those count in its length
base::Result<void> check_texts(const Settings& settings, domain::BroadcastTexts& texts, const domain::Incident& incident, bool to_all);
/// Of a text to a selection of tickets, which has no incident to tell of.
base::Result<void> check_selection_texts(const Settings& settings, domain::BroadcastTexts& texts);

} // namespace sportello::engine
