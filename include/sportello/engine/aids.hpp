#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/aids.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

/// Several changes of a ticket in one step; what is not set stays.
struct MacroActions {
    bool take = false; ///< for the person who applies it
    std::optional<domain::TicketStatus> status;
    std::optional<domain::Priority> priority;
    std::vector<std::string> add_labels;
    std::vector<std::string> remove_labels;
    std::string note;                                            ///< may hold placeholders
    std::optional<std::int64_t> canned_reply;                    ///< is sent
    domain::Visibility visibility = domain::Visibility::public_; ///< of the reply
};
[[nodiscard]] std::string to_json(const MacroActions& actions);
/// What to_json wrote. @return invalid_input for anything else.
[[nodiscard]] Result<MacroActions> parse_macro_actions(std::string_view json);

/// What of a canned reply or macro is to be changed; what is not set stays.
struct AidChange {
    std::optional<std::string> brand;
    std::optional<std::string> language;
    std::optional<std::string> name;
    std::optional<std::string> body; ///< text, or actions as JSON
};

struct MacroOutcome {
    domain::TicketId ticket;
    std::optional<domain::ReplyId> reply;
    std::vector<std::string> done; ///< each step in words
};

struct ExpandedReply {
    std::string text;
    std::vector<std::string> missing; ///< placeholders without a value here
};

/// Canned replies, macros, reminders, and the questions after solving. Errors: not_found (also for another brand's),
/// conflict (name taken, changed by somebody else, a step that is not allowed: then none is done), invalid_input.
class Aids {
public:
    /// @param wake_outbox  called when something was put into the outbox
    /// @param wake_chores  called when something is due earlier than thought
    Aids(storage::Database& db, const Settings& settings, base::Clock& clock, std::function<void()> wake_outbox,
         std::function<void()> wake_chores);

    boost::asio::awaitable<Result<storage::Aid>> create(storage::AidKind kind, storage::Aid aid, Command command);
    boost::asio::awaitable<Result<storage::Aid>> change(storage::AidKind kind, std::int64_t id, AidChange change, Command command,
                                                        std::optional<std::int32_t> if_revision);
    boost::asio::awaitable<Result<void>> remove(storage::AidKind kind, std::int64_t id, Command command);

    /// The canned reply's text as it reads for this ticket, written by the actor.
    boost::asio::awaitable<Result<ExpandedReply>> expand(std::int64_t canned_reply, domain::TicketId ticket, Actor actor);
    /// All steps of the macro, or none.
    boost::asio::awaitable<Result<MacroOutcome>> apply(std::int64_t macro, domain::TicketId ticket,
                                                       std::optional<domain::MessageId> last_seen, Command command);

    boost::asio::awaitable<Result<storage::Reminder>> remind(domain::TicketId ticket, base::Instant at, std::string text, Command command);
    /// Only one's own.
    boost::asio::awaitable<Result<void>> forget(std::int64_t reminder, Command command);
    /// Tells what is due, each once. @return when the next is.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> remind_due();

    /// Asks how satisfied customers are, where it is due. @return when the next is.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> ask_ratings();

private:
    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    std::function<void()> wake_outbox_;
    std::function<void()> wake_chores_;
};

} // namespace sportello::engine
