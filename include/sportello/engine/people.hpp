#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/storage/customer_cards.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/links.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

/// What is not set stays.
struct CustomerChange {
    std::optional<std::string> name;
    std::optional<std::string> contract_reference;
    std::optional<std::vector<std::string>> labels;
};

/// One person behind several identities: evidence is proposed, a person decides, and each decision can be taken back
/// without loss. Errors: not_found for what the actor may not see; conflict in words; invalid_input.
class People {
public:
    People(storage::Database& db, base::Clock& clock);

    /// All identities and tickets of `customer` are from now on `into`'s.
    boost::asio::awaitable<Result<storage::CustomerLink>> merge(domain::CustomerId customer, domain::CustomerId into, Command command);
    /// The last merge of `customer` into another is taken back.
    boost::asio::awaitable<Result<storage::CustomerLink>> undo_merge(domain::CustomerId customer, Command command);

    /// Accepting merges the customer of the younger identity into that of the older.
    boost::asio::awaitable<Result<storage::LinkProposal>> decide(std::int64_t proposal, bool accept, Command command);
    /// The proposal is open again; what accepting it merged is apart again.
    boost::asio::awaitable<Result<storage::LinkProposal>> undo_decision(std::int64_t proposal, Command command);

    /// What the counter notes of a person. @param if_revision  when set and the card's differs: conflict.
    boost::asio::awaitable<Result<storage::CustomerCard>> change(domain::CustomerId customer, CustomerChange change, Command command,
                                                                 std::optional<std::int32_t> if_revision);
    boost::asio::awaitable<Result<storage::CustomerNote>> add_note(domain::CustomerId customer, std::string text, Command command);
    /// By its author, and by who supervises.
    boost::asio::awaitable<Result<void>> remove_note(domain::CustomerId customer, std::int64_t note, Command command);

private:
    storage::Database& db_;
    base::Clock& clock_;
};

/// Whether the actor may see a customer: one with a ticket of the actor's brands, or whose identities went over to one.
[[nodiscard]] bool may_see_customer(storage::Transaction& tx, domain::CustomerId customer, const Actor& actor);
/// Whether the actor may see both sides of a proposal.
[[nodiscard]] bool may_see_proposal(const storage::LinkProposal& proposal, const Actor& actor);

} // namespace sportello::engine
