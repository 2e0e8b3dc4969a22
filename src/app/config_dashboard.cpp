#include "config_dashboard.hpp"

#include <sportello/http/url.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace sportello::app {
namespace {

/// What a link may be filled with; the dashboard knows the same words.
constexpr std::string_view places[] = {"contract", "customer", "ticket", "handle"};
constexpr std::string_view places_in_words = "{contract}, {customer}, {ticket} and {handle}";
constexpr std::size_t most_links = 12;

/// The template filled with digits. @return in words what is wrong with it; empty: nothing.
std::string fault_of(std::string_view link)
{
    constexpr std::string_view https = "https://";
    const std::string no_address = "expected an https address like \"https://crm.example.com/contracts/{contract}\"";
    if (!link.starts_with(https)) return no_address;
    std::string filled;
    const std::size_t path = link.find_first_of("/?#", https.size());
    for (std::size_t at = 0; at < link.size(); ++at) {
        if (link[at] != '{') {
            filled += link[at];
            continue;
        }
        const std::size_t end = link.find('}', at);
        const std::string_view name = end == std::string_view::npos ? std::string_view() : link.substr(at + 1, end - at - 1);
        if (std::find(std::begin(places), std::end(places), name) == std::end(places)) {
            return "expected only " + std::string(places_in_words) + " in braces";
        }
        if (at < path) return "a customer's data must not choose the server: braces belong behind the host";
        filled += '0';
        at = end;
    }
    if (!http::parse_url(filled)) return no_address;
    return {};
}

bool belongs_to(std::string_view host, std::string_view domain)
{
    return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

/// Where customers really are.
bool is_real_platform(std::string_view host)
{
    constexpr std::string_view domains[] = {"facebook.com", "fb.com", "messenger.com", "instagram.com", "x.com", "twitter.com", "t.co"};
    return std::any_of(std::begin(domains), std::end(domains), [&](std::string_view domain) { return belongs_to(host, domain); });
}

} // namespace

void read_crm_links(TableReader& root, Config& config)
{
    const auto tables = root.tables("crm_link");
    if (tables.size() > most_links) root.problem("crm_link", "at most " + std::to_string(most_links) + " links have room in the panel");
    for (const toml::table* table : tables) {
        TableReader reader(*table, "crm_link", root.problems());
        api::CrmLink link;
        reader.required_text("name", link.name);
        if (reader.required_text("url", link.url)) {
            if (const std::string fault = fault_of(link.url); !fault.empty()) reader.problem("url", fault);
        }
        reader.texts("brands", link.brands);
        for (const std::string& brand : link.brands) {
            if (!config.engine.brand(brand)) reader.problem("brands", "there is no [[brand]] with id \"" + brand + "\"");
        }
        reader.end();
        config.crm_links.push_back(std::move(link));
    }
}

std::string read_practice(TableReader& root)
{
    const toml::table* table = root.table("practice");
    if (!table) return {};
    TableReader reader(*table, "practice", root.problems());
    std::string simulator;
    reader.text("simulator", simulator);
    reader.end();
    if (simulator.empty()) return {};
    const auto url = http::parse_url(simulator);
    if (!url || url->target != "/") {
        reader.problem("simulator", "expected the address of sportello-simulator without a path, like \"http://127.0.0.1:8090\"");
        return {};
    }
    if (is_real_platform(url->host)) {
        reader.problem("simulator", "customers are there: practice goes to sportello-simulator only");
        return {};
    }
    return url->scheme + "://" + http::host_header(*url);
}

} // namespace sportello::app
