#include "query.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>
#include <charconv>

namespace sportello::api {

std::optional<std::int64_t> read_number(std::string_view text)
{
    std::int64_t number = 0;
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string write_cursor(std::string_view order, std::initializer_list<std::int64_t> numbers)
{
    std::string cursor(order);
    for (const auto number : numbers) cursor.append(".").append(std::to_string(number));
    return cursor;
}

std::optional<std::vector<std::int64_t>> read_cursor(std::string_view text, std::string_view order, std::size_t count)
{
    if (!text.starts_with(order)) return std::nullopt;
    text.remove_prefix(order.size());
    std::vector<std::int64_t> numbers;
    while (!text.empty()) {
        if (text.front() != '.') return std::nullopt;
        text.remove_prefix(1);
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc()) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        numbers.push_back(number);
    }
    if (numbers.size() != count) return std::nullopt;
    return numbers;
}

std::optional<std::string_view> Query::text(std::string_view name)
{
    known_.emplace_back(name);
    const auto same = [&](const auto& pair) { return pair.first == name; };
    if (std::count_if(parameters_.begin(), parameters_.end(), same) > 1) wrong(name, "is there more than once");
    return parameters_.find(name);
}

std::optional<std::int64_t> Query::number(std::string_view name, std::int64_t least, std::int64_t most)
{
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto value = read_number(*given);
    if (value && *value >= least && *value <= most) return value;
    wrong(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " expected");
    return std::nullopt;
}

std::optional<bool> Query::flag(std::string_view name)
{
    const auto given = text(name);
    if (!given) return std::nullopt;
    if (*given == "true") return true;
    if (*given == "false") return false;
    wrong(name, "true or false expected");
    return std::nullopt;
}

std::optional<base::Instant> Query::time(std::string_view name)
{
    const auto given = text(name);
    if (!given) return std::nullopt;
    // An unencoded '+' of the offset arrives as a blank: "2026-03-02T10:00:00 01:00".
    std::string repaired(*given);
    std::replace(repaired.begin(), repaired.end(), ' ', '+');
    const auto at = base::parse_rfc3339(repaired);
    if (at) return *at;
    wrong(name, "an RFC 3339 time such as 2026-03-02T09:05:10Z expected");
    return std::nullopt;
}

std::optional<base::Duration> Query::duration(std::string_view name)
{
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto duration = base::parse_duration(*given);
    if (duration) return *duration;
    wrong(name, "a duration such as 90m or 1h30m expected");
    return std::nullopt;
}

std::int64_t Query::limit(std::int64_t most, std::int64_t usual)
{
    return number("limit", 1, most).value_or(usual);
}

void Query::wrong(std::string_view name, std::string detail)
{
    errors_.push_back({"query:" + std::string(name), std::move(detail)});
}

std::optional<Problem> Query::refusal()
{
    for (const auto& [name, ignored] : parameters_) {
        if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
            wrong(base::shorten(name, 100), "there is no such parameter here");
        }
    }
    if (errors_.empty()) return std::nullopt;
    return Problem{.status = 400, .code = "invalid_input", .detail = "The query string is not right.", .errors = errors_};
}

} // namespace sportello::api
