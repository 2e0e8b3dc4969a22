#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Replies and texts to all that a colleague reads before they leave.
namespace sportello::storage {

struct Approval {
    std::int64_t id = 0;
    std::optional<domain::ReplyId> reply; ///< in state awaiting_approval while `state` is "waiting"
    std::optional<std::int64_t> broadcast;
    std::vector<std::string> brands; ///< whose people may see it; empty: all
    domain::AgentId author;
    std::string options;           ///< JSON without any text: how the author wanted it sent
    std::string written;           ///< what the author had written, once somebody has changed it; else empty
    std::string why;               ///< in words
    std::string state = "waiting"; ///< "waiting", "approved", "returned", "withdrawn"
    base::Instant asked_at{};
    std::optional<domain::AgentId> changed_by;
    std::optional<domain::AgentId> decided_by;
    std::optional<base::Instant> decided_at;
    std::string note; ///< of who decided or changed it, for the author
    std::int32_t revision = 1;
};

/// `approval.id` does not count.
std::int64_t insert_approval(Transaction& tx, const Approval& approval);
std::optional<Approval> find_approval(Transaction& tx, std::int64_t id);
std::optional<Approval> approval_of(Transaction& tx, domain::ReplyId reply);
std::optional<Approval> approval_of_broadcast(Transaction& tx, std::int64_t broadcast);
/// Writes what changes and counts the revision up.
void save_approval(Transaction& tx, Approval& approval);

struct ApprovalFilter {
    std::string_view state = "waiting";
    std::optional<domain::AgentId> author; ///< only this one's
    std::optional<domain::AgentId> not_of; ///< without this one's
    std::vector<std::string> brands;       ///< that the person who asks may see; empty: all
};
/// Those that wait: by id behind `cursor`. Others: the newest first, by id below `cursor`.
std::vector<Approval> approvals(Transaction& tx, const ApprovalFilter& filter, std::optional<std::int64_t> cursor, std::int64_t limit);
/// Whether any that wait fit, up to `most`. @return how many.
std::int64_t count_approvals(Transaction& tx, const ApprovalFilter& filter, std::int64_t most);

/// An approved reply goes into the outbox: where it goes, its text and times are written anew, and its parts are queued.
void queue_approved(Transaction& tx, const domain::Reply& reply, const std::vector<std::string>& part_texts);
/// The text of a reply that waits.
void reword_waiting(Transaction& tx, domain::ReplyId reply, std::string_view text);

/// What the approvals of a ticket hold of texts is erased; states and names stay.
void erase_approval_texts(Transaction& tx, domain::TicketId ticket);

} // namespace sportello::storage
