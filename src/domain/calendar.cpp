#include <sportello/domain/calendar.hpp>

#include <algorithm>
#include <date/tz.h>
#include <limits>
#include <stdexcept>
#include <utility>

namespace sportello::domain {
namespace {

using base::Duration;
using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

using LocalTime = date::local_time<seconds>;

/// A window (up to 48 h after its midnight) and a change of the zone (up to 24 h: Samoa skipped a day) may reach so
/// far.
constexpr int reach_days = 3;

/// Local times of one zone as instants. Remembers the offset in force, since neighbouring days mostly share it.
class LocalClock {
public:
    explicit LocalClock(const date::time_zone& zone) : zone_(zone) {}

    [[nodiscard]] Instant to_utc(LocalTime local)
    {
        const auto guess = date::sys_seconds(local.time_since_epoch()) - offset_;
        if (guess >= sure_from_ && guess < sure_until_) return guess;
        const auto info = zone_.get_info(local);
        if (info.result == date::local_info::nonexistent) return info.first.end;
        remember(info.first);
        return date::sys_seconds(local.time_since_epoch()) - info.first.offset;
    }

    [[nodiscard]] Instant wall_time(Instant t) const { return t + zone_.get_info(std::chrono::floor<seconds>(t)).offset; }

    [[nodiscard]] int day_at(Instant t) const
    {
        return static_cast<int>(std::chrono::floor<days>(wall_time(t)).time_since_epoch().count());
    }

private:
    /// Near a change of the zone a local time may not exist or exist twice, so the offset is trusted only away from it.
    void remember(const date::sys_info& info)
    {
        offset_ = info.offset;
        sure_from_ = info.begin + days(2);
        sure_until_ = info.end - days(2);
    }

    const date::time_zone& zone_;
    seconds offset_{0};
    date::sys_seconds sure_from_{};
    date::sys_seconds sure_until_{};
};

LocalTime midnight(int day)
{
    return LocalTime(seconds(days(day)));
}

std::size_t weekday_index(int day)
{
    const int from_monday = (day + 3) % 7; // 1970-01-01 was a Thursday
    return static_cast<std::size_t>(from_monday < 0 ? from_monday + 7 : from_monday);
}

int to_day(const std::chrono::year_month_day& date)
{
    return static_cast<int>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::string problem_of(const Window& window)
{
    if (window.opens < minutes(0) || window.opens >= hours(24)) return "a window opens from 00:00 to 23:59";
    if (window.closes <= window.opens) return "a window closes after it opens";
    if (window.closes > window.opens + hours(24)) return "a window lasts 24 hours at most";
    return {};
}

std::string problem_of(const CalendarSpec& spec)
{
    for (const auto& windows : spec.weekly) {
        for (const auto& window : windows) {
            if (auto problem = problem_of(window); !problem.empty()) return problem;
        }
    }
    for (const auto& date : spec.closed_dates) {
        if (!date.ok()) return "a closed date does not exist";
    }
    for (const auto& holiday : spec.holidays) {
        if (!holiday.date.ok()) return "the date of a holiday does not exist";
    }
    for (const auto& exception : spec.open) {
        if (!exception.date.ok()) return "the date of an exceptional opening does not exist";
        for (const auto& window : exception.windows) {
            if (auto problem = problem_of(window); !problem.empty()) return problem;
        }
    }
    return {};
}

void sort_windows(std::vector<Window>& windows)
{
    std::ranges::sort(windows, {}, [](const Window& window) { return std::pair(window.opens, window.closes); });
}

/// Whether week after week of these hours has no gap.
bool covers_the_week(const std::array<std::vector<Window>, 7>& weekly)
{
    // Two weeks in a row: what Sunday's windows leave over must be looked at too.
    minutes covered{-1};
    for (int day = 0; day < 14; ++day) {
        for (const auto& window : weekly[static_cast<std::size_t>(day % 7)]) {
            const auto opens = window.opens + days(day);
            if (covered >= minutes(0) && opens > covered) return false;
            covered = std::max<minutes>(covered, window.closes + days(day));
        }
    }
    return covered >= days(14);
}

const date::time_zone* find_zone(const std::string& name)
{
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

} // namespace

/// The openings from `from` on, day by day, sorted by their beginning; they may touch and overlap.
class Calendar::Walk {
public:
    /// @param until  openings that begin later are of no interest
    Walk(const Calendar& calendar, Instant from, Instant until)
        : calendar_(calendar), clock_(*calendar.zone_), from_(from), day_(clock_.day_at(from) - reach_days),
          end_day_(clock_.day_at(until) + reach_days)
    {
        if (calendar_.never_opens_) end_day_ = std::min(end_day_, calendar_.settled_day_);
    }

    /// The next one that closes after `from`; nothing at the end.
    std::optional<Opening> next()
    {
        for (; day_ < end_day_; ++day_, index_ = 0) {
            const auto& windows = calendar_.windows_of(day_);
            while (index_ < windows.size()) {
                const auto& window = windows[index_++];
                const Opening opening{clock_.to_utc(midnight(day_) + window.opens), clock_.to_utc(midnight(day_) + window.closes)};
                // A window that lies wholly in a gap of the local time is empty.
                if (opening.closes > from_ && opening.closes > opening.opens) return opening;
            }
        }
        return std::nullopt;
    }

    /// Whether from here on the counter stays open for ever.
    [[nodiscard]] bool stays_open() const { return calendar_.never_closes_ && day_ >= calendar_.settled_day_; }

private:
    const Calendar& calendar_;
    LocalClock clock_;
    Instant from_;
    int day_;
    int end_day_;
    std::size_t index_ = 0;
};

Result<Calendar> Calendar::make(CalendarSpec spec)
{
    if (const auto problem = problem_of(spec); !problem.empty()) return Error(ErrorKind::invalid_input, problem);
    Calendar calendar;
    calendar.zone_ = find_zone(spec.time_zone);
    if (calendar.zone_ == nullptr) {
        return Error(ErrorKind::invalid_input,
                     "time zone \"" + spec.time_zone + "\" is not known to this system; expected a name like Europe/Rome");
    }
    calendar.spec_ = std::move(spec);
    for (auto& windows : calendar.spec_.weekly) sort_windows(windows);
    calendar.add_special_days();
    calendar.settle();
    return calendar;
}

Calendar Calendar::always_open()
{
    CalendarSpec spec;
    spec.time_zone = "UTC";
    spec.weekly.fill({Window{minutes(0), hours(24)}});
    return make(std::move(spec)).value();
}

void Calendar::add_special_days()
{
    const auto special_day = [this](const std::chrono::year_month_day& date) -> SpecialDay& {
        const int day = to_day(date);
        auto place = std::ranges::lower_bound(special_, day, {}, &SpecialDay::day);
        if (place == special_.end() || place->day != day) place = special_.insert(place, SpecialDay{day, {}});
        return *place;
    };
    special_.reserve(spec_.closed_dates.size() + spec_.holidays.size() + spec_.open.size());
    for (const auto& date : spec_.closed_dates) special_day(date);
    for (const auto& holiday : spec_.holidays) special_day(holiday.date);
    for (const auto& exception : spec_.open) {
        auto& windows = special_day(exception.date).windows;
        windows.insert(windows.end(), exception.windows.begin(), exception.windows.end());
        sort_windows(windows);
    }
}

void Calendar::settle()
{
    never_closes_ = covers_the_week(spec_.weekly);
    never_opens_ = std::ranges::all_of(spec_.weekly, [](const auto& windows) { return windows.empty(); });
    settled_day_ = special_.empty() ? std::numeric_limits<int>::min() : special_.back().day + 1;
}

const std::vector<Window>& Calendar::windows_of(int day) const
{
    const auto special = std::ranges::lower_bound(special_, day, {}, &SpecialDay::day);
    if (special != special_.end() && special->day == day) return special->windows;
    return spec_.weekly[weekday_index(day)];
}

bool Calendar::is_open(Instant t) const
{
    Walk walk(*this, t, t);
    const auto opening = walk.next();
    return opening && opening->opens <= t;
}

std::optional<Instant> Calendar::next_open(Instant t) const
{
    Walk walk(*this, t, t + horizon);
    std::optional<Instant> covered_until;
    while (const auto opening = walk.next()) {
        if (opening->opens > t && (!covered_until || opening->opens > *covered_until)) return opening->opens;
        covered_until = covered_until ? std::max(*covered_until, opening->closes) : opening->closes;
        if (walk.stays_open()) return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Instant> Calendar::next_close(Instant t) const
{
    Walk walk(*this, t, t + horizon);
    std::optional<Instant> open_until;
    while (const auto opening = walk.next()) {
        if (open_until && opening->opens > *open_until) return open_until;
        open_until = open_until ? std::max(*open_until, opening->closes) : opening->closes;
        if (walk.stays_open()) return std::nullopt;
    }
    if (open_until && *open_until > t + horizon) return std::nullopt;
    return open_until;
}

std::optional<Instant> Calendar::add(Instant t, Duration office_time) const
{
    if (office_time <= Duration::zero()) return t;
    Walk walk(*this, t, t + horizon);
    Instant counted_until = t;
    while (const auto opening = walk.next()) {
        const auto from = std::max(opening->opens, counted_until);
        if (opening->closes <= from) continue;
        if (office_time <= opening->closes - from) return from + office_time;
        office_time -= opening->closes - from;
        counted_until = opening->closes;
    }
    return std::nullopt;
}

Duration Calendar::between(Instant t, Instant u) const
{
    if (u < t) return -between(u, t);
    Walk walk(*this, t, u);
    Instant counted_until = t;
    Duration total{0};
    while (const auto opening = walk.next()) {
        const auto from = std::max(opening->opens, counted_until);
        if (from >= u) break;
        if (opening->closes <= from) continue;
        counted_until = std::min(opening->closes, u);
        total += counted_until - from;
    }
    return total;
}

Opening Calendar::local_day(Instant t) const
{
    LocalClock clock(*zone_);
    const int day = clock.day_at(t);
    return {clock.to_utc(midnight(day)), clock.to_utc(midnight(day + 1))};
}

std::chrono::year_month_day Calendar::local_date(Instant t) const
{
    return std::chrono::sys_days(days(LocalClock(*zone_).day_at(t)));
}

minutes Calendar::local_time(Instant t) const
{
    const auto wall = LocalClock(*zone_).wall_time(t);
    return std::chrono::floor<minutes>(wall - std::chrono::floor<days>(wall));
}

Instant Calendar::instant_of(const std::chrono::year_month_day& date, minutes time) const
{
    return LocalClock(*zone_).to_utc(midnight(to_day(date)) + time);
}

CalendarSpec with_dated_hours(CalendarSpec spec, std::span<const DatedHours> entered)
{
    for (const auto& [date, windows] : entered) {
        std::erase(spec.closed_dates, date);
        std::erase_if(spec.holidays, [&date = date](const Holiday& holiday) { return holiday.date == date; });
        std::erase_if(spec.open, [&date = date](const OpenException& exception) { return exception.date == date; });
        if (windows.empty()) spec.closed_dates.push_back(date);
        else spec.open.push_back({date, windows});
    }
    return spec;
}

} // namespace sportello::domain
