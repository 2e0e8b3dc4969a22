#include "scopes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sportello::api {
namespace {

/// First word of a path under /v1, and its area. A new resource goes here.
constexpr std::pair<std::string_view, std::string_view> areas[] = {
    {"session", ""},
    {"me", "account"},
    {"tokens", "account"},
    {"tickets", "tickets"},
    {"replies", "tickets"},
    {"messages", "tickets"},
    {"attachments", "tickets"},
    {"drafts", "tickets"},
    {"approvals", "tickets"},
    {"presence", "tickets"},
    {"compose", "tickets"},
    {"reminders", "tickets"},
    {"search", "tickets"},
    {"handovers", "handovers"},
    {"customers", "customers"},
    {"link-proposals", "customers"},
    {"erasures", "customers"},
    {"incidents", "incidents"},
    {"canned-replies", "aids"},
    {"macros", "aids"},
    {"labels", "aids"},
    {"views", "aids"},
    {"events", "events"},
    {"live", "events"},
    {"webhooks", "webhooks"},
    {"reports", "reports"},
    {"queue", "reports"},
    {"agents", "staff"},
    {"teams", "staff"},
    {"shifts", "staff"},
    {"bootstrap", "office"},
    {"practice", "office"},
    {"brands", "office"},
    {"channels", "office"},
    {"office-hours", "office"},
    {"settings", "office"},
    {"audit", "audit"},
    {"alerts", "operations"},
    {"backups", "operations"},
    {"uploads", "tickets"},
    {"notifications", "account"},
    {"access-links", ""},
    {"oidc", ""},
    {"sign-in", ""},
    {"broadcasts", "incidents"},
};

/// Programs that look after the server, and pages: outside /v1.
bool is_outside(std::string_view pattern)
{
    return !pattern.starts_with("/v1/");
}

} // namespace

std::string scope_of(http::Method method, std::string_view pattern)
{
    if (is_outside(pattern)) return pattern == "/metrics" ? "operations:read" : "";
    if (pattern == "/v1/me" && method == http::Method::get) return "";
    auto word = pattern.substr(4);
    word = word.substr(0, word.find('/'));
    const auto found = std::find_if(std::begin(areas), std::end(areas), [&](const auto& area) { return area.first == word; });
    if (found == std::end(areas)) return "?";
    if (found->second.empty()) return "";
    const bool reads =
        method == http::Method::get || method == http::Method::head || pattern == "/v1/compose/preview" || pattern.ends_with("/preview");
    return std::string(found->second) + (reads ? ":read" : ":write");
}

std::vector<std::string> all_scopes()
{
    std::vector<std::string> scopes;
    for (const auto& [word, area] : areas) {
        if (area.empty()) continue;
        for (const auto* deed : {":read", ":write"}) scopes.push_back(std::string(area) + deed);
    }
    std::sort(scopes.begin(), scopes.end());
    scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
    return scopes;
}

bool covers(std::span<const std::string> scopes, std::string_view needed)
{
    if (scopes.empty() || needed.empty()) return true;
    return std::any_of(scopes.begin(), scopes.end(), [&](std::string_view scope) {
        if (scope == needed) return true;
        const auto area = needed.substr(0, needed.find(':'));
        return needed.ends_with(":read") && scope.ends_with(":write") && scope.substr(0, scope.find(':')) == area;
    });
}

} // namespace sportello::api
