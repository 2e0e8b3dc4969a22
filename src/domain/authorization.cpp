#include <sportello/domain/authorization.hpp>

#include <algorithm>

namespace sportello::domain {

Verdict authorize(const Standing& who, Deed deed, const Belonging& thing)
{
    const auto among = [](std::span<const std::string> words, std::string_view word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (!thing.brand.empty() && !who.brands.empty() && !among(who.brands, thing.brand)) return Verdict::hidden;
    if (deed == Deed::see || thing.team.empty() || thing.assignee == who.id) return Verdict::allowed;
    if (may_act_as(who.role, Role::supervisor) || among(who.teams, thing.team)) return Verdict::allowed;
    return Verdict::other_team;
}

bool may_act_as(Role role, Role needed)
{
    return static_cast<int>(role) >= static_cast<int>(needed);
}

} // namespace sportello::domain
