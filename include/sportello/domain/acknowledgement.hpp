#pragma once

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/model.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// What is said to a customer who writes while the office is closed: once in a conversation and closed period.
namespace sportello::domain {

struct AcknowledgementFacts {
    const Calendar* calendar = nullptr; ///< never null
    Instant now{};
    std::string aside;                           ///< Ticket::aside: noise and spam are not answered
    std::optional<Instant> last_acknowledged_at; ///< in this conversation, sent or offered
    std::optional<Instant> last_answered_at;     ///< by a person, in this ticket
};

/// @return why nothing is to be said now, in words; empty: it is.
[[nodiscard]] std::string why_not_acknowledged(const AcknowledgementFacts& facts);

/// The text of a language, else of the other one given first, else of any; nothing when there is none.
[[nodiscard]] std::optional<std::string> text_for(const std::map<std::string, std::string, std::less<>>& texts, std::string_view language,
                                                  std::string_view otherwise);

/// Puts the words in for {opening} and {promise}; each once, what is put in is not looked at again. Without a promise
/// {promise} becomes nothing.
[[nodiscard]] std::string fill_acknowledgement(std::string_view text, std::string_view opening, std::string_view promise);

} // namespace sportello::domain
