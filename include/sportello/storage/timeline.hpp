#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <functional>
#include <optional>
#include <string_view>

namespace sportello::storage {

enum class TimelineKind { message, reply, note, handover, event };
[[nodiscard]] std::string_view to_string(TimelineKind value);

/// The place behind an item; opaque, from an item.
struct TimelineCursor {
    std::int64_t at = 0;
    std::int64_t kind = 0;
    std::int64_t id = 0;
};

/// One item of a ticket's story; texts are borrowed until the callback returns. What a kind does not have is empty.
struct TimelineItem {
    TimelineKind kind = TimelineKind::message;
    std::int64_t id = 0; ///< of the message, reply, note, hand-over; an event's seq
    base::Instant at{};  ///< messages: platform time; replies: published, else accepted
    std::string_view platform_id;
    std::string_view author_name;         ///< of the customer, our account, or the agent
    std::optional<domain::AgentId> agent; ///< who wrote the note, reply, hand-over, or caused the event
    std::string_view text;                ///< event: its data, a JSON object
    std::string_view visibility;          ///< message, reply
    std::string_view direction;           ///< message, reply
    std::string_view message_kind;        ///< message
    std::string_view parent_id;           ///< message
    std::string_view permalink;           ///< message
    std::optional<base::Instant> edited_at;
    std::optional<base::Instant> deleted_at;
    std::int32_t revision = 1;        ///< message
    std::string_view delivery;        ///< reply: its state
    std::string_view reason;          ///< reply: why failed, unknown or to decide
    std::string_view type;            ///< event: its type; hand-over: its reference code
    std::string_view callback_number; ///< hand-over
    bool hidden = false;              ///< message: the platform shows it to hardly anybody
    std::string_view action;          ///< message: "hide queued", the last that was ordered on its platform and its state
    std::string_view action_reason;   ///< why that failed or is tried again
    // Of a reply that a colleague read first; 0 when nobody did.
    std::int64_t approval = 0;
    std::string_view approval_state;        ///< "waiting", "approved", "returned", "withdrawn"
    std::optional<domain::AgentId> decider; ///< who approved, returned or withdrew it
    std::string_view decider_name;
    std::string_view approval_note;
    TimelineCursor cursor;
};

/// Calls `each` for up to `limit` items of the ticket, oldest first, beginning behind `after`. Own messages that are a
/// reply of ours are not listed beside that reply.
void for_each_timeline_item(Transaction& tx, domain::TicketId ticket, std::optional<TimelineCursor> after, std::int64_t limit,
                            const std::function<void(const TimelineItem&)>& each);

/// The post under which the ticket's matter was written, when it belongs to no ticket: our own root post.
std::optional<domain::Message> context_message(Transaction& tx, std::string_view channel, std::string_view root_id);

} // namespace sportello::storage
