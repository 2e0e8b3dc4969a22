#include "migrations.hpp"

#include <sportello/base/digest.hpp>

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

/// 0 when the name is not NNNN_name.sql.
std::int64_t version_of(const std::string& name)
{
    std::int64_t version = 0;
    if (name.size() <= digits || name[digits] != '_') return 0;
    const auto parsed = std::from_chars(name.data(), name.data() + digits, version);
    return parsed.ptr == name.data() + digits ? version : 0;
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
        if (step.version > static_cast<std::int64_t>(known.size())) {
            return Error(ErrorKind::conflict,
                         "was made by a newer version of Sportello (schema " + std::to_string(applied.back().version) +
                             ", this program knows " + std::to_string(known.size()) +
                             "): install that version, or restore the backup made before the upgrade. Nothing was changed");
        }
        const Migration& same = known[static_cast<std::size_t>(step.version - 1)];
        if (same.checksum != step.checksum) {
            return Error(ErrorKind::conflict, "was made with another text of the migration " + step.name + ": put the original file " +
                                                  same.name + " back and write what is new as a further migration. Nothing was changed");
        }
    }
    return std::vector<Migration>(known.begin() + static_cast<std::ptrdiff_t>(applied.size()), known.end());
}

} // namespace sportello::storage
