#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/calendar.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sportello::domain {

/// What one line of a rota says.
enum class ShiftKind {
    shift,    ///< each week, on this weekday
    break_,   ///< a pause inside shifts, each week or on one date
    leave,    ///< a date off, or these hours of it
    sickness, ///< the same
    swap,     ///< on this date these hours instead of the weekly ones; none: free
    extra     ///< on this date these hours besides
};
[[nodiscard]] std::string_view to_string(ShiftKind value); ///< "shift", "break", "leave", …
[[nodiscard]] std::optional<ShiftKind> parse_shift_kind(std::string_view word);

/// One line of a person's rota, in local time of the rota's zone.
struct ShiftEntry {
    std::string day; ///< "monday" … "sunday", or a date "2026-12-24"
    ShiftKind kind = ShiftKind::shift;
    std::vector<Window> hours; ///< empty: the whole day (leave, sickness), or none (swap)
    std::string note;
    friend bool operator==(const ShiftEntry&, const ShiftEntry&) = default;
};

/// Reads the four cells of a line. @return invalid_input that names the cell ("/day", "/kind", "/hours", "/note").
[[nodiscard]] base::Result<ShiftEntry> read_shift_entry(std::string_view day, std::string_view kind, std::string_view hours,
                                                        std::string_view note);
/// "09:00-13:00, 14:00-18:00"
[[nodiscard]] std::string hours_in_words(std::span<const Window> hours);
/// Of "monday" 0, … "sunday" 6; nothing for anything else.
[[nodiscard]] std::optional<std::size_t> weekday_number(std::string_view word);
[[nodiscard]] std::string_view weekday_word(std::size_t number);

/// When one person works. A person without a weekly shift is bound by nothing but their dated absences.
class ShiftPlan {
public:
    /// @return invalid_input for an unknown zone or entries that read_shift_entry would not give.
    [[nodiscard]] static base::Result<ShiftPlan> make(std::span<const ShiftEntry> entries, const std::string& time_zone);

    /// At work, and on no break.
    [[nodiscard]] bool on_shift(base::Instant t) const;
    [[nodiscard]] bool on_break(base::Instant t) const;
    /// The shift that holds `t`, breaks inside it included; nothing outside one, or when it never ends.
    [[nodiscard]] std::optional<Opening> shift_at(base::Instant t) const;
    /// The first instant after `t` at which a shift or break begins or ends.
    [[nodiscard]] std::optional<base::Instant> next_change(base::Instant t) const;

private:
    ShiftPlan(Calendar work, std::optional<Calendar> off) : work_(std::move(work)), off_(std::move(off)) {}
    Calendar work_;
    std::optional<Calendar> off_; ///< breaks and hours of leave
};

/// The opening that holds `t`; nothing when closed, or when it has no beginning within the last two days.
[[nodiscard]] std::optional<Opening> opening_at(const Calendar& calendar, base::Instant t);

/// A person's rota by their login.
struct NamedRota {
    std::string login;
    std::vector<ShiftEntry> entries;
};
/// As "agent,day,kind,hours,note" with that line in front; safe to open in a spreadsheet.
[[nodiscard]] std::string rota_to_csv(std::span<const NamedRota> rota);
/// Reads it back, in the order in which people first appear. Columns by their names in the first line, in any order.
/// @return invalid_input with the line and what was expected there.
[[nodiscard]] base::Result<std::vector<NamedRota>> rota_from_csv(std::string_view text);

/// A stretch of half hours in which the office is open and nobody is on shift.
struct CoverageGap {
    base::Instant from;
    base::Instant until;
    friend bool operator==(const CoverageGap&, const CoverageGap&) = default;
};
/// The half hours (from local midnight on) in [from, until) in which the office is open for a while without anybody of
/// `staff` on shift; neighbours are one gap. Nothing is uncovered when `staff` is empty: no rota is known then.
[[nodiscard]] std::vector<CoverageGap> coverage_gaps(const Calendar& office, std::span<const ShiftPlan* const> staff, base::Instant from,
                                                     base::Instant until);

/// The local week (Monday to Monday) of `zone` that holds `t`.
[[nodiscard]] Opening local_week(const Calendar& zone, base::Instant t);

} // namespace sportello::domain
