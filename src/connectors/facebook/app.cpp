#include "app.hpp"

namespace sportello::connectors::facebook {

using namespace std::chrono_literals;

void App::note(const std::string& page, const Answer& answer, Instant now)
{
    if (now - hour_begun_ >= 1h) {
        const bool next = now - hour_begun_ < 2h;
        for (auto& [name, calls] : pages_) {
            calls.before = next ? calls.now : 0;
            calls.now = 0;
        }
        hour_begun_ = now;
    }
    auto& calls = pages_[page];
    ++calls.now;
    if (!answer.arrived()) return;
    const GraphError error = error_of(answer.json());
    if (is_limit_of_app(error)) refusal_ = trouble_of_read(answer, now);

    const auto percent = app_usage_percent(answer.headers);
    if (percent < 75) return;
    if (percent >= 95) {
        calls.pause_until = access_regained_at(answer.headers, page, now).value_or(now + 5min);
    } else if (const double share = share_of(page); share > 1.0) {
        const auto pause = std::chrono::duration<double>(3.0 * static_cast<double>(percent - 70) * share);
        calls.pause_until = within_an_hour(now + std::chrono::duration_cast<base::Duration>(pause), now);
    }
}

Instant App::reads_from(const std::string& page) const
{
    const auto found = pages_.find(page);
    return found == pages_.end() ? Instant{} : found->second.pause_until;
}

ChannelTrouble App::refusal(Instant now) const
{
    return refusal_.not_before && now < *refusal_.not_before ? refusal_ : ChannelTrouble{};
}

/// 1: as much as a Page would have if all asked alike.
double App::share_of(const std::string& page) const
{
    std::int64_t all = 0;
    for (const auto& [name, calls] : pages_) all += calls.now + calls.before;
    const auto& own = pages_.at(page);
    return static_cast<double>((own.now + own.before) * static_cast<std::int64_t>(pages_.size())) /
           static_cast<double>(std::max<std::int64_t>(all, 1));
}

} // namespace sportello::connectors::facebook
