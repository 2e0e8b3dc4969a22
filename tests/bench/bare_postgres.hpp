#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::bench {

/// A row as libpq hands it out: texts, or nothing.
using PostgresCells = std::vector<std::optional<std::string>>;

/// One session of libpq alone. Every function throws when the server refuses.
class BarePostgres {
public:
    explicit BarePostgres(const std::string& url);
    ~BarePostgres();
    BarePostgres(const BarePostgres&) = delete;
    BarePostgres& operator=(const BarePostgres&) = delete;

    void run(const std::string& sql);
    [[nodiscard]] std::vector<PostgresCells> rows(const std::string& sql);
    [[nodiscard]] std::int64_t number(const std::string& sql);
    /// Inserts one row by a statement that is prepared once a table.
    void insert(const std::string& table, const PostgresCells& row);
    /// Runs a statement that is prepared once and looks at every cell. @return how many rows there were
    std::size_t read(const std::string& name, const std::string& sql, const std::vector<std::string>& values);
    /// The process of the server that all its others descend from.
    [[nodiscard]] int server_process();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The address of another database of the same server.
[[nodiscard]] std::string url_of_database(const std::string& url, const std::string& database);

} // namespace sportello::bench
