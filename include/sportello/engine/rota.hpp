#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/domain/rota.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

/// One person's rota, with whose it is.
struct PersonRota {
    domain::AgentId agent;
    std::string login;
    std::string name;
    std::vector<domain::ShiftEntry> entries;
};

/// A stretch of a brand's office hours without anybody on shift.
struct BrandGap {
    std::string brand;
    domain::CoverageGap gap;
};
/// How a week is staffed.
struct WeekCoverage {
    std::string monday; ///< "2026-03-02"
    domain::Opening week{};
    std::vector<BrandGap> gaps;
    std::vector<std::string> unknown; ///< brands for which nobody has a rota
};

/// Who works when: read, written and looked through for half hours that nobody covers.
class Rota {
public:
    Rota(storage::Database& db, const Settings& settings, base::Clock& clock);

    /// Of the actor and of those who answer one of their brands, by id. Dates before `from` are left out. An agent learns
    /// of colleagues that they are absent, not why.
    boost::asio::awaitable<Result<std::vector<PersonRota>>> read(std::chrono::year_month_day from, Actor actor);
    /// Replaces the whole rota of each person named, by login; no entries: the configuration's holds again. Told as an
    /// event, and so are the gaps that this and the next week then have. invalid_input with pointer "/items/N/agent" for
    /// somebody who is not there or answers none of the actor's brands.
    boost::asio::awaitable<Result<void>> replace(std::vector<domain::NamedRota> people, Command command);
    /// Of the week that holds `t`, for the actor's brands.
    boost::asio::awaitable<Result<WeekCoverage>> coverage(base::Instant t, Actor actor);

    /// On Fridays tells what the next week lacks. @return when to look again.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> look();

    /// The rota's zone, as a calendar that is always closed: for local days.
    [[nodiscard]] const domain::Calendar& zone() const { return zone_; }

private:
    [[nodiscard]] WeekCoverage coverage_in(storage::Transaction& tx, base::Instant t, const Actor* actor) const;
    void tell_gaps(storage::Transaction& tx, const WeekCoverage& coverage, const std::string& key, const Command* command,
                   base::Instant now) const;

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    domain::Calendar zone_;
};

} // namespace sportello::engine
