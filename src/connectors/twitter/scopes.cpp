#include "scopes.hpp"

namespace sportello::connectors::twitter {
namespace {

struct Scope {
    std::string_view name;
    std::string_view without;
};

constexpr Scope scopes[] = {
    {"tweet.read", "nothing can be read"},           {"users.read", "nothing can be read"},
    {"tweet.write", "no public answer can be sent"}, {"tweet.moderate.write", "no answer of others can be hidden"},
    {"dm.read", "direct messages are not read"},     {"dm.write", "no direct message can be sent"},
    {"media.write", "no picture can be sent"},       {"offline.access", "the login ends after two hours"},
};

bool grants(std::string_view granted, std::string_view scope)
{
    while (!granted.empty()) {
        const auto blank = granted.find(' ');
        if (granted.substr(0, blank) == scope) return true;
        granted = blank == std::string_view::npos ? "" : granted.substr(blank + 1);
    }
    return false;
}

} // namespace

std::string wanted_scopes()
{
    std::string all;
    for (const Scope& scope : scopes) all.append(all.empty() ? "" : " ").append(scope.name);
    return all;
}

std::string lacking_scopes(std::string_view granted)
{
    std::string words;
    for (const Scope& scope : scopes) {
        if (grants(granted, scope.name)) continue;
        words.append(words.empty() ? "" : "; ").append(scope.name).append(" (").append(scope.without).append(")");
    }
    return words;
}

} // namespace sportello::connectors::twitter
