#include <sportello/storage/backup.hpp>

#include "sqlite/lock_file.hpp"

#include <sqlite3.h>
#include <sodium.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

using Handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)>;

Error failure(sqlite3* db, const std::string& what)
{
    return Error(ErrorKind::unavailable, what + ": " + (db ? sqlite3_errmsg(db) : "out of memory"));
}

Result<Handle> open(const std::string& name, int flags)
{
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Handle db(raw, &sqlite3_close_v2);
    if (code != SQLITE_OK) return failure(raw, "open " + name);
    sqlite3_busy_timeout(raw, 5000);
    return db;
}

/// A file that nobody changes: nothing is made beside it.
std::string immutable_uri(const std::filesystem::path& file)
{
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(file).string()) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = std::isalnum(byte) != 0 || c == '/' || c == '-' || c == '_' || c == '.';
        if (plain) uri += c;
        else uri += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return uri + "?immutable=1";
}

std::optional<std::int64_t> number(sqlite3* db, const char* sql)
{
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(db, sql, -1, &raw, nullptr) != SQLITE_OK) return std::nullopt;
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(raw, &sqlite3_finalize);
    if (sqlite3_step(raw) != SQLITE_ROW || sqlite3_column_type(raw, 0) == SQLITE_NULL) return std::nullopt;
    return sqlite3_column_int64(raw, 0);
}

std::string text(sqlite3* db, const char* sql)
{
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(db, sql, -1, &raw, nullptr) != SQLITE_OK) return sqlite3_errmsg(db);
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(raw, &sqlite3_finalize);
    const int code = sqlite3_step(raw);
    if (code != SQLITE_ROW) return code == SQLITE_DONE ? "" : sqlite3_errmsg(db);
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
    return bytes ? bytes : "";
}

Result<void> copy_pages(sqlite3* source, sqlite3* target)
{
    sqlite3_backup* const backup = sqlite3_backup_init(target, "main", source, "main");
    if (!backup) return failure(target, "copy the database");
    // All pages under one snapshot: nobody's commit makes it begin again, and with a write-ahead log nobody waits.
    const int code = sqlite3_backup_step(backup, -1);
    const int end = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE && end == SQLITE_OK) return {};
    return failure(target, "copy the database");
}

} // namespace

std::optional<std::filesystem::path> database_file(std::string_view url)
{
    constexpr std::string_view scheme = "sqlite:";
    if (!url.starts_with(scheme) || url.ends_with(":memory:")) return std::nullopt;
    return std::filesystem::path(url.substr(scheme.size()));
}

Result<void> copy_database(const std::filesystem::path& database, const std::filesystem::path& target)
{
    std::error_code failed;
    if (!std::filesystem::exists(database, failed)) return Error(ErrorKind::not_found, "there is no database " + database.string());
    // Made first, for its owner's eyes only: it holds what customers wrote.
    const int made = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made < 0) return Error(ErrorKind::unavailable, "make " + target.string() + ": " + std::strerror(errno));
    close(made);
    const auto copied = [&]() -> Result<void> {
        auto source = open(database.string(), SQLITE_OPEN_READONLY);
        if (!source) return source.error();
        auto copy = open(target.string(), SQLITE_OPEN_READWRITE);
        if (!copy) return copy.error();
        // A copy that breaks off is thrown away: it needs no journal of its own, and is synced once at its end.
        sqlite3_exec(copy->get(), "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
        return copy_pages(source->get(), copy->get());
    }();
    const auto synced = copied ? sync_file(target) : copied;
    if (!synced) std::filesystem::remove(target, failed);
    return synced;
}

Result<DatabaseFacts> inspect_database(const std::filesystem::path& file)
{
    auto db = open(immutable_uri(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    if (!db) return db.error();
    const std::string sound = text(db->get(), "PRAGMA integrity_check(1)");
    if (sound != "ok") return Error(ErrorKind::invalid_input, file.string() + " is damaged: " + sound);
    const std::string dangling = text(db->get(), "PRAGMA foreign_key_check");
    if (!dangling.empty()) return Error(ErrorKind::invalid_input, file.string() + ": rows of " + dangling + " point to what is not there");
    DatabaseFacts facts;
    const auto schema = number(db->get(), "SELECT MAX(version) FROM schema_migration");
    if (!schema) return Error(ErrorKind::invalid_input, file.string() + " is not a database of Sportello");
    facts.schema = *schema;
    facts.tickets = number(db->get(), "SELECT COUNT(*) FROM ticket").value_or(0);
    facts.messages = number(db->get(), "SELECT COUNT(*) FROM message").value_or(0);
    facts.unpublished =
        number(db->get(), "SELECT COUNT(*) FROM reply_part WHERE state IN ('queued', 'reserved', 'sending', 'unknown', 'needs_decision')")
            .value_or(0);
    if (const auto at = number(db->get(), "SELECT at FROM event ORDER BY seq DESC LIMIT 1")) facts.last_change = base::from_micros(*at);
    return facts;
}

Result<void> replace_database(const std::filesystem::path& database, const std::filesystem::path& backup,
                              const std::filesystem::path& aside)
{
    const auto lock = sqlite::LockFile::acquire(database.string() + ".lock");
    if (!lock) return lock.error().while_doing("the database " + database.string());
    std::filesystem::path fresh = database;
    fresh += ".restoring";
    std::error_code failed;
    std::filesystem::remove(fresh, failed);
    std::filesystem::copy_file(backup, fresh, failed);
    if (!failed) std::filesystem::permissions(fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
    if (failed) return Error(ErrorKind::unavailable, "copy " + backup.string() + " to " + fresh.string() + ": " + failed.message());
    if (const auto synced = sync_file(fresh); !synced) return synced;
    for (const char* suffix : {"", "-wal"}) {
        const std::filesystem::path present = database.string() + suffix, kept = aside.string() + suffix;
        if (!std::filesystem::exists(present, failed)) continue;
        std::filesystem::rename(present, kept, failed);
        if (failed) return Error(ErrorKind::unavailable, "move " + present.string() + " to " + kept.string() + ": " + failed.message());
    }
    std::filesystem::remove(database.string() + "-shm", failed);
    std::filesystem::rename(fresh, database, failed);
    if (failed) return Error(ErrorKind::unavailable, "move " + fresh.string() + " to " + database.string() + ": " + failed.message());
    return sync_file(database);
}

Result<std::string> sha256_of_file(const std::filesystem::path& file)
{
    if (sodium_init() < 0) return Error(ErrorKind::internal, "libsodium cannot be used");
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error(ErrorKind::unavailable, "read " + file.string() + ": " + std::strerror(errno));
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    std::vector<char> bytes(1 << 20);
    while (in) {
        in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long long>(in.gcount()));
    }
    if (in.bad()) return Error(ErrorKind::unavailable, "read " + file.string() + ": the disk failed");
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state, digest.data());
    std::array<char, crypto_hash_sha256_BYTES * 2 + 1> words{};
    sodium_bin2hex(words.data(), words.size(), digest.data(), digest.size());
    return std::string(words.data());
}

Result<void> sync_file(const std::filesystem::path& file)
{
    const auto sync = [](const std::filesystem::path& what, int flags) -> Result<void> {
        const int handle = ::open(what.c_str(), flags | O_CLOEXEC);
        const bool synced = handle >= 0 && fsync(handle) == 0;
        const int why = errno;
        if (handle >= 0) close(handle);
        if (synced) return {};
        return Error(ErrorKind::unavailable, "write " + what.string() + " to the disk: " + std::strerror(why));
    };
    if (const auto synced = sync(file, O_RDONLY); !synced) return synced;
    return sync(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."), O_RDONLY | O_DIRECTORY);
}

} // namespace sportello::storage
