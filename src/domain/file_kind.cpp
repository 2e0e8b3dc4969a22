#include <sportello/domain/file_kind.hpp>

#include <algorithm>
#include <array>

namespace sportello::domain {
namespace {

constexpr std::uint64_t most_pixels = 50'000'000;
constexpr std::uint64_t longest_side = 20'000;
constexpr std::size_t longest_name = 120;
constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;

std::uint64_t byte_at(std::string_view bytes, std::size_t at)
{
    return static_cast<unsigned char>(bytes[at]);
}

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count)
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) number = number << 8U | byte_at(bytes, at + i);
    return number;
}

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count)
{
    std::uint64_t number = 0;
    for (std::size_t i = count; i-- > 0;) number = number << 8U | byte_at(bytes, at + i);
    return number;
}

/// Walks the segments up to the frame's head.
std::optional<ImageSize> jpeg_size(std::string_view bytes)
{
    std::size_t at = 2;
    while (at + 9 < bytes.size()) {
        if (byte_at(bytes, at) != 0xFF) return std::nullopt;
        const auto marker = byte_at(bytes, at + 1);
        if (marker == 0xFF) { // padding
            ++at;
            continue;
        }
        const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame) return ImageSize{big_endian(bytes, at + 7, 2), big_endian(bytes, at + 5, 2)};
        const auto length = big_endian(bytes, at + 2, 2);
        if (length < 2) return std::nullopt;
        at += 2 + static_cast<std::size_t>(length);
    }
    return std::nullopt;
}

std::optional<ImageSize> webp_size(std::string_view bytes)
{
    if (bytes.size() < 30) return std::nullopt;
    const auto kind = bytes.substr(12, 4);
    if (kind == "VP8X") return ImageSize{little_endian(bytes, 24, 3) + 1, little_endian(bytes, 27, 3) + 1};
    if (kind == "VP8 ") return ImageSize{little_endian(bytes, 26, 2) & 0x3FFFU, little_endian(bytes, 28, 2) & 0x3FFFU};
    if (kind == "VP8L") {
        const auto bits = little_endian(bytes, 21, 4);
        return ImageSize{(bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1};
    }
    return std::nullopt;
}

std::string_view ending_of(std::string_view media_type)
{
    if (media_type == "image/png") return ".png";
    if (media_type == "image/jpeg") return ".jpg";
    if (media_type == "image/gif") return ".gif";
    if (media_type == "image/webp") return ".webp";
    return {};
}

} // namespace

std::string_view safe_image_type(std::string_view bytes)
{
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
    if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
    if (bytes.size() > 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return "image/webp";
    return {};
}

std::optional<ImageSize> image_size(std::string_view bytes)
{
    const auto type = safe_image_type(bytes);
    if (type == "image/png" && bytes.size() >= 24) return ImageSize{big_endian(bytes, 16, 4), big_endian(bytes, 20, 4)};
    if (type == "image/gif" && bytes.size() >= 10) return ImageSize{little_endian(bytes, 6, 2), little_endian(bytes, 8, 2)};
    if (type == "image/jpeg") return jpeg_size(bytes);
    if (type == "image/webp") return webp_size(bytes);
    return std::nullopt;
}

bool is_safe_image(std::string_view bytes)
{
    const auto size = image_size(bytes);
    return size && size->width > 0 && size->height > 0 && size->width <= longest_side && size->height <= longest_side &&
           size->width * size->height <= most_pixels;
}

std::string safe_file_name(std::string_view name, std::string_view media_type)
{
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos) name = name.substr(slash + 1);
    constexpr std::string_view unwanted = "<>:\"|?*;%`$&'";
    std::string safe;
    for (const char c : name) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        safe += control || unwanted.find(c) != std::string_view::npos ? '_' : c;
    }
    while (safe.starts_with('.')) safe.erase(0, 1);
    if (safe.size() > longest_name) {
        std::size_t end = longest_name;
        while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xC0U) == 0x80U) --end; // not inside a character
        safe.resize(end);
    }
    if (safe.empty()) safe = "file";
    const auto ending = ending_of(media_type);
    if (ending.empty()) return safe;
    const bool right = safe.ends_with(ending) || (media_type == "image/jpeg" && safe.ends_with(".jpeg"));
    return right ? safe : safe + std::string(ending);
}

std::string sending_obstacle(bool facebook, bool private_, std::string_view media_type, std::uint64_t bytes)
{
    const bool picture = media_type == "image/png" || media_type == "image/jpeg" || media_type == "image/webp";
    const bool gif = media_type == "image/gif";
    const bool video = media_type.starts_with("video/");
    const auto too_large = [&](std::uint64_t most) {
        return bytes > most * megabyte ? "is larger than the " + std::to_string(most) + " MB that the platform takes" : std::string();
    };
    if (!facebook) {
        if (picture) return too_large(5);
        if (gif) return too_large(15);
        return video ? too_large(512) : "is of a kind that X does not take: pictures and videos only";
    }
    if (!private_) return picture || gif ? too_large(8) : "is of a kind that a comment cannot hold: pictures only";
    if (picture || gif) return too_large(8);
    const bool other = video || media_type.starts_with("audio/") || media_type == "application/pdf";
    return other ? too_large(25) : "is of a kind that is not sent: pictures, videos, sound and PDF only";
}

} // namespace sportello::domain
