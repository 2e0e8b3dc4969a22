#include <sportello/storage/promises.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <chrono>
#include <map>

namespace sportello::storage {
namespace {

// A ticket that was solved, merged or put apart without an answer leaves a promise that is neither kept nor broken.
#define SPORTELLO_STILL_WAITS "answered_at IS NULL AND void_at IS NULL AND t.waiting_since IS NOT NULL AND t.aside = ''"

const Statement insert_promise_row{"INSERT INTO promise (message_id, ticket_id, brand, made_at, expected_at, expected_seconds, promised_at, why) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (message_id) DO NOTHING"};
const Statement told_one{"UPDATE promise SET told = 1 WHERE ticket_id = $1 AND answered_at IS NULL AND void_at IS NULL"};
const Statement open_of_ticket{"SELECT p.message_id, p.brand, m.at, p.promised_at, p.why, p.told FROM promise p "
                               "JOIN message m ON m.id = p.message_id "
                               "WHERE p.ticket_id = $1 AND p.answered_at IS NULL AND p.void_at IS NULL ORDER BY p.message_id DESC LIMIT 1"};
const Statement settle_one{"UPDATE promise SET answered_at = $2, answered_seconds = $3 "
                           "WHERE message_id = $1 AND answered_at IS NULL AND void_at IS NULL"};
const Statement void_one{"UPDATE promise SET void_at = $2 WHERE message_id = $1 AND answered_at IS NULL"};
const Statement figures_by_brand{
    "SELECT p.brand, count(*), "
    "CAST(sum(CASE WHEN answered_at <= p.promised_at THEN 1 ELSE 0 END) AS BIGINT), "
    "CAST(sum(CASE WHEN answered_at > p.promised_at OR (" SPORTELLO_STILL_WAITS " AND p.promised_at < $3) THEN 1 ELSE 0 END) AS BIGINT), "
    "CAST(sum(CASE WHEN " SPORTELLO_STILL_WAITS " AND p.promised_at >= $3 THEN 1 ELSE 0 END) AS BIGINT), "
    "CAST(sum(told) AS BIGINT), "
    "CAST(sum(CASE WHEN answered_at IS NULL AND NOT (" SPORTELLO_STILL_WAITS ") THEN 1 ELSE 0 END) AS BIGINT) "
    "FROM promise p JOIN ticket t ON t.id = p.ticket_id WHERE p.made_at >= $1 AND p.made_at < $2 GROUP BY p.brand ORDER BY p.brand"};
const Statement last_settled{"SELECT CASE WHEN answered_at <= p.promised_at THEN 1 ELSE 0 END "
                             "FROM promise p JOIN ticket t ON t.id = p.ticket_id WHERE p.brand = $1 "
                             "AND (answered_at IS NOT NULL OR (" SPORTELLO_STILL_WAITS " AND p.promised_at < $2)) "
                             "ORDER BY p.made_at DESC, p.message_id DESC LIMIT $3"};
const Statement last_answered{"SELECT expected_seconds, answered_seconds FROM promise WHERE brand = $1 AND answered_seconds IS NOT NULL "
                              "ORDER BY made_at DESC, message_id DESC LIMIT $2"};
const Statement last_answers{"SELECT r.agent_id, r.accepted_at FROM reply r WHERE r.accepted_at >= $1 "
                             "AND NOT EXISTS (SELECT 1 FROM automatic_reply a WHERE a.reply_id = r.id) "
                             "ORDER BY r.accepted_at DESC, r.id DESC LIMIT $2"};

std::int64_t seconds(base::Duration duration)
{
    return std::chrono::floor<std::chrono::seconds>(duration).count();
}

} // namespace

bool insert_promise(Transaction& tx, domain::MessageId message, domain::TicketId ticket, std::string_view brand, base::Instant made_at,
                    const domain::Promise& promise)
{
    return tx.run(insert_promise_row, message, ticket, brand, made_at, promise.expected_at, seconds(promise.expected), promise.promised_at,
                  promise.why) > 0;
}

void mark_promise_told(Transaction& tx, domain::TicketId ticket)
{
    tx.run(told_one, ticket);
}

std::optional<OpenPromise> open_promise(Transaction& tx, domain::TicketId ticket)
{
    const auto make = [](const Row& row) {
        return OpenPromise{.message = id_at<domain::MessageId>(row, 0),
                           .brand = row.string(1),
                           .arrived_at = row.instant(2),
                           .promised_at = row.instant(3),
                           .why = row.string(4),
                           .told = row.flag(5)};
    };
    return tx.first(open_of_ticket, make, ticket);
}

void settle_promise(Transaction& tx, domain::MessageId message, base::Instant answered_at, base::Duration answered_in)
{
    tx.run(settle_one, message, answered_at, seconds(answered_in));
}

void void_promise(Transaction& tx, domain::MessageId message, base::Instant now)
{
    tx.run(void_one, message, now);
}

std::vector<PromiseFigures> promise_figures(Transaction& tx, base::Instant from, base::Instant to, base::Instant now)
{
    const auto make = [](const Row& row) {
        return PromiseFigures{.brand = row.string(0),
                              .made = row.number(1),
                              .record = {.kept = row.number(2), .broken = row.number(3)},
                              .open = row.number(4),
                              .told = row.number(5),
                              .voided = row.number(6)};
    };
    return tx.all(figures_by_brand, make, from, to, now);
}

domain::PromiseRecord last_promises(Transaction& tx, std::string_view brand, base::Instant now, std::int64_t limit)
{
    domain::PromiseRecord record;
    const auto count = [&](const Row& row) { ++(row.flag(0) ? record.kept : record.broken); };
    tx.for_each(last_settled, count, brand, now, limit);
    return record;
}

std::vector<domain::PromiseOutcome> promise_outcomes(Transaction& tx, std::string_view brand, std::int64_t limit)
{
    const auto make = [](const Row& row) {
        return domain::PromiseOutcome{.expected = std::chrono::seconds(row.number(0)), .answered_in = std::chrono::seconds(row.number(1))};
    };
    return tx.all(last_answered, make, brand, limit);
}

std::vector<base::Duration> answer_gaps(Transaction& tx, base::Instant since, std::int64_t limit)
{
    std::map<std::int64_t, base::Instant> later; // of each person, the answer after this one
    std::vector<base::Duration> gaps;
    const auto look = [&](const Row& row) {
        const auto [known, is_first] = later.try_emplace(row.number(0), row.instant(1));
        if (!is_first) gaps.push_back(known->second - row.instant(1));
        known->second = row.instant(1);
    };
    tx.for_each(last_answers, look, since, limit);
    return gaps;
}

} // namespace sportello::storage
