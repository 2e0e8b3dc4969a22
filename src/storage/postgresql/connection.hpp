#pragma once

#include <sportello/storage/transaction.hpp>

#include <libpq-fe.h>

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sportello::storage::postgresql {

struct ConnectionOptions {
    std::string url;           ///< as libpq takes it: several hosts, TLS and all
    std::string name;          ///< shown in pg_stat_activity
    bool keep_prepared = true; ///< false behind a pooler that hands each transaction another session
};

/// What the server's answer asks of whoever runs the transaction.
enum class Trouble {
    none,     ///< whatever failed will fail again
    conflict, ///< another transaction was in the way: the same again may succeed
    no_part,  ///< no part of the log takes the next number: make one, and the same again may succeed
    lost,     ///< the session is gone, or leads to a server that takes no writes: connect anew
};

/// One session with its prepared statements; belongs to one thread at a time. Failures throw Failure; what to do about one
/// is asked of `trouble()`.
///
/// Facts (rows of `event`) are not inserted where they are told but with `commit`, under a lock that all sessions take there: so
/// their numbers rise in the order of the commits, and who reads behind the last number it saw misses none.
class Connection final : public Transaction {
public:
    /// Connects. Throws Failure when no server answers.
    explicit Connection(ConnectionOptions options);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    std::int64_t execute(std::string_view sql, std::span<const Value> values, const std::function<bool(const Row&)>& on_row) override;

    // Both are told to the server with the first statement that follows: a round trip less.
    void begin();             ///< serializable
    void begin_snapshot();    ///< for reading only, on one snapshot
    void begin_unit();        ///< a savepoint
    void end_unit(bool keep); ///< releases it, or takes back what came after it
    /// Commits with the facts that were told and the mark by which this commit can be recognized afterwards.
    /// @return whether there were facts.
    bool commit(std::string_view mark, base::Instant now);
    void commit_snapshot(); ///< its answer is not waited for
    /// Leaves a transaction if there is one; never throws.
    void abandon() noexcept;

    /// Runs a script of several statements without parameters, such as a migration.
    void run_script(const std::string& sql);
    /// The first column of the first row; 0 or empty if there is none.
    std::int64_t number(std::string_view sql);
    std::string text(std::string_view sql);

    /// What the last failure since the last `begin` was about.
    [[nodiscard]] Trouble trouble() const { return trouble_; }
    /// Whether a transaction is open and not broken.
    [[nodiscard]] bool in_transaction() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS; }
    /// Begins a new session, forgetting this one. Throws Failure when no server answers.
    void reconnect();
    /// The number of the server's process for this session; changes with each `reconnect`. For other threads too.
    [[nodiscard]] const std::atomic<int>& session() const { return session_; }
    [[nodiscard]] PGconn* handle() const { return connection_.get(); }

private:
    struct Prepared {
        std::string sql;
        std::string name; ///< empty: not kept
        std::vector<Oid> types;
    };
    struct Fact {
        std::string_view sql;
        std::vector<Value> values; ///< texts point into `texts`
        std::vector<std::unique_ptr<std::string>> texts;
    };
    using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

    const Prepared& prepared(std::string_view sql);
    Prepared prepare(std::string_view sql, std::string name);
    void infer_types(Prepared& fresh);
    Answer run_prepared(const Prepared& statement, std::span<const Value> values);
    Answer run_behind_opening(const Prepared& statement, std::span<const Value> values);
    Answer expect(PGresult* answer, std::string_view doing);
    Failure failure(const PGresult* answer, std::string_view doing);
    void tell_later(std::string_view sql, std::span<const Value> values);
    void settle() noexcept;
    void open_transaction();
    void start_pipeline(std::string_view doing);
    void send(std::string_view sql, std::span<const Value> values);
    void send(const Prepared& statement, std::span<const Value> values);
    std::size_t send_opening();
    Answer finish_pipeline(std::size_t answers, std::string_view doing);

    ConnectionOptions options_;
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
    std::atomic<int> session_ = 0;
    std::unordered_map<const char*, Prepared> prepared_; ///< by the literal's address
    std::size_t names_given_ = 0;
    std::vector<Fact> facts_;
    std::size_t facts_before_unit_ = 0;
    std::span<const std::string_view> opening_; ///< of a transaction that has begun, and of which the server does not know yet
    bool has_committed_ = false;                ///< in this session
    bool unsettled_ = false;                    ///< an answer that nobody waits for is on its way
    Trouble trouble_ = Trouble::none;
};

} // namespace sportello::storage::postgresql
