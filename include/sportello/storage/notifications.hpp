#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What single people are told of.
namespace sportello::storage {

struct Notification {
    std::int64_t id = 0;
    domain::AgentId agent; ///< who is told
    std::string kind;      ///< "mention", "reply_approved", "reply_returned", "reply_changed", "reminder"
    std::optional<domain::TicketId> ticket;
    std::int64_t item = 0; ///< the note, the approval or the reminder
    domain::AgentId actor; ///< who did it; of a reminder, who is reminded
    std::string actor_name;
    base::Instant at{};
    std::optional<base::Instant> read_at;
};

/// `notification.id` and `actor_name` do not count.
std::int64_t insert_notification(Transaction& tx, const Notification& notification);
/// The newest first, by id below `before`.
std::vector<Notification> notifications_of(Transaction& tx, domain::AgentId agent, bool unread_only, std::optional<std::int64_t> before,
                                           std::int64_t limit);
/// At most 1000 are counted.
std::int64_t unread_notifications(Transaction& tx, domain::AgentId agent);
/// @return whether the agent has one of that id.
bool mark_notification_read(Transaction& tx, domain::AgentId agent, std::int64_t id, base::Instant now);
/// All up to and with `until`. @return how many.
std::int64_t mark_notifications_read(Transaction& tx, domain::AgentId agent, std::int64_t until, base::Instant now);
std::int64_t delete_old_notifications(Transaction& tx, base::Instant before);

} // namespace sportello::storage
