#pragma once

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/model.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How many people, in which hours, answer how fast: worked out by playing weeks of the office with the rules by which it
/// really hands its work out. Pure; all chance comes from a seed.
namespace sportello::domain {

/// Something for each half hour of a week, by local weekday (from Monday) and half hour after midnight.
template <class T> using WeekTable = std::array<std::array<T, 48>, 7>;

/// What comes in and how long it takes.
struct StaffingDemand {
    WeekTable<double> arrivals{};   ///< pieces of work (messages that begin a wait) in each half hour, on average
    std::vector<Duration> handling; ///< what answers took: drawn from; empty: exponential with the mean
    Duration mean_handling{};       ///< used without observations
};

/// So many messages at once, once in each week.
struct StaffingOutage {
    std::size_t weekday = 1;      ///< from Monday = 0
    std::chrono::minutes at{600}; ///< after local midnight
    std::int64_t messages = 0;
    std::chrono::minutes within{10}; ///< spread evenly
};

/// A piece of work that came in.
struct StaffingArrival {
    Instant at{};
    Duration handling{};
    bool outage = false;     ///< of the outage itself
    bool outage_day = false; ///< came from the outage on until the same weekday's end
};

/// The weeks that are played: the same for every number of people, so that only the people make the difference.
/// Sorted by time. The same seed gives the same weeks.
[[nodiscard]] std::vector<StaffingArrival> draw_arrivals(const Calendar& calendar, const StaffingDemand& demand, double growth,
                                                         const std::optional<StaffingOutage>& outage, Instant from, int weeks,
                                                         std::uint64_t seed);

/// Who is there. People are alike: each answers every brand.
struct StaffingPeople {
    int agents = 0;
    std::int32_t capacity = 20;              ///< tickets that one is handed at most
    std::optional<WeekTable<int>> on_duty{}; ///< fewer than `agents` in some half hours; nothing: all whenever it is open
};

/// What became of one arrival; nothing of both when the weeks ended before.
struct StaffingOutcome {
    std::optional<Instant> begun;    ///< somebody set to work on it
    std::optional<Instant> answered; ///< and answered
};

/// Plays them, by the office's rules: what waits is ordered by when it is due, handed out by domain::Distributor to those on
/// duty as far as their capacity goes, and each works on the first of their own, one at a time. Nothing is begun outside the
/// opening hours, what was begun is ended, and who goes off duty gives back what they have not begun.
/// Cost: about 10 µs for each arrival with ten people.
[[nodiscard]] std::vector<StaffingOutcome> play(const Calendar& calendar, Duration target, const std::vector<StaffingArrival>& arrivals,
                                                const StaffingPeople& people);

/// The figures of an office that was played. Times are office time.
struct StaffingFigures {
    std::int64_t arrivals = 0;
    std::int64_t answered = 0;
    double mean_seconds = 0; ///< from arrival to answer
    double median_seconds = 0;
    double ninety_seconds = 0;    ///< nine of ten are answered sooner
    double inside_target = 0;     ///< share of all arrivals
    double mean_wait_seconds = 0; ///< from arrival until somebody sets to work
    double occupancy = 0;         ///< share of people's time that is work
};
[[nodiscard]] StaffingFigures figures_of(const Calendar& calendar, Duration target, const std::vector<StaffingArrival>& arrivals,
                                         const std::vector<StaffingOutcome>& outcomes, const StaffingPeople& people, Instant from,
                                         Instant until, bool outage_days_only = false);

/// Erlang's formula C: the probability that one must wait for one of `agents` servers when `offered` (arrival rate times
/// mean handling) is less than their number; 1 otherwise.
[[nodiscard]] double erlang_c(double offered, int agents);
/// Mean wait by it, in units of the mean handling; infinite when the load is too much.
[[nodiscard]] double erlang_mean_wait(double offered, int agents);

/// What is asked for.
struct StaffingGoal {
    Duration mean{};     ///< at most
    double inside = 0.9; ///< share inside the target, at least
    [[nodiscard]] bool is_met(const StaffingFigures& figures) const;
};

/// People needed in each half hour in which the office is open, at least one: the square-root rule (load + b * sqrt(load))
/// on the work that falls due in it. What comes while closed is spread over the first `target` after the opening.
[[nodiscard]] WeekTable<int> square_root_staffing(const Calendar& calendar, const StaffingDemand& demand, double growth, Duration target,
                                                  double b);

/// Reads opening hours of a week: "08:00-20:00" for the weekdays that `now_open` opens, or "mon-fri 08:00-18:00; sat
/// 09:00-13:00" for exactly these. @return invalid_input that says what was expected.
[[nodiscard]] base::Result<std::array<std::vector<Window>, 7>> parse_week(std::string_view text,
                                                                          const std::array<std::vector<Window>, 7>& now_open);
/// Reads an outage: "500@10:00", "5000@fri-16:30". @return invalid_input that says what was expected.
[[nodiscard]] base::Result<StaffingOutage> parse_outage(std::string_view text);

} // namespace sportello::domain
