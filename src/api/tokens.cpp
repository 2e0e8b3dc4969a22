// Keys of programs. A token acts as the person who made it.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "scopes.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/engine/audit.hpp>
#include <sportello/storage/idempotency.hpp>
#include <sportello/storage/tokens.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::ApiToken;
using storage::Transaction;

constexpr base::Duration usual_life = std::chrono::hours(24) * 90;
constexpr base::Duration longest_life = std::chrono::hours(24) * 366;

void write_token_members(JsonWriter& json, const ApiToken& token)
{
    json.member("id", token.id)
        .member("name", token.name)
        .member("created_at", token.created_at)
        .member("expires_at", token.expires_at)
        .member("last_used_at", token.last_used_at);
    json.key("scopes").open_array();
    for (const auto& scope : token.scopes) json.value(scope);
    json.close_array();
}

/// A token gives no more than it has.
void check_scopes(Fields& fields, ApiToken& token, const Caller& caller)
{
    const auto known = all_scopes();
    for (const auto& scope : token.scopes) {
        if (std::find(known.begin(), known.end(), scope) == known.end()) {
            fields.wrong_value("scopes", "there is no scope " + scope);
        } else if (!covers(caller.scopes, scope)) {
            fields.wrong_value("scopes", "this token has no scope " + scope + " to give");
        }
    }
    if (token.scopes.empty()) token.scopes = caller.scopes;
    std::sort(token.scopes.begin(), token.scopes.end());
    token.scopes.erase(std::unique(token.scopes.begin(), token.scopes.end()), token.scopes.end());
}

std::string tokens_json(Transaction& tx, domain::AgentId agent, base::Instant now)
{
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (const auto& token : storage::tokens_of(tx, agent)) {
        if (token.expires_at && *token.expires_at <= now) continue;
        json.open_object();
        write_token_members(json, token);
        json.close_object();
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    return body;
}

/// GET /v1/tokens
awaitable<Answer> list_tokens(Context& context, Call& call)
{
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> { return tokens_json(tx, call.caller->agent.id, now); };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// The secret is not kept, so a repeat cannot be given the same answer: it is told so.
Result<void> refuse_repeat(Transaction& tx, const engine::Command& order)
{
    if (order.idempotency_key.empty()) return {};
    const auto kept = storage::find_answer(tx, order.actor.id, order.idempotency_key);
    if (!kept) return {};
    if (kept->request_hash != order.request_hash) {
        return Error(ErrorKind::invalid_input, "this Idempotency-Key was used for another request; make a new key for each",
                     {{"header:Idempotency-Key", "already used with another request"}});
    }
    return Error(ErrorKind::conflict, "This token was made already and shown once; revoke it if the answer was lost, and make another.");
}

/// POST /v1/tokens
awaitable<Answer> create_token(Context& context, Call& call)
{
    const auto now = context.clock.now();
    Fields fields(call.request.body);
    ApiToken token;
    token.name = fields.text("name", {1, 100});
    const auto expires = fields.nullable_time("expires_at");
    token.expires_at = expires ? expires->value_or(now + usual_life) : now + usual_life;
    token.scopes = fields.maybe_texts("scopes", 100, {1, 50}).value_or(std::vector<std::string>());
    check_scopes(fields, token, *call.caller);
    if (*token.expires_at <= now || *token.expires_at > now + longest_life) {
        fields.wrong_value("expires_at", "a time within the next year expected");
    }
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);

    const auto secret = "sportello_" + context.random.token();
    token.token_hash = base::sha256_hex(secret);
    token.agent = call.caller->agent.id;
    token.created_at = now;
    const auto order = command(call);
    auto store = [&](Transaction& tx) -> Result<std::int64_t> {
        if (const auto first = refuse_repeat(tx, order); !first) return first.error();
        const auto id = storage::insert_token(tx, token);
        engine::audit(tx, order, {.action = "token.created", .object = "token", .object_id = std::to_string(id)}, nullptr,
                      {{"name", token.name}, {"scopes", token.scopes}, {"expires_at", base::to_rfc3339(*token.expires_at)}}, now);
        if (order.idempotency_key.empty()) return id;
        const auto kept =
            storage::keep_answer(tx, order.actor.id, order.idempotency_key, {order.request_hash, 201, std::to_string(id)}, now);
        if (!kept) return kept.error();
        return id;
    };
    const auto id = co_await context.db.write(store);
    if (!id) co_return id.error();
    token.id = *id;

    std::string body;
    JsonWriter json(body);
    json.open_object();
    write_token_members(json, token);
    json.member("token", secret).close_object();
    co_return json_response(201, std::move(body));
}

/// DELETE /v1/tokens/{id}
awaitable<Answer> revoke_token(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto order = command(call);
    const auto now = context.clock.now();
    auto revoke = [&](Transaction& tx) -> Result<bool> {
        if (!storage::delete_token(tx, call.caller->agent.id, *id)) return false;
        engine::audit(tx, order, {.action = "token.revoked", .object = "token", .object_id = std::to_string(*id)}, now);
        return true;
    };
    const auto revoked = co_await context.db.write(revoke);
    if (!revoked) co_return revoked.error();
    if (!*revoked) co_return Error(ErrorKind::not_found, "You have no token " + std::to_string(*id) + ".");
    context.sessions.rights_changed();
    context.feed.wake_all();
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> token_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/tokens", Access::phone, list_tokens},
        {Method::post, "/v1/tokens", Access::phone, create_token, {.answers_secret = true}},
        {Method::del, "/v1/tokens/{id}", Access::phone, revoke_token},
    };
    return routes;
}

} // namespace sportello::api
