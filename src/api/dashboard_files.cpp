#include "dashboard_files.hpp"

#include "page_policy.hpp"
#include "sessions.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/http/compression.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <system_error>

namespace sportello::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view not_built =
    "<!doctype html><html lang=\"en\"><title>Sportello</title><h1>The dashboard is not built</h1>"
    "<p>Run <code>./dev build</code> and start the server again. The API is at work under <code>/v1</code>.</p></html>";

struct Ending {
    std::string_view ending;
    std::string_view type;
};
constexpr std::array<Ending, 12> types{{{".html", "text/html; charset=utf-8"},
                                        {".js", "text/javascript; charset=utf-8"},
                                        {".css", "text/css; charset=utf-8"},
                                        {".json", "application/json; charset=utf-8"},
                                        {".map", "application/json; charset=utf-8"},
                                        {".webmanifest", "application/manifest+json"},
                                        {".svg", "image/svg+xml"},
                                        {".png", "image/png"},
                                        {".ico", "image/x-icon"},
                                        {".webp", "image/webp"},
                                        {".woff2", "font/woff2"},
                                        {".txt", "text/plain; charset=utf-8"}}};

std::string type_of(std::string_view address)
{
    for (const auto& [ending, type] : types) {
        if (address.ends_with(ending)) return std::string(type);
    }
    return "application/octet-stream";
}

bool is_page(std::string_view path)
{
    if (path == "/v1" || path.starts_with("/v1/") || path.starts_with("/assets/")) return false;
    return path.substr(path.rfind('/')).find('.') == std::string_view::npos;
}

/// Pages for everybody, also before the log-in; the dashboard's router has the same.
constexpr std::array<std::string_view, 3> open_pages{"/login", "/access", "/accessibility"};

/// Whoever is in gets the first screen's answer while the scripts are still on their way. Asked in any other manner it would be
/// fetched twice; asked without a session it would be refused, and on an open page nobody would take it.
void ask_ahead(http::Headers& headers, const http::Request& request)
{
    headers.set("Vary", "Accept-Encoding, Cookie");
    if (std::ranges::find(open_pages, request.path) != open_pages.end()) return;
    if (request.cookie(Sessions::cookie_name(request.secure)).value_or("").empty()) return;
    headers.set("Link", "</v1/bootstrap>; rel=preload; as=fetch; crossorigin=anonymous");
}

} // namespace

DashboardFiles::DashboardFiles(const fs::path& folder)
{
    std::error_code error;
    if (folder.empty() || !fs::is_directory(folder, error)) return;
    for (auto entry = fs::recursive_directory_iterator(folder, error); !error && entry != fs::end(entry); entry.increment(error)) {
        if (entry->is_symlink() || !entry->is_regular_file()) continue;
        const auto address = "/" + entry->path().lexically_relative(folder).generic_string();
        std::string_view plain = address;
        std::string encoding;
        if (plain.ends_with(".br")) encoding = "br", plain.remove_suffix(3);
        else if (plain.ends_with(".gz")) encoding = "gzip", plain.remove_suffix(3);
        files_.emplace(address, File{entry->path(), type_of(plain), encoding, {}, {}});
    }
}

std::optional<http::Response> DashboardFiles::find(const http::Request& request) const
{
    const auto& path = request.path;
    if (files_.contains(path) && !path.ends_with(".br") && !path.ends_with(".gz")) return serve(path, request);
    if (!is_page(path)) return std::nullopt;
    if (files_.contains("/index.html")) {
        auto page = serve("/index.html", request);
        ask_ahead(page.headers, request);
        return page;
    }
    auto response = http::Response::text(503, std::string(not_built), "text/html; charset=utf-8");
    set_page_policy(response.headers);
    return response;
}

const DashboardFiles::File* DashboardFiles::choose(const std::string& address, std::string_view accepted) const
{
    for (const auto& [coding, ending] : {std::pair{"br", ".br"}, std::pair{"gzip", ".gz"}}) {
        if (!http::accepts_coding(accepted, coding)) continue;
        const auto found = files_.find(address + ending);
        if (found != files_.end()) return &found->second;
    }
    return &files_.find(address)->second;
}

http::Response DashboardFiles::serve(const std::string& address, const http::Request& request) const
{
    const auto& file = *choose(address, request.headers.find("Accept-Encoding").value_or(""));
    if (!load(file)) return http::Response::text(503, "This file of the dashboard cannot be read.");

    const bool known = request.headers.find("If-None-Match").value_or("") == file.tag;
    auto response = known ? http::Response::empty(304) : http::Response::text(200, file.content, file.type);
    auto& headers = response.headers;
    if (!file.encoding.empty() && !known) headers.set("Content-Encoding", file.encoding);
    headers.set("Vary", "Accept-Encoding");
    headers.set("ETag", file.tag);
    // What the build names after its content never changes; everything else is asked for each time.
    const bool hashed = address.starts_with("/assets/");
    headers.set("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    if (file.type.starts_with("text/html")) set_page_policy(headers);
    return response;
}

bool DashboardFiles::load(const File& file)
{
    if (!file.tag.empty()) return true;
    std::ifstream in(file.place, std::ios::binary);
    if (!in) return false;
    std::ostringstream content;
    content << in.rdbuf();
    file.content = std::move(content).str();
    file.tag = '"' + base::sha256_hex(file.content).substr(0, 32) + '"';
    return true;
}

} // namespace sportello::api
