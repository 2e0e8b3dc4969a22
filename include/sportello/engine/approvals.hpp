#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/approvals.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>

namespace sportello::engine {

using base::Result;

struct ApprovalDecision {
    std::optional<std::string> text;            ///< another text than the author's
    std::optional<domain::MessageId> last_seen; ///< the newest message of the customer that the approver saw; nothing: the author's counts
    std::string note;                           ///< for the author; may be empty
    bool confirm_duplicate = false;             ///< as in ReplyDraft
    bool release_personal_data = false;
};

/// The newest message of the customer that its author had seen.
[[nodiscard]] std::optional<domain::MessageId> last_seen_of(const storage::Approval& approval);

/// Replies and texts to all that a colleague reads first. Errors: not_found (none of the actor's brands), forbidden (nobody
/// decides what they wrote, nor who needs approval themselves), conflict (decided already, or changed by somebody else; and
/// whatever Outbox::accept refuses: nothing is sent then, and it goes on waiting), invalid_input.
class Approvals {
public:
    /// @param wake_outbox      called when something was put into the outbox
    /// @param wake_broadcasts  called when a text to all may begin or has ended
    Approvals(storage::Database& db, const Settings& settings, base::Clock& clock, std::function<void()> wake_outbox,
              std::function<void()> wake_broadcasts);

    /// It is accepted as its author's, now: everything that is asked of a reply is asked again, the stale guard too.
    boost::asio::awaitable<Result<storage::Approval>> approve(std::int64_t id, ApprovalDecision decision, Command command,
                                                              std::optional<std::int32_t> if_revision);
    /// Another text; it goes on waiting. Also for its author.
    boost::asio::awaitable<Result<storage::Approval>> change(std::int64_t id, std::string text, std::string note, Command command,
                                                             std::optional<std::int32_t> if_revision);
    /// Back to its author, who finds the text as a draft.
    boost::asio::awaitable<Result<storage::Approval>> give_back(std::int64_t id, std::string note, Command command,
                                                                std::optional<std::int32_t> if_revision);
    /// By its author or a supervisor.
    boost::asio::awaitable<Result<storage::Approval>> withdraw(std::int64_t id, Command command);

    /// Forgets drafts and notifications that nobody has touched for long. @return when to look again.
    boost::asio::awaitable<Result<std::optional<base::Instant>>> tidy();

private:
    template <class Work>
    boost::asio::awaitable<Result<storage::Approval>> decide(std::int64_t id, Command command, std::optional<std::int32_t> if_revision,
                                                             Work work);

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    std::function<void()> wake_outbox_;
    std::function<void()> wake_broadcasts_;
    base::Instant next_tidying_{};
};

} // namespace sportello::engine
