#include <sportello/domain/automatic_answer.hpp>

#include <chrono>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

constexpr Duration messenger_window = 24h - 1min; // as in reply_routes.cpp: a minute short

} // namespace

std::string why_no_automatic_answer(const AutomaticFacts& facts, Instant now)
{
    if (!facts.account_is_ours) return "the account that was addressed is not in the configuration any more";
    if (facts.closed) return "the ticket is closed";
    if (!facts.aside.empty()) return "the ticket stands apart from the queue (" + facts.aside + "): it is not answered automatically";
    if (facts.visibility == Visibility::public_) {
        return facts.platform == Platform::twitter ? "X forbids automatic answers in public" : "comments are not answered automatically";
    }
    if (!facts.last_private_inbound_at) return "this person has never written to us in private";
    const auto until = automatic_answers_until(facts);
    if (until && now >= *until) return "Messenger's 24 hours after the person's last message are over";
    return {};
}

std::optional<Instant> automatic_answers_until(const AutomaticFacts& facts)
{
    if (facts.platform != Platform::facebook || !facts.last_private_inbound_at) return std::nullopt;
    return *facts.last_private_inbound_at + messenger_window;
}

} // namespace sportello::domain
