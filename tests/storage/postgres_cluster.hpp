#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace sportello::storage::test {

/// A PostgreSQL for tests: the one that SPORTELLO_TEST_POSTGRES names, else one started here in a temporary directory,
/// listening on a socket there, and stopped at the end.
class PostgresCluster {
public:
    /// @return nothing when neither is possible; `why` says so.
    static std::unique_ptr<PostgresCluster> find_or_start(std::string& why);
    virtual ~PostgresCluster() = default;
    /// A libpq connection string.
    [[nodiscard]] virtual std::string url() const = 0;
};

} // namespace sportello::storage::test
