#include "nodes.hpp"

#include "patience.hpp"

#include <sportello/storage/events.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Result;
using storage::Transaction;
using namespace std::chrono_literals;

// However much is committed, the log is read and workers are woken no more often.
constexpr base::Duration between_looks_at_the_log = 100ms;
constexpr base::Duration between_looks_of_the_clock = 1s;
constexpr std::int64_t most_news = 1'000;
// What is under way when a duty is given back may end in this time; it is shorter than what a lease needs to be renewed in.
constexpr base::Duration to_end_in = 4s;
// A platform's longest answer, many times over: afterwards nothing refers to a tenure that has ended.
constexpr base::Duration forgotten_after = 10min;

} // namespace

struct Nodes::Polling {
    Polling(Services& door, std::shared_ptr<storage::Database> fenced, const ChannelSettings& channel, connectors::Connector& connector)
        : db(std::move(fenced)), ticketing(*db, door.settings, door.clock),
          poller(door.executor, *db, door.settings, channel, connector, ticketing, door.clock)
    {
    }
    std::shared_ptr<storage::Database> db;
    Ticketing ticketing;
    Poller poller;
    bool running = true;
};

struct Nodes::Publishing {
    Publishing(Services& door, std::shared_ptr<storage::Database> fenced)
        : db(std::move(fenced)), outbox(door.executor, *db, door.settings, door.connectors, door.clock, door.random)
    {
    }
    std::shared_ptr<storage::Database> db;
    Outbox outbox;
};

struct Nodes::ClockKeeping {
    ClockKeeping(Services& door, std::shared_ptr<storage::Database> fenced)
        : db(std::move(fenced)),
          services(std::make_shared<Services>(door.executor, *db, door.settings, door.connectors, door.clock, door.random))
    {
        services->use_those_of(door);
    }
    std::shared_ptr<storage::Database> db;
    std::shared_ptr<Services> services;
};

/// What happened since the log was last read, as far as it matters here.
struct Nodes::News {
    std::int64_t last = 0;
    bool any = false;
    bool of_hours = false;
    bool of_channels = false;
    bool of_access = false;
};

Nodes::Nodes(Services& door, NodeOptions node)
    : door_(door), news_(door.clock, door.executor), pause_(door.clock.make_timer(door.executor)),
      tenures_(door.executor, door.db, door.clock, std::move(node.name), duties(), timing_of(node.lease))
{
}

std::vector<Duty> Nodes::duties()
{
    std::vector<Duty> all;
    for (const ChannelSettings& channel : door_.settings.channels) {
        if (door_.connectors.contains(channel.id)) all.push_back(read_channel(channel));
    }
    all.push_back(publish());
    all.push_back(keep_the_clock());
    return all;
}

Duty Nodes::read_channel(const ChannelSettings& channel)
{
    const auto begin = [this, &channel](std::shared_ptr<storage::Database> fenced) {
        connectors::Connector& connector = *door_.connectors.find(channel.id)->second;
        const auto polling = std::make_shared<Polling>(door_, std::move(fenced), channel, connector);
        door_.spawn(poll_after(std::exchange(last_polling_[channel.id], polling), polling));
        polling_[channel.id] = polling;
    };
    const auto end = [this, id = channel.id]() -> asio::awaitable<void> {
        const auto ended = polling_.extract(id);
        if (!ended.empty()) {
            ended.mapped()->poller.stop();
            forget_later(ended.mapped());
        }
        co_return;
    };
    // In a flood it takes thousands of messages in; sending and the clock write little, and wait for none of that.
    return {.name = "channel:" + channel.id, .begin = begin, .end = end, .takes_turns = true};
}

/// A connector serves one poll at a time; that of an earlier tenure may wait for its answer still.
asio::awaitable<void> Nodes::poll_after(std::shared_ptr<Polling> before, std::shared_ptr<Polling> polling)
{
    const std::unique_ptr<base::Timer> timer = door_.clock.make_timer(door_.executor);
    while (before && before->running) co_await timer->wait_until(door_.clock.now() + 50ms);
    before.reset();
    co_await polling->poller.run();
    polling->running = false;
}

Duty Nodes::publish()
{
    const auto begin = [this](std::shared_ptr<storage::Database> fenced) {
        publishing_ = std::make_shared<Publishing>(door_, std::move(fenced));
        publishing_->outbox.start(Outbox::After::another_node);
    };
    const auto end = [this]() -> asio::awaitable<void> {
        const auto ended = std::exchange(publishing_, nullptr);
        if (!ended) co_return;
        forget_later(ended);
        co_await ended->outbox.stop(to_end_in);
    };
    return {.name = outbox_duty, .begin = begin, .end = end};
}

Duty Nodes::keep_the_clock()
{
    const auto begin = [this](std::shared_ptr<storage::Database> fenced) {
        clock_keeping_ = std::make_shared<ClockKeeping>(door_, std::move(fenced));
        clock_keeping_->services->start_working();
    };
    const auto end = [this]() -> asio::awaitable<void> {
        const auto ended = std::exchange(clock_keeping_, nullptr);
        if (!ended) co_return;
        forget_later(ended);
        ended->services->stop_working();
        co_await ended->services->all_ended(door_.clock.now() + to_end_in);
    };
    return {.name = clockwork_duty, .begin = begin, .end = end};
}

/// Coroutines of a tenure that has ended may still refer to it.
void Nodes::forget_later(std::shared_ptr<void> retired)
{
    const auto wait = [](std::shared_ptr<base::Timer> timer, base::Instant until, std::shared_ptr<Services>,
                         std::shared_ptr<void>) -> asio::awaitable<void> { co_await timer->wait_until(until); };
    std::shared_ptr<base::Timer> timer = door_.clock.make_timer(door_.executor);
    const base::Instant until = door_.clock.now() + forgotten_after;
    asio::co_spawn(door_.executor, wait(std::move(timer), until, door_.shared_from_this(), std::move(retired)), asio::detached);
}

Poller* Nodes::poller(std::string_view channel) const
{
    const auto found = polling_.find(channel);
    return found == polling_.end() ? nullptr : &found->second->poller;
}

void Nodes::start()
{
    door_.spawn(tenures_.run());
    door_.spawn(follow_the_log());
}

asio::awaitable<void> Nodes::stop()
{
    news_.notify();
    co_await tenures_.stop();
}

void Nodes::go_by_new_hours()
{
    if (clock_keeping_) clock_keeping_->services->clockwork_signal.notify();
    for (const auto& [channel, polling] : polling_) polling->poller.wake();
}

/// In the log each event comes once, wherever it was written and however late this node hears of it.
asio::awaitable<void> Nodes::follow_the_log()
{
    auto newest = [](Transaction& tx) -> Result<std::int64_t> { return storage::last_seq(tx); };
    std::int64_t seen = -1;
    while (!door_.stopping) {
        if (seen < 0) {
            const auto last = co_await door_.db.read(newest);
            if (last) seen = *last;
        } else {
            const auto news = co_await news_since(seen);
            if (news && news->any) {
                seen = news->last;
                co_await take_note(*news);
                co_await pause_->wait_until(door_.clock.now() + between_looks_at_the_log);
                if (!door_.stopping) continue; // perhaps there was more
            }
            let_the_clock_look();
        }
        const bool soon = seen < 0 || clock_is_to_look_;
        if (!door_.stopping) co_await news_.wait_until(door_.clock.now() + (soon ? between_looks_of_the_clock : idle_look));
    }
}

asio::awaitable<Result<Nodes::News>> Nodes::news_since(std::int64_t seq)
{
    auto unit = [&](Transaction& tx) -> Result<News> {
        News news;
        storage::events_since(tx, seq, most_news, [&](const domain::Event& event) {
            news.any = true;
            news.last = event.seq;
            news.of_hours = news.of_hours || event.type.starts_with("office.");
            news.of_channels = news.of_channels || event.type.starts_with("channel.");
            news.of_access = news.of_access || event.type == "channel.signed_in";
        });
        return news;
    };
    co_return co_await door_.db.read(unit);
}

asio::awaitable<void> Nodes::take_note(News news)
{
    if (news.of_hours) {
        const auto read = co_await door_.office_hours.refresh();
        if (!read) spdlog::error("node: read the office hours anew: {}", read.error().what());
    }
    for (const auto& [channel, polling] : polling_) {
        if (news.of_access) polling->poller.begin_anew();
        else if (news.of_channels) polling->poller.wake();
    }
    if (publishing_) publishing_->outbox.wake();
    if (clock_keeping_) clock_keeping_->services->wake_workers();
    clock_is_to_look_ = clock_keeping_ != nullptr;
    let_the_clock_look();
}

void Nodes::let_the_clock_look()
{
    if (!clock_is_to_look_ || door_.clock.now() - clock_looked_at_ < between_looks_of_the_clock) return;
    clock_is_to_look_ = false;
    clock_looked_at_ = door_.clock.now();
    if (clock_keeping_) clock_keeping_->services->clockwork_signal.notify();
}

} // namespace sportello::engine
