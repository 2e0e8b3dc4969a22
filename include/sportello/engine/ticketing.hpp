#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/tickets.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

/// A change that a person asks for; what is not set stays.
struct TicketChange {
    std::optional<domain::TicketStatus> status;
    std::optional<std::string> status_reason;               ///< why it has its status; alone: of the present one
    std::optional<std::optional<domain::AgentId>> assignee; ///< set to nothing: give back
    std::optional<domain::Priority> priority;
    std::optional<std::vector<std::string>> labels;
    std::optional<std::string> subject;
    std::optional<std::optional<base::Instant>> snoozed_until;
    std::optional<std::string> aside; ///< "spam", "noise"; empty: back into the queue
};

struct Note {
    domain::NoteId id;
    domain::TicketId ticket;
    domain::AgentId author;
    std::string text;
    base::Instant at{};
};

/// Whether the actor may see the ticket at all: it is of their brands, and the phone desk sees only those that it is to
/// call about.
[[nodiscard]] bool may_see_ticket(storage::Transaction& tx, const domain::Ticket& ticket, const Actor& actor);

/// Threads new messages into tickets, hands tickets out, and carries out what people do with them.
/// Errors: not_found (no such ticket, or not of the actor's brands), conflict (somebody was faster; revision differs;
/// the transition is not allowed), invalid_input.
class Ticketing {
public:
    Ticketing(storage::Database& db, const Settings& settings, base::Clock& clock);

    /// Threads up to `limit` messages of the inbox, in order, in one unit of work. @return how many.
    boost::asio::awaitable<Result<std::size_t>> thread_new_messages(std::size_t limit = 500);
    /// Hands waiting tickets out to available agents, as far as calendar, policy and capacity allow. @return how many.
    /// A transaction for each few hundred: others write in between.
    boost::asio::awaitable<Result<std::size_t>> assign_waiting();
    /// Wakes snoozed tickets whose time has come. @return how many.
    boost::asio::awaitable<Result<std::size_t>> wake_snoozed();
    /// Closes for good what was solved so long ago as its brand's policy says. @return when the next is to be closed.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> close_solved();
    /// When the next snooze ends; nothing: none does.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> next_snooze();
    /// When assign_waiting may have something to do by time alone: the next opening, or the end of the time after one in
    /// which everybody gets an even share only.
    [[nodiscard]] std::optional<base::Instant> next_hand_out() const;

    boost::asio::awaitable<Result<domain::Ticket>> take(domain::TicketId id, Command command);
    /// The most urgent ticket that this person may work on, or nothing.
    boost::asio::awaitable<Result<std::optional<domain::Ticket>>> next(Actor actor);
    /// Takes it, in one step; nothing when the queue is empty.
    boost::asio::awaitable<Result<std::optional<domain::Ticket>>> take_next(Command command);
    /// @param if_revision  when set and the ticket's revision differs: conflict.
    boost::asio::awaitable<Result<domain::Ticket>> change(domain::TicketId id, TicketChange change, Command command,
                                                          std::optional<std::int32_t> if_revision = std::nullopt);
    boost::asio::awaitable<Result<Note>> add_note(domain::TicketId id, std::string text, Command command);
    /// On or off shift; coming on shift may hand out waiting tickets.
    boost::asio::awaitable<Result<domain::Agent>> set_availability(domain::AgentId agent, bool available, Command command);

private:
    /// What a transaction handed out, and behind which place others still wait.
    struct HandOut {
        std::size_t assigned = 0;
        std::optional<storage::QueuePlace> after;
    };
    boost::asio::awaitable<Result<HandOut>> assign_batch(std::optional<storage::QueuePlace> after);

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
};

} // namespace sportello::engine
