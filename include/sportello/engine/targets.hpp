#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/clock_marks.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::engine {

using base::Result;

/// Office time in which the ticket's waiting message is to be answered.
[[nodiscard]] base::Duration response_target(const Settings& settings, const domain::Ticket& ticket);

/// The next time that an office shuts, and when it opens again.
struct Closing {
    base::Instant closes_at{}; ///< `now` itself when it is closed
    base::Instant opens_at{};
    friend bool operator==(const Closing&, const Closing&) = default;
};
/// Nothing for an office that never shuts or never opens again.
[[nodiscard]] std::optional<Closing> next_closing(const domain::Calendar& calendar, base::Instant now);

/// A ticket that cannot be answered any more at the next opening.
struct ClosingRoute {
    domain::Ticket ticket;
    std::string brand;
    Closing closing;
    base::Instant route_ends_at{};
    std::string keeps; ///< what keeps the customer reachable, in words
};
/// Tickets of a brand whose last way to be answered shuts before the next opening, the first to shut first.
/// @param after  the last of the page before
[[nodiscard]] std::vector<ClosingRoute> closing_routes(storage::Transaction& tx, const Settings& settings, std::string_view brand,
                                                       base::Instant now, std::optional<storage::RoutesEnd> after, std::int64_t limit);

/// An event "ticket.route_closing" for each of those, with what keeps it reachable: an hour before each closing, and when
/// somebody enters a closure. @return of how many tickets was told.
std::size_t tell_closing_routes(storage::Transaction& tx, const Settings& settings, std::string_view brand, base::Instant now);

/// What the clocks of tickets tell by time alone.
class Targets {
public:
    Targets(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

    /// "ticket.warned" before a target is missed and "ticket.breached" when it is, each once a clock. @return how many.
    boost::asio::awaitable<Result<std::size_t>> tell_due();
    /// When the next of those is due.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> next_due();
    /// An hour before an office closes: tell_closing_routes, once a closing. @return when to look again.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> tell_closings();

private:
    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    std::map<std::string, base::Instant, std::less<>> told_; ///< the last closing told of, by brand
};

} // namespace sportello::engine
