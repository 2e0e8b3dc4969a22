#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One person behind several identities: what speaks for it, what was proposed, and what a person decided.
namespace sportello::storage {

/// Something an identity gave of itself in private.
struct IdentityClue {
    std::string kind;   ///< "phone", "contract"
    std::string digest; ///< of the normalized value
    domain::IdentityId identity;
    domain::MessageId message;
    std::string brand;
    std::string shown; ///< "…4567"
};
/// @return whether the identity had not given it before.
bool insert_clue(Transaction& tx, const IdentityClue& clue);
/// Who else gave the same, at most `limit`.
std::vector<IdentityClue> clues_like(Transaction& tx, const IdentityClue& clue, std::int64_t limit);
/// The message was edited or deleted: what it gave is not known any more.
void forget_clues_of(Transaction& tx, domain::MessageId message);

enum class ProposalState { open, accepted, dismissed };
[[nodiscard]] std::string_view to_string(ProposalState value);
[[nodiscard]] std::optional<ProposalState> parse_proposal_state(std::string_view word);

struct LinkProposal {
    std::int64_t id = 0;
    domain::IdentityId identity_a; ///< the lower id
    domain::IdentityId identity_b;
    std::string kind; ///< of the clue
    std::string shown;
    std::string brand_a; ///< where each gave it
    std::string brand_b;
    ProposalState state = ProposalState::open;
    base::Instant at{};
    std::optional<domain::AgentId> decided_by;
    std::optional<base::Instant> decided_at;
    std::optional<std::int64_t> link; ///< made by accepting it
};
/// Once for two identities and a kind of clue; `id` does not count. @return its id, or nothing when it stands already.
std::optional<std::int64_t> insert_proposal(Transaction& tx, const LinkProposal& proposal);
std::optional<LinkProposal> find_proposal(Transaction& tx, std::int64_t id);
/// By id behind `after`, newest last.
std::vector<LinkProposal> proposals_in(Transaction& tx, ProposalState state, std::int64_t after, std::int64_t limit);
/// Writes state, decided_by, decided_at and link.
void save_proposal(Transaction& tx, const LinkProposal& proposal);
/// The proposal that a link was made by.
std::optional<LinkProposal> proposal_of_link(Transaction& tx, std::int64_t link);

struct CustomerLink {
    std::int64_t id = 0;
    domain::CustomerId customer; ///< has no identity since
    domain::CustomerId into;
    domain::AgentId agent;
    base::Instant at{};
    std::string why;
    std::optional<base::Instant> undone_at;
};
/// Moves the customer's identities and their tickets to the other, and notes which. @return the link's id.
std::int64_t link_customers(Transaction& tx, const CustomerLink& link);
/// The customer's newest link into another that is not taken back.
std::optional<CustomerLink> last_link_of(Transaction& tx, domain::CustomerId customer);
/// Links into a customer that are not taken back, oldest first.
std::vector<CustomerLink> links_into(Transaction& tx, domain::CustomerId into);
std::optional<CustomerLink> find_link(Transaction& tx, std::int64_t id);
/// The identities that went over go back, with their tickets.
void unlink_customers(Transaction& tx, const CustomerLink& link, base::Instant now);

} // namespace sportello::storage
