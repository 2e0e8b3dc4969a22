#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace sportello::test {

/// A PostgreSQL for tests: the one that SPORTELLO_TEST_POSTGRES names, else one started here in a temporary directory,
/// listening on a socket there, and stopped at the end.
class PostgresCluster {
public:
    /// @return nothing when neither is possible; `why` says so.
    static std::unique_ptr<PostgresCluster> find_or_start(std::string& why);
    virtual ~PostgresCluster() = default;
    /// The address of one of its databases, whose user may make others.
    [[nodiscard]] virtual std::string url_of(const std::string& database) const = 0;
};

/// A primary and its synchronous standby, started in a temporary directory.
class PostgresPair {
public:
    /// @return nothing when there is no PostgreSQL here; `why` says so.
    static std::unique_ptr<PostgresPair> start(std::string& why);
    virtual ~PostgresPair() = default;
    /// Their empty database, on whichever of the two takes writes.
    [[nodiscard]] virtual std::string url() const = 0;
    /// The primary is lost at once, the standby promoted, and another standby set up in the lost one's place.
    /// @return what did not succeed; empty: everything did.
    [[nodiscard]] virtual std::string fail_over() = 0;
};

/// PgBouncer before the databases of a cluster, in transaction mode: more sessions come to it than it has to the server, and each
/// transaction gets any of them.
class PgBouncer {
public:
    static constexpr int sessions = 3; ///< with the server, at most
    /// @param url  of a database of that cluster, on a socket. @return nothing when there is no PgBouncer here; `why` says so.
    static std::unique_ptr<PgBouncer> start(const std::string& url, std::string& why);
    virtual ~PgBouncer() = default;
    /// The same database through it.
    [[nodiscard]] virtual std::string url() const = 0;
};

} // namespace sportello::test
