#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/engine/targets.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/office_hours.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

/// A dated opening or closure as a supervisor enters it.
struct HoursDraft {
    std::vector<std::string> brands; ///< all of them exist, and the actor may see them
    domain::DatedHours hours;
    std::string note;
};

/// Office hours beside those of the configuration: what supervisors enter for single dates holds at once, and whatever
/// changes the hours or targets of a brand, also while the server was down, plans its open deadlines anew. What is over
/// (first responses and their office time) stays as it was measured.
class OfficeHours {
public:
    OfficeHours(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

    /// Puts what is entered in force: at the start, before anything asks a calendar.
    /// @throws std::runtime_error when it cannot be read
    void load();

    /// Puts in force what another node has entered meanwhile.
    boost::asio::awaitable<Result<void>> refresh();

    /// For each of the brands, all or none. Errors: invalid_input for a date that is past or beyond the calendar's horizon;
    /// conflict when something is entered for that date already.
    boost::asio::awaitable<Result<std::vector<storage::OfficeException>>> add(HoursDraft draft, Command command);
    /// not_found as well for a brand that the actor may not see; conflict for a date that is past: that is history.
    boost::asio::awaitable<Result<void>> remove(std::int64_t id, Command command);

    /// Plans open deadlines anew where hours or targets have changed, a few hundred tickets in each unit of work.
    /// @return how many tickets got another deadline
    boost::asio::awaitable<Result<std::size_t>> replan();

    /// `callback` runs after the hours have changed: others may have work now.
    void on_change(std::function<void()> callback) { changed_ = std::move(callback); }

private:
    /// When each of the brands, which exist, closes next and opens again, by the hours in force.
    [[nodiscard]] std::map<std::string, std::optional<Closing>> closings_now(const std::vector<std::string>& brands,
                                                                             base::Instant now) const;
    [[nodiscard]] base::Result<void> check_date(const BrandSettings& brand, const std::chrono::year_month_day& date) const;
    void put_in_force(const std::string& brand, const std::vector<storage::OfficeException>& entered);
    boost::asio::awaitable<Result<void>> reload(std::vector<std::string> brands);
    boost::asio::awaitable<Result<std::size_t>> replan_brand(std::string brand);

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    std::function<void()> changed_;
    std::map<std::string, std::uint64_t> readings_; ///< of each brand so far: only the newest counts
};

} // namespace sportello::engine
