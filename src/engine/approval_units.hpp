#pragma once

#include "outbox_accept.hpp"

#include <sportello/engine/approvals.hpp>
#include <sportello/storage/broadcasts.hpp>

#include <string>

/// The units of work around replies and texts to all that wait for a colleague.
namespace sportello::engine {

/// Stores the reply without parts, in state awaiting_approval: the outbox does not see it, and the customer's clock runs on.
[[nodiscard]] Result<domain::Reply> ask_for_approval(storage::Transaction& tx, CheckedReply& checked, const ReplyDraft& draft,
                                                     const std::string& why, const Command& command, base::Instant now);
/// The reply, which waits for approval, is taken back by a person.
[[nodiscard]] Result<domain::Reply> withdraw_reply(storage::Transaction& tx, domain::Reply reply, const Command& command,
                                                   base::Instant now);
/// A text to all is kept back: `broadcast` is stored already, in state awaiting_approval.
void ask_for_broadcast(storage::Transaction& tx, const storage::Broadcast& broadcast, const std::vector<std::string>& brands,
                       const std::string& why, const Command& command, base::Instant now);

/// "incident.broadcast_started", or "broadcast.started" of a text to a selection.
[[nodiscard]] std::string broadcast_event(const storage::Broadcast& broadcast, std::string_view what);
[[nodiscard]] nlohmann::json broadcast_data(storage::Transaction& tx, const storage::Approval& approval,
                                            const storage::Broadcast& broadcast);

/// An approval that waits, of which the actor may see the brand. @return not_found; conflict when it is decided already.
[[nodiscard]] Result<storage::Approval> waiting_approval(storage::Transaction& tx, std::int64_t id, const Actor& actor);
/// Whether the actor may decide it. @return forbidden
[[nodiscard]] Result<void> check_may_decide(storage::Transaction& tx, const storage::Approval& approval, const Command& command);
[[nodiscard]] Result<void> approve_reply(storage::Transaction& tx, const Settings& settings, storage::Approval& approval,
                                         const ApprovalDecision& decision, const Command& command, base::Instant now);
[[nodiscard]] Result<void> change_waiting_reply(storage::Transaction& tx, storage::Approval& approval, const std::string& text,
                                                const Command& command, base::Instant now);
[[nodiscard]] Result<void> return_reply(storage::Transaction& tx, storage::Approval& approval, const Command& command, base::Instant now);

/// Writes down who decided, and tells the author.
void conclude(storage::Transaction& tx, storage::Approval& approval, std::string_view state, std::string note, const Command& command,
              base::Instant now);
void notify_author(storage::Transaction& tx, const storage::Approval& approval, std::string_view kind, const Command& command,
                   base::Instant now);
/// What events tell of it: both names, no text.
[[nodiscard]] nlohmann::json approval_data(storage::Transaction& tx, const storage::Approval& approval);

} // namespace sportello::engine
