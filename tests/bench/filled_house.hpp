#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sportello::bench {

inline constexpr const char* brand = "bench";
inline constexpr const char* channel = "bench-x";

/// Takes `count` mentions in, from a connector that hands out pages of 100, each by another customer under a post of its
/// own, through the engine on the real database (synchronous=FULL, its own threads) until each lies in an assigned ticket.
/// The office is open; nine agents ("agent1" …) without limit. Continues after what is in the database.
/// @param url      "sqlite:…" or "postgresql://…"
/// @param source   of several that take in at the same time, each has a channel of its own: "bench-x", "bench-x1", … up to 3
/// @return seconds it took, opening and closing not counted.
double take_messages_in(const std::string& url, std::int64_t count, int source = 0);
inline double take_messages_in(const std::filesystem::path& database, std::int64_t count)
{
    return take_messages_in("sqlite:" + database.string(), count);
}

/// What became of filling a house.
struct Filling {
    double writing_seconds = 0;
    double indexing_seconds = 0;
};
/// A house of `tickets` tickets in a new database: all are of the past, searchable, but for the last `today`, which came
/// in just now and are open.
Filling fill_house(const std::string& url, std::int64_t tickets, std::int64_t today);

} // namespace sportello::bench
