#pragma once

#include <cstdint>
#include <filesystem>

namespace sportello::bench {

inline constexpr const char* brand = "bench";
inline constexpr const char* channel = "bench-x";

/// Takes `count` mentions in, from a connector that hands out pages of 100, each by another customer under a post of its
/// own, through the engine on the real database (synchronous=FULL, its own threads) until each lies in an assigned ticket.
/// The office is open; nine agents ("agent1" …) without limit. Continues after what is in the file.
/// @return seconds it took, opening and closing not counted.
double take_messages_in(const std::filesystem::path& database, std::int64_t count);

} // namespace sportello::bench
