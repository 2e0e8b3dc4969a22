#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace sportello::bench {

/// A row as SQLite holds it.
using Cell = std::variant<std::nullptr_t, std::int64_t, std::string>;
using BareRow = std::vector<Cell>;
/// Rows of each table, in the order of their keys.
using TableRows = std::map<std::string, std::vector<BareRow>>;

/// Copies a database that nobody has open, with what its write-ahead log still holds.
void copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

/// The rows that `after` has beyond `before`, of the given tables (each with an integer key).
[[nodiscard]] TableRows rows_added(const std::filesystem::path& before, const std::filesystem::path& after,
                                   const std::vector<std::string>& tables);

/// The greatest key of each table, each with an integer key.
using LastKeys = std::map<std::string, std::int64_t>;
[[nodiscard]] LastKeys last_keys(const std::filesystem::path& file, const std::vector<std::string>& tables);
/// Takes the rows behind `before`, up to `after`, out of a database that nobody has open. @return them
[[nodiscard]] TableRows take_rows_out(const std::filesystem::path& file, const LastKeys& before, const LastKeys& after);

/// Inserts rows through SQLite alone: the same schema, WAL, synchronous=FULL, prepared statements, one connection.
class BareDatabase {
public:
    explicit BareDatabase(const std::filesystem::path& file);
    ~BareDatabase();
    BareDatabase(const BareDatabase&) = delete;
    BareDatabase& operator=(const BareDatabase&) = delete;

    void begin();
    void commit();
    void insert(const std::string& table, const BareRow& row);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace sportello::bench
