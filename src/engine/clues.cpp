#include "clues.hpp"

#include "facts.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/domain/clues.hpp>
#include <sportello/storage/links.hpp>
#include <sportello/storage/people.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {
namespace {

// What more people give than this is nobody's own: a hotline, a shop.
constexpr std::int64_t most_people = 4;

void propose(storage::Transaction& tx, const storage::IdentityClue& one, const storage::IdentityClue& other, base::Instant now)
{
    const auto first = storage::find_identity(tx, one.identity);
    const auto second = storage::find_identity(tx, other.identity);
    if (!first || !second || first->customer == second->customer) return;
    const bool in_order = one.identity < other.identity;
    const auto& a = in_order ? one : other;
    const auto& b = in_order ? other : one;
    const auto proposal = storage::insert_proposal(tx, {.id = 0,
                                                        .identity_a = a.identity,
                                                        .identity_b = b.identity,
                                                        .kind = one.kind,
                                                        .shown = one.shown,
                                                        .brand_a = a.brand,
                                                        .brand_b = b.brand,
                                                        .state = storage::ProposalState::open,
                                                        .at = now,
                                                        .decided_by = {},
                                                        .decided_at = {},
                                                        .link = {}});
    if (proposal) tell(tx, "customer.link_proposed", now, std::nullopt, nullptr, {{"proposal", *proposal}, {"kind", one.kind}});
}

} // namespace

void gather_clues(storage::Transaction& tx, const domain::Message& message, base::Instant now)
{
    const bool private_words = message.visibility == domain::Visibility::private_ && message.direction == domain::Direction::inbound;
    if (!private_words || !message.identity || message.deleted_at) return;
    for (const domain::Clue& given : domain::clues_in(message.text)) {
        const std::string kind(to_string(given.kind));
        const storage::IdentityClue clue{.kind = kind,
                                         .digest = base::sha256_hex(kind + ":" + given.value),
                                         .identity = *message.identity,
                                         .message = message.id,
                                         .brand = message.brand,
                                         .shown = domain::shown_clue(given.value)};
        if (!storage::insert_clue(tx, clue)) continue;
        const auto others = storage::clues_like(tx, clue, most_people + 1);
        if (static_cast<std::int64_t>(others.size()) > most_people) continue;
        for (const auto& other : others) propose(tx, clue, other, now);
    }
}

} // namespace sportello::engine
