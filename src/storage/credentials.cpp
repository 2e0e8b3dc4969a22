#include <sportello/storage/credentials.hpp>

#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement by_channel{
    "SELECT channel, kind, sealed, updated_at FROM credential WHERE channel = $1 ORDER BY updated_at DESC, kind LIMIT 1"};
const Statement every_one{"SELECT channel, kind, sealed, updated_at FROM credential ORDER BY channel, kind"};
const Statement save_credential_row{"INSERT INTO credential (channel, kind, sealed, updated_at) VALUES ($1, $2, $3, $4) "
                         "ON CONFLICT (channel, kind) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at"};
const Statement delete_others{"DELETE FROM credential WHERE channel = $1 AND kind <> $2"};

Credential credential_at(const Row& row)
{
    return {.channel = row.string(0), .kind = row.string(1), .sealed = row.string(2), .updated_at = row.instant(3)};
}

} // namespace

std::optional<Credential> find_credential(Transaction& tx, std::string_view channel)
{
    return tx.first(by_channel, credential_at, channel);
}

std::vector<Credential> all_credentials(Transaction& tx)
{
    return tx.all(every_one, credential_at);
}

void save_credential(Transaction& tx, const Credential& credential)
{
    tx.run(delete_others, credential.channel, credential.kind);
    tx.run(save_credential_row, credential.channel, credential.kind, credential.sealed, credential.updated_at);
}

} // namespace sportello::storage
