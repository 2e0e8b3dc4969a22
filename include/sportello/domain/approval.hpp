#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/model.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Replies that a colleague reads before they leave.
namespace sportello::domain {

/// Besides the people who always need it (Agent::needs_approval).
struct ApprovalPolicy {
    std::vector<std::string> labels; ///< every reply in a ticket with one of them, whoever writes it
    bool broadcasts = false;         ///< every text to all
};

/// Why a reply of this author in a ticket with these labels waits for a colleague, in words; empty: it does not.
[[nodiscard]] std::string why_approval(const ApprovalPolicy& policy, const Agent& author, std::span<const std::string> labels);
/// The same of a text to all.
[[nodiscard]] std::string why_broadcast_approval(const ApprovalPolicy& policy, const Agent& author);

/// Whether this person may approve, change or return what `author` wrote: nobody their own, and nobody who needs approval
/// themselves. @return forbidden, in words
[[nodiscard]] base::Result<void> may_decide(const Agent& person, AgentId author);

} // namespace sportello::domain
