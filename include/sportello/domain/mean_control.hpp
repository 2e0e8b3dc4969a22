#pragma once

#include <sportello/domain/model.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The office promised an answer within an hour on average. How today stands, what may still be spent, and how it will end.
/// Every duration here is office time.
namespace sportello::domain {

/// First responses of a day, as they are now.
struct DayFigures {
    std::int64_t answered = 0;
    Duration answered_in{};        ///< the sum of their first responses
    std::vector<Duration> waiting; ///< how long each that waits for its first response has waited
    std::int64_t people = 0;       ///< at work now
    Duration handling{};           ///< what one answer takes a person; above zero
    Duration since_opening{};      ///< today
    Duration until_closing{};      ///< today; zero: closed
    std::int64_t arrived = 0;      ///< today so far in office hours: answered or waiting
    Duration promised = std::chrono::hours(1);
};

struct MeanControl {
    std::optional<Duration> mean; ///< of what was answered today; nothing when nothing was
    /// What the waiting may still wait, all together, for the mean of answered and waiting to stay at what was promised;
    /// negative: it is lost already, unless many quick answers follow.
    Duration budget{};
    std::optional<Duration> budget_each; ///< the same for each that waits; nothing when nobody does
    /// The mean of the day at the closing hour if people go on like this: those who wait, and as many arrivals as until
    /// now in the same time. Nothing when there is nothing to project.
    std::optional<Duration> projected;
    std::int64_t projected_answered = 0;
    std::int64_t projected_waiting = 0; ///< still unanswered at the closing hour
    std::string why;                    ///< in words, what the projection rests on
};

[[nodiscard]] MeanControl control_mean(const DayFigures& figures);

} // namespace sportello::domain
