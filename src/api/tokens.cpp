// Keys of programs. A token acts as the person who made it.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/idempotency.hpp>
#include <sportello/storage/tokens.hpp>

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
}

/// GET /v1/tokens
awaitable<Answer> list_tokens(Context& context, Call& call)
{
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& token : storage::tokens_of(tx, call.caller->agent.id)) {
            if (token.expires_at && *token.expires_at <= now) continue;
            json.open_object();
            write_token_members(json, token);
            json.close_object();
        }
        json.close_array().member("next_cursor", nullptr).close_object();
        return body;
    };
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
    auto revoke = [&](Transaction& tx) -> Result<bool> { return storage::delete_token(tx, call.caller->agent.id, *id); };
    const auto revoked = co_await context.db.write(revoke);
    if (!revoked) co_return revoked.error();
    if (!*revoked) co_return Error(ErrorKind::not_found, "You have no token " + std::to_string(*id) + ".");
    context.sessions.rights_changed();
    context.feed.wake_all();
    co_return http::Response::empty(204);
}

constexpr Route routes[] = {
    {Method::get, "/v1/tokens", Access::phone, list_tokens},
    {Method::post, "/v1/tokens", Access::phone, create_token},
    {Method::del, "/v1/tokens/{id}", Access::phone, revoke_token},
};

} // namespace

std::span<const Route> token_routes()
{
    return routes;
}

} // namespace sportello::api
