// How fast do messages become assigned tickets, beside the bare insertion of the rows that this leaves behind?
#include "app/process.hpp"
#include "bare_rows.hpp"
#include "figures.hpp"
#include "filled_house.hpp"

#include <iostream>

namespace {

using namespace sportello::bench;

const std::vector<std::string> tables{"customer", "identity", "ticket", "message", "event"};
constexpr std::int64_t base_messages = 20'000; // what both databases hold before
constexpr std::int64_t messages = 30'000;
constexpr std::size_t rows_a_transaction = 1'000;

/// Table after table in the order of the keys: the cheapest way to write these rows.
double insert_bare(const std::filesystem::path& file, const TableRows& rows)
{
    BareDatabase database(file);
    return seconds_of([&] {
        std::size_t in_transaction = 0;
        database.begin();
        for (const std::string& table : tables) {
            for (const BareRow& row : rows.at(table)) {
                database.insert(table, row);
                if (++in_transaction % rows_a_transaction != 0) continue;
                database.commit();
                database.begin();
            }
        }
        database.commit();
    });
}

} // namespace

int main()
{
    const sportello::test::TemporaryFolder folder;
    const auto ours = folder / "ours.db", base = folder / "base.db", bare = folder / "bare.db";
    (void)take_messages_in(ours, base_messages);
    copy_database(ours, base);
    copy_database(ours, bare);
    const double our_seconds = take_messages_in(ours, messages);
    const TableRows rows = rows_added(base, ours, tables);
    const double bare_seconds = insert_bare(bare, rows);

    std::size_t row_count = 0;
    for (const auto& [table, added] : rows) {
        std::cout << "  " << table << ": " << number(added.size()) << " rows\n";
        row_count += added.size();
    }
    const double our_rate = static_cast<double>(messages) / our_seconds, bare_rate = static_cast<double>(messages) / bare_seconds;
    std::cout << "  bare: " << number(static_cast<double>(row_count) / bare_seconds) << " rows/s in transactions of "
              << number(rows_a_transaction) << ", after " << number(base_messages) << " messages\n";
    report("intake, connector to assigned ticket",
           number(our_rate) + " messages/s (" + number(static_cast<double>(row_count) / our_seconds) + " rows/s)",
           number(our_rate / bare_rate) + " of the bare " + number(bare_rate) + " messages/s", "0.33", our_rate / bare_rate >= 1.0 / 3);
}
