#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

struct Identity {
    domain::IdentityId id;
    domain::Platform platform = domain::Platform::facebook;
    std::string platform_user_id;
    std::string name;
    std::string handle; ///< X: without '@'; else empty
    domain::CustomerId customer;
};

/// The identity of this platform user, made with its customer if it is new; a changed non-empty name or handle is taken over.
domain::IdentityId upsert_identity(Transaction& tx, domain::Platform platform, std::string_view user_id, std::string_view name,
                                   std::string_view handle, base::Instant now);
std::optional<Identity> find_identity(Transaction& tx, domain::IdentityId id);

struct Customer {
    domain::CustomerId id;
    std::string name;
    base::Instant created_at{};
};
std::optional<Customer> find_customer(Transaction& tx, domain::CustomerId id);
/// In the order of their ids.
std::vector<Identity> identities_of(Transaction& tx, domain::CustomerId id);
/// Whether the customer has a ticket of one of these brands; an empty list: of any.
bool has_ticket_of_brands(Transaction& tx, domain::CustomerId id, const std::vector<std::string>& brands);

} // namespace sportello::storage
