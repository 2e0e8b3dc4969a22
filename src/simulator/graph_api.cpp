#include "graph_api.hpp"

#include "ids.hpp"
#include "text_list.hpp"
#include <sportello/base/digest.hpp>

#include <charconv>

namespace sportello::simulator {
namespace asio = boost::asio;
using nlohmann::json;
namespace {

constexpr int oldest_version = 21;
constexpr int newest_version = 27;
/// Calls of one Page an hour; a busy Page's quota. Below a tenth of it the usage headers are left out, as on Facebook.
constexpr int calls_an_hour = 40'000;
constexpr std::string_view user_token = "sim-facebook-user";

/// "v25.0" -> 25; nothing for any other text.
std::optional<int> version_number(std::string_view text)
{
    if (!text.starts_with('v') || !text.ends_with(".0")) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size() - 2, number);
    if (error != std::errc() || end != text.data() + text.size() - 2) return std::nullopt;
    return number;
}

/// Query, form and JSON body in one; objects of a JSON body as text, as forms carry them.
Arguments read_parameters(const http::Request& request)
{
    Arguments parameters;
    for (const auto& [name, value] : request.query) parameters[name] = value;
    if (request.body.empty()) return parameters;
    const auto type = request.headers.find("Content-Type").value_or("");
    if (type.find("json") == std::string_view::npos) {
        for (const auto& [name, value] : http::Parameters::parse(request.body)) parameters[name] = value;
        return parameters;
    }
    const auto body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) throw GraphFailure{400, 100, "(#100) The request body is not a JSON object"};
    for (const auto& [name, value] : body.items()) { parameters[name] = value.is_string() ? value.get<std::string>() : value.dump(); }
    return parameters;
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

} // namespace

struct GraphApi::Call {
    http::Method method = http::Method::get;
    std::string version = "v" + std::to_string(oldest_version) + ".0"; ///< the one that answers
    std::vector<std::string> path;                                     ///< behind the version
    Arguments parameters;
    std::string etag; ///< If-None-Match
    std::optional<std::size_t> page;
    std::string base, token;

    [[nodiscard]] std::string parameter(const std::string& name) const
    {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::string() : found->second;
    }
    [[nodiscard]] Endpoint endpoint() const
    {
        if (!path.empty() && (path[0] == "oauth" || path[0] == "debug_token")) return Endpoint::token;
        if (method == http::Method::get) return Endpoint::read;
        return !path.empty() && path.back() == "messages" ? Endpoint::direct_message : Endpoint::public_write;
    }
};

GraphApi::Call GraphApi::read_call(const http::Request& request, std::string_view prefix) const
{
    Call call;
    call.path = split_list(std::string_view(request.path).substr(prefix.size()), '/');
    auto asked = std::string();
    if (!call.path.empty() && version_number(call.path[0])) {
        asked = call.path[0];
        const auto number = *version_number(asked);
        if (number > newest_version) throw GraphFailure{400, 2500, "Unknown path components: /" + asked};
        if (number >= oldest_version) call.version = asked; // a dead version is served by the oldest live one
        call.path.erase(call.path.begin());
    }
    call.base = (request.secure ? "https://" : "http://") + std::string(request.headers.find("Host").value_or("graph.facebook.com")) +
                std::string(prefix) + (asked.empty() ? "" : "/" + asked);
    call.parameters = read_parameters(request);
    call.method = request.method;
    if (request.method == http::Method::post) {
        const auto meant = ascii_lower(call.parameter("method"));
        if (meant == "delete") call.method = http::Method::del;
        if (meant == "get") call.method = http::Method::get;
    }
    call.etag = request.headers.find("If-None-Match").value_or("");
    call.token = find_token(request, call.parameters);
    return call;
}

void GraphApi::authorize(Call& call) const
{
    if (call.token.empty()) {
        throw GraphFailure{400, 2500, "An active access token must be used to query information about the current user."};
    }
    if (call.token != user_token) {
        const auto& accounts = house_.world.accounts();
        const auto owner = std::ranges::find_if(accounts, [&](const Account& account) {
            return account.platform == Platform::facebook && access_token(account) == call.token;
        });
        if (owner == accounts.end()) throw bad_token("Invalid OAuth access token - Cannot parse access token");
        if (!owner->token_valid) {
            throw bad_token("Error validating access token: The session has been invalidated because the user changed their "
                            "password or Facebook has changed the session for security reasons.",
                            460);
        }
        call.page = static_cast<std::size_t>(owner - accounts.begin());
    }
    check_proof(call);
    if (!call.path.empty() && call.path[0] == "me" && call.page) call.path[0] = house_.world.accounts()[*call.page].id;
}

void GraphApi::check_proof(const Call& call) const
{
    const auto proof = call.parameter("appsecret_proof");
    if (proof.empty()) {
        if (!house_.options.require_appsecret_proof) return;
        throw GraphFailure{400, 100, "API calls from the server require an appsecret_proof argument", 0, "GraphMethodException"};
    }
    const auto time = call.parameter("appsecret_time");
    const auto signed_text = time.empty() ? call.token : call.token + "|" + time;
    if (proof != base::hmac_sha256_hex(app_secret, signed_text)) {
        throw GraphFailure{400, 104, "Invalid appsecret_proof provided in the API argument", 0, "GraphMethodException"};
    }
}

asio::awaitable<http::Response> GraphApi::serve(const http::Request& request, std::string_view prefix)
{
    Call call;
    try {
        call = read_call(request, prefix);
        authorize(call);
    } catch (const GraphFailure& failure) {
        co_return graph_error(failure, call.version, house_.random);
    }
    auto refuse = [this, &call](const Fault& fault) {
        if (fault.kind == FaultKind::unauthorized) {
            return graph_error(bad_token("Error validating access token: The session has been invalidated because the user "
                                         "changed their password or Facebook has changed the session for security reasons.",
                                         460),
                               call.version, house_.random);
        }
        if (fault.kind == FaultKind::server_error) {
            return graph_error({500, 2, "An unexpected error has occurred. Please retry your request later.", 0, "OAuthException", true},
                               call.version, house_.random);
        }
        auto response =
            graph_error({403, 4, "(#4) Application request limit reached", 0, "OAuthException", true}, call.version, house_.random);
        response.headers.add("Retry-After", std::to_string(fault.retry_after.count()));
        add_usage(call, response, std::max<std::int64_t>(1, (fault.retry_after.count() + 59) / 60));
        return response;
    };
    auto act = [this, &call] { return run(call); };
    const auto account = call.page ? house_.world.accounts()[*call.page].account : std::string();
    co_return co_await run_with_faults(house_, Platform::facebook, account, call.endpoint(), std::ref(refuse), std::ref(act));
}

http::Response GraphApi::run(const Call& call)
{
    const auto page = call.page ? house_.world.accounts()[*call.page].id : std::string("user");
    const auto use = usage_.count(page, house_.clock.now(), std::chrono::hours(1));
    const auto scale = house_.options.rate_limit_scale;
    try {
        if (scale > 0 && use.used > calls_an_hour * scale) {
            throw GraphFailure{400, 80001,
                               "(#80001) There have been too many calls to this Page account. Wait a bit and try again. For "
                               "more info, please refer to "
                               "https://developers.facebook.com/docs/graph-api/overview/rate-limiting."};
        }
        auto response = graph_answer(answer(call), call.version);
        add_usage(call, response, 0);
        if (!call.etag.empty() && call.etag == response.headers.find("ETag")) {
            response.status = 304;
            response.body.clear();
        }
        return response;
    } catch (const GraphFailure& failure) {
        auto response = graph_error(failure, call.version, house_.random);
        const auto left = std::chrono::ceil<std::chrono::minutes>(use.resets - house_.clock.now()).count();
        add_usage(call, response, failure.code == 80001 ? left : 0);
        return response;
    }
}

void GraphApi::add_usage(const Call& call, http::Response& response, std::int64_t minutes_to_regain) const
{
    const auto scale = house_.options.rate_limit_scale;
    if (!call.page || scale == 0) return;
    const auto& page = house_.world.accounts()[*call.page].id;
    const auto used = usage_.look(page).used;
    const int percent = minutes_to_regain > 0 ? 100 : std::min(100, used * 100 / (calls_an_hour * scale));
    if (percent < 10) return;
    const json share{{"call_count", percent}, {"total_time", percent / 4}, {"total_cputime", percent / 4}};
    response.headers.add("X-App-Usage", share.dump());
    json of_page = share;
    of_page["type"] = "pages";
    of_page["estimated_time_to_regain_access"] = minutes_to_regain;
    response.headers.add("X-Business-Use-Case-Usage", json{{page, json::array({of_page})}}.dump());
}

ordered_json GraphApi::answer(const Call& call)
{
    switch (call.method) {
    case http::Method::get:
        return answer_get(call);
    case http::Method::post:
        return answer_post(call);
    case http::Method::del:
        return answer_delete(call);
    default:
        throw GraphFailure{400, 100, "Unsupported method", 0, "GraphMethodException"};
    }
}

ordered_json GraphApi::answer_get(const Call& call) const
{
    const GraphView view{house_, call.base, call.token, call.page};
    const auto fields_text = call.parameter("fields");
    const auto fields = parse_graph_fields(fields_text);
    if (call.path.empty()) { // several nodes at once; a bad one fails the call
        auto ids = call.parameter("ids");
        if (ids.empty()) throw GraphFailure{400, 2500, "Cannot query without an object id", 0, "OAuthException"};
        std::erase_if(ids, [](char c) { return c == '[' || c == ']' || c == '"' || c == ' '; });
        ordered_json nodes = ordered_json::object();
        for (const auto& id : split_list(ids)) nodes[id] = render_node(view, id, fields);
        return nodes;
    }
    const auto& id = call.path[0];
    if (call.path.size() == 1 && id != "me") return render_node(view, id, fields);
    if (call.path.size() == 1) return {{"name", "Sportello"}, {"id", "100000000000009"}}; // the person behind the user token
    if (call.path.size() > 2) throw GraphFailure{400, 2500, "Unknown path components: /" + call.path[2]};

    Arguments arguments;
    for (const char* name : {"limit", "after", "before", "filter", "order", "since", "until", "summary", "platform", "user_id"}) {
        if (const auto value = call.parameter(name); !value.empty()) arguments[name] = value;
    }
    return render_edge(view, id, call.path[1], arguments, fields, fields_text);
}

ordered_json GraphApi::answer_post(const Call& call)
{
    if (!call.page) throw GraphFailure{400, 200, "(#200) Permissions error"};
    if (call.path.size() == 2 && call.path[1] == "comments") {
        return post_comment(house_, *call.page, call.path[0], call.parameter("message"));
    }
    if (call.path.size() == 2 && call.path[1] == "messages") return send_message(house_, *call.page, call.parameters);
    if (call.path.size() == 1) { // the form that EDITS what it names
        const auto* item = house_.world.find(Platform::facebook, call.path[0]);
        if (!item || item->deleted || item->account != *call.page || !item->own) throw no_such_object(call.path[0]);
        const auto done = house_.world.edit(item->id, call.parameter("message"), house_.clock.now());
        if (!done) throw GraphFailure{400, 100, "(#100) Invalid parameter"};
        return {{"success", true}};
    }
    throw GraphFailure{400, 100, "Unsupported post request.", 0, "GraphMethodException"};
}

ordered_json GraphApi::answer_delete(const Call& call)
{
    const auto* item = call.path.size() == 1 ? house_.world.find(Platform::facebook, call.path[0]) : nullptr;
    if (!item || item->deleted || call.page != item->account) throw no_such_object(call.path.empty() ? "" : call.path[0]);
    (void)house_.world.erase(item->id, house_.clock.now());
    return {{"success", true}};
}

} // namespace sportello::simulator
