#pragma once

#include <string_view>
#include <vector>

namespace sportello::storage {

/// The text of one statement. Repositories write all their SQL as `const Statement` at namespace scope, so that a test can
/// list them and prepare each on a real PostgreSQL.
class Statement {
public:
    /// @param sql  a literal: connections keep it prepared under its address.
    explicit Statement(std::string_view sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    operator std::string_view() const { return sql_; } // what Transaction takes

private:
    friend std::vector<std::string_view> all_statements();
    std::string_view sql_;
    const Statement* previous_;
};

/// Every statement linked into the program.
[[nodiscard]] std::vector<std::string_view> all_statements();

} // namespace sportello::storage
