#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sportello::app {

/// A finished copy of the database: "sportello-20261127T031500Z.db", with its checksum beside it.
struct Backup {
    std::filesystem::path file;
    base::Instant at{};
};
[[nodiscard]] std::string backup_name(base::Instant at);
/// Those in a folder, the newest first; files of other names are not ours.
[[nodiscard]] std::vector<Backup> backups_in(const std::filesystem::path& folder);

/// Copies, verifies, writes the checksum, and only then gives the copy its name.
[[nodiscard]] base::Result<Backup> make_backup(const std::filesystem::path& database, const std::filesystem::path& folder, base::Instant now);
/// Removes all but the newest `keep`. @return how many went.
std::size_t rotate_backups(const std::filesystem::path& folder, std::size_t keep);
/// Whether the bytes are those that were written; nothing when there is no checksum beside the file.
[[nodiscard]] base::Result<std::optional<std::string>> check_sum(const std::filesystem::path& file);

} // namespace sportello::app
