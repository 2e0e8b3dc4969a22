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
const Statement unsettled{
    SPORTELLO_OUTBOX_PARTS
    "WHERE p.channel = $1 AND p.state IN (" SPORTELLO_UNFINISHED ") "
    "AND (p.state IN ('sending', 'unknown', 'needs_decision') OR (p.state = 'queued' AND (p.attempts > 0 OR p.quarantined = 1))) "
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

const Statement uncertain_until{SPORTELLO_OUTBOX_PARTS "WHERE p.uncertain_since IS NOT NULL AND p.paged_at IS NULL "
                                                       "AND p.uncertain_since <= $1 ORDER BY p.uncertain_since, p.id LIMIT $2"};
const Statement first_uncertain{"SELECT uncertain_since FROM reply_part WHERE uncertain_since IS NOT NULL AND paged_at IS NULL "
                                "ORDER BY uncertain_since, id LIMIT 1"};
const Statement undecided_after{SPORTELLO_OUTBOX_PARTS "WHERE p.state IN (" SPORTELLO_UNFINISHED ") "
                                                       "AND (p.state = $1 OR p.state = $2) AND p.id > $3 ORDER BY p.id LIMIT $4"};
const Statement doubled_after{"SELECT " SPORTELLO_REPLY_COLUMNS " FROM reply r WHERE r.doubled_at >= $1 ORDER BY r.doubled_at, r.id"};
const Statement count_states{"SELECT state, count(*), min(uncertain_since) FROM reply_part "
                             "WHERE state IN (" SPORTELLO_UNFINISHED ") AND channel = $1 GROUP BY state"};
const Statement count_quarantined{"SELECT count(*) FROM reply_part WHERE quarantined = 1 AND channel = $1"};
const Statement count_doubled{"SELECT count(*) FROM reply WHERE doubled_at IS NOT NULL AND channel = $1"};
const Statement quarantine_all{"UPDATE reply_part SET quarantined = 1 WHERE state IN (" SPORTELLO_UNFINISHED ")"};
const Statement read_back_soon{"UPDATE reply_part SET next_try = $2 WHERE state = 'unknown' AND channel = $1 AND next_try > $2"};
const Statement newest_attempt{"SELECT id FROM delivery_attempt ORDER BY id DESC LIMIT 1"};

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

std::vector<OutboxPart> parts_to_page(Transaction& tx, Instant uncertain_before, std::int64_t limit)
{
    return tx.all(uncertain_until, outbox_part_at, uncertain_before, limit);
}

std::optional<Instant> oldest_unpaged(Transaction& tx)
{
    return tx.first(first_uncertain, first_instant);
}

std::vector<OutboxPart> undecided_parts(Transaction& tx, bool unknown, bool needs_decision, domain::PartId after, std::int64_t limit)
{
    const std::string_view first = unknown ? "unknown" : "needs_decision";
    const std::string_view second = needs_decision ? "needs_decision" : "unknown";
    return tx.all(undecided_after, outbox_part_at, first, second, after, limit);
}

std::vector<domain::Reply> doubled_replies(Transaction& tx, Instant since)
{
    return tx.all(
        doubled_after, [](const Row& row) { return reply_at(row, 0); }, since);
}

OutboxFigures outbox_figures(Transaction& tx, std::string_view channel)
{
    OutboxFigures figures;
    const auto add = [&](const Row& row) {
        const auto state = delivery_at(row, 0);
        if (state == domain::Delivery::unknown) figures.unknown = row.number(1);
        else if (state == domain::Delivery::needs_decision) figures.needs_decision = row.number(1);
        else figures.under_way += row.number(1);
        const auto since = row.maybe_instant(2);
        if (since && (!figures.uncertain_since || *since < *figures.uncertain_since)) figures.uncertain_since = since;
    };
    tx.for_each(count_states, add, channel);
    figures.quarantined = tx.first(count_quarantined, first_number, channel).value_or(0);
    figures.doubled = tx.first(count_doubled, first_number, channel).value_or(0);
    return figures;
}

std::int64_t quarantine_unfinished(Transaction& tx)
{
    return tx.run(quarantine_all);
}

void read_back_now(Transaction& tx, std::string_view channel, Instant now)
{
    tx.run(read_back_soon, channel, now);
}

domain::AttemptId newest_attempt_id(Transaction& tx)
{
    return {tx.first(newest_attempt, first_number).value_or(0)};
}

std::optional<Instant> next_outbox_time(Transaction& tx)
{
    const auto queued = tx.first(next_queued, first_instant);
    const auto unknown = tx.first(next_unknown, first_instant);
    if (queued && unknown) return std::min(*queued, *unknown);
    return queued ? queued : unknown;
}

} // namespace sportello::storage
