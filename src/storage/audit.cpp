#include <sportello/storage/audit.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <sportello/base/digest.hpp>

#include <algorithm>
#include <limits>

namespace sportello::storage {
namespace {

#define SPORTELLO_AUDIT_COLUMNS                                                                                                            \
    "u.seq, u.at, u.actor_id, u.action, u.object, u.object_id, u.brand, u.came_from, u.reason, u.before_change, u.after_change, u.hash"
#define SPORTELLO_AUDIT_WITH_NAME                                                                                                          \
    "SELECT " SPORTELLO_AUDIT_COLUMNS ", coalesce(a.name, '') FROM audit u LEFT JOIN agent a ON a.id = u.actor_id "

const Statement last_link{"SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"};
const Statement insert_audit_entry{"INSERT INTO audit (seq, at, actor_id, action, object, object_id, brand, came_from, reason, before_change, "
                           "after_change, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
const Statement all_of_it{"SELECT " SPORTELLO_AUDIT_COLUMNS " FROM audit u ORDER BY u.seq"};
// One index each; what else is asked is chosen among the rows.
const Statement by_object{SPORTELLO_AUDIT_WITH_NAME "WHERE u.object = $1 AND u.object_id = $2 AND u.seq < $3 ORDER BY u.seq DESC"};
const Statement by_actor{SPORTELLO_AUDIT_WITH_NAME "WHERE u.actor_id = $1 AND u.seq < $2 ORDER BY u.seq DESC"};
const Statement by_action{SPORTELLO_AUDIT_WITH_NAME "WHERE u.action = $1 AND u.seq < $2 ORDER BY u.seq DESC"};
const Statement by_seq{SPORTELLO_AUDIT_WITH_NAME "WHERE u.seq < $1 ORDER BY u.seq DESC"};
// Where the walk starts when only a time is asked: the last entry before it.
const Statement seq_at{"SELECT seq FROM audit WHERE at < $1 ORDER BY at DESC, seq DESC LIMIT 1"};
const Statement ticket_brand{"SELECT brand FROM ticket WHERE id = $1"};

AuditEntry entry_at(const Row& row)
{
    return {.seq = row.number(0),
            .at = row.instant(1),
            .actor = maybe_id_at<domain::AgentId>(row, 2),
            .action = row.string(3),
            .object = row.string(4),
            .object_id = row.string(5),
            .brand = row.string(6),
            .from = row.string(7),
            .reason = row.string(8),
            .before = row.string(9),
            .after = row.string(10),
            .hash = row.string(11),
            .actor_name = {}};
}

/// Covers every field with its length, so that nothing can move from one to the next.
std::string hash_of(const AuditEntry& entry, std::string_view previous)
{
    std::string text;
    const auto add = [&](std::string_view field) { text.append(std::to_string(field.size())).append(":").append(field).append("\n"); };
    add(previous);
    add(std::to_string(entry.seq));
    add(std::to_string(base::to_micros(entry.at)));
    add(entry.actor ? std::to_string(entry.actor->value) : "");
    for (const std::string* field :
         {&entry.action, &entry.object, &entry.object_id, &entry.brand, &entry.from, &entry.reason, &entry.before, &entry.after})
        add(*field);
    return base::sha256_hex(text);
}

bool fits(const AuditEntry& entry, const AuditFilter& filter)
{
    if (filter.actor && entry.actor != filter.actor) return false;
    if (!filter.action.empty() && entry.action != filter.action) return false;
    if (!filter.object.empty() && entry.object != filter.object) return false;
    if (!filter.object_id.empty() && entry.object_id != filter.object_id) return false;
    if (!filter.brands.empty() && std::ranges::find(filter.brands, entry.brand) == filter.brands.end()) return false;
    if (filter.since && entry.at < *filter.since) return false;
    return !filter.until || entry.at < *filter.until;
}

} // namespace

std::int64_t append_audit(Transaction& tx, AuditEntry entry)
{
    std::string previous;
    entry.seq = 1;
    const auto last = tx.first(last_link, [](const Row& row) { return std::pair(row.number(0), row.string(1)); });
    if (last) {
        entry.seq = last->first + 1;
        previous = last->second;
    }
    entry.hash = hash_of(entry, previous);
    tx.run(insert_audit_entry, entry.seq, entry.at, entry.actor, entry.action, entry.object, entry.object_id, entry.brand, entry.from, entry.reason,
           entry.before, entry.after, entry.hash);
    return entry.seq;
}

std::string brand_of_ticket(Transaction& tx, domain::TicketId ticket)
{
    return tx
        .first(
            ticket_brand, [](const Row& row) { return row.string(0); }, ticket)
        .value_or("");
}

std::vector<AuditEntry> audit_entries(Transaction& tx, const AuditFilter& filter, std::int64_t before, std::int64_t limit)
{
    std::vector<AuditEntry> found;
    const auto take = [&](const Row& row) {
        AuditEntry entry = entry_at(row);
        entry.actor_name = row.text(12);
        if (fits(entry, filter)) found.push_back(std::move(entry));
        return std::ssize(found) < limit;
    };
    std::int64_t from = before > 0 ? before : std::numeric_limits<std::int64_t>::max();
    if (filter.until) {
        const auto last = tx.first(seq_at, first_number, *filter.until);
        if (!last) return found;
        from = std::min(from, *last + 1);
    }
    if (!filter.object.empty() && !filter.object_id.empty()) {
        const Value values[] = {std::string_view(filter.object), std::string_view(filter.object_id), from};
        tx.execute(by_object, values, take);
    } else if (filter.actor) {
        const Value values[] = {filter.actor->value, from};
        tx.execute(by_actor, values, take);
    } else if (!filter.action.empty()) {
        const Value values[] = {std::string_view(filter.action), from};
        tx.execute(by_action, values, take);
    } else {
        const Value values[] = {from};
        tx.execute(by_seq, values, take);
    }
    return found;
}

AuditCheck check_audit(Transaction& tx, std::int64_t expected_seq, std::string_view expected_hash)
{
    AuditCheck check;
    bool met = expected_seq == 0;
    const auto look = [&](const Row& row) {
        const AuditEntry entry = entry_at(row);
        if (entry.seq != check.last_seq + 1) {
            check.flaw = "entry " + std::to_string(check.last_seq + 1) + " is missing";
            return false;
        }
        if (hash_of(entry, check.last_hash) != entry.hash) {
            check.flaw = "entry " + std::to_string(entry.seq) + " was changed, or one before it";
            return false;
        }
        check.last_seq = entry.seq;
        check.last_hash = entry.hash;
        ++check.entries;
        if (entry.seq == expected_seq) {
            met = entry.hash == expected_hash;
            if (!met) check.flaw = "entry " + std::to_string(entry.seq) + " is not the one that was expected: the chain was written anew";
        }
        return met || entry.seq < expected_seq;
    };
    tx.execute(all_of_it, {}, look);
    if (check.flaw.empty() && !met) check.flaw = "entry " + std::to_string(expected_seq) + " is missing: the end was cut off";
    return check;
}

} // namespace sportello::storage
