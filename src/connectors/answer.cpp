#include "answer.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace sportello::connectors {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text)
{
    text = base::trim(text);
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return number;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", the one form of a date that servers still send (RFC 9110, IMF-fixdate).
std::optional<Instant> parse_http_date(std::string_view text)
{
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    text = base::trim(text);
    if (text.size() != 29 || text.substr(25) != " GMT") return std::nullopt;
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    if (month == months.end()) return std::nullopt;
    const auto number = std::to_string(month - months.begin() + 1);
    const std::string iso = std::string(text.substr(12, 4)) + "-" + (number.size() < 2 ? "0" : "") + number + "-" +
                            std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
    const auto parsed = base::parse_rfc3339(iso);
    if (!parsed) return std::nullopt;
    return *parsed;
}

} // namespace

const Json& Answer::json() const
{
    static const Json none;
    return body ? *body : none;
}

Answer not_asked(ChannelTrouble why)
{
    Answer answer;
    answer.failure = why.reason;
    answer.obstacle = std::move(why);
    return answer;
}

Answer read_answer(http::Exchange exchange)
{
    Answer answer;
    if (!exchange.response) {
        answer.failure = std::move(exchange.failure);
        answer.request_bytes_left = exchange.request_bytes_left;
        return answer;
    }
    answer.status = exchange.response->status;
    answer.request_bytes_left = true;
    answer.headers = std::move(exchange.response->headers);
    answer.body = parse_json(exchange.response->body);
    if (!answer.body) answer.raw = exchange.response->body.substr(0, std::size_t{64} * 1024);
    return answer;
}

Answer held_back(const domain::Permit& permit, Instant now)
{
    return not_asked({ChannelTrouble::State::rate_limited, permit.reason + "; goes on at " + base::to_rfc3339(permit.at),
                      within_an_hour(permit.at, now)});
}

std::optional<Instant> date_of(const http::Headers& headers)
{
    const auto date = headers.find("Date");
    return date ? parse_http_date(*date) : std::nullopt;
}

std::optional<Instant> retry_after(const http::Headers& headers, Instant now)
{
    const auto value = headers.find("Retry-After");
    if (!value) return std::nullopt;
    const auto seconds = whole_number(*value);
    if (!seconds) return parse_http_date(*value);
    return now + std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, 366 * 86'400));
}

std::optional<std::int64_t> number_in(const http::Headers& headers, std::string_view name)
{
    const auto value = headers.find(name);
    return value ? whole_number(*value) : std::nullopt;
}

Instant within_an_hour(Instant wanted, Instant now)
{
    return std::clamp(wanted, now, now + std::chrono::hours(1));
}

} // namespace sportello::connectors
