#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/by_hand.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace sportello::engine {

using base::Result;

struct HandDraft {
    std::string text;
    std::optional<domain::MessageId> answers;   ///< nothing: the newest message of the customer
    std::optional<domain::MessageId> last_seen; ///< the stale guard, as for a reply
    bool release_personal_data = false;         ///< as for a reply
};

/// The last route, always open: a person writes the answer on the platform itself. The ticket waits meanwhile; our own post,
/// read back by the poller, ends that, stops the clock at the platform's time and is that person's (engine/threader.cpp). None
/// seen in half an hour: the person is asked.
class ByHand {
public:
    ByHand(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

    /// Errors: conflict when the ticket is being answered by hand or is closed, and for the stale guard as in
    /// Outbox::accept; invalid_input for an empty or endless text.
    boost::asio::awaitable<Result<storage::ByHand>> start(domain::TicketId ticket, HandDraft draft, Command command);
    /// "I have written it": looked for further half an hour. conflict when nobody answers the ticket by hand.
    boost::asio::awaitable<Result<storage::ByHand>> keep_waiting(domain::TicketId ticket, Command command);
    /// It was not written after all. conflict when nobody answers the ticket by hand.
    boost::asio::awaitable<Result<storage::ByHand>> give_up(domain::TicketId ticket, Command command);

    /// Asks those whose post has not been seen for half an hour. @return how many.
    boost::asio::awaitable<Result<std::size_t>> ask_due();
    /// When the next one is to be asked.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> next_ask();

private:
    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
};

} // namespace sportello::engine
