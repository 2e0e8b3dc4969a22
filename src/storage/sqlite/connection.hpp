#pragma once

#include <sportello/storage/transaction.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sportello::storage::sqlite {

/// How a connection is opened and how much it may keep in memory.
struct ConnectionOptions {
    bool read_only = false;
    int cache_kib = 2048;
};

/// One connection with its prepared statements; belongs to one thread at a time. Failures throw Failure.
class Connection final : public Transaction {
public:
    /// @param path  of the file, or ":memory:".
    Connection(const std::string& path, const ConnectionOptions& options);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    std::int64_t execute(std::string_view sql, std::span<const Value> values, const std::function<bool(const Row&)>& on_row) override;

    /// Runs a script of several statements without parameters, such as a migration.
    void run_script(const std::string& sql);
    /// The first column of the first row, as a number; 0 if there is none.
    std::int64_t number(std::string_view sql);
    std::string text(std::string_view sql);

    [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
    /// Leaves a transaction if there is one; never throws.
    void abandon() noexcept;
    [[nodiscard]] sqlite3* handle() const { return db_; }

    /// What the last error of the engine means for the caller.
    [[nodiscard]] Failure failure() const;

private:
    struct Prepared {
        sqlite3_stmt* statement = nullptr;
        std::string sql;                   ///< as it was asked for
        bool tells_new_id = false;         ///< asked for with RETURNING id, prepared without
        std::vector<std::size_t> value_of; ///< for each parameter of SQLite the index of our `$n` (from 0)
    };
    Prepared prepare(std::string_view sql) const;
    Prepared& prepared(std::string_view sql);
    void bind(const Prepared& prepared, std::span<const Value> values) const;
    std::int64_t step_through(const Prepared& prepared, const std::function<bool(const Row&)>& on_row) const;

    sqlite3* db_ = nullptr;
    std::string path_;
    std::unordered_map<const char*, Prepared> prepared_;
};

} // namespace sportello::storage::sqlite
