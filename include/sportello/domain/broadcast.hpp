#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/model.hpp>

#include <map>
#include <string>
#include <string_view>

/// One text to many people, each by name.
namespace sportello::domain {

/// The text, and others for a brand ("tim"), a platform ("twitter") or both ("tim/twitter"): the closest counts.
struct BroadcastTexts {
    std::string text;
    std::map<std::string, std::string, std::less<>> variants;
    [[nodiscard]] const std::string& of(std::string_view brand, Platform platform) const;
};

/// What the placeholders {name}, {reference}, {brand}, {service} and {place} stand for.
struct BroadcastFacts {
    std::string name; ///< as first_name() has it; may be empty
    TicketId ticket;
    std::string brand;
    std::string service;
    std::string place;
    std::string language = "it"; ///< "it", else English
    Platform platform = Platform::facebook;
    Visibility visibility = Visibility::public_;
};

/// @return invalid_input naming a placeholder that there is not, for a person who writes the text.
[[nodiscard]] base::Result<void> check_broadcast(std::string_view text);

/// The text for one person. Placeholders are replaced once: what is put in is never looked at again, whatever a customer is
/// called. Without {name} it begins with a salutation. In public on X it bears the ticket's number, since X refuses the same
/// text to many.
[[nodiscard]] std::string compose_broadcast(std::string_view text, const BroadcastFacts& facts);

/// How a person is spoken to, out of a display name: "MARA rossi" -> "Mara". Empty when it does not look like a name.
[[nodiscard]] std::string first_name(std::string_view display_name);

} // namespace sportello::domain
