#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The outbox (reliability, section 2). The database itself holds: one part of a conversation under way at most, a
/// platform id belongs to one part at most.
namespace sportello::storage {

/// Stores an accepted reply and its parts, queued; part n is due at `reply.send_after`. `reply.id` does not count.
/// @param part_texts  1..n, exactly what goes on the wire, in order.
domain::ReplyId insert_reply(Transaction& tx, const domain::Reply& reply, std::span<const std::string> part_texts);
/// @return not_found when there is none.
base::Result<domain::Reply> find_reply(Transaction& tx, domain::ReplyId id);
std::vector<domain::Reply> replies_of_ticket(Transaction& tx, domain::TicketId ticket);
/// How far a reply that goes out in several parts has come.
struct PartProgress {
    domain::ReplyId reply;
    std::int64_t count = 0;     ///< at least 2
    std::int64_t published = 0; ///< parts that are out
};
/// Of the ticket's replies in several parts, in no order.
std::vector<PartProgress> part_progress_of(Transaction& tx, domain::TicketId ticket);
/// In their order.
std::vector<domain::ReplyPart> parts_of(Transaction& tx, domain::ReplyId reply);
base::Result<domain::ReplyPart> find_part(Transaction& tx, domain::PartId id);

/// A part with its reply, for those who send or settle it.
struct OutboxPart {
    domain::ReplyPart part;
    domain::Reply reply;
};
/// Parts that may be sent now: the lowest unfinished part of each conversation, when it is queued and due, not held, and no
/// part of the conversation is under way.
std::vector<OutboxPart> startable_parts(Transaction& tx, base::Instant now, std::int64_t limit);
/// Unknown parts whose next read-back is due.
std::vector<OutboxPart> unknown_parts_due(Transaction& tx, base::Instant now, std::int64_t limit);
/// @param state  an unfinished one: queued, reserved, sending, unknown or needs_decision; in the order of acceptance.
std::vector<OutboxPart> parts_in_state(Transaction& tx, domain::Delivery state);
/// Parts of the channel that an own item may yet turn out to be: sending, unknown, needs_decision, queued again after an
/// attempt or in quarantine, and failed ones whose last attempt began at or after `since`.
std::vector<OutboxPart> unsettled_parts_for_channel(Transaction& tx, std::string_view channel, base::Instant since);
std::optional<OutboxPart> find_part_by_platform_id(Transaction& tx, std::string_view channel, std::string_view platform_id);

/// Parts that have been uncertain since `uncertain_before` or longer and of which no supervisor was told, oldest first.
std::vector<OutboxPart> parts_to_page(Transaction& tx, base::Instant uncertain_before, std::int64_t limit);
/// Since when the oldest of those has been uncertain.
std::optional<base::Instant> oldest_unpaged(Transaction& tx);
/// Parts that are unknown or need a decision (at least one of the two is asked for), by id behind `after`.
std::vector<OutboxPart> undecided_parts(Transaction& tx, bool unknown, bool needs_decision, domain::PartId after, std::int64_t limit);
/// Replies of which a second copy was seen at or after `since`.
std::vector<domain::Reply> doubled_replies(Transaction& tx, base::Instant since);

/// How the outbox of one channel stands, in parts.
struct OutboxFigures {
    std::int64_t under_way = 0; ///< queued, reserved, sending
    std::int64_t unknown = 0;
    std::int64_t needs_decision = 0;
    std::optional<base::Instant> uncertain_since; ///< of the oldest unknown or undecided one
    std::int64_t quarantined = 0;
    std::int64_t doubled = 0; ///< replies seen twice, ever
};
OutboxFigures outbox_figures(Transaction& tx, std::string_view channel);

/// After a restore: each unfinished part is read back before it is sent. @return how many.
std::int64_t quarantine_unfinished(Transaction& tx);
/// Reading works again: unknown parts of the channel are read back at once.
void read_back_now(Transaction& tx, std::string_view channel, base::Instant now);
/// The id of the last attempt ever begun; 0 when there is none.
domain::AttemptId newest_attempt_id(Transaction& tx);

/// Whether the one private answer to an item is taken by a reply other than `except` that did not fail.
bool private_reply_used(Transaction& tx, std::string_view channel, std::string_view target_id, domain::ReplyId except);
/// Replies to one item or private conversation, in the order of acceptance.
std::vector<domain::Reply> replies_to_target(Transaction& tx, std::string_view channel, std::string_view target_id,
                                             base::Instant accepted_since);
/// Notes that a second copy was seen. @return whether that is news.
bool mark_doubled(Transaction& tx, domain::ReplyId id, base::Instant now);

/// Writes every field of the part. @return conflict when another part of the conversation is under way, or the platform
/// id belongs to another part.
base::Result<void> save_part(Transaction& tx, const domain::ReplyPart& part);
/// Writes state, reason, published_at and platform_id.
void save_reply_state(Transaction& tx, const domain::Reply& reply);
/// Cancels the reply and all its parts while every part is still queued or reserved. @return whether it was cancelled.
bool cancel_if_unsent(Transaction& tx, domain::ReplyId id);

/// Lets parts that Hold::paused held go, due now. @return how many.
std::int64_t release_paused_parts(Transaction& tx, std::string_view channel, base::Instant now);
/// Replies of the channel with a part that is held.
std::int64_t held_reply_count(Transaction& tx, std::string_view channel);

/// When the outbox has work next: the earliest next_try of queued or unknown parts that nothing else holds back.
std::optional<base::Instant> next_outbox_time(Transaction& tx);

/// One try of a part (I11: committed before the first byte).
struct Attempt {
    domain::AttemptId id;
    domain::PartId part;
    std::int32_t number = 1;
    std::string key; ///< ours, unique
    base::Instant started_at{};
    base::Instant deadline_at{};
    std::optional<base::Instant> ended_at;
    std::string outcome; ///< empty while under way
    std::string detail;
    std::string snapshot; ///< JSON: own platform ids already known under the target
};
/// `attempt.id` does not count.
domain::AttemptId insert_attempt(Transaction& tx, const Attempt& attempt);
void finish_attempt(Transaction& tx, domain::AttemptId id, base::Instant ended_at, std::string_view outcome, std::string_view detail);
std::optional<Attempt> last_attempt(Transaction& tx, domain::PartId part);
std::vector<Attempt> attempts_of(Transaction& tx, domain::PartId part);

} // namespace sportello::storage
