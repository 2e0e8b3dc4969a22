#include <sportello/storage/aids.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

/// The statements of one table; both have the same shape.
struct AidStatements {
    Statement insert;
    Statement by_id;
    Statement update;
    Statement erase;
    Statement same_name;
    Statement page;
};

#define SPORTELLO_AID_STATEMENTS(table, body)                                                                                              \
    Statement{"INSERT INTO " table " (brand, language, name, " body ", updated_at, revision) VALUES ($1, $2, $3, $4, $5, 1) "              \
              "RETURNING id"},                                                                                                             \
        Statement{"SELECT id, brand, language, name, " body ", updated_at, revision FROM " table " WHERE id = $1"},                        \
        Statement{"UPDATE " table " SET brand = $3, language = $4, name = $5, " body " = $6, updated_at = $7, revision = $2 + 1 "          \
                  "WHERE id = $1 AND revision = $2"},                                                                                      \
        Statement{"DELETE FROM " table " WHERE id = $1"},                                                                                  \
        Statement{"SELECT id FROM " table " WHERE brand = $1 AND language = $2 AND name = $3 AND id <> $4"}, Statement                     \
    {                                                                                                                                      \
        "SELECT id, brand, language, name, " body ", updated_at, revision FROM " table " WHERE id > $1 ORDER BY id LIMIT $2"               \
    }

const AidStatements canned_replies{SPORTELLO_AID_STATEMENTS("canned_reply", "text")};
const AidStatements macros{SPORTELLO_AID_STATEMENTS("macro", "actions")};

const AidStatements& statements_of(AidKind kind)
{
    return kind == AidKind::canned_reply ? canned_replies : macros;
}

Aid aid_at(const Row& row)
{
    return {.id = row.number(0),
            .brand = row.string(1),
            .language = row.string(2),
            .name = row.string(3),
            .body = row.string(4),
            .updated_at = row.instant(5),
            .revision = small_number_at(row, 6)};
}

/// The unique constraint would refuse the same; asking first keeps PostgreSQL's transaction alive.
Result<void> name_is_free(Transaction& tx, AidKind kind, const Aid& aid)
{
    if (!tx.first(statements_of(kind).same_name, first_number, aid.brand, aid.language, aid.name, aid.id)) return {};
    return Error(ErrorKind::conflict, "there is one of this name already", {{"/name", "is taken for this brand and language"}});
}

bool fits(const Aid& aid, const AidFilter& filter)
{
    if (filter.brand && !aid.brand.empty() && aid.brand != *filter.brand) return false;
    if (filter.language && !aid.language.empty() && aid.language != *filter.language) return false;
    return aid.brand.empty() || filter.visible.empty() || std::ranges::find(filter.visible, aid.brand) != filter.visible.end();
}

#define SPORTELLO_REMINDER_COLUMNS "id, ticket_id, agent_id, remind_at, text, at, reminded_at"

const Statement insert_reminder_row{"INSERT INTO reminder (ticket_id, agent_id, remind_at, text, at) VALUES ($1, $2, $3, $4, $5) "
                                    "RETURNING id"};
const Statement reminder_by_id{"SELECT " SPORTELLO_REMINDER_COLUMNS " FROM reminder WHERE id = $1"};
const Statement erase_reminder{"DELETE FROM reminder WHERE id = $1"};
const Statement reminders_by_agent{"SELECT " SPORTELLO_REMINDER_COLUMNS " FROM reminder WHERE agent_id = $1 AND reminded_at IS NULL "
                                   "ORDER BY remind_at, id LIMIT $2"};
const Statement reminders_due{"SELECT " SPORTELLO_REMINDER_COLUMNS " FROM reminder WHERE reminded_at IS NULL AND remind_at <= $1 "
                              "ORDER BY remind_at, id LIMIT $2"};
const Statement first_reminder{"SELECT remind_at FROM reminder WHERE reminded_at IS NULL ORDER BY remind_at, id LIMIT 1"};
const Statement set_reminded{"UPDATE reminder SET reminded_at = $2 WHERE id = $1"};

Reminder reminder_at(const Row& row)
{
    return {.id = row.number(0),
            .ticket = id_at<domain::TicketId>(row, 1),
            .agent = id_at<domain::AgentId>(row, 2),
            .remind_at = row.instant(3),
            .text = row.string(4),
            .at = row.instant(5),
            .reminded_at = row.maybe_instant(6)};
}

} // namespace

Result<std::int64_t> insert_aid(Transaction& tx, AidKind kind, const Aid& aid)
{
    Aid fresh = aid;
    fresh.id = 0; // no row of its own yet, whatever the caller's says
    if (const auto is_free = name_is_free(tx, kind, fresh); !is_free) return is_free.error();
    const auto id = tx.first(statements_of(kind).insert, first_number, aid.brand, aid.language, aid.name, aid.body, aid.updated_at);
    if (!id) throw Failure(ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<Aid> find_aid(Transaction& tx, AidKind kind, std::int64_t id)
{
    return tx.first(statements_of(kind).by_id, aid_at, id);
}

Result<void> save_aid(Transaction& tx, AidKind kind, Aid& aid)
{
    if (const auto is_free = name_is_free(tx, kind, aid); !is_free) return is_free;
    const auto rows = tx.run(statements_of(kind).update, aid.id, aid.revision, aid.brand, aid.language, aid.name, aid.body, aid.updated_at);
    if (rows == 0) return Error(ErrorKind::conflict, "it was changed by somebody else since it was read: read it again");
    ++aid.revision;
    return {};
}

void delete_aid(Transaction& tx, AidKind kind, std::int64_t id)
{
    tx.run(statements_of(kind).erase, id);
}

std::vector<Aid> aids(Transaction& tx, AidKind kind, const AidFilter& filter, std::int64_t after, std::int64_t limit)
{
    std::vector<Aid> found;
    // Few are written and most fit: a page is filled in one or two walks.
    while (static_cast<std::int64_t>(found.size()) < limit) {
        const auto batch = tx.all(statements_of(kind).page, aid_at, after, limit);
        for (const Aid& aid : batch) {
            after = aid.id;
            if (fits(aid, filter) && static_cast<std::int64_t>(found.size()) < limit) found.push_back(aid);
        }
        if (static_cast<std::int64_t>(batch.size()) < limit) break;
    }
    return found;
}

std::int64_t insert_reminder(Transaction& tx, const Reminder& reminder)
{
    const auto id =
        tx.first(insert_reminder_row, first_number, reminder.ticket, reminder.agent, reminder.remind_at, reminder.text, reminder.at);
    if (!id) throw Failure(ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<Reminder> find_reminder(Transaction& tx, std::int64_t id)
{
    return tx.first(reminder_by_id, reminder_at, id);
}

void delete_reminder(Transaction& tx, std::int64_t id)
{
    tx.run(erase_reminder, id);
}

std::vector<Reminder> reminders_of(Transaction& tx, domain::AgentId agent, std::int64_t limit)
{
    return tx.all(reminders_by_agent, reminder_at, agent, limit);
}

std::vector<Reminder> due_reminders(Transaction& tx, base::Instant now, std::int64_t limit)
{
    return tx.all(reminders_due, reminder_at, now, limit);
}

std::optional<base::Instant> next_reminder(Transaction& tx)
{
    return tx.first(first_reminder, [](const Row& row) { return row.instant(0); });
}

void mark_reminded(Transaction& tx, std::int64_t id, base::Instant now)
{
    tx.run(set_reminded, id, now);
}

} // namespace sportello::storage
