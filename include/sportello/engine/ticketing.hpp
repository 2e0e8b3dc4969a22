#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/base/random.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

/// A change that a person asks for; what is not set stays.
struct TicketChange {
    std::optional<domain::TicketStatus> status;
    std::optional<std::optional<domain::AgentId>> assignee; ///< set to nothing: give back
    std::optional<domain::Priority> priority;
    std::optional<std::vector<std::string>> labels;
    std::optional<std::string> subject;
    std::optional<std::optional<base::Instant>> snoozed_until;
};

struct Handover {
    std::int64_t id = 0;
    domain::TicketId ticket;
    std::string callback_number;
    std::string note;
    std::string reference; ///< what customer and phone desk say aloud: "S-7K3M"
    base::Instant at{};
};

struct Note {
    domain::NoteId id;
    domain::TicketId ticket;
    domain::AgentId author;
    std::string text;
    base::Instant at{};
};

/// Threads new messages into tickets, hands tickets out, and carries out what people do with them.
/// Errors: not_found (no such ticket, or not of the actor's brands), conflict (somebody was faster; revision differs;
/// the transition is not allowed), invalid_input.
class Ticketing {
public:
    Ticketing(storage::Database& db, const Settings& settings, base::Clock& clock, base::Random& random);

    /// Threads up to `limit` messages of the inbox, in order, in one unit of work. @return how many.
    boost::asio::awaitable<Result<std::size_t>> thread_new_messages(std::size_t limit = 500);
    /// Hands waiting tickets out to available agents, as far as calendar, policy and capacity allow. @return how many.
    /// A transaction for each few hundred: others write in between.
    boost::asio::awaitable<Result<std::size_t>> assign_waiting();
    /// Wakes snoozed tickets whose time has come. @return how many.
    boost::asio::awaitable<Result<std::size_t>> wake_snoozed();
    /// When the next snooze ends; nothing: none does.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> next_snooze();
    /// When the next office opens, and assign_waiting may have something to do by time alone.
    [[nodiscard]] std::optional<base::Instant> next_opening() const;

    boost::asio::awaitable<Result<domain::Ticket>> take(domain::TicketId id, Command command);
    /// The most urgent ticket that this person may work on, or nothing.
    boost::asio::awaitable<Result<std::optional<domain::Ticket>>> next(Actor actor);
    /// Takes it, in one step; nothing when the queue is empty.
    boost::asio::awaitable<Result<std::optional<domain::Ticket>>> take_next(Command command);
    /// @param if_revision  when set and the ticket's revision differs: conflict.
    boost::asio::awaitable<Result<domain::Ticket>> change(domain::TicketId id, TicketChange change, Command command,
                                                          std::optional<std::int32_t> if_revision = std::nullopt);
    boost::asio::awaitable<Result<Note>> add_note(domain::TicketId id, std::string text, Command command);
    boost::asio::awaitable<Result<Handover>> hand_over(domain::TicketId id, std::string callback_number, std::string note, Command command);
    /// On or off shift; coming on shift may hand out waiting tickets.
    boost::asio::awaitable<Result<domain::Agent>> set_availability(domain::AgentId agent, bool available, Command command);

private:
    boost::asio::awaitable<Result<std::size_t>> assign_batch();
    [[nodiscard]] std::string draw_reference();

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    base::Random& random_;
};

} // namespace sportello::engine
