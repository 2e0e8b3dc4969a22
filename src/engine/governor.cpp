#include "governor.hpp"

#include "facts.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/poll_pace.hpp>
#include <sportello/storage/channel_history.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Duration;
using base::Instant;
using storage::Transaction;
using namespace std::chrono_literals;
using Hour = std::chrono::sys_time<std::chrono::hours>;

constexpr Duration lately = 10min;
constexpr Duration between_looks = 1min;
constexpr int weeks_looked_at = 6;
// Hours before the present one whose messages are compared with those of earlier weeks.
constexpr std::chrono::hours hours_looked_at{2};
// How much one more poll moves the mean of what polls cost.
constexpr double newest_weight = 0.1;

std::string json_of(const std::vector<domain::Quota>& quotas)
{
    auto list = nlohmann::json::array();
    for (const domain::Quota& quota : quotas) {
        list.push_back({{"endpoint", quota.endpoint},
                        {"window", quota.window},
                        {"limit", quota.limit},
                        {"remaining", quota.remaining},
                        {"resets_at", base::to_rfc3339(std::chrono::ceil<std::chrono::seconds>(quota.resets_at))}});
    }
    return list.dump();
}

/// What came in from `from` up to the same part of the present hour as `now` has reached.
double arrived_in(Transaction& tx, const std::string& channel, Hour from, Instant now)
{
    const Hour hour = std::chrono::floor<std::chrono::hours>(now);
    const double part = std::chrono::duration<double>(now - hour) / std::chrono::hours(1);
    return static_cast<double>(storage::arrivals_between(tx, channel, from, hour)) +
           part * static_cast<double>(storage::arrivals_between(tx, channel, hour, hour + 1h));
}

/// The same hours of the weeks before, as far back as anything is known.
std::vector<double> usual_at(Transaction& tx, const std::string& channel, Hour from, Instant now)
{
    std::vector<double> weeks;
    const auto first = storage::first_arrivals(tx, channel);
    for (int week = 1; week <= weeks_looked_at; ++week) {
        const std::chrono::hours back = week * std::chrono::hours(24 * 7);
        if (!first || from - back < *first) break;
        weeks.push_back(arrived_in(tx, channel, from - back, now - back));
    }
    return weeks;
}

} // namespace

void note_budget(Transaction& tx, storage::ChannelState& state, connectors::Connector& connector, Instant now)
{
    const domain::CallBudget* budget = connector.budget();
    if (!budget) return;
    storage::save_spending(tx, state.channel, budget->spending(now));
    state.quotas = json_of(budget->quotas(now));
}

asio::awaitable<base::Result<void>> Governor::restore()
{
    domain::CallBudget* budget = connector_.budget();
    if (restored_ || !budget) co_return base::Result<void>();
    const auto today = std::chrono::floor<std::chrono::days>(clock_.now());
    auto load = [&](Transaction& tx) -> base::Result<domain::Spending> { return storage::load_spending(tx, channel_.id, today); };
    const auto spent = co_await db_.read(load);
    if (!spent) co_return spent.error();
    budget->restore(*spent);
    spent_before_ = budget->spending(clock_.now()).today;
    restored_ = true;
    co_return base::Result<void>();
}

void Governor::polled(std::size_t stored)
{
    const Instant now = clock_.now();
    if (stored > 0) lately_.emplace_back(now, stored);
    forget_old(now);
    const domain::CallBudget* budget = connector_.budget();
    if (!budget) return;
    const domain::MicroDollars spent = budget->spending(now).today;
    const auto cost = static_cast<double>(std::max<domain::MicroDollars>(0, spent - spent_before_)); // less: a new day began
    poll_costs_ += newest_weight * (cost - poll_costs_);
    spent_before_ = spent;
}

Duration Governor::pause() const
{
    domain::PollSituation situation{
        .open = channel_.poll_open, .closed = channel_.poll_closed, .lately = 0, .poll_costs = 0, .money_left = {}};
    for (const auto& [at, stored] : lately_) situation.lately += static_cast<std::int64_t>(stored);
    if (const domain::CallBudget* budget = connector_.budget()) {
        situation.poll_costs = static_cast<domain::MicroDollars>(poll_costs_);
        situation.money_left = budget->left_for_reading(clock_.now());
    }
    static const domain::Calendar no_calendar = domain::Calendar::always_open();
    const BrandSettings* brand = settings_.brand(channel_.brand);
    return domain::poll_pause(situation, brand ? *brand->calendar : no_calendar, clock_.now());
}

asio::awaitable<base::Result<void>> Governor::watch()
{
    const Instant now = clock_.now();
    if (now < next_look_) co_return base::Result<void>();
    next_look_ = now + between_looks;
    auto look_now = [&](Transaction& tx) -> base::Result<std::pair<domain::ChannelFlags, domain::ChannelFlags>> {
        const storage::ChannelState state = storage::load_channel(tx, channel_.id);
        return std::pair(domain::ChannelFlags{state.quiet, state.behind}, look(tx, state, now));
    };
    const auto seen = co_await db_.read(look_now);
    if (!seen) co_return seen.error();
    const auto& [before, flags] = *seen;
    if (flags == before) co_return base::Result<void>();
    // The words count minutes; only a flag that goes up or down is news.
    const bool news = flags.quiet.empty() != before.quiet.empty() || flags.behind.empty() != before.behind.empty();
    auto write = [&](Transaction& tx) -> base::Result<void> {
        storage::set_flags(tx, channel_.id, flags.quiet, flags.behind);
        if (news) {
            tell(tx, "channel.flags", now, std::nullopt, nullptr,
                 {{"channel", channel_.id}, {"quiet", flags.quiet}, {"behind", flags.behind}});
        }
        return {};
    };
    co_return co_await db_.write(write);
}

domain::ChannelFlags Governor::look(Transaction& tx, const storage::ChannelState& state, Instant now) const
{
    if (state.reading_paused || !state.last_poll_at) return {}; // it is meant to be silent, or about to be read
    const Hour from = std::chrono::floor<std::chrono::hours>(now) - hours_looked_at;
    const std::vector<double> usual = usual_at(tx, channel_.id, from, now);
    domain::ChannelPulse pulse;
    pulse.arrived = storage::arrivals_between(tx, channel_.id, from, std::chrono::floor<std::chrono::hours>(now) + 1h);
    pulse.looked_at = now - from;
    pulse.usual = usual;
    pulse.last_read_at = state.last_poll_at;
    pulse.pause = pause();
    const bool lag_is_of_now = state.last_lag_seconds && !lately_.empty();
    if (lag_is_of_now) pulse.lag = std::chrono::seconds(*state.last_lag_seconds);
    return domain::flags_of(pulse, now);
}

void Governor::forget_old(Instant now)
{
    while (!lately_.empty() && now - lately_.front().first > lately) lately_.pop_front();
}

} // namespace sportello::engine
