#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sportello::domain {

/// A picture's size as its head says, in pixels.
struct ImageSize {
    std::uint64_t width = 0;
    std::uint64_t height = 0;
};
/// Of PNG, JPEG, GIF and WebP, by their bytes and by nothing else; nothing for anything else, or a head that is cut.
[[nodiscard]] std::optional<ImageSize> image_size(std::string_view bytes);
/// "image/png", "image/jpeg", "image/gif" or "image/webp" by the bytes; empty for anything else.
[[nodiscard]] std::string_view safe_image_type(std::string_view bytes);
/// Whether a page may show it: one of the four kinds, and of a size that a browser opens without harm.
[[nodiscard]] bool is_safe_image(std::string_view bytes);

/// A file's name without path, control characters and what shells and file systems mind, at most 120 bytes; "file" when
/// nothing is left. What the bytes are (`media_type`) decides on the ending of pictures, so that none says what it is not.
[[nodiscard]] std::string safe_file_name(std::string_view name, std::string_view media_type);

/// Why a platform would not take a file; empty when it would.
/// @param private_  in a private conversation
[[nodiscard]] std::string sending_obstacle(bool facebook, bool private_, std::string_view media_type, std::uint64_t bytes);

} // namespace sportello::domain
