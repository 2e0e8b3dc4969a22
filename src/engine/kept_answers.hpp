#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace sportello::engine {

/// Answers are kept for repeats of their request for a day, no longer: they hold what customers wrote.
class KeptAnswers {
public:
    KeptAnswers(storage::Database& db, base::Clock& clock) : db_(db), clock_(clock) {}

    /// @return when to look again: in an hour.
    boost::asio::awaitable<base::Result<std::optional<base::Instant>>> drop_old();

private:
    storage::Database& db_;
    base::Clock& clock_;
    std::optional<base::Instant> next_;
};

} // namespace sportello::engine
