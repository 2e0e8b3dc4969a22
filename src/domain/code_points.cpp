#include "code_points.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace sportello::domain {

std::u32string to_code_points(std::string_view text)
{
    std::u32string points;
    points.reserve(text.size());
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t at = 0; at < size;) {
        UChar32 c = 0;
        U8_NEXT_OR_FFFD(bytes, at, size, c);
        points.push_back(static_cast<char32_t>(c));
    }
    return points;
}

std::string to_utf8(std::u32string_view text)
{
    std::string bytes;
    bytes.reserve(text.size());
    for (const auto c : text) {
        char buffer[U8_MAX_LENGTH];
        std::int32_t size = 0;
        U8_APPEND_UNSAFE(buffer, size, static_cast<UChar32>(c));
        bytes.append(buffer, static_cast<std::size_t>(size));
    }
    return bytes;
}

bool is_blank(char32_t c)
{
    return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0;
}

} // namespace sportello::domain
