#include <sportello/domain/reply_match.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Duration, 7> first_reads{2s, 5s, 15s, 60s, 5min, 15min, 60min};
constexpr Duration later_reads = 1h;
constexpr Duration last_read_after = 24h;
constexpr Duration between_late_reads = 1min;
constexpr std::int32_t reads_to_conclude = 3;
constexpr Duration conclude_after = 15min;

Duration planned_after_deadline(std::int32_t reads_done)
{
    const auto index = static_cast<std::size_t>(std::max(reads_done, 0));
    if (index < first_reads.size()) return first_reads[index];
    return first_reads.back() + later_reads * static_cast<std::int64_t>(index - first_reads.size() + 1);
}

} // namespace

std::optional<Instant> next_read_back(Instant deadline, std::int32_t reads_done, Instant now)
{
    const auto after = planned_after_deadline(reads_done);
    if (after > last_read_after) return std::nullopt;
    if (deadline + after > now) return deadline + after;
    // Late, after an outage: what was missed is made up for at a walking pace; once the day is over, only as far as a
    // conclusion needs it.
    if (now < deadline + last_read_after || reads_done < reads_to_conclude) return now + between_late_reads;
    return std::nullopt;
}

bool is_absent(Instant deadline, Instant last_read, std::int32_t complete_reads, bool canary_seen)
{
    return complete_reads >= reads_to_conclude && last_read >= deadline + conclude_after && canary_seen;
}

Delivery state_of_reply(std::span<const ReplyPart> parts)
{
    const auto any = [parts](Delivery state) {
        return std::ranges::any_of(parts, [state](const auto& part) { return part.state == state; });
    };
    const auto all = [parts](Delivery state) {
        return !parts.empty() && std::ranges::all_of(parts, [state](const auto& part) { return part.state == state; });
    };
    for (const auto state : {Delivery::needs_decision, Delivery::unknown, Delivery::failed}) {
        if (any(state)) return state;
    }
    if (all(Delivery::published)) return Delivery::published;
    // Between two parts the reply is on its way, although no request is.
    if (any(Delivery::sending) || any(Delivery::published)) return Delivery::sending;
    if (any(Delivery::reserved)) return Delivery::reserved;
    return all(Delivery::cancelled) ? Delivery::cancelled : Delivery::queued;
}

} // namespace sportello::domain
