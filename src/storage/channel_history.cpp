#include <sportello/storage/channel_history.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using std::chrono::sys_days;
using Hour = std::chrono::sys_time<std::chrono::hours>;

const Statement spent_between{
    "SELECT coalesce(sum(micro_dollars), 0) FROM channel_spending WHERE channel = $1 AND day >= $2 AND day <= $3"};
const Statement spent_on{"SELECT micro_dollars, calls FROM channel_spending WHERE channel = $1 AND day = $2"};
const Statement save_day{"INSERT INTO channel_spending (channel, day, calls, micro_dollars) VALUES ($1, $2, $3, $4) "
                         "ON CONFLICT (channel, day) DO UPDATE SET calls = excluded.calls, micro_dollars = excluded.micro_dollars"};
const Statement add_to_hour{"INSERT INTO channel_hour (channel, hour, arrived) VALUES ($1, $2, $3) "
                            "ON CONFLICT (channel, hour) DO UPDATE SET arrived = channel_hour.arrived + excluded.arrived"};
const Statement sum_of_hours{"SELECT coalesce(sum(arrived), 0) FROM channel_hour WHERE channel = $1 AND hour >= $2 AND hour < $3"};
const Statement first_hour{"SELECT hour FROM channel_hour WHERE channel = $1 ORDER BY hour LIMIT 1"};

std::int64_t number(sys_days day)
{
    return day.time_since_epoch().count();
}

std::int64_t number(Hour hour)
{
    return hour.time_since_epoch().count();
}

sys_days first_of_month(sys_days day)
{
    const std::chrono::year_month_day date(day);
    return sys_days(date.year() / date.month() / 1);
}

} // namespace

domain::Spending load_spending(Transaction& tx, std::string_view channel, sys_days day)
{
    domain::Spending spent;
    const auto read = [](const Row& row) { return std::pair(row.number(0), row.number(1)); };
    if (const auto found = tx.first(spent_on, read, channel, number(day))) {
        spent.today = found->first;
        spent.calls = found->second;
    }
    spent.day = day;
    spent.month = tx.first(spent_between, first_number, channel, number(first_of_month(day)), number(day)).value_or(0);
    return spent;
}

void save_spending(Transaction& tx, std::string_view channel, const domain::Spending& spent)
{
    tx.run(save_day, channel, number(spent.day), spent.calls, spent.today);
}

void count_arrivals(Transaction& tx, std::string_view channel, Hour hour, std::int64_t arrived)
{
    tx.run(add_to_hour, channel, number(hour), arrived);
}

std::int64_t arrivals_between(Transaction& tx, std::string_view channel, Hour from, Hour to)
{
    return tx.first(sum_of_hours, first_number, channel, number(from), number(to)).value_or(0);
}

std::optional<Hour> first_arrivals(Transaction& tx, std::string_view channel)
{
    const auto hour = tx.first(first_hour, first_number, channel);
    return hour ? std::optional(Hour(std::chrono::hours(*hour))) : std::nullopt;
}

} // namespace sportello::storage
