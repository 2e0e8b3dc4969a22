#include <sportello/storage/queue.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <map>

namespace sportello::storage {
namespace {

const Statement waiting_by_brand{"SELECT brand, count(*), min(waiting_since) FROM ticket WHERE waiting_since IS NOT NULL "
                                 "GROUP BY brand"};
const Statement answered_by_brand{"SELECT brand, count(*), CAST(coalesce(sum(first_response_office_seconds), 0) AS BIGINT), "
                                  "count(incident_id), CAST(coalesce(sum(CASE WHEN incident_id IS NULL THEN 0 "
                                  "ELSE first_response_office_seconds END), 0) AS BIGINT) FROM ticket "
                                  "WHERE first_response_at IS NOT NULL AND first_response_at >= $1 GROUP BY brand"};

const Statement due_within{"SELECT count(*), count(CASE WHEN assignee_id = $2 THEN 1 END) FROM ticket WHERE waiting_since IS NOT NULL "
                           "AND brand = $1 AND due_at > $3 AND due_at <= $4"};
const Statement first_waiting{"SELECT waiting_since, incident_id FROM ticket WHERE waiting_since IS NOT NULL AND brand = $1 "
                              "AND first_response_at IS NULL ORDER BY waiting_since LIMIT $2"};
const Statement before_rank{
    "SELECT count(*) FROM (SELECT 1 FROM ticket WHERE queue_rank IS NOT NULL AND brand = $1 AND queue_rank < $2 LIMIT $3) q"};

} // namespace

std::vector<QueueFigures> queue_figures(Transaction& tx, base::Instant since_day_start)
{
    std::map<std::string, QueueFigures, std::less<>> by_brand;
    const auto add_waiting = [&](const Row& row) {
        QueueFigures& figures = by_brand[row.string(0)];
        figures.waiting = row.number(1);
        figures.oldest_waiting_since = row.maybe_instant(2);
    };
    const auto add_answered = [&](const Row& row) {
        QueueFigures& figures = by_brand[row.string(0)];
        figures.answered = row.number(1);
        figures.answered_office_seconds = row.number(2);
        figures.answered_in_incidents = row.number(3);
        figures.incident_office_seconds = row.number(4);
    };
    tx.for_each(waiting_by_brand, add_waiting);
    tx.for_each(answered_by_brand, add_answered, since_day_start);

    std::vector<QueueFigures> all;
    for (auto& [brand, figures] : by_brand) {
        figures.brand = brand;
        all.push_back(std::move(figures));
    }
    return all;
}

FallingDue falling_due(Transaction& tx, std::string_view brand, domain::AgentId mine, base::Instant after, base::Instant until)
{
    const auto make = [](const Row& row) { return FallingDue{.all = row.number(0), .mine = row.number(1)}; };
    return tx.first(due_within, make, brand, mine, after, until).value_or(FallingDue{});
}

std::vector<WaitingFirst> waiting_for_first_response(Transaction& tx, std::string_view brand, std::int64_t limit)
{
    const auto make = [](const Row& row) { return WaitingFirst{.since = row.instant(0), .incident = !row.null(1)}; };
    return tx.all(first_waiting, make, brand, limit);
}

std::int64_t ahead_in_queue(Transaction& tx, std::string_view brand, std::int64_t rank, std::int64_t limit)
{
    return tx.first(before_rank, first_number, brand, rank, limit).value_or(0);
}

} // namespace sportello::storage
