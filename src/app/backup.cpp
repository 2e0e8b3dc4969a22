#include "backup.hpp"

#include "commands.hpp"
#include "database.hpp"
#include "token_store.hpp"

#include <sportello/base/random.hpp>
#include <sportello/storage/backup.hpp>
#include <sportello/storage/lineage.hpp>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iostream>

namespace sportello::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view prefix = "sportello-", suffix = ".db";

std::filesystem::path sum_of(const std::filesystem::path& file)
{
    return file.string() + ".sha256";
}

std::optional<base::Instant> time_in(const std::string& name)
{
    // sportello-20261127T031500Z.db
    if (name.size() != prefix.size() + 16 + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
    const std::string t = name.substr(prefix.size(), 16);
    const auto at = base::parse_rfc3339(t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 5) + ":" + t.substr(11, 2) + ":" +
                                        t.substr(13, 2) + "Z");
    return at ? std::optional(*at) : std::nullopt;
}

Result<void> write_sum(const std::filesystem::path& file, const std::string& sum)
{
    {
        std::ofstream out(sum_of(file), std::ios::trunc);
        out << sum << "  " << file.filename().string() << "\n"; // as sha256sum reads it
        if (!out.flush()) return Error(ErrorKind::unavailable, "write " + sum_of(file).string());
    }
    return storage::sync_file(sum_of(file));
}

std::string size_in_words(const std::filesystem::path& file)
{
    std::error_code failed;
    const auto bytes = std::filesystem::file_size(file, failed);
    return failed ? "?" : std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB";
}

void print(const storage::DatabaseFacts& facts)
{
    std::cout << "  schema " << facts.schema << ", " << facts.tickets << " tickets, " << facts.messages << " messages, last change "
              << (facts.last_change ? base::to_rfc3339(*facts.last_change) : std::string("never")) << "\n";
    std::cout << "  " << facts.unpublished
              << " replies (or parts of them) not known to be published: after a restore the platforms are read\n"
              << "  for each before it is sent\n";
}

/// A copy in a folder of its own, opened as `serve` would open it; gone afterwards.
class Rehearsal {
public:
    explicit Rehearsal(const std::filesystem::path& beside)
    {
        std::string name = (beside / ".sportello-restore-check-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) folder_ = name;
    }
    ~Rehearsal()
    {
        std::error_code ignored;
        if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
    }
    Rehearsal(const Rehearsal&) = delete;
    Rehearsal& operator=(const Rehearsal&) = delete;

    /// Upgrades it with this version's migrations, and looks whether the key opens its tokens.
    [[nodiscard]] Result<void> run(const std::filesystem::path& backup, const Config& config) const
    {
        if (folder_.empty()) return Error(ErrorKind::unavailable, "make a folder to try it in");
        const std::filesystem::path copy = folder_ / "copy.db";
        std::error_code failed;
        std::filesystem::copy_file(backup, copy, failed);
        if (failed) return Error(ErrorKind::unavailable, "copy it: " + failed.message());
        base::SystemClock clock;
        base::SystemRandom random;
        storage::DatabaseOptions options;
        options.url = "sqlite:" + copy.string();
        options.migrations = config.migrations;
        const auto db = storage::Database::open(options, clock);
        if (!db) return db.error();
        StoredTokens tokens(**db, config, clock, random);
        std::vector<connectors::ChannelSettings> channels = config.connectors;
        for (const std::string& complaint : tokens.attach(config, channels)) std::cout << "  warning: " << complaint << "\n";
        return {};
    }

private:
    std::filesystem::path folder_;
};

/// @return 0 when it can be restored; says what is wrong.
int check(const std::filesystem::path& file, const Config& config, const std::filesystem::path& database)
{
    std::error_code failed;
    if (!std::filesystem::is_regular_file(file, failed)) return complain("there is no file " + file.string());
    const auto sum = check_sum(file);
    if (!sum) return complain(sum.error().what());
    const auto facts = storage::inspect_database(file);
    if (!facts) return complain(facts.error().what());
    std::cout << file.string() << " (" << size_in_words(file) << "): " << (*sum ? "its checksum is right" : "it has no checksum beside it")
              << "; every page was read and is sound\n";
    print(*facts);
    const Rehearsal rehearsal(database.has_parent_path() ? database.parent_path() : std::filesystem::path("."));
    if (const auto tried = rehearsal.run(file, config); !tried) {
        return complain("this version cannot use it: " + tried.error().what() + ". An older backup goes with its own version's program");
    }
    std::cout << "  this version opens it and brings its tables up to date\n";
    return 0;
}

} // namespace

std::string backup_name(base::Instant at)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    const std::size_t length = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    return std::string(prefix) + std::string(text, length) + std::string(suffix);
}

std::vector<Backup> backups_in(const std::filesystem::path& folder)
{
    std::vector<Backup> found;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
        if (const auto at = time_in(entry->path().filename().string())) found.push_back({entry->path(), *at});
    }
    std::sort(found.begin(), found.end(), [](const Backup& a, const Backup& b) { return a.at > b.at; });
    return found;
}

Result<Backup> make_backup(const std::filesystem::path& database, const std::filesystem::path& folder, base::Instant now)
{
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return Error(ErrorKind::unavailable, "make the folder " + folder.string() + ": " + failed.message());
    // Names hold seconds: a second one of the same second takes the next.
    while (std::filesystem::exists(folder / backup_name(now), failed)) now += std::chrono::seconds(1);
    Backup backup{folder / backup_name(now), std::chrono::floor<std::chrono::seconds>(now)};
    const std::filesystem::path partial = backup.file.string() + ".partial";
    std::filesystem::remove(partial, failed); // of one that broke off
    const auto give_up = [&](const Error& error) {
        std::filesystem::remove(partial, failed);
        return error;
    };
    if (const auto copied = storage::copy_database(database, partial); !copied) return copied.error();
    if (const auto sound = storage::inspect_database(partial); !sound) return give_up(sound.error().while_doing("the copy is not sound"));
    const auto sum = storage::sha256_of_file(partial);
    if (!sum) return give_up(sum.error());
    if (const auto written = write_sum(backup.file, *sum); !written) return give_up(written.error());
    std::filesystem::rename(partial, backup.file, failed);
    if (failed) return give_up(Error(ErrorKind::unavailable, "name the copy " + backup.file.string() + ": " + failed.message()));
    if (const auto synced = storage::sync_file(backup.file); !synced) return synced.error();
    return backup;
}

std::size_t rotate_backups(const std::filesystem::path& folder, std::size_t keep)
{
    const auto all = backups_in(folder);
    std::size_t gone = 0;
    for (std::size_t i = keep; i < all.size(); ++i) {
        std::error_code failed;
        if (std::filesystem::remove(all[i].file, failed)) ++gone;
        std::filesystem::remove(sum_of(all[i].file), failed);
    }
    return gone;
}

Result<std::optional<std::string>> check_sum(const std::filesystem::path& file)
{
    std::ifstream in(sum_of(file));
    std::string written;
    if (!(in >> written)) return std::optional<std::string>();
    const auto sum = storage::sha256_of_file(file);
    if (!sum) return sum.error();
    if (*sum == written) return std::optional(*sum);
    return Error(ErrorKind::invalid_input, file.string() + " is not what was written: its checksum differs from " + sum_of(file).string());
}

int backup(const CommandLine& line, const Config& config)
{
    const auto database = storage::database_file(config.database_url);
    if (!database) return complain(config.database_url + " is no file that can be copied");
    const std::filesystem::path folder = line.to.empty() ? config.backup.directory : line.to;
    if (folder.empty()) {
        complain("where to? Give --to FOLDER, or [backup] directory in the configuration");
        return 2;
    }
    const auto made = make_backup(*database, folder, base::SystemClock().now());
    if (!made) return complain(made.error().what());
    const std::int64_t keep = line.keep > 0 ? line.keep : config.backup.keep;
    const std::size_t gone = rotate_backups(folder, static_cast<std::size_t>(keep));
    std::cout << made->file.string() << " (" << size_in_words(made->file) << "): copied, read and found sound\n";
    if (gone > 0) std::cout << gone << (gone == 1 ? " old backup" : " old backups") << " removed: the newest " << keep << " stay\n";
    return 0;
}

int restore(const CommandLine& line, const Config& config)
{
    const auto database = storage::database_file(config.database_url);
    if (!database) return complain(config.database_url + " is no file that can be restored");
    if (line.words.size() != 1) {
        complain("which backup? `sportello restore --check FILE`, then `sportello restore FILE`");
        return 2;
    }
    const std::filesystem::path file = line.words.front();
    if (const int wrong = check(file, config, *database); wrong != 0) return wrong;
    if (line.check) {
        std::cout << "Nothing was changed. `sportello restore " << file.string() << "` puts it in place of " << database->string() << ".\n";
        return 0;
    }
    base::SystemClock clock;
    base::SystemRandom random;
    const std::filesystem::path aside = database->string() + ".before-restore-" + backup_name(clock.now()).substr(prefix.size(), 16);
    if (const auto replaced = storage::replace_database(*database, file, aside); !replaced) return complain(replaced.error().what());
    const auto db = open_database(config, clock);
    if (!db) return 1;
    const std::string token = random.token(16);
    const auto ordered = db->write_now([&](storage::Transaction& tx) -> Result<void> {
        storage::begin_lineage(tx, token, clock.now());
        return {};
    });
    if (!ordered) return complain(ordered.error().what());
    std::cout << database->string() << " is that backup now, in quarantine: at the next start every reply not known to be published is\n"
              << "looked for on its platform before it is sent. What was there is kept as " << aside.string() << ".\n";
    return 0;
}

} // namespace sportello::app
