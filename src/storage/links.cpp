#include <sportello/storage/links.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using domain::CustomerId;
using domain::IdentityId;

const Statement insert_clue_row{"INSERT INTO identity_clue (kind, digest, identity_id, message_id, brand, shown) "
                                "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, digest, identity_id) DO NOTHING"};
const Statement same_clue{"SELECT kind, digest, identity_id, message_id, brand, shown FROM identity_clue "
                          "WHERE kind = $1 AND digest = $2 AND identity_id <> $3 ORDER BY identity_id LIMIT $4"};
const Statement drop_clues{"DELETE FROM identity_clue WHERE message_id = $1"};

#define SPORTELLO_PROPOSAL_COLUMNS "id, identity_a, identity_b, kind, shown, brand_a, brand_b, state, at, decided_by, decided_at, link_id"

const Statement insert_proposal_row{
    "INSERT INTO link_proposal (identity_a, identity_b, kind, shown, brand_a, brand_b, state, at) "
    "VALUES ($1, $2, $3, $4, $5, $6, 'open', $7) ON CONFLICT (identity_a, identity_b, kind) DO NOTHING RETURNING id"};
const Statement proposal_by_id{"SELECT " SPORTELLO_PROPOSAL_COLUMNS " FROM link_proposal WHERE id = $1"};
const Statement proposals_by_state{"SELECT " SPORTELLO_PROPOSAL_COLUMNS " FROM link_proposal WHERE state = $1 AND id > $2 "
                                   "ORDER BY id LIMIT $3"};
const Statement update_proposal{"UPDATE link_proposal SET state = $2, decided_by = $3, decided_at = $4, link_id = $5 WHERE id = $1"};
const Statement proposal_by_link{"SELECT " SPORTELLO_PROPOSAL_COLUMNS " FROM link_proposal WHERE state = 'accepted' AND link_id = $1 "
                                 "ORDER BY id LIMIT 1"};

#define SPORTELLO_LINK_COLUMNS "id, customer_id, into_id, agent_id, at, why, undone_at"

const Statement insert_link_row{"INSERT INTO customer_link (customer_id, into_id, agent_id, at, why) VALUES ($1, $2, $3, $4, $5) "
                                "RETURNING id"};
const Statement note_identities{"INSERT INTO customer_link_identity (link_id, identity_id) "
                                "SELECT CAST($1 AS BIGINT), id FROM identity WHERE customer_id = $2"};
const Statement noted_identities{"SELECT identity_id FROM customer_link_identity WHERE link_id = $1 ORDER BY identity_id"};
const Statement move_identity{"UPDATE identity SET customer_id = $2 WHERE id = $1"};
// Whoever has read the ticket has read another customer: the revision counts up.
const Statement move_tickets{"UPDATE ticket SET customer_id = $2, revision = revision + 1 WHERE identity_id = $1 AND customer_id <> $2"};
const Statement link_of_customer{"SELECT " SPORTELLO_LINK_COLUMNS " FROM customer_link WHERE customer_id = $1 AND undone_at IS NULL "
                                 "ORDER BY id DESC LIMIT 1"};
const Statement links_of_target{"SELECT " SPORTELLO_LINK_COLUMNS " FROM customer_link WHERE into_id = $1 AND undone_at IS NULL "
                                "ORDER BY id LIMIT 200"};
const Statement link_by_id{"SELECT " SPORTELLO_LINK_COLUMNS " FROM customer_link WHERE id = $1"};
const Statement set_undone{"UPDATE customer_link SET undone_at = $2 WHERE id = $1"};

IdentityClue clue_at(const Row& row)
{
    return {.kind = row.string(0),
            .digest = row.string(1),
            .identity = id_at<IdentityId>(row, 2),
            .message = id_at<domain::MessageId>(row, 3),
            .brand = row.string(4),
            .shown = row.string(5)};
}

LinkProposal proposal_at(const Row& row)
{
    return {.id = row.number(0),
            .identity_a = id_at<IdentityId>(row, 1),
            .identity_b = id_at<IdentityId>(row, 2),
            .kind = row.string(3),
            .shown = row.string(4),
            .brand_a = row.string(5),
            .brand_b = row.string(6),
            .state = known_word(parse_proposal_state(row.text(7)), row.text(7)),
            .at = row.instant(8),
            .decided_by = maybe_id_at<domain::AgentId>(row, 9),
            .decided_at = row.maybe_instant(10),
            .link = row.maybe_number(11)};
}

CustomerLink link_at(const Row& row)
{
    return {.id = row.number(0),
            .customer = id_at<CustomerId>(row, 1),
            .into = id_at<CustomerId>(row, 2),
            .agent = id_at<domain::AgentId>(row, 3),
            .at = row.instant(4),
            .why = row.string(5),
            .undone_at = row.maybe_instant(6)};
}

std::vector<IdentityId> identities_of_link(Transaction& tx, std::int64_t link)
{
    return tx.all(
        noted_identities, [](const Row& row) { return id_at<IdentityId>(row, 0); }, link);
}

void give_to(Transaction& tx, IdentityId identity, CustomerId customer)
{
    tx.run(move_identity, identity, customer);
    tx.run(move_tickets, identity, customer);
}

} // namespace

std::string_view to_string(ProposalState value)
{
    switch (value) {
    case ProposalState::open:
        return "open";
    case ProposalState::accepted:
        return "accepted";
    case ProposalState::dismissed:
        break;
    }
    return "dismissed";
}

std::optional<ProposalState> parse_proposal_state(std::string_view word)
{
    for (const auto state : {ProposalState::open, ProposalState::accepted, ProposalState::dismissed}) {
        if (to_string(state) == word) return state;
    }
    return std::nullopt;
}

bool insert_clue(Transaction& tx, const IdentityClue& clue)
{
    return tx.run(insert_clue_row, clue.kind, clue.digest, clue.identity, clue.message, clue.brand, clue.shown) > 0;
}

std::vector<IdentityClue> clues_like(Transaction& tx, const IdentityClue& clue, std::int64_t limit)
{
    return tx.all(same_clue, clue_at, clue.kind, clue.digest, clue.identity, limit);
}

void forget_clues_of(Transaction& tx, domain::MessageId message)
{
    tx.run(drop_clues, message);
}

std::optional<std::int64_t> insert_proposal(Transaction& tx, const LinkProposal& p)
{
    return tx.first(insert_proposal_row, first_number, p.identity_a, p.identity_b, p.kind, p.shown, p.brand_a, p.brand_b, p.at);
}

std::optional<LinkProposal> find_proposal(Transaction& tx, std::int64_t id)
{
    return tx.first(proposal_by_id, proposal_at, id);
}

std::vector<LinkProposal> proposals_in(Transaction& tx, ProposalState state, std::int64_t after, std::int64_t limit)
{
    return tx.all(proposals_by_state, proposal_at, to_string(state), after, limit);
}

void save_proposal(Transaction& tx, const LinkProposal& p)
{
    tx.run(update_proposal, p.id, to_string(p.state), p.decided_by, p.decided_at, p.link);
}

std::optional<LinkProposal> proposal_of_link(Transaction& tx, std::int64_t link)
{
    return tx.first(proposal_by_link, proposal_at, link);
}

std::int64_t link_customers(Transaction& tx, const CustomerLink& link)
{
    const auto id = tx.first(insert_link_row, first_number, link.customer, link.into, link.agent, link.at, link.why);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    tx.run(note_identities, *id, link.customer);
    for (const IdentityId identity : identities_of_link(tx, *id)) give_to(tx, identity, link.into);
    return *id;
}

std::optional<CustomerLink> last_link_of(Transaction& tx, CustomerId customer)
{
    return tx.first(link_of_customer, link_at, customer);
}

std::vector<CustomerLink> links_into(Transaction& tx, CustomerId into)
{
    return tx.all(links_of_target, link_at, into);
}

std::optional<CustomerLink> find_link(Transaction& tx, std::int64_t id)
{
    return tx.first(link_by_id, link_at, id);
}

void unlink_customers(Transaction& tx, const CustomerLink& link, base::Instant now)
{
    for (const IdentityId identity : identities_of_link(tx, link.id)) give_to(tx, identity, link.customer);
    tx.run(set_undone, link.id, now);
}

} // namespace sportello::storage
