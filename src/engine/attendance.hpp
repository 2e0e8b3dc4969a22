#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace sportello::engine {

/// Looks who is there, each minute where signs of life are watched: takes back what those who are not would let wait, and tells of shifts to which nobody
/// came.
class Attendance {
public:
    Attendance(storage::Database& db, const Settings& settings, base::Clock& clock)
        : db_(db), settings_(settings), clock_(clock), started_(clock.now())
    {
    }

    /// @return when to look again: at the next change of somebody's shift, the next opening, the end of a short absence.
    boost::asio::awaitable<base::Result<std::optional<base::Instant>>> look();

private:
    struct Findings;
    [[nodiscard]] Findings find(storage::Transaction& tx, base::Instant now) const;
    [[nodiscard]] base::Result<void> carry_out(storage::Transaction& tx, const Findings& findings, base::Instant now) const;

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    base::Instant started_;
};

} // namespace sportello::engine
