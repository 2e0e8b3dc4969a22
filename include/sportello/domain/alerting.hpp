#pragma once

#include <sportello/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Alerts to people: what is wrong is told to somebody, then to somebody else, again and again until one of them says that
/// they know, and once more when it is over.
namespace sportello::domain {

enum class AlertKind {
    access,        ///< a channel's token is dead, or ends within 14, 7 or 1 days
    channel,       ///< a channel is silent, or behind
    reply_unknown, ///< nobody knows whether replies are out
    incident,      ///< an outage is proposed
    spend,         ///< money or calls of a channel at 80 or 100 %
    mean,          ///< the day's mean is projected above what was promised
    disk,          ///< little room is left
    backup,        ///< the newest backup is old, or there is none
    restart,       ///< the server was started again
    webhook        ///< another system cannot be told
};
[[nodiscard]] std::string_view to_string(AlertKind kind);
[[nodiscard]] std::optional<AlertKind> parse_alert_kind(std::string_view word);
/// Every kind, for lists and for `sportello alert test`.
[[nodiscard]] const std::vector<AlertKind>& alert_kinds();

/// Something that people have to know of, as it is now. Words are for operators: nothing of customers.
struct AlertCause {
    AlertKind kind = AlertKind::access;
    std::string key;     ///< tells the causes of one kind apart: "ends:tim-x"; one alert for each
    std::string brand;   ///< empty: the house as a whole
    std::string channel; ///< empty: none in particular
    std::int64_t level = 1; ///< grows as it gets worse; each growth is told anew
    std::string text;    ///< what is wrong, in a sentence
    std::string remedy;  ///< what to do
    bool passing = false; ///< a moment, not a state: told once, never repeated, no all-clear
};

/// So long a cause must be gone before its alert ends: what comes and goes is one alert.
[[nodiscard]] base::Duration settles_after(AlertKind kind);

enum class AlertHours { always, open, closed };
[[nodiscard]] std::optional<AlertHours> parse_alert_hours(std::string_view word);

/// Who is told of what, and when: one [[alert]].
struct AlertRoute {
    std::string name;
    std::vector<AlertKind> kinds;     ///< empty: all
    std::vector<std::string> brands;  ///< empty: all; what concerns the whole house concerns every brand
    AlertHours hours = AlertHours::always; ///< in or out of the brand's office hours
    /// After how long, since the first was told, each step is told; the first is zero, and they do not fall.
    std::vector<base::Duration> steps{base::Duration{}};
    base::Duration repeat{}; ///< between two tellings until it is acknowledged; zero: told once
};
[[nodiscard]] bool concerns(const AlertRoute& route, AlertKind kind, std::string_view brand);

/// An alert, as the rule sees it.
struct AlertState {
    bool passing = false;
    std::optional<base::Instant> ended_at;
    std::optional<base::Instant> acknowledged_at;
};

/// How far a route has come with an alert.
struct AlertProgress {
    std::optional<base::Instant> first_told_at; ///< of the present level; nothing: not yet
    std::optional<base::Instant> last_told_at;
    std::size_t steps_told = 0; ///< of the present level
    std::size_t reached = 0;    ///< steps ever told: they get the all-clear
    bool cleared = false;

    friend bool operator==(const AlertProgress&, const AlertProgress&) = default;
};

enum class AlertNotice { raised, escalated, repeated, cleared };
[[nodiscard]] std::string_view to_string(AlertNotice notice);

struct AlertTelling {
    AlertNotice notice = AlertNotice::raised;
    std::size_t step = 0; ///< of the route

    friend bool operator==(const AlertTelling&, const AlertTelling&) = default;
};

/// What a route has to tell now, and how far it has come then.
struct AlertDecision {
    std::vector<AlertTelling> tellings;
    AlertProgress progress;
};

/// @param open  whether the office is open: the brand's, or any for the house as a whole
[[nodiscard]] AlertDecision decide_alert(const AlertRoute& route, const AlertState& alert, const AlertProgress& progress, bool open,
                                         base::Instant now);

/// It got worse: it is told anew from the first step, and whoever was told before gets the all-clear all the same.
[[nodiscard]] AlertProgress begin_anew(const AlertProgress& progress);

/// Which tenths of what may be used are gone: 80, 100, or 0 for less.
[[nodiscard]] std::int64_t usage_mark(double used, double allowed);

} // namespace sportello::domain
