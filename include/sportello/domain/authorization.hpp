#pragma once

#include <sportello/domain/model.hpp>

#include <span>
#include <string>
#include <string_view>

namespace sportello::domain {

/// Somebody's standing at the counter, as far as rights go. Borrowed.
struct Standing {
    AgentId id;
    Role role = Role::agent;
    std::span<const std::string> brands; ///< empty: all
    std::span<const std::string> teams;
};

/// What is done to a thing.
enum class Deed {
    see,
    work ///< change it, answer it, take it
};

/// What a thing belongs to.
struct Belonging {
    std::string_view brand;     ///< empty: the whole house's
    std::string_view team = {}; ///< whose work it is; empty: everybody's
    std::optional<AgentId> assignee = {};
};

enum class Verdict {
    allowed,
    hidden,    ///< for this person there is no such thing: 404, so that nothing is learnt of other brands
    other_team ///< seen, but a team's work: 403
};

/// The one rule of who may do what to one thing: what belongs to another brand does not exist; what is a team's work is
/// done by its members, by who has it, and by supervisors. Whether a role may use a route at all is may_act_as().
[[nodiscard]] Verdict authorize(const Standing& who, Deed deed, const Belonging& thing);

/// Each role may also do what the ones before it may.
[[nodiscard]] bool may_act_as(Role role, Role needed);

} // namespace sportello::domain
