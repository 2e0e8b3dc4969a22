#pragma once

#include <sportello/base/time.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How people get in beyond login and password: second factors, one-time links, identities at an OpenID provider.
namespace sportello::storage {

/// What the pool need not know of a person. Everybody has one; it is all defaults until something is saved.
struct AgentAccess {
    std::string email; ///< lower case; empty: not known
    bool second_factor_required = false;
    std::string totp_secret; ///< sealed; empty: none
    std::optional<base::Instant> totp_confirmed_at;
    std::int64_t totp_last_step = 0; ///< of the last code taken
    [[nodiscard]] bool enrolled() const { return totp_confirmed_at.has_value(); }
};
AgentAccess access_of(Transaction& tx, domain::AgentId agent);
/// @return conflict when somebody else has the e-mail address.
base::Result<void> save_access(Transaction& tx, domain::AgentId agent, const AgentAccess& access);
/// The sealed secrets of second factors, to be sealed anew when the key is changed.
std::vector<std::pair<domain::AgentId, std::string>> sealed_totp_secrets(Transaction& tx);
void reseal_totp_secret(Transaction& tx, domain::AgentId agent, std::string_view sealed);
/// Takes the 30 seconds of a code. @return false when that code or a later one was taken before.
bool take_totp_step(Transaction& tx, domain::AgentId agent, std::int64_t step);
/// Whose address it is; lower case.
std::optional<domain::Agent> find_agent_by_email(Transaction& tx, std::string_view email);

void replace_recovery_codes(Transaction& tx, domain::AgentId agent, const std::vector<std::string>& hashes);
/// @return whether there was such a code; it is gone.
bool take_recovery_code(Transaction& tx, domain::AgentId agent, std::string_view hash);
std::int64_t recovery_codes_left(Transaction& tx, domain::AgentId agent);

/// A link that lets somebody in once. The token itself is never stored, only its SHA-256.
struct AccessLink {
    std::string token_hash;
    std::string kind;                     ///< "first_admin", "invitation", "reset"
    std::optional<domain::AgentId> agent; ///< nothing for first_admin
    base::Instant created_at{};
    base::Instant expires_at{};
};
/// Takes the place of all earlier links for the same person (or of the kind first_admin).
void replace_access_link(Transaction& tx, const AccessLink& link);
/// Expired or not: the caller judges.
std::optional<AccessLink> find_access_link(Transaction& tx, std::string_view token_hash);
void delete_access_links(Transaction& tx, std::optional<domain::AgentId> agent);
/// Those of the person are counted as open that have not expired. @return until when one is good.
std::optional<base::Instant> access_link_open_until(Transaction& tx, domain::AgentId agent, base::Instant now);

/// Who somebody is at an OpenID provider.
struct OutsideIdentity {
    std::int64_t id = 0;
    std::string issuer;
    std::string subject;
    domain::AgentId agent;
    std::string email;
    base::Instant linked_at{};
};
/// `identity.id` does not count. @return conflict when the provider's account is somebody's already.
base::Result<std::int64_t> insert_outside_identity(Transaction& tx, const OutsideIdentity& identity);
std::optional<OutsideIdentity> find_outside_identity(Transaction& tx, std::string_view issuer, std::string_view subject);
std::vector<OutsideIdentity> outside_identities_of(Transaction& tx, domain::AgentId agent);
/// @return whether the person had it.
bool delete_outside_identity(Transaction& tx, domain::AgentId agent, std::int64_t id);

/// Another number after each change of what somebody may do: role, brands, teams, password, second factor; a session or
/// token that ended.
std::int64_t access_version(Transaction& tx);
/// Tells of such a change. The repositories of agents, sessions and tokens do it by themselves.
void access_changed(Transaction& tx);

/// Whether there is an admin who can log in: with a password, or by way of a provider.
bool has_admin(Transaction& tx);

} // namespace sportello::storage
