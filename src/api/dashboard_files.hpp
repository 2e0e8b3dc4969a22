#pragma once

#include <sportello/http/message.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sportello::api {

/// The dashboard's built files, by their addresses. Only what was found in the folder at start-up is ever served, so no
/// address can lead out of it. Content is read when first asked for, and kept.
class DashboardFiles {
public:
    /// @param folder  with index.html; empty or without it: every page says how to build the dashboard.
    explicit DashboardFiles(const std::filesystem::path& folder);

    /// The answer to a GET of `request.path`: a file, or index.html for a page of the dashboard (an address without a dot
    /// in its last segment, outside /v1). Nothing for anything else. With a session's cookie, and but for the pages that are open to
    /// everybody, a page's answer has the browser ask for the first screen (Link: rel=preload) before it runs a script.
    [[nodiscard]] std::optional<http::Response> find(const http::Request& request) const;

private:
    struct File {
        std::filesystem::path place;
        std::string type;
        std::string encoding; ///< "", "br" or "gzip"
        mutable std::string content;
        mutable std::string tag; ///< entity tag; empty until read
    };
    [[nodiscard]] const File* choose(const std::string& address, std::string_view accepted) const;
    [[nodiscard]] http::Response serve(const std::string& address, const http::Request& request) const;
    [[nodiscard]] static bool load(const File& file);

    std::map<std::string, File, std::less<>> files_; ///< "/assets/app-1a2b.js", "/assets/app-1a2b.js.br"
};

} // namespace sportello::api
