#include "graph_api.hpp"

#include "graph_apps.hpp"
#include "graph_batch.hpp"
#include "graph_failures.hpp"
#include "ids.hpp"
#include "text_list.hpp"
#include <sportello/base/digest.hpp>

#include <charconv>

namespace sportello::simulator {
namespace asio = boost::asio;
using nlohmann::json;
namespace {

constexpr int newest_version = 27;
/// Calls of one Page an hour; a busy Page's quota. Below a tenth of it the usage headers are left out, as on Facebook.
constexpr int calls_an_hour = 40'000;
/// Of all Pages of the app together.
constexpr int app_calls_an_hour = 100'000;
/// Of one person.
constexpr int person_calls_an_hour = 4'800;
constexpr std::size_t most_ids = 50;

/// The oldest version that still lives at `now`: it answers calls that name a dead one, or none.
int oldest_version(Instant now)
{
    // Ends of v19.0 and of those after it.
    constexpr std::string_view ends[] = {"2026-05-21T00:00:00Z", "2026-09-24T00:00:00Z", "2027-01-21T00:00:00Z", "2027-05-20T00:00:00Z",
                                         "2027-10-08T00:00:00Z", "2028-02-18T00:00:00Z", "2028-07-29T00:00:00Z"};
    int version = 19;
    for (const auto end : ends) {
        if (now < base::parse_rfc3339(end).value()) return version;
        ++version;
    }
    return version;
}

/// "v25.0" -> 25, "v3.1" -> 3; nothing for any other text.
std::optional<int> version_number(std::string_view text)
{
    int number = 0;
    int part = 0;
    const auto* const last = text.data() + text.size();
    if (!text.starts_with('v')) return std::nullopt;
    const auto [point, error] = std::from_chars(text.data() + 1, last, number);
    if (error != std::errc() || point == last || *point != '.') return std::nullopt;
    const auto [end, wrong] = std::from_chars(point + 1, last, part);
    if (wrong != std::errc() || end != last) return std::nullopt;
    return number;
}

std::string find_token(const http::Request& request, const Arguments& parameters)
{
    if (const auto found = parameters.find("access_token"); found != parameters.end()) return found->second;
    const auto header = request.headers.find("Authorization").value_or("");
    for (const std::string_view scheme : {"Bearer ", "OAuth "}) {
        if (header.starts_with(scheme)) return std::string(header.substr(scheme.size()));
    }
    return {};
}

/// Times of an answer in the form that `date_format` asks for: Unix seconds, or with a colon in the offset.
void change_times(ordered_json& value, const std::string& format)
{
    if (!value.is_structured()) return;
    for (auto& [name, below] : value.items()) {
        if (!below.is_string() || !std::string_view(name).ends_with("_time")) {
            change_times(below, format);
            continue;
        }
        const auto text = below.get<std::string>();
        const auto at = base::parse_rfc3339(text);
        if (!at) continue;
        if (format == "U") {
            below = base::to_micros(*at) / 1'000'000;
        } else if (text.ends_with("+0000")) {
            below = text.substr(0, text.size() - 2) + ":00";
        }
    }
}

/// The person, or the system user, behind a token.
ordered_json render_me(const GraphView& view, const std::vector<GraphField>& fields)
{
    ordered_json me = ordered_json::object();
    const auto add = [&](const GraphField& field) {
        if (field.name == "id") me["id"] = view.grant->user;
        if (field.name == "name") me[field.shown_as()] = view.grant->kind == GraphToken::Kind::user ? "Chiara Riva" : "Sportello (sistema)";
        if (field.name == "accounts") {
            me[field.shown_as()] = render_edge(view, "me", "accounts", field.arguments, field.fields, field.fields_text);
        }
    };
    for (const auto& field : fields.empty() ? parse_graph_fields("name,id") : fields) add(field);
    if (!me.contains("id")) me["id"] = view.grant->user;
    return me;
}

} // namespace

struct GraphApi::Call {
    http::Method method = http::Method::get;
    std::string version;           ///< the one that answers
    std::vector<std::string> path; ///< behind the version
    GraphInput input;
    std::string etag; ///< If-None-Match
    std::optional<std::size_t> page;
    std::optional<GraphToken> grant;
    std::string base, token;

    [[nodiscard]] std::string parameter(const std::string& name) const { return input.text(name); }
    [[nodiscard]] bool is_batch() const { return method == http::Method::post && path.empty() && input.parameters.contains("batch"); }
    /// The app's own calls, with its secret instead of a token.
    [[nodiscard]] bool is_oauth() const { return !path.empty() && path[0] == "oauth"; }
    [[nodiscard]] bool is_edge(std::string_view edge) const { return path.size() == 2 && path[1] == edge; }
    [[nodiscard]] GraphView view(House& house) const { return {house, base, token, page, grant ? &*grant : nullptr}; }
    [[nodiscard]] bool is_message() const { return !path.empty() && (path.back() == "messages" || path.back() == "conversations"); }
    [[nodiscard]] Endpoint endpoint() const
    {
        if (!path.empty() && (path[0] == "oauth" || path[0] == "debug_token")) return Endpoint::token;
        if (method == http::Method::get || (is_batch() && only_reads(parameter("batch")))) return Endpoint::read;
        return is_message() ? Endpoint::direct_message : Endpoint::public_write;
    }
};

GraphApi::Call GraphApi::read_call(const http::Request& request, std::string_view prefix) const
{
    Call call;
    const int oldest = oldest_version(house_.clock.now());
    call.version = "v" + std::to_string(oldest) + ".0";
    call.path = split_list(std::string_view(request.path).substr(prefix.size()), '/');
    auto asked = std::string();
    if (!call.path.empty() && version_number(call.path[0])) {
        asked = call.path[0];
        const auto number = *version_number(asked);
        if (number > newest_version) throw GraphFailure{400, 2500, "Unknown path components: /" + asked};
        if (number >= oldest) call.version = asked; // a dead version is served by the oldest live one
        call.path.erase(call.path.begin());
    }
    call.base = (request.secure ? "https://" : "http://") + std::string(request.headers.find("Host").value_or("graph.facebook.com")) +
                std::string(prefix) + (asked.empty() ? "" : "/" + asked);
    call.input = read_graph_input(request);
    call.method = request.method;
    if (request.method == http::Method::post) {
        const auto meant = ascii_lower(call.parameter("method"));
        if (meant == "delete") call.method = http::Method::del;
        if (meant == "get") call.method = http::Method::get;
    }
    call.etag = request.headers.find("If-None-Match").value_or("");
    call.token = find_token(request, call.input.parameters);
    return call;
}

void GraphApi::authorize(Call& call) const
{
    if (call.is_oauth()) return;
    if (call.token.empty()) {
        throw GraphFailure{400, 2500, "An active access token must be used to query information about the current user."};
    }
    call.grant = house_.book.find(call.token);
    if (!call.grant) throw bad_token("Invalid OAuth access token - Cannot parse access token");
    house_.book.require_live(*call.grant);
    if (call.grant->kind == GraphToken::Kind::page) call.page = house_.world.find_account(Platform::facebook, call.grant->page);
    check_proof(call);
    if (call.path.empty()) {
        if (call.grant->kind == GraphToken::Kind::app && !call.is_batch()) throw graph_failure(10, 0);
        return;
    }
    if (call.path[0] == "me" && call.page) call.path[0] = house_.world.accounts()[*call.page].id;
    if (call.path[0] == "app") call.path[0] = graph_app_id;
    const bool for_apps = call.path[0] == graph_app_id || call.path[0] == "debug_token";
    if (call.grant->kind != GraphToken::Kind::app || for_apps) return;
    if (call.path[0] == "me") {
        throw GraphFailure{400, 2500, "An active access token must be used to query information about the current user."};
    }
    throw graph_failure(10, 0);
}

void GraphApi::check_proof(const Call& call) const
{
    const auto proof = call.parameter("appsecret_proof");
    if (proof.empty()) {
        if (!house_.options.require_appsecret_proof) return;
        throw GraphFailure{400, 100, "API calls from the server require an appsecret_proof argument", 0, "GraphMethodException"};
    }
    const auto time = call.parameter("appsecret_time");
    if (!time.empty()) { // such a proof holds for five minutes
        std::int64_t seconds = 0;
        std::from_chars(time.data(), time.data() + time.size(), seconds);
        const auto age = base::to_micros(house_.clock.now()) / 1'000'000 - seconds;
        if (age > 300 || age < -300) throw graph_failure(104, 0);
    }
    const auto signed_text = time.empty() ? call.token : call.token + "|" + time;
    if (proof != base::hmac_sha256_hex(app_secret, signed_text)) {
        throw GraphFailure{400, 104, "Invalid appsecret_proof provided in the API argument", 0, "GraphMethodException"};
    }
}

http::Response GraphApi::refuse(const Call& call, const Fault& fault) const
{
    switch (fault.kind) {
    case FaultKind::unauthorized:
        return graph_error(graph_failure(190, 460), call.version, house_.random);
    case FaultKind::server_error:
        return graph_error(graph_failure(2, 0), call.version, house_.random);
    case FaultKind::error:
        return graph_error(graph_failure(fault.code, fault.subcode), call.version, house_.random);
    default:
        break;
    }
    auto response = graph_error(graph_failure(4, 0), call.version, house_.random);
    response.headers.add("Retry-After", std::to_string(fault.retry_after.count()));
    add_usage(call, response, std::max<std::int64_t>(1, (fault.retry_after.count() + 59) / 60));
    return response;
}

asio::awaitable<http::Response> GraphApi::serve(const http::Request& request, std::string_view prefix)
{
    Call call;
    call.version = "v" + std::to_string(oldest_version(house_.clock.now())) + ".0";
    try {
        call = read_call(request, prefix);
        if (call.path == std::vector<std::string>{"dialog", "oauth"}) co_return oauth_dialog(house_, request);
        authorize(call);
    } catch (const GraphFailure& failure) {
        co_return graph_error(failure, call.version, house_.random);
    }
    auto refusal = [this, &call](const Fault& fault) { return refuse(call, fault); };
    auto act = [&] { return call.is_batch() ? run_batch(call, request, prefix) : run(call); };
    if (call.method == http::Method::post && call.path.size() == 2 && call.path[0] == graph_app_id && call.path[1] == "subscriptions") {
        try {
            const auto view = call.view(house_);
            co_await subscribe_app(view, call.input); // asks the callback
            co_return graph_answer({{"success", true}}, call.version);
        } catch (const GraphFailure& failure) {
            co_return graph_error(failure, call.version, house_.random);
        }
    }
    const auto account = call.page ? house_.world.accounts()[*call.page].account : std::string();
    co_return co_await run_with_faults(house_, Platform::facebook, account, call.endpoint(), std::ref(refusal), std::ref(act));
}

http::Response GraphApi::run_batch(const Call& call, const http::Request& request, std::string_view prefix)
{
    auto run_one = [&](const http::Request& one) {
        Call inner;
        try {
            inner = read_call(one, prefix);
            authorize(inner);
        } catch (const GraphFailure& failure) {
            return graph_error(failure, call.version, house_.random);
        }
        return run(inner);
    };
    try {
        auto response = graph_answer(run_graph_batch(request, call.input, run_one), call.version);
        add_usage(call, response, 0);
        return response;
    } catch (const GraphFailure& failure) {
        return graph_error(failure, call.version, house_.random);
    }
}

/// @throw GraphFailure when a quota is used up
void GraphApi::count(const Call& call)
{
    const auto now = house_.clock.now();
    const auto scale = house_.options.rate_limit_scale;
    const auto whose = call.page ? house_.world.accounts()[*call.page].id : call.grant ? call.grant->user : std::string();
    const auto ids = call.parameter("ids"); // each is a call
    const int calls = 1 + static_cast<int>(std::ranges::count(ids, ','));
    const auto of_app = usage_.count("app", now, std::chrono::hours(1), calls);
    const auto used = usage_.count(whose, now, std::chrono::hours(1), calls).used;
    if (scale <= 0) return;
    if (of_app.used > app_calls_an_hour * scale) throw graph_failure(4, 0);
    if (call.page && used > calls_an_hour * scale) throw graph_failure(call.is_message() ? 80006 : 80001, 0);
    if (call.page || whose.empty() || used <= person_calls_an_hour * scale) return;
    const bool of_a_page = !call.path.empty() && house_.world.find_account(Platform::facebook, call.path[0]);
    throw graph_failure(of_a_page ? 32 : 17, 0);
}

http::Response GraphApi::run(const Call& call)
{
    try {
        count(call);
        auto body = answer(call);
        if (const auto format = call.parameter("date_format"); !format.empty()) change_times(body, format);
        auto response = graph_answer(body, call.version);
        add_usage(call, response, 0);
        if (!call.etag.empty() && call.etag == response.headers.find("ETag")) {
            response.status = 304;
            response.body.clear();
        }
        return response;
    } catch (const GraphFailure& failure) {
        auto response = graph_error(failure, call.version, house_.random);
        const bool limited =
            failure.code == 80001 || failure.code == 80006 || failure.code == 4 || failure.code == 17 || failure.code == 32;
        const auto left = usage_.look("app").resets - house_.clock.now();
        add_usage(call, response, limited ? std::chrono::ceil<std::chrono::minutes>(left).count() : 0);
        return response;
    }
}

void GraphApi::add_usage(const Call& call, http::Response& response, std::int64_t minutes_to_regain) const
{
    const auto scale = house_.options.rate_limit_scale;
    if (scale == 0) return;
    GraphQuirks quirks;
    if (const auto found = call.page ? house_.quirks.find(*call.page) : house_.quirks.end(); found != house_.quirks.end()) {
        quirks = found->second;
    }
    const auto percent = [&](const std::string& key, int quota, int at_least) {
        if (minutes_to_regain > 0) return 100;
        return std::max(at_least, std::min(100, usage_.look(key).used * 100 / (quota * scale)));
    };
    // Exactly these three keys: a client of others stumbles over a fourth.
    const auto share = [](int all) { return json{{"call_count", all}, {"total_time", all / 4}, {"total_cputime", all / 4}}; };
    const int of_app = percent("app", app_calls_an_hour, quirks.app_usage_percent);
    if (of_app >= 10) response.headers.add("X-App-Usage", share(of_app).dump());
    if (!call.page) return;
    const auto& page = house_.world.accounts()[*call.page].id;
    const int of_page = percent(page, calls_an_hour, quirks.usage_percent);
    if (of_page < 10) return;
    response.headers.add("X-Page-Usage", share(of_page).dump());
    json entry = share(of_page);
    entry["type"] = call.is_message() ? "messenger" : "pages";
    entry["estimated_time_to_regain_access"] = minutes_to_regain;
    response.headers.add("X-Business-Use-Case-Usage", json{{page, json::array({entry})}}.dump());
}

ordered_json GraphApi::answer(const Call& call)
{
    const auto view = call.view(house_);
    if (call.is_oauth()) return answer_oauth(house_, call.path, call.input);
    if (call.method == http::Method::get) return answer_get(call);
    const bool deletes = call.method == http::Method::del;
    if (deletes && call.is_edge("permissions")) return revoke_permissions(view);
    if (deletes && call.is_edge("subscriptions")) return unsubscribe_app(view);
    if (!deletes && call.is_edge("access_tokens")) return issue_system_token(view, call.input);
    if (call.method != http::Method::post && call.method != http::Method::del) {
        throw GraphFailure{400, 100, "Unsupported method", 0, "GraphMethodException"};
    }
    if (!call.page) throw graph_failure(200, 0);
    if (call.is_edge("subscribed_apps") && call.path[0] == house_.world.accounts()[*call.page].id) {
        return deletes ? unsubscribe_page(view) : subscribe_page(view, call.input);
    }
    const GraphWrite write{house_, view, call.input, uploads_};
    return call.method == http::Method::post ? graph_post(write, call.path) : graph_delete(write, call.path);
}

ordered_json GraphApi::answer_get(const Call& call)
{
    const auto view = call.view(house_);
    const auto fields_text = call.parameter("fields");
    const auto fields = parse_graph_fields(fields_text);
    Arguments arguments;
    for (const char* name :
         {"limit", "after", "before", "filter", "order", "since", "until", "summary", "platform", "user_id", "include_hidden"}) {
        if (const auto value = call.parameter(name); !value.empty()) arguments[name] = value;
    }
    if (const auto token = call.parameter("__paging_token"); !token.empty()) { // a link of time paging: the token tells all
        arguments[call.parameter("__previous") == "1" ? "before" : "after"] = token;
        arguments.erase("since");
        arguments.erase("until");
    }
    if (auto ids = call.parameter("ids"); call.path.empty() || (call.path.size() == 1 && !ids.empty())) {
        // Several nodes, or the same edge of several, at once; a bad one fails the call.
        if (ids.empty()) throw GraphFailure{400, 2500, "Cannot query without an object id", 0, "OAuthException"};
        std::erase_if(ids, [](char c) { return c == '[' || c == ']' || c == '"' || c == ' '; });
        const auto each = split_list(ids);
        if (each.size() > most_ids) throw GraphFailure{400, 100, "(#100) Too many ids in one call. The maximum is 50"};
        ordered_json nodes = ordered_json::object();
        for (const auto& id : each) {
            nodes[id] =
                call.path.empty() ? render_node(view, id, fields) : render_edge(view, id, call.path[0], arguments, fields, fields_text);
        }
        return nodes;
    }
    const auto& id = call.path[0];
    if (call.path.size() == 1 && id == "debug_token") return debug_token(view, call.input);
    if (call.is_edge("permissions")) return list_permissions(view);
    if (call.is_edge("subscriptions")) return list_subscriptions(view, call.version);
    if (call.is_edge("subscribed_apps") && view.page && id == house_.world.accounts()[*view.page].id) return list_subscribed_apps(view);
    if (call.path.size() == 1 && id == graph_app_id) return {{"id", graph_app_id}, {"name", graph_app_name}};
    if (call.path.size() == 1 && (id == "me" || id == call.grant->user)) return render_me(view, fields);
    if (call.path.size() == 1) return render_node(view, id, fields);
    if (call.path.size() > 2) throw GraphFailure{400, 2500, "Unknown path components: /" + call.path[2]};

    return render_edge(view, id, call.path[1], arguments, fields, fields_text);
}

} // namespace sportello::simulator
