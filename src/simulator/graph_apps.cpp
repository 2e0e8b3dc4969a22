#include "graph_apps.hpp"

#include "graph_failures.hpp"
#include "ids.hpp"
#include "text_list.hpp"

#include <algorithm>

namespace sportello::simulator {
namespace asio = boost::asio;
namespace {

constexpr auto short_life = std::chrono::hours(2);
constexpr auto long_life = std::chrono::hours(24 * 60);
constexpr auto data_access_life = std::chrono::hours(24 * 90);

const std::vector<std::string> page_fields{"feed",
                                           "mention",
                                           "messages",
                                           "message_echoes",
                                           "message_deliveries",
                                           "message_reads",
                                           "message_edits",
                                           "message_reactions",
                                           "messaging_postbacks",
                                           "messaging_referrals",
                                           "messaging_handovers",
                                           "standby",
                                           "messaging_policy_enforcement"};

std::int64_t to_seconds(Instant at)
{
    return base::to_micros(at) / 1'000'000;
}

void require_app(const GraphInput& input)
{
    if (input.text("client_id") != graph_app_id) {
        throw GraphFailure{400, 101, "Error validating application. Cannot get application info due to a system error."};
    }
    if (input.text("client_secret") != app_secret) throw GraphFailure{400, 1, "Error validating client secret."};
}

void require_app_token(const GraphView& view)
{
    if (view.grant && view.grant->kind == GraphToken::Kind::app) return;
    throw GraphFailure{400, 15, "(#15) This method must be called with an app access_token."};
}

/// @throw GraphFailure unless the caller is a person
const GraphToken& person(const GraphView& view)
{
    if (!view.grant || view.grant->user.empty() || view.page) throw GraphFailure{400, 2500, "An active access token must be used."};
    return *view.grant;
}

ordered_json bearer(const std::string& token, std::optional<Duration> life)
{
    ordered_json answer{{"access_token", token}, {"token_type", "bearer"}};
    if (life) answer["expires_in"] = std::chrono::duration_cast<std::chrono::seconds>(*life).count();
    return answer;
}

ordered_json token_for_code(House& house, const GraphInput& input)
{
    const auto granted = house.book.take_code(input.text("code"), input.text("redirect_uri"));
    GraphToken token;
    token.user = graph_person_id;
    token.issued = house.clock.now();
    token.ends = token.issued + short_life;
    token.scopes = granted.scopes;
    token.pages = granted.pages;
    return bearer(house.book.issue(token), short_life);
}

ordered_json longer_token(House& house, const GraphInput& input)
{
    auto token = house.book.find(input.text("fb_exchange_token"));
    if (!token) throw bad_token("Invalid OAuth access token - Cannot parse access token");
    house.book.require_live(*token);
    token->issued = house.clock.now();
    token->long_lived = true;
    token->ends.reset();
    if (token->kind == GraphToken::Kind::page || token->kind == GraphToken::Kind::app) {
        return bearer(house.book.issue(*token), std::nullopt);
    }
    token->ends = token->issued + long_life;
    return bearer(house.book.issue(*token), long_life);
}

/// The words of a list that are none of `known` are refused as the platform does.
std::set<std::string> known_fields(const GraphInput& input, const std::string& name)
{
    auto text = input.text(name);
    std::erase_if(text, [](char c) { return c == '[' || c == ']' || c == '"' || c == ' '; });
    const auto words = split_list(text);
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (std::ranges::find(page_fields, words[at]) != page_fields.end()) continue;
        std::string all;
        for (const auto& field : page_fields) all += (all.empty() ? "" : ", ") + field;
        throw GraphFailure{
            400, 100, "(#100) Param " + name + "[" + std::to_string(at) + "] must be one of {" + all + "} - got \"" + words[at] + "\"."};
    }
    return {words.begin(), words.end()};
}

const char* kind_word(GraphToken::Kind kind)
{
    switch (kind) {
    case GraphToken::Kind::user:
        return "USER";
    case GraphToken::Kind::page:
        return "PAGE";
    case GraphToken::Kind::system_user:
        return "SYSTEM_USER";
    case GraphToken::Kind::app:
        return "APP";
    }
    return "";
}

const Account& page_of(const GraphView& view)
{
    return view.house.world.accounts().at(*view.page);
}

} // namespace

ordered_json answer_oauth(House& house, const std::vector<std::string>& path, const GraphInput& input)
{
    if (path.size() != 2 || (path[1] != "access_token" && path[1] != "revoke")) {
        throw GraphFailure{404, 2500, "Unknown path components: /" + (path.size() > 1 ? path[1] : "")};
    }
    require_app(input);
    if (path[1] == "revoke") {
        const auto token = house.book.find(input.text("revoke_token"));
        if (!token) throw bad_token("Invalid OAuth access token - Cannot parse access token");
        auto dead = *token;
        dead.dead_subcode = 467;
        house.book.put(input.text("revoke_token"), dead);
        return {{"success", true}};
    }
    const auto type = input.text("grant_type");
    if (type == "client_credentials") return bearer(std::string(graph_app_id) + "|" + std::string(app_secret), std::nullopt);
    if (type == "fb_exchange_token") return longer_token(house, input);
    if ((type.empty() || type == "authorization_code") && !input.text("code").empty()) return token_for_code(house, input);
    throw GraphFailure{400, 1, "Missing authorization code"};
}

ordered_json debug_token(const GraphView& view, const GraphInput& input)
{
    const auto& house = view.house;
    const auto asked = input.text("input_token");
    if (asked.empty()) throw GraphFailure{400, 100, "(#100) The parameter input_token is required"};
    const auto token = house.book.find(asked);
    ordered_json data = ordered_json::object();
    if (!token) {
        data["error"] = {{"code", 190}, {"message", "Invalid OAuth access token - Cannot parse access token"}};
        data["is_valid"] = false;
        data["scopes"] = ordered_json::array();
        return {{"data", data}};
    }
    data = {{"app_id", graph_app_id}, {"type", kind_word(token->kind)}, {"application", graph_app_name}};
    try {
        house.book.require_live(*token);
    } catch (const GraphFailure& failure) {
        data["error"] = {{"code", failure.code}, {"message", failure.message}, {"subcode", failure.subcode}};
    }
    data["is_valid"] = !data.contains("error");
    if (token->kind == GraphToken::Kind::app) return {{"data", data}};
    data["data_access_expires_at"] =
        token->issued == Instant{} ? 0 : to_seconds(token->issued + data_access_life); // those without setting up never end
    data["expires_at"] = token->ends ? to_seconds(*token->ends) : 0;
    if (token->issued != Instant{}) data["issued_at"] = to_seconds(token->issued);
    if (!token->page.empty()) data["profile_id"] = token->page;
    data["scopes"] = ordered_json::array();
    data["granular_scopes"] = ordered_json::array();
    const auto withheld = [&](const std::string& scope) {
        const auto page = house.world.find_account(Platform::facebook, token->page);
        return page && house.world.accounts()[*page].withheld.contains(scope);
    };
    for (const auto& scope : token->scopes) {
        if (withheld(scope)) continue;
        data["scopes"].push_back(scope);
        ordered_json granular{{"scope", scope}};
        if (!token->pages.empty()) granular["target_ids"] = token->pages;
        data["granular_scopes"].push_back(std::move(granular));
    }
    data["user_id"] = token->user;
    return {{"data", data}};
}

ordered_json issue_system_token(const GraphView& view, const GraphInput& input)
{
    if (!view.grant || view.grant->kind == GraphToken::Kind::app || view.page) throw graph_failure(200, 0);
    if (input.text("business_app") != graph_app_id)
        throw GraphFailure{400, 100, "(#100) Param business_app must be an app of the business"};
    GraphToken token = *view.grant;
    token.kind = GraphToken::Kind::system_user;
    token.user = graph_system_user_id;
    token.issued = view.house.clock.now();
    token.long_lived = true;
    token.ends.reset();
    const auto short_lived = ascii_lower(input.text("set_token_expires_in_60_days"));
    if (short_lived == "true" || short_lived == "1") token.ends = token.issued + long_life;
    if (const auto scopes = split_list(input.text("scope")); !scopes.empty()) token.scopes = {scopes.begin(), scopes.end()};
    return {{"access_token", view.house.book.issue(token)}};
}

ordered_json list_permissions(const GraphView& view)
{
    ordered_json data = ordered_json::array();
    for (const auto& scope : person(view).scopes) data.push_back({{"permission", scope}, {"status", "granted"}});
    return {{"data", data}};
}

ordered_json revoke_permissions(const GraphView& view)
{
    auto own = person(view);
    own.dead_subcode = 458;
    view.house.book.revoke_all_of(own.user, 458);
    view.house.book.put(view.token, own);
    return {{"success", true}};
}

asio::awaitable<void> subscribe_app(const GraphView& view, const GraphInput& input)
{
    require_app_token(view);
    if (input.text("object") != "page") throw GraphFailure{400, 100, "(#100) Param object must be one of {page}"};
    GraphBook::Subscription wanted{input.text("callback_url"), input.text("verify_token"), known_fields(input, "fields")};
    if (!wanted.callback_url.starts_with("http")) throw GraphFailure{400, 100, "(#100) Param callback_url must be a valid URL"};
    auto* transport = view.house.webhooks.transport();
    if (!transport) throw GraphFailure{400, 2200, "(#2200) Callback verification failed with the following errors: no way out"};

    const auto challenge = std::to_string(1'000'000'000 + view.house.random.below(1'000'000'000));
    http::Parameters query;
    query.add("hub.mode", "subscribe");
    query.add("hub.challenge", challenge);
    query.add("hub.verify_token", wanted.verify_token);
    http::ClientRequest request;
    request.url = wanted.callback_url + (wanted.callback_url.find('?') == std::string::npos ? "?" : "&") + query.encode();
    request.headers.set("User-Agent", "facebookplatform/1.0 (+http://developers.facebook.com)");
    request.headers.set("Accept", "*/*");
    request.deadline = std::chrono::seconds(5);
    const auto exchange = co_await transport->send(std::move(request));
    if (!exchange.response) {
        throw GraphFailure{400, 2200, "(#2200) Callback verification failed with the following errors: " + exchange.failure};
    }
    if (exchange.response->status != 200) {
        throw GraphFailure{400, 2200,
                           "(#2200) Callback verification failed with the following errors: HTTP Status Code = " +
                               std::to_string(exchange.response->status)};
    }
    if (exchange.response->body != challenge) {
        throw GraphFailure{400, 2201,
                           "(#2201) response does not match challenge, expected value=\"" + challenge + "\", received=\"" +
                               exchange.response->body.substr(0, 16) + "...\""};
    }
    view.house.book.set_subscription(wanted);
}

ordered_json list_subscriptions(const GraphView& view, std::string_view version)
{
    require_app_token(view);
    ordered_json data = ordered_json::array();
    if (const auto subscription = view.house.book.subscription()) {
        ordered_json fields = ordered_json::array();
        for (const auto& field : subscription->fields) fields.push_back({{"name", field}, {"version", version}});
        data.push_back({{"object", "page"}, {"callback_url", subscription->callback_url}, {"active", true}, {"fields", fields}});
    }
    return {{"data", data}};
}

ordered_json unsubscribe_app(const GraphView& view)
{
    require_app_token(view);
    view.house.book.set_subscription(std::nullopt);
    return {{"success", true}};
}

ordered_json subscribe_page(const GraphView& view, const GraphInput& input)
{
    require(view, {"pages_manage_metadata", "pages_show_list"}, graph_failure(200, 0));
    const auto fields = known_fields(input, "subscribed_fields");
    if (fields.empty()) throw GraphFailure{400, 100, "(#100) The parameter subscribed_fields is required."};
    if (std::ranges::any_of(fields, [](const std::string& field) { return field.starts_with("messag"); })) {
        require(view, {"pages_messaging"}, graph_failure(200, 0));
    }
    view.house.book.set_page_fields(page_of(view).id, fields);
    return {{"success", true}};
}

ordered_json list_subscribed_apps(const GraphView& view)
{
    require(view, {"pages_manage_metadata"}, graph_failure(200, 0));
    ordered_json data = ordered_json::array();
    if (const auto fields = view.house.book.page_fields(page_of(view).id); !fields.empty()) {
        data.push_back({{"category", "Business"},
                        {"link", "https://www.facebook.com/games/?app_id=" + std::string(graph_app_id)},
                        {"name", graph_app_name},
                        {"id", graph_app_id},
                        {"subscribed_fields", fields}});
    }
    return {{"data", data}};
}

ordered_json unsubscribe_page(const GraphView& view)
{
    require(view, {"pages_manage_metadata"}, graph_failure(200, 0));
    view.house.book.set_page_fields(page_of(view).id, {});
    return {{"success", true}};
}

} // namespace sportello::simulator
