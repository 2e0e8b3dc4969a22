#pragma once

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/model.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// When will this message be answered? From the queue ahead, the people on shift, handling times and the calendar; what is
/// promised is that plus a margin learned from how earlier promises turned out, as a half-hour, rounded up.
namespace sportello::domain {

struct PromiseFacts {
    Instant arrived_at{};               ///< of the message
    Instant now{};                      ///< what is ahead is ahead since then
    std::int64_t ahead = 0;             ///< waiting tickets before it, for the same people
    std::int64_t people = 1;            ///< on shift, or that will be at the opening; counts as 1 at least
    Duration handling{};                ///< what one answer takes a person
    double margin = 1.5;                ///< of margin_for: what the expected office time is multiplied with
    const Calendar* calendar = nullptr; ///< never null
};

struct Promise {
    Instant expected_at{}; ///< the bare estimate
    Duration expected{};   ///< of it, in office time from the arrival
    Instant promised_at{}; ///< with the margin, rounded up to the half hour of the local clock
    std::string why;       ///< in words
};

/// Nothing when the calendar does not open for so long.
[[nodiscard]] std::optional<Promise> make_promise(const PromiseFacts& facts);

/// One promise that has come to its end, in office time from the arrival.
struct PromiseOutcome {
    Duration expected{};
    Duration answered_in{};
};

/// How much longer than expected it takes in 19 of 20 cases, from 1 to 20; 1.5 while fewer than 20 outcomes are known.
[[nodiscard]] double margin_for(std::span<const PromiseOutcome> outcomes);

/// What one answer takes a person, from the time between two answers of one person: the middle of those up to half an hour
/// (longer ones are pauses); `usual` while fewer than 20 are known. In quiet hours it errs on the long side.
[[nodiscard]] Duration handling_from(std::span<const Duration> gaps, Duration usual);

/// What became of promises.
struct PromiseRecord {
    std::int64_t kept = 0;
    std::int64_t broken = 0; ///< answered later, or not yet although it is later
    [[nodiscard]] std::int64_t settled() const { return kept + broken; }
    [[nodiscard]] double kept_rate() const { return settled() == 0 ? 0.0 : static_cast<double>(kept) / static_cast<double>(settled()); }
};

inline constexpr std::int64_t promises_to_show = 200;
inline constexpr double kept_rate_to_show = 0.9;

/// Whether customers may be told: once that many messages have shown that promises are kept.
/// @return why not, in words; empty: they may.
[[nodiscard]] std::string why_promise_stays_in_shadow(const PromiseRecord& last);

/// The half hour at or after `t` on the local clock of the calendar.
[[nodiscard]] Instant half_hour_up(const Calendar& calendar, Instant t);

/// A time as one says it to a customer: "entro le 15:30", "entro domani alle 9:30", "entro lunedì alle 9:30",
/// "entro lunedì 4 gennaio alle 9:30"; in English "by 15:30", "by tomorrow at 9:30".
/// @param language  "it"; any other is English
[[nodiscard]] std::string say_until(const Calendar& calendar, Instant until, Instant now, std::string_view language);

} // namespace sportello::domain
