#include <sportello/storage/queue.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <map>

namespace sportello::storage {
namespace {

const Statement waiting_by_brand{"SELECT brand, count(*), min(waiting_since) FROM ticket WHERE waiting_since IS NOT NULL "
                                 "GROUP BY brand"};
const Statement answered_by_brand{"SELECT brand, count(*), CAST(coalesce(sum(first_response_office_seconds), 0) AS BIGINT) FROM ticket "
                                  "WHERE first_response_at IS NOT NULL AND first_response_at >= $1 GROUP BY brand"};

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

} // namespace sportello::storage
