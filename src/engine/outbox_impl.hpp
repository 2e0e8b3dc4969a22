#pragma once

#include <sportello/engine/outbox.hpp>
#include <sportello/storage/lineage.hpp>
#include <sportello/storage/replies.hpp>

#include <set>

/// The outbox from inside: one coroutine looks for what is due and begins a task for each part. GCC 12 destroys the
/// awaitable of a co_await inside the condition of an if or a loop twice, so here every result of one gets a name first.
namespace sportello::engine {

/// One send, from resolving the name to the last byte of the answer.
inline constexpr base::Duration send_deadline = std::chrono::seconds(20);
/// The platform's clock and ours may differ so much: what was written this long before a send may be its effect.
inline constexpr base::Duration before_send = std::chrono::minutes(2);

// How attempts ended, in the database's words.
inline constexpr std::string_view attempt_not_sent = "not_sent";
inline constexpr std::string_view attempt_not_sent_probably = "not_sent_probably";
inline constexpr std::string_view attempt_failed = "failed";
inline constexpr std::string_view attempt_unknown = "unknown";
inline constexpr std::string_view attempt_duplicate = "duplicate"; ///< unknown, and the platform knows an equal text

struct Outbox::Impl : std::enable_shared_from_this<Outbox::Impl> {
    Impl(boost::asio::any_io_executor given_executor, storage::Database& given_db, const Settings& given_settings,
         Connectors& given_connectors, base::Clock& given_clock, base::Random& given_random)
        : executor(std::move(given_executor)), db(given_db), settings(given_settings), connectors(given_connectors), clock(given_clock),
          random(given_random), work(clock, executor), idle(clock, executor)
    {
    }

    boost::asio::any_io_executor executor;
    storage::Database& db;
    const Settings& settings;
    Connectors& connectors;
    base::Clock& clock;
    base::Random& random;
    base::Signal work;                ///< something may be due
    base::Signal idle;                ///< a send or the loop ended, for stop()
    std::set<std::int64_t> under_way; ///< parts being sent or read back
    std::string lineage_token;        ///< of the database's present life; empty: not watched
    std::string server_life;          ///< of the database server's; empty: a file
    bool after_another = false;       ///< another node did this before
    bool server_changed = false;      ///< another server has taken over since begin()
    bool orphans = false;             ///< a task broke off and left its part as it was
    bool running = false;
    bool stopping = false;

    /// What one look at the outbox found.
    struct Due {
        std::vector<storage::OutboxPart> to_send;
        std::vector<storage::OutboxPart> to_read_back;
        bool server_changed = false;
        bool to_page = false; ///< something has been uncertain for too long
        std::optional<base::Instant> next;
    };
    /// What is about to be sent, with the times at which that was written down.
    struct Marked {
        storage::OutboxPart part;
        connectors::PublishRequest request;
        domain::AttemptId attempt;
        base::Instant at{};
        base::Duration since_boot{};
    };

    // outbox.cpp: the loop
    boost::asio::awaitable<void> run(); ///< until stop()
    boost::asio::awaitable<base::Instant> round();
    boost::asio::awaitable<Result<Due>> look();
    boost::asio::awaitable<Result<std::vector<storage::OutboxPart>>> reserve(std::vector<storage::OutboxPart> parts);
    void spawn(storage::OutboxPart part, boost::asio::awaitable<void> (Impl::*task)(storage::OutboxPart));
    connectors::Connector* connector_of(const storage::OutboxPart& part) const;

    // outbox_recovery.cpp: what a crash, a broken task or a restore left behind, and what nobody has settled
    boost::asio::awaitable<bool> begin();
    boost::asio::awaitable<bool> settle_orphans();
    void settle_orphans(storage::Transaction& tx, base::Instant now) const;
    /// Whether the unit runs on the server that begin() has seen, or on one that follows it.
    [[nodiscard]] bool on_the_same_server(storage::Transaction& tx) const;
    void remember(domain::AttemptId attempt) const;
    boost::asio::awaitable<void> page_supervisors();

    // outbox_send.cpp
    boost::asio::awaitable<void> send(storage::OutboxPart part);
    boost::asio::awaitable<bool> read_back_first(storage::OutboxPart& part);
    boost::asio::awaitable<std::optional<Marked>> mark(storage::OutboxPart part);
    boost::asio::awaitable<void> release(domain::PartId part, std::string key, std::string why);
    boost::asio::awaitable<connectors::PublishOutcome> publish(connectors::Connector& connector, connectors::PublishRequest request);
    boost::asio::awaitable<void> settle(storage::OutboxPart part, domain::AttemptId attempt, connectors::PublishOutcome outcome);
    /// Runs a unit until the database takes it or the server stops.
    template <class Unit> boost::asio::awaitable<void> write_whatever_comes(Unit& unit, std::string doing);

    // outbox_read_back.cpp
    boost::asio::awaitable<connectors::ReadBackResult> read_platform(storage::OutboxPart part);
    boost::asio::awaitable<void> read_back(storage::OutboxPart part);
    boost::asio::awaitable<void> conclude(storage::OutboxPart part, connectors::ReadBackResult found);
    /// Reads the platform for what a person says the reply is. @return when it was written there.
    boost::asio::awaitable<Result<base::Instant>> verify(storage::OutboxPart part, std::string platform_id);
};

/// Waits longer after each try.
[[nodiscard]] base::Duration backoff_after(std::int32_t attempts);

} // namespace sportello::engine
