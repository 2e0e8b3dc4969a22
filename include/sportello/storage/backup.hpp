#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Copies of the database for safe keeping. All of it on the calling thread, beside a running server.
namespace sportello::storage {

/// Where the database of a url lies; nothing for one in memory or one that is no file.
[[nodiscard]] std::optional<std::filesystem::path> database_file(std::string_view url);

/// Copies the database as it is at one instant, however much is written meanwhile, into a new file `target`, which is on
/// the disk when this returns. Writers wait for nothing. @return why not; then no `target` is left.
[[nodiscard]] base::Result<void> copy_database(const std::filesystem::path& database, const std::filesystem::path& target);

/// What a database file says of itself.
struct DatabaseFacts {
    std::int64_t schema = 0; ///< the number of its last migration
    std::int64_t tickets = 0;
    std::int64_t messages = 0;
    std::int64_t unpublished = 0;             ///< parts of replies whose fate is open: looked for before they are sent
    std::optional<base::Instant> last_change; ///< of the newest event
};
/// Reads every page: the file's own checks, its references, its schema. Changes nothing, not even beside it.
/// @return in words what is wrong with it
[[nodiscard]] base::Result<DatabaseFacts> inspect_database(const std::filesystem::path& file);

/// Puts a copy of `backup` in the place of `database`, which no server may serve meanwhile; what was there is kept beside it
/// under `aside` (and its log under `aside`-wal). @return conflict when it is served; then nothing was changed
[[nodiscard]] base::Result<void> replace_database(const std::filesystem::path& database, const std::filesystem::path& backup,
                                                  const std::filesystem::path& aside);

/// SHA-256 of a file's bytes, as hexadecimal digits.
[[nodiscard]] base::Result<std::string> sha256_of_file(const std::filesystem::path& file);
/// The file's bytes and its name are on the disk when this returns.
[[nodiscard]] base::Result<void> sync_file(const std::filesystem::path& file);

} // namespace sportello::storage
