#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/domain/staffing.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

/// What one wants to know about the office; what is not set is as it is.
struct StaffingQuestion {
    std::vector<std::string> brands;       ///< answered together, in the hours of the first; not empty
    std::optional<base::Instant> from;     ///< the history that is looked at; nothing: eight weeks
    std::optional<base::Instant> until;    ///< nothing: now
    std::optional<int> agents;             ///< show this number of people too, 1 to 100
    std::string hours;                     ///< other opening hours, as domain::parse_week reads them
    std::string outage;                    ///< as domain::parse_outage reads it
    double growth = 0;                     ///< 0.2: a fifth more
    std::optional<base::Duration> mean;    ///< first response on average; nothing: the hour that was promised
    double inside = 0.9;                   ///< share inside the brand's target
    std::optional<double> assume_messages; ///< a day, instead of the history's
    std::optional<base::Duration> assume_handling;
    std::uint64_t seed = 1;
};

/// What the office's own past says.
struct StaffingHistory {
    base::Instant from{};
    base::Instant until{};
    std::int64_t days = 0;     ///< from the first message on
    std::int64_t messages = 0; ///< that began a wait
    std::int64_t left_out = 0; ///< of them, in half hours like an outage
    std::int64_t answers = 0;
    std::int64_t timed = 0;                      ///< answers whose handling time could be told
    std::optional<double> measured_mean_seconds; ///< first response, office time
    bool enough = false;
    std::string note; ///< in words, when it is not
};

struct StaffingRow {
    int agents = 0;
    domain::StaffingFigures figures; ///< of ordinary weeks
    std::optional<domain::StaffingFigures> outage_day;
    bool meets = false; ///< the goal, in ordinary weeks
};

/// People by the hour instead of all the time.
struct StaffingHours {
    domain::WeekTable<int> on_duty{};
    StaffingRow row;
    double people_hours = 0; ///< a week
};

struct StaffingAnswer {
    StaffingHistory history;
    bool answered = false; ///< false: too little is known, and nothing was assumed
    std::string says;      ///< in words
    int agents_now = 0;
    int weeks = 0; ///< that were played
    double messages_a_week = 0;
    double mean_handling_seconds = 0;
    double open_hours = 0; ///< a week
    base::Duration target{};
    domain::StaffingGoal goal;
    std::vector<StaffingRow> rows; ///< by number of people
    std::optional<int> needed;     ///< the fewest that meet the goal; nothing: not even a hundred
    std::optional<StaffingHours> hours;
};

/// How many people, in which hours: from the office's own history, by playing weeks with the same rules (domain/staffing.hpp).
class Staffing {
public:
    Staffing(storage::Database& db, const Settings& settings, base::Clock& clock);
    ~Staffing();

    /// Reads, then works on a thread of its own; seconds at most. Errors: not_found for an unknown brand; invalid_input with
    /// pointers "query:hours" and so on; too_many while others wait for answers.
    boost::asio::awaitable<Result<StaffingAnswer>> answer(StaffingQuestion question);
    /// The same on the calling thread: for the command line.
    Result<StaffingAnswer> answer_now(const StaffingQuestion& question);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The answer as JSON, as CSV (one line for each number of people) and as a page of text.
[[nodiscard]] std::string to_json(const StaffingAnswer& answer);
[[nodiscard]] std::string to_csv(const StaffingAnswer& answer);
[[nodiscard]] std::string to_text(const StaffingAnswer& answer);

} // namespace sportello::engine
