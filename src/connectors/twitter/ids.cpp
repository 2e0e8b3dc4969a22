#include "ids.hpp"

#include <algorithm>
#include <charconv>

namespace sportello::connectors::twitter {
namespace {

constexpr std::int64_t first_millisecond = 1'288'834'974'657;
constexpr int time_shift = 22;
/// Before the scheme ids counted posts and had not reached this yet.
constexpr std::int64_t first_snowflake = 30'000'000'000;

} // namespace

bool is_id(std::string_view text)
{
    return !text.empty() && text.size() <= 19 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool id_less(std::string_view a, std::string_view b)
{
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::optional<base::Instant> time_of_id(std::string_view id)
{
    std::int64_t number = 0;
    if (!is_id(id)) return std::nullopt;
    const auto [stop, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc() || number < first_snowflake) return std::nullopt;
    return base::Instant(std::chrono::milliseconds((number >> time_shift) + first_millisecond));
}

std::string first_id_at(base::Instant when)
{
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch()).count() - first_millisecond;
    if (ms <= 0) return {};
    return std::to_string(ms << time_shift);
}

std::string normal_conversation(std::string_view id)
{
    const auto dash = id.find('-');
    if (dash == std::string_view::npos) return std::string(id);
    const std::string_view a = id.substr(0, dash);
    const std::string_view b = id.substr(dash + 1);
    if (!is_id(a) || !is_id(b) || !id_less(b, a)) return std::string(id);
    return std::string(b) + "-" + std::string(a);
}

std::string other_member(std::string_view conversation, std::string_view self)
{
    const auto dash = conversation.find('-');
    if (dash == std::string_view::npos) return {};
    if (conversation.substr(0, dash) == self) return std::string(conversation.substr(dash + 1));
    if (conversation.substr(dash + 1) == self) return std::string(conversation.substr(0, dash));
    return {};
}

} // namespace sportello::connectors::twitter
