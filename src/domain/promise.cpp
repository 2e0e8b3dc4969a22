#include <sportello/domain/promise.hpp>

#include "duration_words.hpp"

#include "date_names.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <date/tz.h>
#include <vector>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t outcomes_to_learn_from = 20;
constexpr double unlearned_margin = 1.5;
constexpr double most_margin = 20;
constexpr Duration least_expected = 1min; // shorter than that is rounding, of which no margin is learned

/// What the local clock is ahead of UTC.
Duration local_offset(const Calendar& calendar, Instant t)
{
    return date::locate_zone(calendar.spec().time_zone)->get_info(std::chrono::floor<std::chrono::seconds>(t)).offset;
}

/// One o'clock has another article in Italian.
bool is_one(std::string_view clock)
{
    return clock.starts_with("1:");
}

std::string at_italian(const std::string& clock)
{
    return (is_one(clock) ? "all'" : "alle ") + clock;
}

/// "", "domani", "lunedì", "lunedì 4 gennaio": as little as is clear.
std::string day_words(const Calendar& calendar, Instant when, Instant now, bool italian)
{
    const std::chrono::sys_days day = calendar.local_date(when);
    const std::chrono::sys_days today = calendar.local_date(now);
    if (day == today) return {};
    if (day == today + std::chrono::days(1)) return italian ? "domani" : "tomorrow";
    const std::chrono::year_month_day date(day);
    std::string words(name_of(std::chrono::weekday(day), italian));
    if (day - today < std::chrono::days(7)) return words;
    const auto number = std::to_string(static_cast<unsigned>(date.day()));
    return words + " " + number + " " + std::string(name_of(date.month(), italian));
}

Duration times(Duration duration, double factor)
{
    return Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor));
}

} // namespace

std::optional<Promise> make_promise(const PromiseFacts& facts)
{
    const std::int64_t people = std::max<std::int64_t>(1, facts.people);
    // Those ahead are shared among the people; then its own answer.
    const Duration work = facts.handling * (std::max<std::int64_t>(0, facts.ahead) / people + 1);
    const Duration waited = std::max(Duration{}, facts.calendar->between(facts.arrived_at, facts.now));
    Promise promise;
    promise.expected = waited + work;
    const auto expected_at = facts.calendar->add(facts.arrived_at, promise.expected);
    const auto latest = facts.calendar->add(facts.arrived_at, std::max(promise.expected, waited + times(work, facts.margin)));
    if (!expected_at || !latest) return std::nullopt;
    promise.expected_at = *expected_at;
    promise.promised_at = half_hour_up(*facts.calendar, *latest);
    promise.why = std::to_string(facts.ahead) + " ahead, " + std::to_string(people) + " on shift, " + in_minutes(facts.handling) +
                  " an answer: " + in_minutes(promise.expected) + " of office time, expected at " + base::to_rfc3339(promise.expected_at) +
                  "; promised with a margin of " + std::to_string(std::lround(facts.margin * 100) - 100) + " %";
    return promise;
}

double margin_for(std::span<const PromiseOutcome> outcomes)
{
    if (outcomes.size() < outcomes_to_learn_from) return unlearned_margin;
    std::vector<double> ratios;
    for (const PromiseOutcome& outcome : outcomes) {
        const auto expected = static_cast<double>(std::max(outcome.expected, least_expected).count());
        ratios.push_back(static_cast<double>(std::max(outcome.answered_in, Duration{}).count()) / expected);
    }
    const auto place = static_cast<std::ptrdiff_t>(ratios.size() * 19 / 20);
    std::nth_element(ratios.begin(), ratios.begin() + place, ratios.end());
    return std::clamp(ratios[static_cast<std::size_t>(place)], 1.0, most_margin);
}

Duration handling_from(std::span<const Duration> gaps, Duration usual)
{
    std::vector<Duration> working;
    for (const Duration gap : gaps) {
        if (gap >= 10s && gap <= 30min) working.push_back(gap);
    }
    if (working.size() < outcomes_to_learn_from) return usual;
    const auto middle = working.begin() + static_cast<std::ptrdiff_t>(working.size() / 2);
    std::nth_element(working.begin(), middle, working.end());
    return *middle;
}

std::string why_promise_stays_in_shadow(const PromiseRecord& last)
{
    if (last.settled() < promises_to_show) {
        return std::to_string(last.settled()) + " promises have come to their end, " + std::to_string(promises_to_show) + " are needed";
    }
    if (last.kept_rate() < kept_rate_to_show) {
        return std::to_string(last.kept) + " of the last " + std::to_string(last.settled()) + " promises were kept, 90 % are needed";
    }
    return {};
}

Instant half_hour_up(const Calendar& calendar, Instant t)
{
    const Duration offset = local_offset(calendar, t);
    const Duration local = t.time_since_epoch() + offset;
    const Duration over = local % Duration(30min);
    return over == Duration{} ? t : t + (Duration(30min) - over);
}

std::string say_until(const Calendar& calendar, Instant until, Instant now, std::string_view language)
{
    const bool italian = language == "it";
    const std::string day = day_words(calendar, until, now, italian);
    const std::string clock = clock_words(calendar.local_time(until));
    if (!italian) return day.empty() ? "by " + clock : "by " + day + " at " + clock;
    if (day.empty()) return (is_one(clock) ? "entro l'" : "entro le ") + clock;
    return "entro " + day + " " + at_italian(clock);
}

} // namespace sportello::domain
