#include <sportello/http/url.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>

namespace sportello::http {
namespace urls = boost::urls;
namespace {

base::Error bad_url(std::string_view why)
{
    return base::Error(base::ErrorKind::invalid_input, "not a usable URL: " + std::string(why));
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

std::uint16_t default_port(std::string_view scheme)
{
    return scheme == "https" ? 443 : 80;
}

std::string host_of(const urls::url_view& view)
{
    if (view.host_type() == urls::host_type::ipv6) return lower(view.host_ipv6_address().to_string());
    return lower(view.host());
}

} // namespace

base::Result<Url> parse_url(std::string_view text)
{
    const auto parsed = urls::parse_uri(text);
    if (!parsed) return bad_url("it does not follow RFC 3986");
    const urls::url_view& view = *parsed;

    Url url;
    if (view.scheme_id() == urls::scheme::http) {
        url.scheme = "http";
    } else if (view.scheme_id() == urls::scheme::https) {
        url.scheme = "https";
    } else {
        return bad_url("the scheme is neither http nor https");
    }
    if (!view.has_authority() || view.encoded_host().empty()) return bad_url("it names no host");
    if (view.has_userinfo()) return bad_url("it holds a user name or password");

    url.host = host_of(view);
    // A decoded host may hold anything; what follows goes into a Host header and a name look-up.
    const auto is_plain = [](char c) { return c > ' ' && c < '\x7f' && c != '/' && c != '@' && c != '\\'; };
    if (!std::all_of(url.host.begin(), url.host.end(), is_plain)) return bad_url("the host holds strange characters");

    url.port = default_port(url.scheme);
    const std::string_view port(view.port().data(), view.port().size());
    if (!port.empty()) {
        const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), url.port);
        if (wrong != std::errc() || url.port == 0) return bad_url("the port is not between 1 and 65535");
    }
    const auto path = view.encoded_path();
    url.target.assign(path.data(), path.size());
    if (url.target.empty()) url.target = "/";
    if (view.has_query()) {
        const auto query = view.encoded_query();
        url.target.append("?").append(query.data(), query.size());
    }
    return url;
}

std::string host_header(const Url& url)
{
    const bool is_ipv6 = url.host.find(':') != std::string::npos;
    std::string header = is_ipv6 ? "[" + url.host + "]" : url.host;
    if (url.port != default_port(url.scheme)) header += ":" + std::to_string(url.port);
    return header;
}

bool is_loopback(std::string_view host)
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

} // namespace sportello::http
