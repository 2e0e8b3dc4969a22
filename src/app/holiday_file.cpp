#include "holiday_file.hpp"

#include <sportello/base/text.hpp>

#include <libical/ical.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace sportello::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::days;
using std::chrono::sys_days;

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t most_events = 5'000;
constexpr std::size_t most_repetitions = 100'000; // of all events together, those outside the span too
constexpr int deepest = 8;                        // components within components
constexpr auto longest_event = days(366);

struct FreeComponent {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
struct FreeIterator {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;
using Iterator = std::unique_ptr<icalrecur_iterator, FreeIterator>;

Error wrong(std::string what)
{
    return Error(ErrorKind::invalid_input, std::move(what));
}

bool starts_with_word(std::string_view line, std::string_view word)
{
    return line.size() >= word.size() && std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) {
               return a == static_cast<char>(std::toupper(static_cast<unsigned char>(b)));
           });
}

/// libical walks nested components by recursion and takes what is no calendar for an empty one: both are looked at before.
Result<void> check_shape(std::string_view text)
{
    if (text.size() > largest_file) return wrong("is larger than a mebibyte: that is no calendar of holidays");
    if (text.find('\0') != std::string_view::npos) return wrong("holds zero bytes: that is no iCalendar file");
    int depth = 0;
    bool calendar = false;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (starts_with_word(line, "BEGIN:")) {
            calendar = calendar || starts_with_word(line, "BEGIN:VCALENDAR");
            if (++depth > deepest) return wrong("nests its parts more than 8 deep");
        } else if (starts_with_word(line, "END:")) {
            --depth;
        }
    }
    if (!calendar) return wrong("is no iCalendar file: BEGIN:VCALENDAR is missing");
    if (depth != 0) return wrong("ends in the middle of a part: it has not as many END: as BEGIN: lines");
    return {};
}

class Reader {
public:
    Reader(sys_days from, sys_days until) : from_(from), until_(until) {}

    Result<HolidayFile> read(icalcomponent* root)
    {
        if (const auto good = gather(root); !good) return good.error();
        for (icalcomponent* event : events_) note_changed_repetition(event);
        for (icalcomponent* event : events_) {
            if (const auto good = read_event(event); !good) return good.error();
        }
        HolidayFile file;
        file.passed_over = passed_over_;
        for (auto& [day, name] : found_) file.days.push_back({day, std::move(name)});
        return file;
    }

private:
    /// The events, wherever they stand, and what libical could not read of them.
    Result<void> gather(icalcomponent* component)
    {
        if (icalcomponent_isa(component) == ICAL_VEVENT_COMPONENT) {
            if (events_.size() == most_events) return wrong("has more than " + std::to_string(most_events) + " events");
            if (const auto good = check_errors(component); !good) return good;
            events_.push_back(component);
            return {};
        }
        for (auto* inner = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT); inner != nullptr;
             inner = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)) {
            if (const auto good = gather(inner); !good) return good;
        }
        return {};
    }

    /// An unreadable property is left out by libical; that of a date must not go unnoticed, that of a text may.
    static Result<void> check_errors(icalcomponent* event)
    {
        constexpr std::array<std::string_view, 7> dates{"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"};
        for (auto* property = icalcomponent_get_first_property(event, ICAL_XLICERROR_PROPERTY); property != nullptr;
             property = icalcomponent_get_next_property(event, ICAL_XLICERROR_PROPERTY)) {
            const char* told = icalproperty_get_xlicerror(property);
            const std::string_view text = told != nullptr ? told : "";
            const auto names = [text](std::string_view name) { return text.find(name) != std::string_view::npos; };
            if (std::any_of(dates.begin(), dates.end(), names)) return wrong(name_of(event) + ": " + base::shorten(text, 120));
        }
        return {};
    }

    static std::string name_of(icalcomponent* event)
    {
        const char* summary = icalcomponent_get_summary(event);
        auto name = base::shorten(base::trim(base::clean_utf8(summary != nullptr ? summary : "")), 80);
        return name.empty() ? "an event without a name" : name;
    }

    static std::string uid_of(icalcomponent* event)
    {
        const char* uid = icalcomponent_get_uid(event);
        return uid != nullptr ? uid : "";
    }

    static std::optional<sys_days> day_of(const icaltimetype& time)
    {
        const std::chrono::year_month_day date{std::chrono::year(time.year), std::chrono::month(static_cast<unsigned>(time.month)),
                                               std::chrono::day(static_cast<unsigned>(time.day))};
        if (icaltime_is_null_time(time) || time.month < 1 || time.day < 1 || time.year < 1 || time.year > 9999 || !date.ok()) {
            return std::nullopt;
        }
        return sys_days(date);
    }

    /// A repetition that was moved or changed is an event of its own; the rule's own day is void then.
    void note_changed_repetition(icalcomponent* event)
    {
        const auto* property = icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);
        if (property == nullptr) return;
        if (const auto day = day_of(icalproperty_get_recurrenceid(property))) changed_[uid_of(event)].insert(*day);
    }

    Result<void> read_event(icalcomponent* event)
    {
        const auto* property = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
        if (property == nullptr) return wrong(name_of(event) + ": has no DTSTART");
        const icaltimetype start = icalproperty_get_dtstart(property);
        if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED) return {};
        if (!start.is_date) {
            ++passed_over_;
            return {};
        }
        const auto first = day_of(start);
        if (!first) return wrong(name_of(event) + ": DTSTART is no date");
        const auto length = length_of(event, *first);
        if (!length) return length.error();
        std::set<sys_days> starts{*first};
        if (const auto good = repeat(event, start, starts); !good) return good;
        leave_out(event, starts);
        for (const auto day : starts) mark(day, *length, name_of(event));
        return {};
    }

    static Result<days> length_of(icalcomponent* event, sys_days first)
    {
        days length(1);
        if (const auto* end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY); end != nullptr) {
            const auto last = day_of(icalproperty_get_dtend(end));
            if (!last || *last < first) return wrong(name_of(event) + ": ends before it begins");
            length = std::max(days(1), *last - first); // DTEND is the day after; the same day is written by some for one day
        } else if (const auto* given = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY); given != nullptr) {
            const icaldurationtype duration = icalproperty_get_duration(given);
            const auto whole = static_cast<std::int64_t>(duration.days) + 7 * static_cast<std::int64_t>(duration.weeks);
            if (duration.is_neg || whole > longest_event.count()) return wrong(name_of(event) + ": has an impossible duration");
            length = std::max(days(1), days(whole));
        }
        if (length > longest_event) return wrong(name_of(event) + ": lasts more than a year");
        return length;
    }

    Result<void> repeat(icalcomponent* event, const icaltimetype& start, std::set<sys_days>& starts)
    {
        for (auto* property = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY); property != nullptr;
             property = icalcomponent_get_next_property(event, ICAL_RRULE_PROPERTY)) {
            if (const auto good = follow_rule(event, icalproperty_get_rrule(property), start, starts); !good) return good;
        }
        for (auto* property = icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY); property != nullptr;
             property = icalcomponent_get_next_property(event, ICAL_RDATE_PROPERTY)) {
            const icaldatetimeperiodtype given = icalproperty_get_rdate(property);
            const auto day = day_of(icaltime_is_null_time(given.time) ? given.period.start : given.time);
            if (!day) return wrong(name_of(event) + ": RDATE is no date");
            starts.insert(*day);
        }
        return {};
    }

    Result<void> follow_rule(icalcomponent* event, const icalrecurrencetype& rule, const icaltimetype& start, std::set<sys_days>& starts)
    {
        // Several times a day is no rule for a day, and the way to make a reader count for ever.
        const bool by_days = rule.freq == ICAL_YEARLY_RECURRENCE || rule.freq == ICAL_MONTHLY_RECURRENCE ||
                             rule.freq == ICAL_WEEKLY_RECURRENCE || rule.freq == ICAL_DAILY_RECURRENCE;
        if (!by_days) return wrong(name_of(event) + ": RRULE: FREQ is YEARLY, MONTHLY, WEEKLY or DAILY for an event of whole days");
        if (const auto last = day_of(rule.until); last && *last <= *day_of(start)) return {};
        const Iterator iterator(icalrecur_iterator_new(rule, start));
        if (!iterator) return wrong(name_of(event) + ": RRULE cannot be followed: " + icalerror_strerror(icalerrno));
        for (bool fits = false;; fits = true) {
            const icaltimetype next = icalrecur_iterator_next(iterator.get());
            const auto day = day_of(next);
            const bool ended = icaltime_is_null_time(next);
            // An error and not only nothing: libical looks for centuries, so a file may have one such rule, not thousands.
            if (ended && !fits) return wrong(name_of(event) + ": RRULE fits no day at all");
            if (ended || (day && *day > until_)) return {};
            if (++repetitions_ > most_repetitions) {
                return wrong(name_of(event) + ": repeats too often: more than " + std::to_string(most_repetitions) +
                             " times in the whole file");
            }
            if (day) starts.insert(*day); // before 1582 libical knows days that the calendar of today has not
        }
    }

    void leave_out(icalcomponent* event, std::set<sys_days>& starts) const
    {
        for (auto* property = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY); property != nullptr;
             property = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY)) {
            if (const auto day = day_of(icalproperty_get_exdate(property))) starts.erase(*day);
        }
        if (icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY) != nullptr) return;
        const auto changed = changed_.find(uid_of(event));
        if (changed == changed_.end()) return;
        for (const auto day : changed->second) starts.erase(day);
    }

    void mark(sys_days first, days length, const std::string& name)
    {
        for (auto day = std::max(first, from_); day < first + length && day <= until_; day += days(1)) {
            std::string& names = found_[day];
            if (names.empty()) names = name;
            else if (names.size() < 200 && names.find(name) == std::string::npos) names += ", " + name;
        }
    }

    sys_days from_;
    sys_days until_;
    std::vector<icalcomponent*> events_;
    std::map<std::string, std::set<sys_days>> changed_;
    std::map<sys_days, std::string> found_;
    std::size_t passed_over_ = 0;
    std::size_t repetitions_ = 0;
};

} // namespace

Result<HolidayFile> read_holidays(std::string_view icalendar, std::chrono::year_month_day from, std::chrono::year_month_day until)
{
    if (const auto good = check_shape(icalendar); !good) return good.error();
    icalerror_set_errors_are_fatal(false);
    const Component root(icalparser_parse_string(std::string(icalendar).c_str()));
    if (!root) return wrong("cannot be read as an iCalendar file");
    return Reader(sys_days(from), sys_days(until)).read(root.get());
}

Result<HolidayFile> read_holiday_file(const std::filesystem::path& file, std::chrono::year_month_day from,
                                      std::chrono::year_month_day until)
{
    std::error_code failed;
    std::ifstream stream(file, std::ios::binary);
    if (!std::filesystem::is_regular_file(file, failed) || !stream) return wrong("cannot be read; is the path right?");
    std::string text(largest_file + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return read_holidays(text, from, until);
}

} // namespace sportello::app
