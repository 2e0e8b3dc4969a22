#include "filled_house.hpp"

#include "figures.hpp"
#include "past.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/connectors/connector.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <spdlog/spdlog.h>

#include <iostream>
#include <stdexcept>

namespace sportello::bench {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t items_a_page = 100;
constexpr int most_sources = 4;

std::string channel_of(int source)
{
    return source == 0 ? channel : channel + std::to_string(source);
}

/// A platform that has everything ready, so that what is measured is ours.
class Feed final : public connectors::Connector {
public:
    Feed(base::Clock& clock, std::int64_t count, int source) : clock_(clock), left_(count), source_(source) {}

    asio::awaitable<connectors::PollResult> poll(std::string cursor) override
    {
        connectors::PollResult result;
        std::int64_t number = cursor.empty() ? 0 : std::stoll(cursor);
        for (std::int64_t i = 0; i < items_a_page && left_ > 0; ++i, --left_) result.items.push_back(mention(++number));
        result.cursor = std::to_string(number);
        result.more = left_ > 0;
        co_return result;
    }
    asio::awaitable<connectors::RecheckResult> recheck(std::vector<std::string>) override { co_return connectors::RecheckResult(); }
    asio::awaitable<connectors::PublishOutcome> publish(connectors::PublishRequest) override { co_return connectors::PublishOutcome(); }
    asio::awaitable<connectors::ReadBackResult> read_back(connectors::ReadBackRequest) override { co_return connectors::ReadBackResult(); }

private:
    [[nodiscard]] domain::PlatformItem mention(std::int64_t place) const
    {
        const std::int64_t number = place + source_ * std::int64_t(100'000'000);
        domain::PlatformItem item;
        item.platform_id = std::to_string(1'900'000'000'000'000'000 + number);
        item.kind = domain::MessageKind::mention;
        item.author_id = std::to_string(700'000'000 + number);
        item.author_name = "Cliente Numero " + std::to_string(number);
        item.author_handle = "cliente_" + std::to_string(number);
        item.text = "@bench Da stamattina la linea cade ogni dieci minuti e il modem resta con la luce rossa, potete verificare? " +
                    std::to_string(number);
        item.root_id = item.platform_id;
        item.permalink = "https://x.com/i/web/status/" + item.platform_id;
        item.at = clock_.now();
        return item;
    }

    base::Clock& clock_;
    std::int64_t left_;
    int source_;
};

/// With the channels of all sources: any node may be the one that makes tickets of what another has read.
engine::Settings house_settings()
{
    engine::Settings made = settings_of({brand});
    for (int source = 0; source < most_sources; ++source) {
        engine::ChannelSettings x;
        x.id = channel_of(source);
        x.brand = brand;
        x.platform = domain::Platform::twitter;
        x.account = "bench";
        made.channels.push_back(x);
    }
    return made;
}

template <class T> T or_throw(base::Result<T> result)
{
    if (!result) throw std::runtime_error(result.error().what());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void add_agents(storage::Database& db, base::Instant now)
{
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        for (int i = 1; i <= 9; ++i) {
            domain::Agent agent;
            agent.login = "agent" + std::to_string(i);
            agent.name = "Agent " + std::to_string(i);
            agent.available = true;
            agent.capacity = 100'000'000;
            if (storage::find_agent_by_login(tx, agent.login)) continue;
            if (const auto added = storage::insert_agent(tx, agent, "", now); !added) return added.error();
        }
        return {};
    };
    or_throw(db.write_now(unit));
}

std::unique_ptr<storage::Database> open_house(const std::string& url, base::Clock& clock)
{
    spdlog::set_level(spdlog::level::err); // what is told is figures
    storage::DatabaseOptions options;
    options.url = url;
    options.migrations = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
    auto db = or_throw(storage::Database::open(options, clock));
    add_agents(*db, clock.now());
    return db;
}

} // namespace

double take_messages_in(const std::string& url, std::int64_t count, int source)
{
    base::SystemClock clock;
    base::SystemRandom random;
    const auto db = open_house(url, clock);

    asio::io_context io(1);
    engine::Connectors connectors;
    const std::string own = channel_of(source);
    for (int other = 0; other < most_sources; ++other)
        connectors.emplace(channel_of(other), std::make_unique<Feed>(clock, other == source ? count : 0, other));
    engine::Engine engine(io.get_executor(), *db, house_settings(), std::move(connectors), clock, random);
    std::exception_ptr failure;
    std::size_t stored = 0;
    bool done = false;
    const double seconds = seconds_of([&] {
        asio::co_spawn(io, engine.poll_once(own), [&](const std::exception_ptr& error, base::Result<std::size_t> result) {
            done = true;
            failure = error;
            if (result) stored = *result;
            else std::cerr << result.error().what() << "\n";
        });
        while (!done) io.run_one();
    });
    if (failure) std::rethrow_exception(failure);
    if (stored != static_cast<std::size_t>(count)) throw std::runtime_error("only " + std::to_string(stored) + " messages were stored");
    if (source > 0) return seconds; // another node may be about to assign the last ones
    auto unassigned = [&](storage::Transaction& tx) -> base::Result<std::int64_t> {
        return tx
            .first(
                "SELECT count(*) FROM ticket WHERE assignee_id IS NULL AND channel = $1",
                [](const storage::Row& row) { return row.number(0); }, own)
            .value_or(-1);
    };
    if (or_throw(db->read_now(unassigned)) != 0) throw std::runtime_error("some tickets were not assigned");
    return seconds;
}

Filling fill_house(const std::string& url, std::int64_t tickets, std::int64_t today)
{
    Filling filling;
    {
        base::SystemClock clock;
        const auto db = open_house(url, clock);
        Vocabulary vocabulary(1);
        filling.writing_seconds =
            write_past(*db, vocabulary, {.tickets = tickets - today, .messages_each = 1, .open = 0, .brands = {brand}});
        filling.indexing_seconds = index_past(*db, settings_of({brand}), clock);
    }
    filling.writing_seconds += take_messages_in(url, today);
    return filling;
}

} // namespace sportello::bench
