#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>

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

} // namespace sportello::storage
