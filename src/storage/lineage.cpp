#include <sportello/storage/lineage.hpp>

#include <sportello/storage/replies.hpp>

#include "engine_of.hpp"
#include "rows.hpp"
#include "statement.hpp"

#include <fstream>

namespace sportello::storage {
namespace {

const Statement present_token{"SELECT token FROM lineage WHERE id = 1"};
const Statement set_token{"INSERT INTO lineage (id, token, quarantined_at) VALUES (1, $1, $2) "
                          "ON CONFLICT (id) DO UPDATE SET token = excluded.token, quarantined_at = excluded.quarantined_at"};

// The cluster's own number, its timeline, which rises with each promotion, and the transaction that wrote the token's row: a backup
// that is put back into the same cluster, with pg_restore, has it written by another.
constexpr std::string_view life_of_server = // PostgreSQL's own, so no `Statement`
    "SELECT CAST(system_identifier AS TEXT) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' || "
    "coalesce((SELECT CAST(xmin AS TEXT) FROM lineage WHERE id = 1), '') FROM pg_control_system() WHERE NOT pg_is_in_recovery()";

} // namespace

std::string server_life(Transaction& tx)
{
    if (!is_postgresql(tx)) return {};
    return tx.first(life_of_server, [](const Row& row) { return row.string(0); }).value_or("");
}

Lineage load_lineage(Transaction& tx)
{
    const auto token = tx.first(present_token, [](const Row& row) { return row.string(0); });
    return {.token = token.value_or(""), .last_attempt = newest_attempt_id(tx).value};
}

void begin_lineage(Transaction& tx, std::string_view token, std::optional<base::Instant> quarantined_at)
{
    tx.run(set_token, token, quarantined_at);
}

std::string begin_life_of_server(Transaction& tx, std::optional<base::Instant> quarantined_at)
{
    begin_lineage(tx, "", quarantined_at); // the row is this transaction's now, and stays so when it is written again
    std::string life = server_life(tx);
    begin_lineage(tx, life, quarantined_at);
    return life;
}

std::optional<Lineage> read_lineage(const std::filesystem::path& file)
{
    std::ifstream in(file);
    Lineage lineage;
    if (!(in >> lineage.token >> lineage.last_attempt)) return std::nullopt;
    return lineage;
}

bool write_lineage(const std::filesystem::path& file, const Lineage& lineage)
{
    const std::filesystem::path aside = file.string() + ".new";
    {
        std::ofstream out(aside, std::ios::trunc);
        out << lineage.token << ' ' << lineage.last_attempt << '\n';
        if (!out.flush()) return false;
    }
    std::error_code failed;
    std::filesystem::rename(aside, file, failed);
    return !failed;
}

} // namespace sportello::storage
