#include "graph_apps.hpp"
#include "text_list.hpp"
#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::simulator {
using base::escape_html;
namespace {

/// What the app asks the person for.
struct Asked {
    std::string client_id, redirect_uri, state, scope;
};

/// "http://127.0.0.1:8080" of an address; empty when it is none that a form may lead to.
std::string origin_of(const std::string& url)
{
    const auto scheme = url.find("://");
    if (!url.starts_with("http://") && !url.starts_with("https://")) return {};
    const auto origin = url.substr(0, url.find_first_of("/?#", scheme + 3));
    const auto plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || std::string_view(".:-[]/").find(c) != std::string_view::npos;
    };
    return origin.size() > scheme + 3 && std::ranges::all_of(origin, plain) ? origin : std::string();
}

http::Response page(int status, const std::string& main, const std::string& origin = "")
{
    auto response =
        http::Response::text(status,
                             "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\">"
                             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Accesso per l'app</title>"
                             "<link rel=\"stylesheet\" href=\"/assets/simulator.css\"></head><body><header><div><div><h1>Accesso per "
                             "l'app</h1></div></div></header><main>" +
                                 main + "</main></body></html>",
                             "text/html; charset=utf-8");
    // The form's answer leads back to the app: a browser asks whether that is allowed too.
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + origin);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

http::Response mistake(const std::string& what)
{
    return page(400, "<section class=\"thread\"><p class=\"error\" role=\"alert\">" + escape_html(what) + "</p></section>");
}

http::Response back_to(const Asked& asked, http::Parameters answer)
{
    if (!asked.state.empty()) answer.add("state", asked.state);
    auto response = http::Response::empty(302);
    response.headers.set("Location",
                         asked.redirect_uri + (asked.redirect_uri.find('?') == std::string::npos ? "?" : "&") + answer.encode() + "#_=_");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

std::string check_box(const std::string& name, const std::string& value, const std::string& text)
{
    return "<label class=\"check\"><input type=\"checkbox\" name=\"" + name + "\" value=\"" + escape_html(value) + "\" checked> " +
           escape_html(text) + "</label>";
}

std::string hidden(const std::string& name, const std::string& value)
{
    return "<input type=\"hidden\" name=\"" + name + "\" value=\"" + escape_html(value) + "\">";
}

http::Response ask(const House& house, const Asked& asked, const std::string& path)
{
    std::string form = "<form class=\"write\" method=\"post\" action=\"" + escape_html(path) + "\"><h2>" +
                       escape_html(std::string(graph_app_name)) + " chiede di agire per le tue Pagine</h2>" +
                       hidden("client_id", asked.client_id) + hidden("redirect_uri", asked.redirect_uri) + hidden("state", asked.state) +
                       "<fieldset><legend>Pagine</legend>";
    for (const auto& account : house.world.accounts()) {
        if (account.platform == Platform::facebook) form += check_box("page", account.id, account.name);
    }
    form += "</fieldset><fieldset><legend>Permessi</legend>";
    for (const auto& scope : split_list(asked.scope)) form += check_box("scope", scope, scope);
    form += "</fieldset><button name=\"action\" value=\"allow\" data-testid=\"allow\">Consenti</button>"
            "<button name=\"action\" value=\"deny\" data-testid=\"deny\" class=\"second\">Annulla</button></form>";
    return page(200, form, origin_of(asked.redirect_uri));
}

} // namespace

http::Response oauth_dialog(House& house, const http::Request& request)
{
    const bool answered = request.method == http::Method::post;
    const auto form = answered ? http::Parameters::parse(request.body) : request.query;
    const auto field = [&](const char* name) { return std::string(form.find(name).value_or("")); };
    Asked asked{field("client_id"), field("redirect_uri"), field("state"), field("scope")};
    std::ranges::replace(asked.scope, ' ', ',');
    if (asked.client_id != graph_app_id) return mistake("Invalid App ID: The provided app ID does not look like a valid app ID.");
    if (origin_of(asked.redirect_uri).empty()) {
        return mistake(
            "URL Blocked: This redirect failed because the redirect URI is not white-listed in the app's client OAuth settings.");
    }
    if (!answered) {
        for (const auto& scope : split_list(asked.scope)) {
            if (std::ranges::find(graph_permissions(), scope) == graph_permissions().end()) return mistake("Invalid Scopes: " + scope);
        }
        return ask(house, asked, request.path);
    }
    http::Parameters answer;
    if (field("action") != "allow") {
        answer.add("error", "access_denied");
        answer.add("error_code", "200");
        answer.add("error_description", "Permissions error");
        answer.add("error_reason", "user_denied");
        return back_to(asked, std::move(answer));
    }
    GraphBook::Grant grant{asked.redirect_uri, {"public_profile"}, {}};
    for (const auto& [name, value] : form) {
        if (name == "scope" && std::ranges::find(graph_permissions(), value) != graph_permissions().end()) grant.scopes.insert(value);
        if (name == "page" && house.world.find_account(Platform::facebook, value)) grant.pages.insert(value);
    }
    answer.add("code", house.book.issue_code(grant));
    return back_to(asked, std::move(answer));
}

} // namespace sportello::simulator
