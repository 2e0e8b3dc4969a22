#include "origin.hpp"

namespace sportello::api {
namespace {

std::string_view without_scheme(std::string_view origin)
{
    const auto end = origin.find("://");
    return end == std::string_view::npos ? origin : origin.substr(end + 3);
}

std::string_view scheme(std::string_view origin)
{
    const auto end = origin.find("://");
    return end == std::string_view::npos ? std::string_view() : origin.substr(0, end);
}

} // namespace

bool from_own_page(const http::Request& request, std::string_view public_url)
{
    const auto site = request.headers.find("Sec-Fetch-Site");
    if (site && *site != "same-origin" && *site != "none") return false;
    const auto origin = request.headers.find("Origin");
    if (!origin) return true;
    if (!public_url.empty() && *origin == public_url) return true;
    const std::string_view expected_scheme = request.secure ? "https" : "http";
    return scheme(*origin) == expected_scheme && without_scheme(*origin) == request.headers.find("Host").value_or("");
}

bool names_own_host(const http::Request& request, std::string_view public_url)
{
    return public_url.empty() || request.headers.find("Host").value_or("") == without_scheme(public_url);
}

} // namespace sportello::api
