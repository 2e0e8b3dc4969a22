#include <sportello/storage/replies.hpp>

#include "outbox_rows.hpp"
#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>

// What the outbox has to do: the questions over all replies. replies.cpp has those about one.
namespace sportello::storage {
namespace {

using base::Instant;

#define SPORTELLO_OUTBOX_PARTS                                                                                                             \
    "SELECT " SPORTELLO_PART_COLUMNS ", " SPORTELLO_REPLY_COLUMNS " FROM reply_part p "                                                    \
    "JOIN reply r ON r.id = p.reply_id "

// A queued part waits while an earlier one of its conversation is unfinished or any other is under way (I9).
#define SPORTELLO_NOT_HELD_BACK                                                                                                            \
    "NOT EXISTS (SELECT 1 FROM reply_part o WHERE o.channel = p.channel AND o.conversation = p.conversation "                              \
    "AND o.state IN (" SPORTELLO_UNFINISHED ") AND o.id <> p.id AND (o.id < p.id OR o.state <> 'queued'))"

const Statement startable{SPORTELLO_OUTBOX_PARTS "WHERE p.state = 'queued' AND p.held = '' AND p.next_try <= $1 "
                                                 "AND " SPORTELLO_NOT_HELD_BACK " ORDER BY p.next_try, p.id LIMIT $2"};
const Statement unknown_due{SPORTELLO_OUTBOX_PARTS "WHERE p.state = 'unknown' AND p.next_try <= $1 "
                                                   "ORDER BY p.next_try, p.id LIMIT $2"};
const Statement in_state{SPORTELLO_OUTBOX_PARTS "WHERE p.state IN (" SPORTELLO_UNFINISHED ") AND p.state = $1 ORDER BY p.id"};
const Statement unsettled{SPORTELLO_OUTBOX_PARTS
                          "WHERE p.channel = $1 AND p.state IN (" SPORTELLO_UNFINISHED ") "
                          "AND (p.state IN ('sending', 'unknown', 'needs_decision') OR (p.state = 'queued' AND p.attempts > 0)) "
                          "ORDER BY p.id"};
const Statement failed_since{SPORTELLO_OUTBOX_PARTS "WHERE p.state = 'failed' AND p.channel = $1 AND p.started_at >= $2 "
                                                    "ORDER BY p.id"};
const Statement by_platform_id{SPORTELLO_OUTBOX_PARTS "WHERE p.channel = $1 AND p.platform_id = $2 AND p.platform_id <> ''"};

const Statement next_queued{"SELECT p.next_try FROM reply_part p WHERE p.state = 'queued' AND p.held = '' AND " SPORTELLO_NOT_HELD_BACK
                            " ORDER BY p.next_try, p.id LIMIT 1"};
const Statement next_unknown{"SELECT next_try FROM reply_part WHERE state = 'unknown' ORDER BY next_try, id LIMIT 1"};

const Statement forget_reasons{"UPDATE reply SET reason = '' WHERE id IN (SELECT p.reply_id FROM reply_part p "
                               "WHERE p.state = 'queued' AND p.held <> '' AND p.channel = $1 AND p.held = 'paused')"};
const Statement release_paused{"UPDATE reply_part SET held = '', reason = '', next_try = $2 "
                               "WHERE state = 'queued' AND held <> '' AND channel = $1 AND held = 'paused'"};
const Statement count_held{
    "SELECT count(DISTINCT p.reply_id) FROM reply_part p WHERE p.state = 'queued' AND p.held <> '' AND p.channel = $1"};

OutboxPart outbox_part_at(const Row& row)
{
    return {.part = part_at(row, 0), .reply = reply_at(row, part_column_count)};
}
Instant first_instant(const Row& row)
{
    return row.instant(0);
}

} // namespace

std::vector<OutboxPart> startable_parts(Transaction& tx, Instant now, std::int64_t limit)
{
    return tx.all(startable, outbox_part_at, now, limit);
}

std::vector<OutboxPart> unknown_parts_due(Transaction& tx, Instant now, std::int64_t limit)
{
    return tx.all(unknown_due, outbox_part_at, now, limit);
}

std::vector<OutboxPart> parts_in_state(Transaction& tx, domain::Delivery state)
{
    return tx.all(in_state, outbox_part_at, to_string(state));
}

std::vector<OutboxPart> unsettled_parts_for_channel(Transaction& tx, std::string_view channel, Instant since)
{
    auto parts = tx.all(unsettled, outbox_part_at, channel);
    auto failed = tx.all(failed_since, outbox_part_at, channel, since);
    std::move(failed.begin(), failed.end(), std::back_inserter(parts));
    return parts;
}

std::optional<OutboxPart> find_part_by_platform_id(Transaction& tx, std::string_view channel, std::string_view platform_id)
{
    return tx.first(by_platform_id, outbox_part_at, channel, platform_id);
}

std::int64_t release_paused_parts(Transaction& tx, std::string_view channel, Instant now)
{
    tx.run(forget_reasons, channel);
    return tx.run(release_paused, channel, now);
}

std::int64_t held_reply_count(Transaction& tx, std::string_view channel)
{
    return tx.first(count_held, first_number, channel).value_or(0);
}

std::optional<Instant> next_outbox_time(Transaction& tx)
{
    const auto queued = tx.first(next_queued, first_instant);
    const auto unknown = tx.first(next_unknown, first_instant);
    if (queued && unknown) return std::min(*queued, *unknown);
    return queued ? queued : unknown;
}

} // namespace sportello::storage
