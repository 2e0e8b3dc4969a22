#include "migrations.hpp"

#include "engine_of.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/schema_state.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t digits = 4;
constexpr std::string_view present_state = "SELECT max(version), max(coalesce(works_from, version)) FROM schema_migration"; // PostgreSQL's

/// 0 when the name is not NNNN_name.sql.
std::int64_t version_of(const std::string& name)
{
    std::int64_t version = 0;
    if (name.size() <= digits || name[digits] != '_') return 0;
    const auto parsed = std::from_chars(name.data(), name.data() + digits, version);
    return parsed.ptr == name.data() + digits ? version : 0;
}

/// @param otherwise  when the first line does not say
std::int64_t works_from(std::string_view sql, std::int64_t otherwise)
{
    constexpr std::string_view before = "-- programs from ", after = " go on\n";
    if (!sql.starts_with(before)) return otherwise;
    sql.remove_prefix(before.size());
    std::int64_t version = 0;
    const auto parsed = std::from_chars(sql.data(), sql.data() + sql.size(), version);
    sql.remove_prefix(static_cast<std::size_t>(parsed.ptr - sql.data()));
    return version > 0 && version <= otherwise && sql.starts_with(after) ? version : otherwise;
}

Result<Migration> read_migration(const std::filesystem::path& file)
{
    Migration migration;
    migration.name = file.filename().string();
    migration.version = version_of(migration.name);
    if (migration.version == 0) {
        return Error(ErrorKind::invalid_input, "migration " + file.string() + ": expected a name like 0001_first_light.sql");
    }
    std::ifstream in(file, std::ios::binary);
    migration.sql.assign(std::istreambuf_iterator<char>(in), {});
    if (!in || migration.sql.empty()) return Error(ErrorKind::invalid_input, "migration " + file.string() + ": cannot be read");
    migration.checksum = base::sha256_hex(migration.sql);
    migration.works_from = works_from(migration.sql, migration.version);
    return migration;
}

Result<void> expect_unbroken(const std::vector<Migration>& migrations)
{
    std::int64_t expected = 1;
    for (const Migration& migration : migrations) {
        if (migration.version != expected) {
            return Error(ErrorKind::invalid_input,
                         "migration " + migration.name + ": expected number " + std::to_string(expected) + " at this place");
        }
        ++expected;
    }
    return {};
}

} // namespace

Result<std::vector<Migration>> read_migrations(const std::filesystem::path& folder)
{
    std::error_code failed;
    std::vector<Migration> migrations;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        if (entry.path().extension() != ".sql") continue;
        auto migration = read_migration(entry.path());
        if (!migration) return migration.error();
        migrations.push_back(std::move(*migration));
    }
    if (failed || migrations.empty()) {
        return Error(ErrorKind::invalid_input, "no migrations in " + folder.string() + (failed ? ": " + failed.message() : "") +
                                                   "; reinstall Sportello, or say where its folder 'migrations' is");
    }
    std::sort(migrations.begin(), migrations.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
    if (const auto unbroken = expect_unbroken(migrations); !unbroken) return unbroken.error();
    return migrations;
}

Result<std::vector<Migration>> pending_migrations(const std::vector<Migration>& known, const std::vector<AppliedMigration>& applied)
{
    for (const AppliedMigration& step : applied) {
        const auto newest = static_cast<std::int64_t>(known.size());
        if (step.version > newest && step.works_from <= newest) continue;
        if (step.version > newest) {
            return Error(ErrorKind::conflict,
                         "was made by a newer version of Sportello (schema " + std::to_string(applied.back().version) +
                             ", this program knows " + std::to_string(newest) +
                             "): install that version, or restore the backup made before the upgrade. Nothing was changed");
        }
        const Migration& same = known[static_cast<std::size_t>(step.version - 1)];
        if (same.checksum != step.checksum) {
            return Error(ErrorKind::conflict, "was made with another text of the migration " + step.name + ": put the original file " +
                                                  same.name + " back and write what is new as a further migration. Nothing was changed");
        }
    }
    const auto made = static_cast<std::ptrdiff_t>(std::min(applied.size(), known.size()));
    return std::vector<Migration>(known.begin() + made, known.end());
}

std::optional<SchemaState> schema_state(Transaction& tx)
{
    if (!is_postgresql(tx)) return std::nullopt;
    return tx.first(present_state, [](const Row& row) { return SchemaState{.version = row.number(0), .works_from = row.number(1)}; });
}

} // namespace sportello::storage
