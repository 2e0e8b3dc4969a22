#include <sportello/storage/access.hpp>

#include "agent_rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using domain::AgentId;

const Statement of_agent{"SELECT email, second_factor_required, totp_secret, totp_confirmed_at, totp_last_step FROM agent_access "
                         "WHERE agent_id = $1"};
const Statement email_is_others{"SELECT agent_id FROM agent_access WHERE email = $2 AND email <> '' AND agent_id <> $1"};
const Statement save_acces{
    "INSERT INTO agent_access (agent_id, email, second_factor_required, totp_secret, totp_confirmed_at, totp_last_step) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (agent_id) DO UPDATE SET email = excluded.email, "
    "second_factor_required = excluded.second_factor_required, totp_secret = excluded.totp_secret, "
    "totp_confirmed_at = excluded.totp_confirmed_at, totp_last_step = excluded.totp_last_step"};
const Statement take_step{"UPDATE agent_access SET totp_last_step = $2 WHERE agent_id = $1 AND totp_last_step < $2"};
const Statement all_secrets{"SELECT agent_id, totp_secret FROM agent_access WHERE totp_secret <> '' ORDER BY agent_id"};
const Statement reseal{"UPDATE agent_access SET totp_secret = $2 WHERE agent_id = $1"};
const Statement by_email{"SELECT " SPORTELLO_AGENT_COLUMNS " FROM agent_access x JOIN agent a ON a.id = x.agent_id "
                         "WHERE x.email = $1 AND x.email <> ''"};

const Statement delete_codes{"DELETE FROM recovery_code WHERE agent_id = $1"};
const Statement insert_code{"INSERT INTO recovery_code (agent_id, code_hash) VALUES ($1, $2)"};
const Statement delete_code{"DELETE FROM recovery_code WHERE agent_id = $1 AND code_hash = $2"};
const Statement count_codes{"SELECT count(*) FROM recovery_code WHERE agent_id = $1"};

const Statement insert_link{"INSERT INTO access_link (token_hash, kind, agent_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)"};
const Statement link_by_token{"SELECT token_hash, kind, agent_id, created_at, expires_at FROM access_link WHERE token_hash = $1"};
const Statement delete_links{"DELETE FROM access_link WHERE agent_id = $1"};
const Statement delete_links_of_nobody{"DELETE FROM access_link WHERE agent_id IS NULL"};
const Statement open_link{"SELECT expires_at FROM access_link WHERE agent_id = $1 AND expires_at > $2"};

#define SPORTELLO_IDENTITY_COLUMNS "id, issuer, subject, agent_id, email, linked_at"
const Statement insert_identity{"INSERT INTO outside_identity (issuer, subject, agent_id, email, linked_at) VALUES ($1, $2, $3, $4, $5) "
                                "ON CONFLICT (issuer, subject) DO NOTHING RETURNING id"};
const Statement identity_by_subject{"SELECT " SPORTELLO_IDENTITY_COLUMNS " FROM outside_identity WHERE issuer = $1 AND subject = $2"};
const Statement identities{"SELECT " SPORTELLO_IDENTITY_COLUMNS " FROM outside_identity WHERE agent_id = $1 ORDER BY id"};
const Statement delete_identity{"DELETE FROM outside_identity WHERE agent_id = $1 AND id = $2"};

const Statement present_version{"SELECT version FROM access_version WHERE id = 1"};
const Statement next_version{"UPDATE access_version SET version = version + 1 WHERE id = 1"};
const Statement any_admin{"SELECT a.id FROM agent a WHERE a.role = 'admin' AND a.disabled = 0 AND a.id > 0 AND (a.password_hash <> '' "
                          "OR EXISTS (SELECT 1 FROM outside_identity o WHERE o.agent_id = a.id)) LIMIT 1"};

OutsideIdentity identity_at(const Row& row)
{
    return {.id = row.number(0),
            .issuer = row.string(1),
            .subject = row.string(2),
            .agent = id_at<AgentId>(row, 3),
            .email = row.string(4),
            .linked_at = row.instant(5)};
}

AccessLink link_at(const Row& row)
{
    AccessLink link{.token_hash = row.string(0),
                    .kind = row.string(1),
                    .agent = std::nullopt,
                    .created_at = row.instant(3),
                    .expires_at = row.instant(4)};
    if (const auto agent = row.maybe_number(2)) link.agent = AgentId{*agent};
    return link;
}

} // namespace

AgentAccess access_of(Transaction& tx, AgentId agent)
{
    const auto make = [](const Row& row) {
        return AgentAccess{.email = row.string(0),
                           .second_factor_required = row.flag(1),
                           .totp_secret = row.string(2),
                           .totp_confirmed_at = row.maybe_instant(3),
                           .totp_last_step = row.number(4)};
    };
    return tx.first(of_agent, make, agent).value_or(AgentAccess());
}

Result<void> save_access(Transaction& tx, AgentId agent, const AgentAccess& access)
{
    if (tx.first(email_is_others, first_number, agent, access.email)) {
        return Error(ErrorKind::conflict, "somebody else has this e-mail address", {{"/email", "belongs to somebody else"}});
    }
    tx.run(save_acces, agent, access.email, access.second_factor_required, access.totp_secret, access.totp_confirmed_at,
           access.totp_last_step);
    access_changed(tx);
    return {};
}

std::vector<std::pair<AgentId, std::string>> sealed_totp_secrets(Transaction& tx)
{
    const auto make = [](const Row& row) { return std::pair(id_at<AgentId>(row, 0), row.string(1)); };
    return tx.all(all_secrets, make);
}

void reseal_totp_secret(Transaction& tx, AgentId agent, std::string_view sealed)
{
    tx.run(reseal, agent, sealed);
}

bool take_totp_step(Transaction& tx, AgentId agent, std::int64_t step)
{
    return tx.run(take_step, agent, step) > 0;
}

std::optional<domain::Agent> find_agent_by_email(Transaction& tx, std::string_view email)
{
    const auto make = [](const Row& row) { return agent_at(row, 0); };
    return tx.first(by_email, make, email);
}

void replace_recovery_codes(Transaction& tx, AgentId agent, const std::vector<std::string>& hashes)
{
    tx.run(delete_codes, agent);
    for (const std::string& hash : hashes) tx.run(insert_code, agent, hash);
}

bool take_recovery_code(Transaction& tx, AgentId agent, std::string_view hash)
{
    return tx.run(delete_code, agent, hash) > 0;
}

std::int64_t recovery_codes_left(Transaction& tx, AgentId agent)
{
    return tx.first(count_codes, first_number, agent).value_or(0);
}

void replace_access_link(Transaction& tx, const AccessLink& link)
{
    delete_access_links(tx, link.agent);
    tx.run(insert_link, link.token_hash, link.kind, link.agent, link.created_at, link.expires_at);
}

std::optional<AccessLink> find_access_link(Transaction& tx, std::string_view token_hash)
{
    return tx.first(link_by_token, link_at, token_hash);
}

void delete_access_links(Transaction& tx, std::optional<AgentId> agent)
{
    if (agent) tx.run(delete_links, *agent);
    else tx.run(delete_links_of_nobody);
}

std::optional<base::Instant> access_link_open_until(Transaction& tx, AgentId agent, base::Instant now)
{
    const auto make = [](const Row& row) { return row.instant(0); };
    return tx.first(open_link, make, agent, now);
}

Result<std::int64_t> insert_outside_identity(Transaction& tx, const OutsideIdentity& identity)
{
    const auto id =
        tx.first(insert_identity, first_number, identity.issuer, identity.subject, identity.agent, identity.email, identity.linked_at);
    if (!id) return Error(ErrorKind::conflict, "This account of the provider belongs to somebody already.");
    return *id;
}

std::optional<OutsideIdentity> find_outside_identity(Transaction& tx, std::string_view issuer, std::string_view subject)
{
    return tx.first(identity_by_subject, identity_at, issuer, subject);
}

std::vector<OutsideIdentity> outside_identities_of(Transaction& tx, AgentId agent)
{
    return tx.all(identities, identity_at, agent);
}

bool delete_outside_identity(Transaction& tx, AgentId agent, std::int64_t id)
{
    return tx.run(delete_identity, agent, id) > 0;
}

std::int64_t access_version(Transaction& tx)
{
    return tx.first(present_version, first_number).value_or(0);
}

void access_changed(Transaction& tx)
{
    tx.run(next_version);
}

bool has_admin(Transaction& tx)
{
    return tx.first(any_admin, first_number).has_value();
}

} // namespace sportello::storage
