#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace sportello::bench {

/// Reads rows through SQLite alone: one connection, prepared statements, each query of a round on the same snapshot, every
/// column of every row looked at.
class BareReads {
public:
    using Bound = std::variant<std::int64_t, std::string>;

    explicit BareReads(const std::filesystem::path& file);
    ~BareReads();
    BareReads(const BareReads&) = delete;
    BareReads& operator=(const BareReads&) = delete;

    void begin();
    void end();
    /// @param each  may look at the row; empty: nothing more is done with it
    void read(const char* sql, const std::vector<Bound>& values, const std::function<void(sqlite3_stmt*)>& each = {});

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace sportello::bench
