#include "punycode.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace sportello::domain {
namespace {

// RFC 3492, section 5.
constexpr std::uint32_t base = 36;
constexpr std::uint32_t t_min = 1;
constexpr std::uint32_t t_max = 26;
constexpr std::uint32_t skew = 38;
constexpr std::uint32_t damp = 700;
constexpr std::uint32_t initial_bias = 72;
constexpr char32_t first_encoded = 0x80;

bool is_printable_ascii(char16_t c)
{
    return c >= 0x20 && c <= 0x7E;
}

/// Half a pair stands for itself.
std::u32string to_points(std::u16string_view text)
{
    std::u32string points;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char32_t c = text[at];
        const char32_t next = at + 1 < text.size() ? text[at + 1] : u'\0';
        const bool is_pair = (c & 0xFC00) == 0xD800 && (next & 0xFC00) == 0xDC00;
        points.push_back(is_pair ? 0x10000 + ((c & 0x3FF) << 10) + (next & 0x3FF) : c);
        if (is_pair) ++at;
    }
    return points;
}

std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first)
{
    delta = first ? delta / damp : delta / 2;
    delta += delta / points;
    std::uint32_t k = 0;
    for (; delta > (base - t_min) * t_max / 2; k += base) delta /= base - t_min;
    return k + (base - t_min + 1) * delta / (delta + skew);
}

std::size_t digits_of(std::uint32_t delta, std::uint32_t bias)
{
    std::size_t digits = 1;
    for (std::uint32_t k = base;; k += base, ++digits) {
        const auto t = k <= bias ? t_min : std::min(k - bias, t_max);
        if (delta < t) return digits;
        delta = (delta - t) / (base - t);
    }
}

/// @param points  few: a delta must not overflow
std::size_t punycode_length(std::u32string_view points)
{
    const auto basic = static_cast<std::uint32_t>(std::ranges::count_if(points, [](char32_t c) { return c < first_encoded; }));
    std::size_t length = basic + (basic > 0 ? 1U : 0U);
    std::uint32_t handled = basic;
    std::uint32_t delta = 0;
    auto bias = initial_bias;
    char32_t current = first_encoded;
    while (handled < points.size()) {
        char32_t next = 0x110000;
        for (const auto c : points) {
            if (c >= current) next = std::min(next, c);
        }
        delta += (next - current) * (handled + 1);
        for (const auto c : points) {
            if (c < next) ++delta;
            if (c != next) continue;
            length += digits_of(delta, bias);
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            ++handled;
        }
        ++delta;
        current = next + 1;
    }
    return length;
}

} // namespace

std::size_t encoded_label_length(std::u16string_view label, std::size_t over)
{
    if (std::ranges::all_of(label, is_printable_ascii)) return label.size();
    if (label.size() > 2 * over) return label.size();
    constexpr std::size_t prefix = 4;
    std::size_t length = 0;
    // These three are full stops to the encoder: it encodes what stands between them by itself.
    for (const auto is_stop = [](char16_t c) { return c == 0x3002 || c == 0xFF0E || c == 0xFF61; };;) {
        const auto stop = std::ranges::find_if(label, is_stop);
        const auto part = label.substr(0, static_cast<std::size_t>(stop - label.begin()));
        const bool plain = std::ranges::all_of(part, is_printable_ascii);
        length += plain ? part.size() : prefix + punycode_length(to_points(part));
        if (stop == label.end()) return length;
        ++length;
        label.remove_prefix(part.size() + 1);
    }
}

} // namespace sportello::domain
