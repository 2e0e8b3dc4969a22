#pragma once

#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/memory_store.hpp"
#include "support/run_to_end.hpp"
#include "support/seeded_random.hpp"

#include <sportello/connectors/factory.hpp>
#include <sportello/connectors/sign_in.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/simulator/simulator.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::test {

using namespace std::chrono_literals;

/// An RFC 3339 time.
inline base::Instant at(std::string_view text)
{
    return base::parse_rfc3339(text).value();
}

/// What a house of a test is like. Both functions are asked again after each start.
struct HouseOptions {
    std::uint64_t seed = 7;
    bool office_always_open = true;
    std::optional<domain::CalendarSpec> office_hours = {}; ///< other hours than either; asked again after each start
    int agents = 3;
    std::int32_t capacity = 20;
    bool automatic_assignment = true;
    std::optional<base::Instant> start_at = {}; ///< since when the channels count; nothing: their first reading
    bool publish = true;
    domain::ReplyRule reply_rule = domain::ReplyRule::none; ///< as the simulator's
    bool human_agent = false;
    bool resend_unseen = false;
    base::Duration poll = 20s;
    base::Duration recheck = 1min;
    base::Duration poll_closed{}; ///< zero: as `poll`
    bool renewing_tokens = false; ///< the account on X is signed in with OAuth 2.0: sign_in_on_x()
    bool three_brands = false;    ///< the demo's three, each with a Page and an account on X
    domain::MoneyCaps money = {}; ///< of each account on X
    /// Another connector than the platform's own, of the channel with this id.
    std::function<std::unique_ptr<connectors::Connector>(const std::string& channel, base::Clock& clock)> connector = {};
    /// Something around the database.
    std::function<std::unique_ptr<storage::Database>(std::unique_ptr<storage::Database>)> database = {};
    bool one_of_several = false;                          ///< the engine is one of several nodes, and another one after each start
    std::function<void(engine::Settings&)> settings = {}; ///< the last word on what the configuration says
    engine::Courier* courier = nullptr;                   ///< to the call centre
    bool brand_for_each_channel = false; ///< the account on X is of the brand "impresa"; the agents take turns: one brand each
};

/// The real engine and SQLite under a clock that the test turns; the platforms are the simulator, called in process.
class House {
public:
    using Account = std::pair<simulator::Platform, std::string>;
    inline static const Account page{simulator::Platform::facebook, "104000000000002"};
    inline static const Account handle{simulator::Platform::twitter, "TIM_Sportello"};

    explicit House(HouseOptions given = {});
    House(const House&) = delete;
    House& operator=(const House&) = delete;
    ~House();

    /// Starts pollers, clockwork and outbox.
    void start();
    /// Ends the server without any goodbye, as kill -9 does, and opens it again on the same file.
    void crash_and_restart();
    /// A copy of the database as it is.
    void back_up();
    /// Ends the server and starts it on that copy: what happened since is forgotten.
    void restore_and_restart();
    /// What `sportello channel connect tim-x` does, with a person who presses the button at once: tokens of two hours.
    void sign_in_on_x();
    /// An order to the simulator's control API.
    void control(const std::string& what, const std::string& json);
    void run_for(base::Duration duration);

    /// Runs an awaitable to its end, turning the clock as far as need be.
    template <class T> T run(boost::asio::awaitable<T> task) { return run_to_end(*io, &clock, std::move(task)); }
    template <class Unit> auto read(Unit unit) { return db->read_now(unit); }

    /// A customer writes now. @return the platform's id.
    std::string customer_writes(const Account& account, simulator::Kind kind, const std::string& author, const std::string& text,
                                const std::string& in_reply_to = "");

    [[nodiscard]] engine::Command as(std::int64_t agent, std::string key = "") const;

    std::vector<domain::Ticket> tickets();
    domain::Ticket ticket(domain::TicketId id);
    domain::Reply reply(domain::ReplyId id);
    std::int64_t count(std::string_view sql);

    /// Own items on the platform that stand under `parent` (public) or anywhere (empty), not deleted.
    std::size_t copies_on_platform(const std::string& text);

private:
    std::vector<std::int64_t> ids_;

public:
    HouseOptions options; ///< what is changed here holds from the next start
    std::unique_ptr<boost::asio::io_context> io;
    ManualClock clock;
    SeededRandom random;

private:
    std::filesystem::path directory_;
    int nodes_ = 0;

public:
    simulator::Simulator simulator;
    InProcessTransport transport;
    MemoryStore x_tokens; ///< as the database keeps them: they outlive crashes
    std::unique_ptr<storage::Database> db;
    std::unique_ptr<engine::Engine> engine;

private:
    [[nodiscard]] connectors::ChannelSettings reach_of_x();
    static std::filesystem::path make_directory();
    /// Account and brand of each channel.
    [[nodiscard]] std::map<std::string, std::pair<Account, std::string>> places() const;
    [[nodiscard]] engine::Settings settings() const;
    static domain::Calendar office_hours();
    void open();
    void add_agents();
    /// Drops everything in memory; coroutines that wait die with it.
    void close();
};

} // namespace sportello::test
