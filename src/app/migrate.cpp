#include "commands.hpp"
#include "database.hpp"

#include <sportello/storage/moving.hpp>

#include <iostream>

namespace sportello::app {
namespace {

int move_to_postgresql(const CommandLine& line, const Config& config)
{
    const std::string address = line.to.string();
    if (!line.from.starts_with("sqlite:") || !address.starts_with("postgresql://")) {
        std::cerr << "sportello: migrate: expected --from sqlite:PATH --to postgresql://HOST/NAME\n";
        return 2;
    }
    const std::filesystem::path file = line.from.substr(std::string_view("sqlite:").size());
    if (!std::filesystem::exists(file)) return complain(file.string() + " is not there"); // opening would make an empty one
    base::SystemClock clock;
    storage::DatabaseOptions options;
    options.migrations = config.migrations;
    options.url = line.from;
    const auto from = storage::Database::open(options, clock); // takes its lock: no server may write to it meanwhile
    if (!from) return complain(from.error().what());
    options.url = address;
    options.pooled = config.database_pooled;
    const auto to = storage::Database::open(options, clock);
    if (!to) return complain(to.error().what());

    std::string table;
    const auto moved = storage::move_office(**from, **to, [&](const storage::MoveProgress& progress) {
        if (progress.table != table && !table.empty()) std::cout << "\n";
        table = progress.table;
        std::cout << "\r" << table << ": " << progress.rows << " of " << progress.total << std::flush;
    });
    std::cout << "\n";
    if (!moved) return complain(moved.error().what());
    std::cout << "moved " << moved->rows << " rows of " << moved->tables << " tables; both databases are equal\n"
              << "next: set storage.url to the new address";
    if (std::filesystem::exists(file.string() + ".key")) std::cout << ", and [sealing] key to the content of " << file.string() << ".key";
    std::cout << "\n";
    return 0;
}

} // namespace

int migrate(const CommandLine& line, const Config& config)
{
    if (!line.from.empty() || !line.to.empty()) return move_to_postgresql(line, config);
    base::SystemClock clock;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    std::cout << "the database is up to date\n";
    return 0;
}

} // namespace sportello::app
