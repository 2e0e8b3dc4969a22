#include "host_watch.hpp"

#include "backup.hpp"

#include <sportello/storage/backup.hpp>

#include <fstream>
#include <memory>

#include <unistd.h>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration fresh_for = 1s;

std::int64_t resident_bytes()
{
    std::ifstream statm("/proc/self/statm");
    std::int64_t all = 0, resident = 0;
    return statm >> all >> resident ? resident * sysconf(_SC_PAGESIZE) : 0;
}

/// Where this machine keeps what must not be lost: the database's file, else customers' files; empty: nowhere.
std::filesystem::path disk_of(const std::filesystem::path& database, const std::filesystem::path& files)
{
    if (database.empty()) return files;
    return database.has_parent_path() ? database.parent_path() : std::filesystem::path(".");
}

engine::HostFacts look(const std::filesystem::path& database, const std::filesystem::path& files, const std::filesystem::path& backups)
{
    engine::HostFacts facts;
    facts.resident_bytes = resident_bytes();
    std::error_code failed;
    const std::filesystem::path folder = disk_of(database, files);
    if (!folder.empty()) {
        const auto space = std::filesystem::space(folder, failed);
        if (!failed) {
            facts.disk = folder.string();
            facts.disk_free_bytes = static_cast<std::int64_t>(space.available);
            facts.disk_total_bytes = static_cast<std::int64_t>(space.capacity);
        }
    }
    if (!database.empty()) {
        for (const char* suffix : {"", "-wal"}) {
            const auto bytes = std::filesystem::file_size(database.string() + suffix, failed);
            if (!failed) facts.database_bytes += static_cast<std::int64_t>(bytes);
        }
    }
    facts.backups_expected = !backups.empty();
    if (!backups.empty()) {
        const auto all = backups_in(backups);
        if (!all.empty()) facts.newest_backup = all.front().at;
    }
    return facts;
}

} // namespace

engine::HostWatch watch_host(const Config& config, base::Clock& clock)
{
    struct Kept {
        engine::HostFacts facts;
        std::optional<base::Duration> at;
    };
    const auto kept = std::make_shared<Kept>();
    const auto database = storage::database_file(config.database_url).value_or(std::filesystem::path());
    return [kept, database, files = config.engine.attachments.folder, backups = config.backup.directory, &clock] {
        const base::Duration now = clock.since_boot();
        if (!kept->at || now - *kept->at >= fresh_for) *kept = {look(database, files, backups), now};
        return kept->facts;
    };
}

} // namespace sportello::app
