#pragma once

#include <sportello/domain/rota.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// How long a slot of the phone desk is.
inline constexpr base::Duration phone_slot = std::chrono::minutes(30);

/// The beginnings of the half hours (from local midnight on) at or after `earliest` in which the desk is open all the time.
/// @param count  at most so many, within four weeks
[[nodiscard]] std::vector<base::Instant> phone_slots(const Calendar& desk, base::Instant earliest, std::size_t count);
/// Calls that a slot holds: `slots`, or what those of `staff` who are on shift for all of it can do, if that is less.
/// @param per_person  0, or an empty staff: the staffing does not count
[[nodiscard]] int slot_capacity(int slots, int per_person, std::span<const ShiftPlan* const> staff, base::Instant slot);

/// What came of a call.
enum class CallOutcome { solved, not_reached, wrong_number, back };
[[nodiscard]] std::string_view to_string(CallOutcome value); ///< "solved", "not_reached", "wrong_number", "back"
[[nodiscard]] std::optional<CallOutcome> parse_call_outcome(std::string_view word);
/// Where a call stands: planned, or closed by its outcome; `given_up` after as many calls in vain as are made.
inline constexpr std::string_view call_planned = "planned";
inline constexpr std::string_view call_given_up = "given_up";

/// "lunedì 2 marzo tra le 10:00 e le 10:30", "Monday 2 March between 10:00 and 10:30" in the zone's local time.
/// @param language  "it"; any other: English
[[nodiscard]] std::string slot_in_words(base::Instant slot, std::string_view time_zone, std::string_view language);

/// What the customer is written.
enum class PhoneText { planned, not_reached, ask_number };
/// Ours, in Italian or else English, with {slot}, {code} and {brand}.
[[nodiscard]] std::string_view phone_text(PhoneText text, std::string_view language);
struct PhoneWords {
    std::string slot;
    std::string code;
    std::string brand;
};
/// Puts the words into their places, each once; what they hold is not looked at again.
[[nodiscard]] std::string fill_phone_text(std::string_view text, const PhoneWords& words);

/// Whether a person could be called under it: 5 to 15 digits with blanks and . / ( ) - between, perhaps a + in front.
[[nodiscard]] bool is_phone_number(std::string_view text);

/// How long to wait before a delivery to the call centre is tried again after it failed `attempts` times; nothing: it is
/// given up.
[[nodiscard]] std::optional<base::Duration> call_centre_backoff(std::int32_t attempts);

} // namespace sportello::domain
