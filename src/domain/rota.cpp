#include <sportello/domain/rota.hpp>

#include <sportello/base/text.hpp>
#include <sportello/domain/csv.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using std::chrono::hours;

constexpr std::array<std::string_view, 7> weekdays{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
constexpr std::array<std::pair<ShiftKind, std::string_view>, 6> kinds{{{ShiftKind::shift, "shift"},
                                                                       {ShiftKind::break_, "break"},
                                                                       {ShiftKind::leave, "leave"},
                                                                       {ShiftKind::sickness, "sickness"},
                                                                       {ShiftKind::swap, "swap"},
                                                                       {ShiftKind::extra, "extra"}}};
constexpr std::size_t longest_note = 200;
constexpr std::size_t most_windows = 12;
const std::vector<std::string> columns{"agent", "day", "kind", "hours", "note"};

Error wrong(const char* pointer, std::string what)
{
    return {ErrorKind::invalid_input, what, {{pointer, what}}};
}

bool is_absence(ShiftKind kind)
{
    return kind == ShiftKind::leave || kind == ShiftKind::sickness;
}

/// What the entries say of one day, put together.
struct Day {
    bool free = false;
    std::optional<std::vector<Window>> instead;
    std::vector<Window> besides;
    std::vector<Window> off;
};

void add(std::vector<Window>& all, const std::vector<Window>& more)
{
    all.insert(all.end(), more.begin(), more.end());
}

void note_entry(Day& day, const ShiftEntry& entry)
{
    switch (entry.kind) {
    case ShiftKind::shift: // each week only
        break;
    case ShiftKind::break_:
        add(day.off, entry.hours);
        break;
    case ShiftKind::leave:
    case ShiftKind::sickness:
        if (entry.hours.empty()) day.free = true;
        else add(day.off, entry.hours);
        break;
    case ShiftKind::swap:
        if (!day.instead) day.instead.emplace();
        add(*day.instead, entry.hours);
        break;
    case ShiftKind::extra:
        add(day.besides, entry.hours);
        break;
    }
}

std::size_t weekday_of(const std::chrono::year_month_day& date)
{
    return std::chrono::weekday(std::chrono::sys_days(date)).iso_encoding() - 1;
}

/// Exactly these windows on this date.
void set_date(CalendarSpec& spec, const std::chrono::year_month_day& date, std::vector<Window> windows)
{
    if (windows.empty()) spec.closed_dates.push_back(date);
    else spec.open.push_back({date, std::move(windows)});
}

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b)
{
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

std::optional<Instant> next_change_of(const Calendar& calendar, Instant t)
{
    return earlier(calendar.next_open(t), calendar.next_close(t));
}

/// Where each known column stands in the first line.
Result<std::array<std::size_t, 5>> places_of(const std::vector<std::string>& header)
{
    std::array<std::size_t, 5> places{};
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const auto found =
            std::ranges::find_if(header, [&](const std::string& cell) { return base::fold(base::trim(cell)) == columns[column]; });
        const bool optional = columns[column] == "note";
        if (found == header.end() && !optional) {
            return Error(ErrorKind::invalid_input,
                         "line 1: expected the columns agent,day,kind,hours,note; there is no " + columns[column]);
        }
        places[column] = static_cast<std::size_t>(found - header.begin());
    }
    return places;
}

/// Whether there is an instant in [from, until) at which the office is open and nobody is on shift.
bool is_uncovered(const Calendar& office, std::span<const ShiftPlan* const> staff, Instant from, Instant until)
{
    for (Instant t = from; t < until;) {
        const bool staffed = std::ranges::any_of(staff, [t](const ShiftPlan* plan) { return plan->on_shift(t); });
        if (office.is_open(t) && !staffed) return true;
        auto next = next_change_of(office, t);
        for (const ShiftPlan* plan : staff) next = earlier(next, plan->next_change(t));
        if (!next) return false;
        t = *next;
    }
    return false;
}

} // namespace

std::string_view to_string(ShiftKind value)
{
    for (const auto& [kind, word] : kinds) {
        if (kind == value) return word;
    }
    return "shift";
}

std::optional<ShiftKind> parse_shift_kind(std::string_view given)
{
    for (const auto& [kind, word] : kinds) {
        if (word == given) return kind;
    }
    return std::nullopt;
}

std::optional<std::size_t> weekday_number(std::string_view word)
{
    const auto found = std::ranges::find(weekdays, word);
    return found == weekdays.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - weekdays.begin()));
}

std::string_view weekday_word(std::size_t number)
{
    return weekdays.at(number);
}

std::string hours_in_words(std::span<const Window> windows)
{
    std::string told;
    for (const Window& window : windows) {
        if (!told.empty()) told += ", ";
        told += to_string(window);
    }
    return told;
}

Result<ShiftEntry> read_shift_entry(std::string_view day, std::string_view kind, std::string_view hours, std::string_view note)
{
    ShiftEntry entry;
    entry.day = base::fold(base::trim(day));
    const bool weekly = weekday_number(entry.day).has_value();
    if (!weekly && !parse_date(entry.day)) return wrong("/day", "a weekday such as monday or a date such as 2026-12-24 expected");
    const auto known = parse_shift_kind(base::fold(base::trim(kind)));
    if (!known) return wrong("/kind", "one of shift, break, leave, sickness, swap, extra expected");
    entry.kind = *known;
    if (weekly && *known != ShiftKind::shift && *known != ShiftKind::break_)
        return wrong("/day", "a date such as 2026-12-24 expected with this kind");
    if (!weekly && *known == ShiftKind::shift) return wrong("/kind", "on a date, swap or extra is what sets hours");
    if (!base::trim(hours).empty()) {
        auto windows = parse_windows(hours);
        if (!windows) return wrong("/hours", windows.error().what());
        if (windows->size() > most_windows) return wrong("/hours", "at most 12 windows on a day");
        entry.hours = std::move(*windows);
    }
    const bool whole_day = is_absence(*known) || *known == ShiftKind::swap;
    if (entry.hours.empty() && !whole_day) return wrong("/hours", "hours like 09:00-13:00, 14:00-18:00 expected");
    entry.note = base::clean_utf8(base::trim(note));
    if (base::count_code_points(entry.note) > longest_note) return wrong("/note", "at most 200 characters");
    return entry;
}

Result<ShiftPlan> ShiftPlan::make(std::span<const ShiftEntry> entries, const std::string& time_zone)
{
    CalendarSpec work;
    CalendarSpec off;
    work.time_zone = off.time_zone = time_zone;
    std::map<std::chrono::sys_days, Day> dates;
    bool has_pattern = false;
    for (const ShiftEntry& entry : entries) {
        if (const auto weekday = weekday_number(entry.day)) {
            add(entry.kind == ShiftKind::break_ ? off.weekly[*weekday] : work.weekly[*weekday], entry.hours);
            has_pattern = has_pattern || entry.kind == ShiftKind::shift;
            continue;
        }
        const auto date = parse_date(entry.day);
        if (!date) return date.error();
        note_entry(dates[std::chrono::sys_days(*date)], entry);
    }
    if (!has_pattern) {
        for (auto& windows : work.weekly) windows.push_back({hours(0), hours(24)});
    }
    for (auto& [days, day] : dates) {
        const std::chrono::year_month_day date(days);
        const std::size_t weekday = weekday_of(date);
        std::vector<Window> windows = day.instead.value_or(work.weekly[weekday]);
        add(windows, day.besides);
        if (day.free) windows.clear();
        set_date(work, date, std::move(windows));
        if (day.off.empty()) continue;
        add(day.off, off.weekly[weekday]);
        set_date(off, date, std::move(day.off));
    }
    const bool never_off = off.open.empty() && std::ranges::all_of(off.weekly, [](const auto& windows) { return windows.empty(); });
    auto shifts = Calendar::make(std::move(work));
    if (!shifts) return shifts.error();
    if (never_off) return ShiftPlan(std::move(*shifts), std::nullopt);
    auto breaks = Calendar::make(std::move(off));
    if (!breaks) return breaks.error();
    return ShiftPlan(std::move(*shifts), std::move(*breaks));
}

bool ShiftPlan::on_shift(Instant t) const
{
    return work_.is_open(t) && !(off_ && off_->is_open(t));
}

bool ShiftPlan::on_break(Instant t) const
{
    return work_.is_open(t) && off_ && off_->is_open(t);
}

std::optional<Opening> ShiftPlan::shift_at(Instant t) const
{
    return opening_at(work_, t);
}

std::optional<Instant> ShiftPlan::next_change(Instant t) const
{
    return earlier(next_change_of(work_, t), off_ ? next_change_of(*off_, t) : std::nullopt);
}

std::optional<Opening> opening_at(const Calendar& calendar, Instant t)
{
    if (!calendar.is_open(t)) return std::nullopt;
    const auto closes = calendar.next_close(t);
    if (!closes) return std::nullopt;
    std::optional<Instant> opened;
    // A window begins at most a day before the local day in which it ends.
    for (auto next = calendar.next_open(calendar.local_day(t).opens - hours(49)); next && *next <= t; next = calendar.next_open(*next))
        opened = next;
    if (!opened) return std::nullopt;
    return Opening{*opened, *closes};
}

std::string rota_to_csv(std::span<const NamedRota> rota)
{
    std::string text = csv_line(columns);
    for (const NamedRota& person : rota) {
        for (const ShiftEntry& entry : person.entries) {
            const std::vector<std::string> cells{person.login, entry.day, std::string(to_string(entry.kind)), hours_in_words(entry.hours),
                                                 entry.note};
            text += csv_line(cells);
        }
    }
    return text;
}

Result<std::vector<NamedRota>> rota_from_csv(std::string_view text)
{
    const auto lines = parse_csv(base::clean_utf8(text));
    if (!lines) return lines.error();
    if (lines->empty()) return Error(ErrorKind::invalid_input, "line 1: expected the columns agent,day,kind,hours,note");
    const auto places = places_of(lines->front());
    if (!places) return places.error();
    std::vector<NamedRota> rota;
    for (std::size_t line = 1; line < lines->size(); ++line) {
        const auto cell = [&](std::size_t column) -> std::string_view {
            const std::size_t at = (*places)[column];
            return at < (*lines)[line].size() ? std::string_view((*lines)[line][at]) : std::string_view();
        };
        const auto at_line = [&](const std::string& what) {
            return Error(ErrorKind::invalid_input, "line " + std::to_string(line + 1) + ": " + what);
        };
        const std::string login(base::trim(cell(0)));
        if (login.empty()) return at_line("the agent's login expected");
        auto entry = read_shift_entry(cell(1), cell(2), cell(3), cell(4));
        if (!entry) return at_line(entry.error().what());
        auto person = std::ranges::find(rota, login, &NamedRota::login);
        if (person == rota.end()) person = rota.insert(rota.end(), NamedRota{login, {}});
        person->entries.push_back(std::move(*entry));
    }
    return rota;
}

std::vector<CoverageGap> coverage_gaps(const Calendar& office, std::span<const ShiftPlan* const> staff, Instant from, Instant until)
{
    constexpr base::Duration slot = std::chrono::minutes(30);
    std::vector<CoverageGap> gaps;
    if (staff.empty()) return gaps;
    for (Opening day = office.local_day(from); day.opens < until; day = office.local_day(day.closes)) {
        for (Instant begins = day.opens; begins < day.closes; begins += slot) {
            const Instant ends = std::min(begins + slot, day.closes);
            if (begins < from || begins >= until || office.between(begins, ends) == base::Duration::zero()) continue;
            if (!is_uncovered(office, staff, begins, ends)) continue;
            if (!gaps.empty() && gaps.back().until == begins) gaps.back().until = ends;
            else gaps.push_back({begins, ends});
        }
    }
    return gaps;
}

Opening local_week(const Calendar& zone, Instant t)
{
    const auto weekday = weekday_of(zone.local_date(t));
    Instant monday = zone.local_day(t).opens;
    for (std::size_t day = 0; day < weekday; ++day) monday = zone.local_day(monday - std::chrono::microseconds(1)).opens;
    Instant end = monday;
    for (int day = 0; day < 7; ++day) end = zone.local_day(end).closes;
    return {monday, end};
}

} // namespace sportello::domain
