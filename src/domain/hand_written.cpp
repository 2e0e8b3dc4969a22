#include <sportello/domain/hand_written.hpp>

#include <sportello/domain/reply_match.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::domain {
namespace {

// The platform's clock and ours may differ by so much.
constexpr Duration tolerance = std::chrono::minutes(2);

/// How surely the message is the answer that is waited for; 0: it is not.
int likeness(const HandWait& wait, const Message& own, const std::string& own_text)
{
    if (own.at < wait.since - tolerance) return 0;
    const bool same_text = normalise_for_match(wait.text) == own_text;
    if (own.visibility == Visibility::private_) return same_text ? 4 : 3;
    if (own.parent_id == wait.target) return same_text ? 6 : 5;
    if (std::ranges::find(wait.path, own.parent_id) != wait.path.end()) return same_text ? 4 : 2;
    return same_text && own.parent_id == wait.root ? 1 : 0;
}

} // namespace

std::optional<std::size_t> ended_wait(std::span<const HandWait> waits, const Message& own)
{
    const std::string own_text = normalise_for_match(own.text);
    std::optional<std::size_t> best;
    int most = 0;
    for (std::size_t i = 0; i < waits.size(); ++i) {
        const int now = likeness(waits[i], own, own_text);
        if (now > most) most = now, best = i; // of equals the first, which has waited longest
    }
    return best;
}

} // namespace sportello::domain
