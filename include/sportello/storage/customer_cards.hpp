#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the counter itself notes of a person.
namespace sportello::storage {

struct CustomerCard {
    domain::CustomerId customer;
    std::string name; ///< the customer's, who stands in a table of their own
    base::Instant created_at{};
    std::string contract_reference;
    std::vector<std::string> labels; ///< sorted
    std::int32_t revision = 0;       ///< 0: nothing was noted yet
};
/// Also of a customer of whom nothing was noted. @return nothing when there is no such customer.
std::optional<CustomerCard> find_card(Transaction& tx, domain::CustomerId customer);
/// Writes all but created_at and counts the revision up. @return conflict when it is another than the one read.
base::Result<void> save_card(Transaction& tx, CustomerCard& card, base::Instant now);
/// Customers who have an identity, the newest first, with ids below `before` (0: all).
/// @param contract_reference  exactly this one; empty: any
std::vector<CustomerCard> cards(Transaction& tx, std::string_view contract_reference, std::int64_t before, std::int64_t limit);

struct CustomerNote {
    std::int64_t id = 0;
    domain::CustomerId customer;
    domain::AgentId author;
    std::string author_name;
    std::string text;
    base::Instant at{};
};
std::int64_t insert_customer_note(Transaction& tx, const CustomerNote& note);
std::optional<CustomerNote> find_customer_note(Transaction& tx, std::int64_t id);
void delete_customer_note(Transaction& tx, std::int64_t id);
/// Of the customer and of those merged into it, the newest first, with ids below `before` (0: all).
std::vector<CustomerNote> customer_notes(Transaction& tx, domain::CustomerId customer, std::int64_t before, std::int64_t limit);

} // namespace sportello::storage
