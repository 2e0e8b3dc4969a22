#pragma once

#include "rows.hpp"

// The columns of a reply `r` and of a part `p`, in the order in which reply_at and part_at read them from `first`.
#define SPORTELLO_REPLY_COLUMNS                                                                                                            \
    "r.id, r.ticket_id, r.agent_id, r.channel, r.conversation, r.visibility, r.text, r.state, r.reason, r.target_id, "                     \
    "r.recipient_id, r.accepted_at, r.send_after, r.published_at, r.platform_id, r.route, r.doubled_at"
#define SPORTELLO_PART_COLUMNS                                                                                                             \
    "p.id, p.reply_id, p.number, p.part_count, p.text, p.state, p.reason, p.platform_id, p.next_try, p.attempts, p.reads, "                \
    "p.canary_seen, p.started_at, p.deadline_at, p.held, p.uncertain_since, p.paged_at, p.quarantined, p.resent"

// States in the words of the partial indexes, so that those are used.
#define SPORTELLO_UNDER_WAY "'reserved', 'sending', 'unknown', 'needs_decision'"
#define SPORTELLO_UNFINISHED "'queued', 'reserved', 'sending', 'unknown', 'needs_decision'"

namespace sportello::storage {

inline constexpr int part_column_count = 19;

inline domain::Reply reply_at(const Row& row, int first)
{
    return {.id = id_at<domain::ReplyId>(row, first),
            .ticket = id_at<domain::TicketId>(row, first + 1),
            .author = id_at<domain::AgentId>(row, first + 2),
            .channel = row.string(first + 3),
            .conversation = row.string(first + 4),
            .visibility = visibility_at(row, first + 5),
            .route = known_word(domain::parse_route_kind(row.text(first + 15)), row.text(first + 15)),
            .text = row.string(first + 6),
            .state = delivery_at(row, first + 7),
            .reason = row.string(first + 8),
            .target_id = row.string(first + 9),
            .recipient_id = row.string(first + 10),
            .accepted_at = row.instant(first + 11),
            .send_after = row.instant(first + 12),
            .published_at = row.maybe_instant(first + 13),
            .platform_id = row.string(first + 14),
            .doubled_at = row.maybe_instant(first + 16)};
}

inline domain::ReplyPart part_at(const Row& row, int first)
{
    return {.id = id_at<domain::PartId>(row, first),
            .reply = id_at<domain::ReplyId>(row, first + 1),
            .number = small_number_at(row, first + 2),
            .count = small_number_at(row, first + 3),
            .text = row.string(first + 4),
            .state = delivery_at(row, first + 5),
            .reason = row.string(first + 6),
            .platform_id = row.string(first + 7),
            .next_try = row.instant(first + 8),
            .attempts = small_number_at(row, first + 9),
            .reads = small_number_at(row, first + 10),
            .canary_seen = row.flag(first + 11),
            .started_at = row.instant(first + 12),
            .deadline_at = row.instant(first + 13),
            .held = known_word(domain::parse_hold(row.text(first + 14)), row.text(first + 14)),
            .uncertain_since = row.maybe_instant(first + 15),
            .paged_at = row.maybe_instant(first + 16),
            .quarantined = row.flag(first + 17),
            .resent = row.flag(first + 18)};
}

} // namespace sportello::storage
