#pragma once

#include <sportello/domain/authorization.hpp>
#include <sportello/domain/model.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// Who asks. Whether they may use a route at all is the api's question; what they may do to one thing goes with each command
/// and is asked of domain::authorize().
struct Actor {
    domain::AgentId id;
    domain::Role role = domain::Role::agent;
    std::vector<std::string> brands; ///< empty: all
    std::vector<std::string> teams = {};
    [[nodiscard]] domain::Standing standing() const { return {id, role, brands, teams}; }
    [[nodiscard]] bool may_see(std::string_view brand) const;
};

/// What goes with every change: who, what caused it, and the key that makes a repeat harmless.
struct Command {
    Actor actor;
    std::string cause;           ///< the client's id of the request, echoed in events; may be empty
    std::string idempotency_key; ///< empty: none
    std::string request_hash;    ///< sha256 of method, path and body; same key with another hash is invalid_input
    std::string from = {};       ///< the address that it came from, for the audit; empty: this machine's console
};

} // namespace sportello::engine
