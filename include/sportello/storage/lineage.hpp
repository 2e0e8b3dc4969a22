#pragma once

#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// Which life of the database this is. A restored backup looks like any database; what betrays it is a small file beside it
/// that remembers more.
namespace sportello::storage {

struct Lineage {
    std::string token;             ///< drawn anew for each life; empty before the first
    std::int64_t last_attempt = 0; ///< the newest delivery attempt that was committed
    friend bool operator==(const Lineage&, const Lineage&) = default;
};

/// What the database knows of itself.
Lineage load_lineage(Transaction& tx);
/// Begins a life. @param quarantined_at  when it was noticed that the database is another than before; nothing: the first.
void begin_lineage(Transaction& tx, std::string_view token, std::optional<base::Instant> quarantined_at);

/// Which server's history the unit runs on: another once a standby was promoted or a backup restored, also into the same server. Empty on
/// SQLite, and where a standby that only reads is asked.
[[nodiscard]] std::string server_life(Transaction& tx);
/// Begins a life whose token is that. @return it.
std::string begin_life_of_server(Transaction& tx, std::optional<base::Instant> quarantined_at);

/// The file's content; nothing when there is none or it cannot be understood.
[[nodiscard]] std::optional<Lineage> read_lineage(const std::filesystem::path& file);
/// Replaces the file in one step. @return whether it was written.
bool write_lineage(const std::filesystem::path& file, const Lineage& lineage);

} // namespace sportello::storage
