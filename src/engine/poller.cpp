#include "poller.hpp"

#include "patience.hpp"

#include <sportello/storage/channels.hpp>

#include <sportello/base/tally.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Instant;
using namespace std::chrono_literals;

// A channel that must wait is watched meanwhile: it may fall behind.
constexpr base::Duration look_at_least = 1min;
// A connector that always has more would starve everything else of this channel; the next round goes on.
constexpr int most_steps = 10'000;
// While thousands come in, agents get the first ones before the last has been read; a commit for each few hundred.
constexpr std::size_t hand_out_every = 500;
// Between two polls that webhooks ask for.
constexpr base::Duration poke_distance = 2s;

} // namespace

Poller::Poller(asio::any_io_executor executor, storage::Database& db, const Settings& settings, const ChannelSettings& channel,
               connectors::Connector& connector, Ticketing& ticketing, base::Clock& clock)
    : db_(db), channel_(channel), connector_(connector), ticketing_(ticketing), clock_(clock), intake_(db, settings, clock),
      governor_(db, settings, channel, connector, clock), signal_(clock, std::move(executor))
{
}

asio::awaitable<void> Poller::run()
{
    while (!stopping_) {
        const Instant next = co_await round();
        if (!stopping_) co_await rest_until(next);
    }
}

asio::awaitable<void> Poller::rest_until(Instant next)
{
    const Instant soonest = clock_.now() + poke_distance;
    co_await signal_.wait_until(next);
    while (poked_ && !stopping_ && clock_.now() < std::min(soonest, next)) co_await signal_.wait_until(std::min(soonest, next));
    poked_ = false;
}

void Poller::stop()
{
    stopping_ = true;
    signal_.notify();
}

void Poller::wake()
{
    signal_.notify();
}

void Poller::begin_anew()
{
    trouble_ = {};
    failures_ = 0;
    signal_.notify();
}

void Poller::poke()
{
    poked_ = true;
    signal_.notify();
}

/// One poll, and now and then a recheck. @return when the next is due.
asio::awaitable<Instant> Poller::round()
{
    auto load = [&](storage::Transaction& tx) -> base::Result<storage::ChannelState> { return storage::load_channel(tx, channel_.id); };
    const auto state = co_await db_.read(load);
    const auto watched = co_await governor_.watch();
    if (!watched) spdlog::error("channel {}: {}", channel_.id, watched.error().what());
    const Instant now = clock_.now();
    if (state && state->reading_paused) co_return now + longest_wait;
    const Instant not_before = std::max(state ? state->not_before.value_or(now) : now, trouble_.not_before.value_or(now));
    if (not_before > now) co_return std::min(not_before, now + look_at_least);

    const auto polled = co_await poll_once();
    if (!polled && stopping_) co_return now; // what was read is left to whoever reads next
    base::tally("polls", channel_.id);
    if (!polled || trouble_.state != connectors::ChannelTrouble::State::ok) base::tally("poll_failures", channel_.id);
    else if (*polled > 0) base::tally("messages_read", channel_.id, static_cast<double>(*polled));
    if (!polled) spdlog::error("channel {}: {}", channel_.id, polled.error().what());
    else if (trouble_.state == connectors::ChannelTrouble::State::ok && clock_.now() >= next_recheck_) {
        next_recheck_ = clock_.now() + channel_.recheck;
        const auto looked = co_await intake_.recheck(channel_, connector_);
        if (!looked) { spdlog::error("channel {}: recheck: {}", channel_.id, looked.error().what()); }
    }
    const bool failed = !polled || trouble_.state == connectors::ChannelTrouble::State::unavailable;
    failures_ = failed ? std::min(failures_ + 1, 6) : 0;
    co_return clock_.now() + std::max<base::Duration>(governor_.pause(), failed ? 1s * (1 << failures_) : 0s);
}

asio::awaitable<base::Result<std::size_t>> Poller::poll_once()
{
    const auto restored = co_await governor_.restore();
    if (!restored) co_return restored.error();
    std::size_t stored = 0, to_hand_out = 0;
    for (int step = 0; step < most_steps && !stopping_; ++step) {
        const auto polled = co_await intake_.poll(channel_, connector_);
        if (!polled) co_return polled.error();
        stored += polled->stored;
        to_hand_out += polled->stored;
        trouble_ = polled->trouble;
        if (to_hand_out < hand_out_every && polled->more) continue;
        const auto handed_out = co_await hand_out();
        if (!handed_out) co_return handed_out.error();
        to_hand_out = 0;
        if (!polled->more) break;
    }
    governor_.polled(stored);
    co_return stored;
}

/// What has been stored becomes tickets, and the tickets get to agents.
asio::awaitable<base::Result<void>> Poller::hand_out()
{
    std::size_t all = 0;
    while (true) {
        const auto threaded = co_await ticketing_.thread_new_messages();
        if (!threaded) co_return threaded.error();
        if (*threaded == 0) break;
        all += *threaded;
    }
    if (all == 0) co_return base::Result<void>();
    const auto assigned = co_await ticketing_.assign_waiting();
    if (!assigned) co_return assigned.error();
    co_return base::Result<void>();
}

} // namespace sportello::engine
