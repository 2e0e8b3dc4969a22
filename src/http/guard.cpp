#include "guard.hpp"

#include "ascii.hpp"
#include "percent.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::http {
namespace {

Refusal bad_request(std::string detail)
{
    return {400, std::move(detail)};
}

bool is_token_character(char c)
{
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

/// Field values may hold blanks, tabs and bytes over 0x7f, but no control character.
bool is_field_value(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

bool is_host_character(char c)
{
    return is_alphanumeric(c) || std::string_view("-._~!$&'()*+,;=%").find(c) != std::string_view::npos;
}

/// host [":" port], where host is a name, an IPv4 address or an IPv6 address in brackets.
bool is_host(std::string_view text)
{
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        const auto is_address_character = [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; };
        if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(end), is_address_character)) return false;
        ++end;
    } else {
        end = std::min(text.find(':'), text.size());
        if (end == 0 || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), is_host_character)) { return false; }
    }
    if (end == text.size()) return true;
    const std::string_view port = text.substr(end);
    return port.front() == ':' && port.size() <= 6 && std::all_of(port.begin() + 1, port.end(), is_digit);
}

/// What the fields say about the request's host and the end of its body, field by field.
class FieldGuard {
public:
    explicit FieldGuard(bool is_http_1_0) : is_http_1_0_(is_http_1_0) {}

    std::optional<Refusal> take(std::string_view line)
    {
        if (line.front() == ' ' || line.front() == '\t') return bad_request("A header line is folded.");
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return bad_request("A header line has no colon.");
        const std::string_view name = line.substr(0, colon);
        if (!is_token(name)) return bad_request("A header name holds characters that are not allowed there.");
        const std::string_view value = trim_blanks(line.substr(colon + 1));
        if (!is_field_value(value)) return bad_request("A header value holds control characters.");

        if (equal_no_case(name, "Host")) return take_host(value);
        if (equal_no_case(name, "Content-Length")) return take_length(value);
        if (equal_no_case(name, "Transfer-Encoding")) return take_encoding(value);
        return std::nullopt;
    }

    std::optional<Refusal> finish() const
    {
        if (hosts_ == 0) return bad_request("The Host header is missing.");
        if (lengths_ > 0 && encodings_ > 0) return bad_request("Content-Length and Transfer-Encoding exclude each other.");
        return std::nullopt;
    }

private:
    std::optional<Refusal> take_host(std::string_view value)
    {
        if (++hosts_ > 1) return bad_request("There is more than one Host header.");
        if (!is_host(value)) return bad_request("The Host header is not a host name with an optional port.");
        return std::nullopt;
    }

    std::optional<Refusal> take_length(std::string_view value)
    {
        if (++lengths_ > 1) return bad_request("There is more than one Content-Length header.");
        // 18 digits are beyond every limit and below every overflow.
        if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), is_digit)) {
            return bad_request("Content-Length is not a number.");
        }
        return std::nullopt;
    }

    std::optional<Refusal> take_encoding(std::string_view value)
    {
        if (++encodings_ > 1) return bad_request("There is more than one Transfer-Encoding header.");
        if (!equal_no_case(value, "chunked")) return bad_request("The only Transfer-Encoding understood is chunked.");
        if (is_http_1_0_) return bad_request("HTTP/1.0 has no Transfer-Encoding.");
        return std::nullopt;
    }

    bool is_http_1_0_;
    int hosts_ = 0;
    int lengths_ = 0;
    int encodings_ = 0;
};

std::optional<Refusal> guard_request_line(std::string_view line)
{
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return bad_request("The request line is not METHOD TARGET VERSION.");
    if (!is_token(line.substr(0, first))) return bad_request("The method is not a token.");

    const std::string_view target = line.substr(first + 1, last - first - 1);
    const auto is_target_character = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\'; };
    if (target.empty() || !std::all_of(target.begin(), target.end(), is_target_character)) {
        return bad_request("The request target holds characters that must be percent-encoded.");
    }
    const std::string_view version = line.substr(last + 1);
    if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
    if (version.starts_with("HTTP/")) return Refusal{505, "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
    return bad_request("The request line does not end with the HTTP version.");
}

/// "https://host:port/path" -> "/path", if the host is the one of the Host header.
std::optional<Refusal> reduce_absolute_target(Request& request)
{
    const std::size_t scheme_end = request.target.find("://");
    const std::string_view scheme = std::string_view(request.target).substr(0, scheme_end);
    if (scheme_end == std::string::npos || !(equal_no_case(scheme, "http") || equal_no_case(scheme, "https"))) {
        return bad_request("The request target must begin with '/'.");
    }
    const std::string_view rest = std::string_view(request.target).substr(scheme_end + 3);
    const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    if (!equal_no_case(rest.substr(0, authority_end), request.headers.find("Host").value_or(""))) {
        return bad_request("The request target names another host than the Host header.");
    }
    std::string target(rest.substr(authority_end));
    if (!target.starts_with('/')) target.insert(0, "/");
    request.target = std::move(target);
    return std::nullopt;
}

} // namespace

HeadScanner::State HeadScanner::scan(std::string_view bytes)
{
    for (;;) {
        const std::size_t newline = bytes.find('\n', scanned_);
        if (newline == std::string_view::npos) {
            scanned_ = bytes.size();
            return State::incomplete;
        }
        if (newline == line_start_ || bytes[newline - 1] != '\r') return State::malformed;
        const bool is_empty_line = newline == line_start_ + 1;
        scanned_ = line_start_ = newline + 1;
        if (is_empty_line) return State::complete;
    }
}

std::optional<Refusal> guard_head(std::string_view head)
{
    std::size_t end = head.find("\r\n");
    const std::string_view request_line = head.substr(0, end);
    if (auto refusal = guard_request_line(request_line)) return refusal;

    FieldGuard fields(request_line.ends_with("1.0"));
    for (head.remove_prefix(end + 2); !head.starts_with("\r\n"); head.remove_prefix(end + 2)) {
        end = head.find("\r\n");
        if (end == std::string_view::npos) return bad_request("The head does not end.");
        if (auto refusal = fields.take(head.substr(0, end))) return refusal;
    }
    return fields.finish();
}

std::optional<Refusal> read_target(Request& request)
{
    if (!request.target.starts_with('/')) {
        if (auto refusal = reduce_absolute_target(request)) return refusal;
    }
    const std::string_view target = request.target;
    if (target.find('#') != std::string_view::npos) return bad_request("The request target holds a fragment.");
    const std::size_t question = std::min(target.find('?'), target.size());

    std::optional<std::string> path = percent_decode(target.substr(0, question));
    if (!path) return bad_request("The path is not percent-encoded properly.");
    const auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
    if (std::any_of(path->begin(), path->end(), is_control)) return bad_request("The path holds control characters.");
    if (path->find("..") != std::string::npos || path->find("/./") != std::string::npos || path->ends_with("/.")) {
        return bad_request("The path must be written without '.' and '..'.");
    }
    if (path->find('\\') != std::string::npos) return bad_request("The path holds a backslash.");
    request.path = base::clean_utf8(*path);
    if (question < target.size()) request.query = Parameters::parse(target.substr(question + 1));
    return std::nullopt;
}

} // namespace sportello::http
