#pragma once

#include "support/in_process_transport.hpp"
#include "support/manual_clock.hpp"
#include "support/memory_store.hpp"
#include "support/seeded_random.hpp"

#include <sportello/connectors/factory.hpp>
#include <sportello/connectors/sign_in.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/simulator/simulator.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::test {

using namespace std::chrono_literals;

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
    std::function<void(engine::Settings&)> settings = {}; ///< the last word on what the configuration says
    engine::Courier* courier = nullptr; ///< to the call centre
    bool brand_for_each_channel = false; ///< the account on X is of the brand "impresa"; the agents take turns: one brand each
};

/// The real engine and SQLite under a clock that the test turns; the platforms are the simulator, called in process.
class House {
public:
    using Account = std::pair<simulator::Platform, std::string>;
    inline static const Account page{simulator::Platform::facebook, "104000000000002"};
    inline static const Account handle{simulator::Platform::twitter, "TIM_Sportello"};

    explicit House(HouseOptions given = {})
        : options(given), random(given.seed), directory_(make_directory()), simulator(clock, random, {}), transport(simulator.handler())
    {
        open();
        add_agents();
    }
    House(const House&) = delete;
    House& operator=(const House&) = delete;
    ~House()
    {
        close();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    /// Starts pollers, clockwork and outbox.
    void start() { engine->start(); }
    /// Ends the server without any goodbye, as kill -9 does, and opens it again on the same file.
    void crash_and_restart()
    {
        close();
        open();
        start();
    }
    /// A copy of the database as it is.
    void back_up()
    {
        std::filesystem::remove_all(directory_ / "backup");
        std::filesystem::create_directory(directory_ / "backup");
        for (const char* name : {"house.db", "house.db-wal"}) {
            if (std::filesystem::exists(directory_ / name)) std::filesystem::copy(directory_ / name, directory_ / "backup" / name);
        }
    }
    /// Ends the server and starts it on that copy: what happened since is forgotten.
    void restore_and_restart()
    {
        close();
        for (const char* name : {"house.db", "house.db-wal", "house.db-shm"}) std::filesystem::remove(directory_ / name);
        for (const auto& file : std::filesystem::directory_iterator(directory_ / "backup")) {
            std::filesystem::copy(file.path(), directory_ / file.path().filename());
        }
        open();
        start();
    }
    /// What `sportello channel connect tim-x` does, with a person who presses the button at once: tokens of two hours.
    void sign_in_on_x()
    {
        control("x", R"({"auto_grant": "TIM_Sportello"})");
        const auto sign_in = connectors::make_sign_in(connectors::SignInWay::x_oauth2, reach_of_x(), "http://localhost:8765/callback",
                                                      transport, clock, random);
        http::ClientRequest look;
        look.url = run(sign_in->begin()).value();
        const auto sent = run(transport.send(look));
        const std::string back(sent.response->headers.find("Location").value_or("?"));
        auto finish = sign_in->finish(http::Parameters::parse(std::string_view(back).substr(back.find('?') + 1)), false);
        x_tokens.tokens = run(std::move(finish)).value().tokens;
    }
    /// An order to the simulator's control API.
    void control(const std::string& what, const std::string& json)
    {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = "http://simulator.test/control/" + what;
        request.body = json;
        const auto answered = run(transport.send(request));
        EXPECT_TRUE(answered.response && answered.response->status < 300)
            << what << ": " << (answered.response ? answered.response->body : answered.failure);
    }
    void run_for(base::Duration duration) { clock.run_for(*io, duration); }

    /// Runs an awaitable to its end, turning the clock as far as need be.
    template <class T> T run(boost::asio::awaitable<T> task)
    {
        std::optional<T> result;
        std::exception_ptr failure;
        boost::asio::co_spawn(*io, std::move(task), [&](const std::exception_ptr& error, T value) {
            failure = error;
            result.emplace(std::move(value));
        });
        for (int steps = 0; !result && steps < 1000; ++steps) clock.run_for(*io, steps == 0 ? 0s : 1s);
        if (failure) std::rethrow_exception(failure);
        if (!result) throw std::runtime_error("the task did not end within 1000 simulated seconds");
        return std::move(*result);
    }
    template <class Unit> auto read(Unit unit) { return db->read_now(unit); }

    /// A customer writes now. @return the platform's id.
    std::string customer_writes(const Account& account, simulator::Kind kind, const std::string& author, const std::string& text,
                                const std::string& in_reply_to = "")
    {
        simulator::NewItem item;
        item.platform = account.first;
        item.account = account.second;
        item.kind = kind;
        item.author = author;
        item.text = text;
        item.in_reply_to = in_reply_to;
        const auto id = simulator.write(item);
        EXPECT_TRUE(id) << (id ? "" : id.error().what());
        return id ? *id : std::string();
    }

    [[nodiscard]] engine::Command as(std::int64_t agent, std::string key = "") const
    {
        engine::Command command;
        command.actor.id = domain::AgentId{agent};
        command.request_hash = key;
        command.idempotency_key = std::move(key);
        return command;
    }

    std::vector<domain::Ticket> tickets()
    {
        std::vector<domain::Ticket> all;
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            tx.for_each("SELECT id FROM ticket ORDER BY id", [&](const storage::Row& row) { ids_.push_back(row.number(0)); });
            for (const std::int64_t id : ids_) all.push_back(storage::find_ticket(tx, domain::TicketId{id}).value());
            ids_.clear();
            return {};
        };
        EXPECT_TRUE(db->read_now(unit));
        return all;
    }
    domain::Ticket ticket(domain::TicketId id)
    {
        return read([&](storage::Transaction& tx) { return storage::find_ticket(tx, id); }).value();
    }
    domain::Reply reply(domain::ReplyId id)
    {
        return read([&](storage::Transaction& tx) { return storage::find_reply(tx, id); }).value();
    }
    std::int64_t count(std::string_view sql)
    {
        return read([&](storage::Transaction& tx) -> base::Result<std::int64_t> {
                   return tx.first(sql, [](const storage::Row& row) { return row.number(0); }).value_or(-1);
               })
            .value();
    }

    /// Own items on the platform that stand under `parent` (public) or anywhere (empty), not deleted.
    std::size_t copies_on_platform(const std::string& text)
    {
        std::size_t copies = 0;
        for (const simulator::Item& item : simulator.world().items()) {
            copies += item.own && !item.deleted && item.now().text.find(text) != std::string::npos;
        }
        return copies;
    }

private:
    std::vector<std::int64_t> ids_;

public:
    HouseOptions options; ///< what is changed here holds from the next start
    std::unique_ptr<boost::asio::io_context> io;
    ManualClock clock;
    SeededRandom random;

private:
    std::filesystem::path directory_;

public:
    simulator::Simulator simulator;
    InProcessTransport transport;
    MemoryStore x_tokens; ///< as the database keeps them: they outlive crashes
    std::unique_ptr<storage::Database> db;
    std::unique_ptr<engine::Engine> engine;

private:
    [[nodiscard]] connectors::ChannelSettings reach_of_x()
    {
        connectors::ChannelSettings reach;
        reach.id = "tim-x";
        reach.brand = "tim";
        reach.platform = domain::Platform::twitter;
        reach.account = handle.second;
        reach.api_base = "http://simulator.test/2";
        reach.credentials.client_id = simulator::consumer_key;
        reach.credentials.client_secret = simulator::consumer_secret;
        reach.token_store = &x_tokens;
        reach.tokens = x_tokens.tokens;
        return reach;
    }

    static std::filesystem::path make_directory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "sportello-house-XXXXXX").string();
        return mkdtemp(name.data());
    }

    /// Account and brand of each channel.
    [[nodiscard]] std::map<std::string, std::pair<Account, std::string>> places() const
    {
        std::map<std::string, std::pair<Account, std::string>> all{{"tim-facebook", {page, "tim"}},
                                                                   {"tim-x", {handle, options.brand_for_each_channel ? "impresa" : "tim"}}};
        if (!options.three_brands) return all;
        all["telecom-facebook"] = {{simulator::Platform::facebook, "104000000000001"}, "telecom"};
        all["telecom-x"] = {{simulator::Platform::twitter, "TelecomItalia"}, "telecom"};
        all["impresa-facebook"] = {{simulator::Platform::facebook, "104000000000003"}, "impresa"};
        all["impresa-x"] = {{simulator::Platform::twitter, "ImpresaSemplice"}, "impresa"};
        return all;
    }

    [[nodiscard]] engine::Settings settings() const
    {
        engine::Settings made;
        std::map<std::string, std::string> names{{"tim", "TIM"}};
        if (options.brand_for_each_channel) names["impresa"] = "Impresa";
        if (options.three_brands) names = {{"telecom", "Telecom Italia"}, {"tim", "TIM"}, {"impresa", "Impresa Semplice"}};
        const auto calendar =
            std::make_shared<const domain::Calendar>(options.office_hours         ? domain::Calendar::make(*options.office_hours).value()
                                                     : options.office_always_open ? domain::Calendar::always_open()
                                                                                  : office_hours());
        for (const auto& [id, name] : names) {
            engine::BrandSettings brand;
            brand.id = id;
            brand.name = name;
            brand.calendar = calendar;
            made.brands.push_back(std::move(brand));
        }
        if (!options.automatic_assignment) made.assignment.policy = domain::AssignmentPolicy::manual;
        made.lineage_file = directory_ / "house.db.lineage";
        for (const auto& [id, place] : places()) {
            const auto& [account, brand] = place;
            engine::ChannelSettings channel;
            channel.id = id;
            channel.brand = brand;
            channel.platform = account.first == simulator::Platform::facebook ? domain::Platform::facebook : domain::Platform::twitter;
            channel.account = account.second;
            channel.poll_open = options.poll;
            channel.poll_closed = options.poll_closed == 0s ? options.poll : options.poll_closed;
            channel.recheck = options.recheck;
            channel.start_at = options.start_at;
            channel.publish = options.publish;
            channel.reply_rule = options.reply_rule;
            channel.human_agent = options.human_agent;
            channel.resend_unseen = options.resend_unseen;
            if (channel.platform == domain::Platform::twitter) channel.money = options.money;
            made.channels.push_back(channel);
        }
        if (options.settings) options.settings(made);
        return made;
    }

    static domain::Calendar office_hours()
    {
        domain::CalendarSpec spec;
        for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = domain::parse_windows("09:00-18:00").value();
        return domain::Calendar::make(spec).value();
    }

    void open()
    {
        io = std::make_unique<boost::asio::io_context>(1);
        storage::DatabaseOptions database;
        database.url = "sqlite:" + (directory_ / "house.db").string();
        database.migrations = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
        database.inline_execution = true;
        db = storage::Database::open(database, clock).value();
        if (options.database) db = options.database(std::move(db));
        const engine::Settings made = settings();
        engine::Connectors connectors;
        for (const engine::ChannelSettings& channel : made.channels) {
            connectors::ChannelSettings reach;
            reach.id = channel.id;
            reach.brand = channel.brand;
            reach.platform = channel.platform;
            reach.account = channel.account;
            reach.money = channel.money;
            reach.api_base = channel.platform == domain::Platform::facebook ? "http://simulator.test/v25.0" : "http://simulator.test/2";
            reach.human_agent = channel.human_agent;
            reach.credentials.access_token = "sim-" + std::string(to_string(channel.platform)) + "-" + channel.account;
            if (options.renewing_tokens && channel.id == "tim-x") reach = reach_of_x();
            connectors.emplace(channel.id, options.connector ? options.connector(channel.id, clock)
                                                             : connectors::make_connector(reach, transport, clock, random));
        }
        engine = std::make_unique<engine::Engine>(io->get_executor(), *db, made, std::move(connectors), clock, random);
        if (options.courier) engine->use_courier(*options.courier);
    }

    void add_agents()
    {
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            for (int i = 1; i <= options.agents; ++i) {
                domain::Agent agent;
                agent.login = "agent" + std::to_string(i);
                agent.name = "Agent " + std::to_string(i);
                agent.available = true;
                agent.capacity = options.capacity;
                if (options.brand_for_each_channel) agent.brands = {i % 2 ? "tim" : "impresa"};
                if (const auto added = storage::insert_agent(tx, agent, "", clock.now()); !added) return added.error();
            }
            return {};
        };
        EXPECT_TRUE(db->write_now(unit));
    }

    /// Drops everything in memory; coroutines that wait die with it.
    void close()
    {
        engine.reset();
        io.reset();
        db.reset();
    }
};

} // namespace sportello::test
