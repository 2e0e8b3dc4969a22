#include "ids.hpp"

#include <algorithm>

namespace sportello::simulator {
namespace {

constexpr std::int64_t twitter_epoch_ms = 1288834974657;

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

std::string snowflake(base::Instant at, std::uint64_t low_bits)
{
    const auto ms = base::to_micros(at) / 1000 - twitter_epoch_ms;
    return std::to_string((static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 1)) << 22) | (low_bits & 0x3fffff));
}

bool less_id(std::string_view a, std::string_view b)
{
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool is_numeric_id(std::string_view text)
{
    return !text.empty() && text.size() <= 19 && std::ranges::all_of(text, is_digit);
}

bool is_handle(std::string_view text)
{
    const auto fits = [](char c) { return is_digit(c) || is_letter(c) || c == '_'; };
    return !text.empty() && text.size() <= 15 && std::ranges::all_of(text, fits);
}

std::string ascii_lower(std::string_view text)
{
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

} // namespace sportello::simulator
