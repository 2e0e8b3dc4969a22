#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace date {
class time_zone;
}

namespace sportello::domain {

/// A stretch of one local day in which the counter is staffed, half-open, in minutes after local midnight.
/// `opens` in [0, 24 h), `closes` in (opens, opens + 24 h]: more than 24 h means that it ends on the next day.
struct Window {
    std::chrono::minutes opens{};
    std::chrono::minutes closes{};
    friend bool operator==(const Window&, const Window&) = default;
};

/// Reads "09:00-18:00"; "22:00-02:00" crosses midnight; "00:00-24:00" is the whole day.
/// @return invalid_input that says what is wrong and what was expected.
[[nodiscard]] base::Result<Window> parse_window(std::string_view text);
/// Reads one or several windows separated by commas: "09:00-13:00, 14:00-18:00".
[[nodiscard]] base::Result<std::vector<Window>> parse_windows(std::string_view text);
/// "09:00-18:00", as parse_window reads it.
[[nodiscard]] std::string to_string(const Window& window);

/// Reads a date "2026-12-24" that exists. @return invalid_input otherwise.
[[nodiscard]] base::Result<std::chrono::year_month_day> parse_date(std::string_view text);
[[nodiscard]] std::string to_string(const std::chrono::year_month_day& date);

/// Exactly these windows on this date, whatever its weekday, and even if it is a closed date.
struct OpenException {
    std::chrono::year_month_day date;
    std::vector<Window> windows;
    friend bool operator==(const OpenException&, const OpenException&) = default;
};

/// A date on which the counter is closed because of what is celebrated on it.
struct Holiday {
    std::chrono::year_month_day date;
    std::string name;
    friend bool operator==(const Holiday&, const Holiday&) = default;
};

/// What a person entered for one date: exactly these windows, or closed without any, whatever was said of the date before.
struct DatedHours {
    std::chrono::year_month_day date;
    std::vector<Window> windows;
};

/// Office hours as ops write them down. A window belongs to the date on which it opens: closing a date does not cut
/// short a night shift that began the evening before.
struct CalendarSpec {
    std::string time_zone = "Europe/Rome";     ///< a name of the system's zone data
    std::array<std::vector<Window>, 7> weekly; ///< from Monday; any order, may touch or overlap
    std::vector<std::chrono::year_month_day> closed_dates;
    std::vector<Holiday> holidays;   ///< closed dates with a name; any order
    std::vector<OpenException> open; ///< several for one date add up
    friend bool operator==(const CalendarSpec&, const CalendarSpec&) = default;
};

/// The same hours, with what was entered for single dates in the place of what they say of those dates.
[[nodiscard]] CalendarSpec with_dated_hours(CalendarSpec spec, std::span<const DatedHours> entered);

/// A span of UTC time in which the counter is staffed, [opens, closes), never empty.
struct Opening {
    base::Instant opens;
    base::Instant closes;
    friend bool operator==(const Opening&, const Opening&) = default;
};

/// Office hours as a function of time. Weekly hours are local times: one that does not exist (clocks go forward) means
/// the instant at which the gap ends; one that exists twice (clocks go back) means the earlier. Openings are half-open;
/// those that touch or overlap are one. An immutable value, safe to share between threads.
///
/// Cost: O(local days walked), about a microsecond for the usual question. The zone data of the system ends in 2037;
/// after it the last offset holds. Source: design, "Office hours, exactly".
class Calendar {
public:
    /// How far ahead an answer is looked for.
    static constexpr base::Duration horizon = std::chrono::hours(24) * 3653;

    /// @return invalid_input for an unknown time zone, an invalid date or an invalid window.
    [[nodiscard]] static base::Result<Calendar> make(CalendarSpec spec);
    /// Open around the clock, every day; in UTC.
    [[nodiscard]] static Calendar always_open();

    [[nodiscard]] bool is_open(base::Instant t) const;
    /// The first instant strictly after `t` at which the counter opens; nothing if none within the horizon.
    [[nodiscard]] std::optional<base::Instant> next_open(base::Instant t) const;
    /// The first instant strictly after `t` at which the counter closes; nothing if none within the horizon.
    [[nodiscard]] std::optional<base::Instant> next_close(base::Instant t) const;
    /// The instant at which `office_time` (>= 0) of open time has passed since `t`: closing time, not the next opening,
    /// where both would do; `t` itself for 0. Nothing when it lies beyond the horizon.
    /// Invariant: between(t, *add(t, d)) == d.
    [[nodiscard]] std::optional<base::Instant> add(base::Instant t, base::Duration office_time) const;
    /// Open time in [t, u); negative when u < t. Additive, so it never falls as u grows. O(days between).
    [[nodiscard]] base::Duration between(base::Instant t, base::Instant u) const;

    /// The local day that holds `t`, from its first instant to the next day's.
    [[nodiscard]] Opening local_day(base::Instant t) const;
    /// The local date at `t`.
    [[nodiscard]] std::chrono::year_month_day local_date(base::Instant t) const;
    /// What a clock on the wall shows at `t`, to the minute, as minutes after 00:00.
    [[nodiscard]] std::chrono::minutes local_time(base::Instant t) const;
    /// The instant of a local time: the end of the gap for one that does not exist, the earlier of two. `time` may pass 24 h.
    [[nodiscard]] base::Instant instant_of(const std::chrono::year_month_day& date, std::chrono::minutes time) const;

    [[nodiscard]] const CalendarSpec& spec() const noexcept { return spec_; }

private:
    class Walk;
    /// The windows of one special date, days since 1970-01-01; none: closed.
    struct SpecialDay {
        int day;
        std::vector<Window> windows;
    };

    Calendar() = default;
    void add_special_days();
    void settle();
    [[nodiscard]] const std::vector<Window>& windows_of(int day) const;

    CalendarSpec spec_;
    const date::time_zone* zone_ = nullptr;
    std::vector<SpecialDay> special_; ///< sorted by day
    bool never_closes_ = false;       ///< the weekly hours leave no gap
    bool never_opens_ = false;        ///< there are no weekly hours
    int settled_day_ = 0;             ///< from this local day on there are weekly hours only
};

} // namespace sportello::domain
