#include <sportello/base/time.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

namespace sportello::base {
namespace {

using namespace std::chrono_literals;

/// Reads exactly `digits` decimal digits from the front of `text`, or nothing.
std::optional<int> take_number(std::string_view& text, std::size_t digits)
{
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view one_of)
{
    if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// The fraction after the point, to the microsecond; further digits are cut.
std::optional<Duration> take_fraction(std::string_view& text)
{
    Duration fraction{0};
    Duration unit = 100ms;
    std::size_t digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
        fraction += unit * (text.front() - '0');
        unit /= 10;
    }
    if (digits == 0 || digits > 9) return std::nullopt;
    return fraction;
}

/// "Z", "+01:00" or "+0100": what to subtract from local time.
std::optional<Duration> take_offset(std::string_view& text)
{
    if (take(text, "Zz")) return Duration{0};
    const bool west = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = take_number(text, 2);
    take(text, ":");
    const auto minutes = take_number(text, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return west ? -offset : offset;
}

std::optional<Instant> read_rfc3339(std::string_view text)
{
    const auto year = take_number(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || !take(text, "Tt ")) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || !take(text, ":")) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second) return std::nullopt;
    const auto fraction = take(text, ".") ? take_fraction(text) : std::optional<Duration>(Duration{0});
    const auto offset = take_offset(text);
    if (!fraction || !offset || !text.empty()) return std::nullopt;

    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    // 60 is a leap second, which UTC microseconds cannot name: it becomes the next second.
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return Instant(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second) + *fraction - *offset;
}

std::optional<Duration> unit_of(std::string_view name)
{
    if (name == "ms") return 1ms;
    if (name == "s") return 1s;
    if (name == "m") return 1min;
    if (name == "h") return 1h;
    if (name == "d") return 24h;
    return std::nullopt;
}

} // namespace

std::string to_rfc3339(Instant t)
{
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(t - day);
    char text[40];
    int length =
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    const auto micros = static_cast<int>(clock.subseconds().count());
    std::string result(text, static_cast<std::size_t>(length));
    if (micros != 0) {
        length = micros % 1000 == 0 ? std::snprintf(text, sizeof text, ".%03d", micros / 1000)
                                    : std::snprintf(text, sizeof text, ".%06d", micros);
        result.append(text, static_cast<std::size_t>(length));
    }
    return result += 'Z';
}

Result<Instant> parse_rfc3339(std::string_view text)
{
    if (const auto instant = read_rfc3339(text)) return *instant;
    return Error(ErrorKind::invalid_input, "expected a time like 2026-03-02T09:05:10Z");
}

Result<Duration> parse_duration(std::string_view text)
{
    const Error wrong(ErrorKind::invalid_input, "expected a duration like 90m, 1h30m, 20s or 250ms, at most 3650d");
    constexpr Duration longest = std::chrono::hours(24 * 3650);
    Duration sum{0};
    if (text.empty()) return wrong;
    while (!text.empty()) {
        std::int64_t count = 0;
        const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (failed != std::errc{} || count < 0) return wrong;
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        const std::size_t letters = std::min(text.find_first_of("0123456789"), text.size());
        const auto unit = unit_of(text.substr(0, letters));
        if (!unit || count > longest / *unit) return wrong;
        text.remove_prefix(letters);
        sum += *unit * count;
        if (sum > longest) return wrong;
    }
    return sum;
}

} // namespace sportello::base
