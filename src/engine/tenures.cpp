#include "tenures.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Result;
using storage::Lease;
using storage::Transaction;

// A node's own lease: by its renewals the others see that it lives, and count their shares.
constexpr std::string_view of_nodes = "node:";

} // namespace

bool lives_on(Transaction& tx, std::string_view machine)
{
    const std::string names = std::string(of_nodes) + std::string(machine) + "/";
    return std::ranges::any_of(storage::all_leases(tx),
                               [&](const Lease& lease) { return lease.name.starts_with(names) && !lease.holder.empty(); });
}

Tenures::Tenures(asio::any_io_executor executor, storage::Database& db, base::Clock& clock, std::string node, std::vector<Duty> duties,
                 TenureTiming timing)
    : db_(db), clock_(clock), node_(std::move(node)), duties_(std::move(duties)), timing_(timing), executor_(executor),
      signal_(clock, std::move(executor))
{
}

asio::awaitable<void> Tenures::run()
{
    running_ = true;
    while (!stopping_) {
        co_await beat();
        if (!stopping_) co_await signal_.wait_until(clock_.now() + timing_.beat_every);
    }
    running_ = false;
}

asio::awaitable<void> Tenures::stop()
{
    stopping_ = true;
    signal_.notify();
    // What a beat has begun with the leases is done first: units of work run beside this.
    const std::unique_ptr<base::Timer> timer = clock_.make_timer(executor_);
    while (running_) co_await timer->wait_until(clock_.now() + std::chrono::milliseconds(20));
    while (!held_.empty()) {
        const std::string name = held_.begin()->first;
        co_await lose(name, true);
    }
}

asio::awaitable<void> Tenures::beat()
{
    const base::Duration began = clock_.since_boot();
    const auto renewed = co_await renew();
    if (!renewed) {
        spdlog::warn("node {}: renew what it holds: {}", node_, renewed.error().what());
        if (clock_.since_boot() - renewed_ < timing_.give_up_after) co_return;
        while (!held_.empty()) {
            const std::string name = held_.begin()->first;
            co_await lose(name, false);
        }
        co_return;
    }
    renewed_ = began;
    for (const std::string& name : renewed->lost) co_await lose(name, false);
    // From when they have been read: the renewals were made before that, perhaps after this beat began.
    watch(renewed->all, clock_.since_boot());
    const bool knows_itself = held_.contains(std::string(of_nodes) + node_);
    const std::size_t most = share() + (knows_itself ? 1 : 0);
    if (held_.size() > most && !stopping_) {
        const auto spare = std::find_if(held_.rbegin(), held_.rend(), [](const auto& held) { return !held.first.starts_with(of_nodes); });
        const std::string name = spare->first;
        co_await lose(name, true);
        co_return;
    }
    if (!knows_itself) {
        const Duty itself{.name = std::string(of_nodes) + node_, .begin = {}, .end = {}};
        const std::optional<Lease> seen = seen_of(itself.name);
        co_await take(itself, seen);
        co_return; // first the others are to see that there is one more
    }
    for (const Duty& duty : duties_) {
        if (held_.size() >= most || stopping_) co_return;
        if (held_.contains(duty.name)) continue;
        const std::optional<Lease> seen = seen_of(duty.name);
        if (seen && !stands_still(duty.name)) continue;
        co_await take(duty, seen);
    }
}

asio::awaitable<Result<Tenures::Beat>> Tenures::renew()
{
    auto unit = [&](Transaction& tx) -> Result<Beat> {
        Beat beat;
        for (const Lease& gone : of_gone_nodes()) storage::drop_lease(tx, gone);
        for (const auto& [name, lease] : held_) {
            if (!storage::renew_lease(tx, lease)) beat.lost.push_back(name);
        }
        return beat;
    };
    auto beat = co_await db_.write(unit);
    if (!beat) co_return beat;
    // Apart from that: nodes that read each other's leases in the transaction in which they renew their own would be in each other's
    // way at every beat.
    auto look = [](Transaction& tx) -> Result<std::vector<Lease>> { return storage::all_leases(tx); };
    auto all = co_await db_.read(look);
    if (!all) co_return all.error();
    beat->all = std::move(*all);
    co_return beat;
}

/// Each start of a node has a name of its own; its lease does not stay for ever.
std::vector<Lease> Tenures::of_gone_nodes() const
{
    std::vector<Lease> gone;
    for (const auto& [name, watched] : watched_) {
        if (!name.starts_with(of_nodes) || held_.contains(name)) continue;
        const base::Duration long_enough = watched.lease.holder.empty() ? timing_.take_after : timing_.take_after * 4;
        if (clock_.since_boot() - watched.since >= long_enough) gone.push_back(watched.lease);
    }
    return gone;
}

void Tenures::watch(const std::vector<Lease>& all, base::Duration now)
{
    std::erase_if(watched_, [&](const auto& watched) {
        return std::ranges::none_of(all, [&](const Lease& lease) { return lease.name == watched.first; });
    });
    for (const Lease& lease : all) {
        Watched& known = watched_[lease.name];
        if (known.lease == lease) continue;
        known = {.lease = lease, .since = now};
    }
}

std::optional<Lease> Tenures::seen_of(const std::string& name) const
{
    const auto known = watched_.find(name);
    return known == watched_.end() ? std::nullopt : std::optional(known->second.lease);
}

bool Tenures::stands_still(const std::string& name) const
{
    const Watched& known = watched_.at(name);
    return known.lease.holder.empty() || clock_.since_boot() - known.since >= timing_.take_after;
}

/// The duties of one node among those that live.
std::size_t Tenures::share() const
{
    const auto nodes = static_cast<std::size_t>(std::count_if(watched_.begin(), watched_.end(), [this](const auto& watched) {
        return watched.first.starts_with(of_nodes) && watched.first != std::string(of_nodes) + node_ && !stands_still(watched.first);
    }));
    return (duties_.size() + nodes) / (nodes + 1);
}

asio::awaitable<void> Tenures::take(const Duty& duty, std::optional<Lease> seen)
{
    const base::Duration began = clock_.since_boot();
    auto unit = [&](Transaction& tx) -> Result<std::optional<Lease>> { return storage::take_lease(tx, duty.name, node_, seen); };
    const auto taken = co_await db_.write(unit);
    if (!taken) {
        spdlog::warn("node {}: take {}: {}", node_, duty.name, taken.error().what());
        co_return;
    }
    if (!*taken) co_return; // somebody was faster
    // A commit that took long, or a process that stood still meanwhile, may have been overtaken already.
    if (stopping_ || clock_.since_boot() - began >= timing_.give_up_after) co_return;
    held_[duty.name] = **taken;
    if (!duty.begin) co_return;
    spdlog::info("node {}: takes {}", node_, duty.name);
    duty.begin(std::make_shared<storage::FencedDatabase>(db_, **taken, duty.takes_turns));
}

asio::awaitable<void> Tenures::lose(std::string duty, bool give_back)
{
    const auto held = held_.extract(duty);
    if (held.empty()) co_return;
    const auto known = std::find_if(duties_.begin(), duties_.end(), [&](const Duty& each) { return each.name == duty; });
    if (known != duties_.end()) {
        spdlog::info("node {}: {} {}", node_, give_back ? "gives back" : "has lost", duty);
        co_await known->end();
    }
    if (!give_back) co_return;
    auto unit = [&](Transaction& tx) -> Result<void> {
        storage::give_lease_back(tx, held.mapped());
        return {};
    };
    const auto given = co_await db_.write(unit);
    if (!given) spdlog::warn("node {}: give back {}: {}", node_, duty, given.error().what()); // then it is seen to stand still
}

} // namespace sportello::engine
