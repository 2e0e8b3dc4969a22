#pragma once

#include <sportello/base/time.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// What a channel signs in with on its platform, sealed: this room cannot read it.
struct Credential {
    std::string channel;
    std::string kind; ///< "facebook_page", "x_oauth1", "x_oauth2"
    std::string sealed;
    base::Instant updated_at{};
};

/// What the channel signs in with now; nothing before it was connected.
std::optional<Credential> find_credential(Transaction& tx, std::string_view channel);
std::vector<Credential> all_credentials(Transaction& tx);
/// Takes the place of whatever the channel had, of any kind.
void save_credential(Transaction& tx, const Credential& credential);

} // namespace sportello::storage
