#include <sportello/base/text.hpp>
#include <sportello/domain/staffing.hpp>

#include <charconv>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::array<std::string_view, 7> short_days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// "mon", "Monday"; nothing for anything else.
std::optional<std::size_t> parse_weekday(std::string_view word)
{
    constexpr std::array<std::string_view, 7> days{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    const auto lower = base::fold(word);
    for (std::size_t day = 0; day < 7; ++day) {
        if (lower == days[day] || lower == short_days[day]) return day;
    }
    return std::nullopt;
}

Error no_week(std::string_view text)
{
    return Error(ErrorKind::invalid_input,
                 "\"" + base::shorten(base::clean_utf8(text), 60) +
                     "\" are no opening hours: expected \"08:00-20:00\" or \"mon-fri 08:00-18:00; sat 09:00-13:00\"");
}

} // namespace

Result<std::array<std::vector<Window>, 7>> parse_week(std::string_view text, const std::array<std::vector<Window>, 7>& now_open)
{
    std::array<std::vector<Window>, 7> week;
    if (const auto windows = parse_windows(text)) {
        bool any = false;
        for (std::size_t day = 0; day < 7; ++day) {
            if (now_open[day].empty()) continue;
            week[day] = *windows;
            any = true;
        }
        if (!any) return no_week(text);
        return week;
    }
    if (base::trim(text).empty()) return no_week(text);
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find(';');
        const auto part = base::trim(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        const auto blank = part.find(' ');
        if (blank == std::string_view::npos) return no_week(text);
        const auto days = part.substr(0, blank);
        const auto dash = days.find('-');
        const auto first = parse_weekday(days.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parse_weekday(days.substr(dash + 1));
        const auto windows = parse_windows(part.substr(blank + 1));
        if (!first || !last || !windows) return no_week(text);
        for (std::size_t day = *first;; day = (day + 1) % 7) {
            week[day].insert(week[day].end(), windows->begin(), windows->end());
            if (day == *last) break;
        }
    }
    return week;
}

Result<StaffingOutage> parse_outage(std::string_view text)
{
    const auto bad = [text] {
        return Error(ErrorKind::invalid_input, "\"" + base::shorten(base::clean_utf8(text), 60) +
                                                   "\" is no outage: expected messages and time like \"500@10:00\" or \"5000@fri-16:30\"");
    };
    const auto at = text.find('@');
    if (at == std::string_view::npos) return bad();
    StaffingOutage outage;
    const auto number = text.substr(0, at);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), outage.messages);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size() || outage.messages < 1 || outage.messages > 20'000)
        return bad();
    auto when = text.substr(at + 1);
    if (const auto dash = when.find('-'); dash != std::string_view::npos) {
        const auto weekday = parse_weekday(when.substr(0, dash));
        if (!weekday) return bad();
        outage.weekday = *weekday;
        when = when.substr(dash + 1);
    }
    const auto window = parse_window(std::string(when) + "-24:00"); // reads the time, and says no to what is none
    if (!window) return bad();
    outage.at = window->opens;
    return outage;
}

} // namespace sportello::domain
