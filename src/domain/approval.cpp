#include <sportello/domain/approval.hpp>

#include <algorithm>

namespace sportello::domain {

std::string why_approval(const ApprovalPolicy& policy, const Agent& author, std::span<const std::string> labels)
{
    if (author.needs_approval) return "what " + author.name + " writes is read by a colleague first";
    for (const std::string& label : labels) {
        if (std::ranges::find(policy.labels, label) != policy.labels.end()) {
            return "answers to tickets with the label " + label + " are read by a colleague first";
        }
    }
    return {};
}

std::string why_broadcast_approval(const ApprovalPolicy& policy, const Agent& author)
{
    if (policy.broadcasts) return "a text to all is read by a colleague first";
    return why_approval(policy, author, {});
}

base::Result<void> may_decide(const Agent& person, AgentId author)
{
    if (person.id == author) return base::Error(base::ErrorKind::forbidden, "nobody approves what they wrote themselves");
    if (person.needs_approval) return base::Error(base::ErrorKind::forbidden, "who needs approval cannot give it");
    return {};
}

} // namespace sportello::domain
