#pragma once

#include <sportello/domain/call_budget.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <string_view>

// What a channel cost by the day, and what came in by the hour.
namespace sportello::storage {

/// What a channel has spent on that UTC day and in its month.
domain::Spending load_spending(Transaction& tx, std::string_view channel, std::chrono::sys_days day);
/// Writes the day down; the month is the sum of its days.
void save_spending(Transaction& tx, std::string_view channel, const domain::Spending& spent);

/// Adds messages of customers to the hour in which they were written.
void count_arrivals(Transaction& tx, std::string_view channel, std::chrono::sys_time<std::chrono::hours> hour, std::int64_t arrived);
/// How many were written in [from, to). Zero hours are not stored: nothing where nothing was ever counted before `from`.
std::int64_t arrivals_between(Transaction& tx, std::string_view channel, std::chrono::sys_time<std::chrono::hours> from,
                              std::chrono::sys_time<std::chrono::hours> to);
/// The first hour of which anything is known.
std::optional<std::chrono::sys_time<std::chrono::hours>> first_arrivals(Transaction& tx, std::string_view channel);

} // namespace sportello::storage
