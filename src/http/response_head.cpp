#include "response_head.hpp"

#include "ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <stdexcept>

namespace sportello::http {
namespace {

struct StandardHeader {
    std::string_view name;
    std::string_view line;
};

/// What every answer carries (the reasons are in the threat table: framing, sniffing, leaking the address of a page).
constexpr std::array<StandardHeader, 7> standard_headers{{
    {"X-Content-Type-Options", "X-Content-Type-Options: nosniff\r\n"},
    {"Referrer-Policy", "Referrer-Policy: same-origin\r\n"},
    {"Cross-Origin-Resource-Policy", "Cross-Origin-Resource-Policy: same-origin\r\n"},
    {"Cross-Origin-Opener-Policy", "Cross-Origin-Opener-Policy: same-origin\r\n"},
    {"X-Frame-Options", "X-Frame-Options: DENY\r\n"},
    {"Permissions-Policy", "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=(), usb=()\r\n"},
    {"Strict-Transport-Security", "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n"},
}};
constexpr std::size_t transport_security = 6;

bool is_framing_header(std::string_view name)
{
    return equal_no_case(name, "Content-Length") || equal_no_case(name, "Transfer-Encoding") || equal_no_case(name, "Connection") ||
           equal_no_case(name, "Date");
}

bool breaks_the_line(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void append_number(std::string& out, std::uint64_t number)
{
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

/// @return a bit for each standard header that the response sets itself.
unsigned append_own_headers(std::string& out, const Response& response)
{
    unsigned own = 0;
    for (const auto& [name, value] : response.headers) {
        if (is_framing_header(name)) continue;
        if (name.empty() || breaks_the_line(name) || breaks_the_line(value)) {
            throw std::logic_error("the response header '" + name.substr(0, 40) + "' holds a line break");
        }
        out.append(name).append(": ").append(value).append("\r\n");
        for (std::size_t i = 0; i < standard_headers.size(); ++i) {
            if (equal_no_case(name, standard_headers[i].name)) own |= 1U << i;
        }
    }
    return own;
}

/// RFC 9110, 8.6: no Content-Length in 1xx and 204; a 304 could only repeat the one of a 200 that we do not know here.
bool has_length(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

std::string json_string(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
}

} // namespace

std::string_view reason_phrase(int status)
{
    switch (status) {
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 417:
        return "Expectation Failed";
    case 421:
        return "Misdirected Request";
    case 422:
        return "Unprocessable Content";
    case 426:
        return "Upgrade Required";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    case 507:
        return "Insufficient Storage";
    default:
        return "Unknown";
    }
}

std::string_view DateText::now()
{
    const std::int64_t second = std::time(nullptr);
    if (second != second_) {
        static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        const std::time_t time = second;
        std::tm utc{};
        gmtime_r(&time, &utc);
        std::array<char, 64> text;
        // Not strftime: its names of days follow the locale.
        const int size = std::snprintf(
            text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
            months[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
        text_.assign(text.data(), static_cast<std::size_t>(size));
        second_ = second;
    }
    return text_;
}

void append_head(std::string& out, const Response& response, const HeadFacts& facts, DateText& date)
{
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    const unsigned own = append_own_headers(out, response);

    for (std::size_t i = 0; i < standard_headers.size(); ++i) {
        const bool wanted = i != transport_security || facts.secure;
        if (wanted && (own & (1U << i)) == 0) out.append(standard_headers[i].line);
    }
    out.append("Date: ").append(date.now()).append("\r\n");
    if (facts.framing == Framing::chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    } else if (facts.framing == Framing::length && has_length(response.status)) {
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    }
    if (!facts.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (facts.say_keep_alive) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
}

Response problem_response(const Refusal& refusal)
{
    const std::string body = "{\"type\":\"about:blank\",\"title\":" + json_string(reason_phrase(refusal.status)) +
                             ",\"status\":" + std::to_string(refusal.status) + ",\"detail\":" + json_string(refusal.detail) + "}";
    Response response = Response::text(refusal.status, body, "application/problem+json");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

} // namespace sportello::http
