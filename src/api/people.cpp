// The person behind the tickets: identities, and which of them are one.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <algorithm>

#include <sportello/storage/links.hpp>
#include <sportello/storage/people.hpp>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::CustomerId;
using http::Method;
using storage::Transaction;

void write_identity(JsonWriter& json, const storage::Identity& identity)
{
    json.open_object()
        .member("id", identity.id.value)
        .member("platform", domain::to_string(identity.platform))
        .member("platform_user_id", identity.platform_user_id)
        .member("name", identity.name)
        .text_or_null("handle", identity.handle)
        .member("customer", identity.customer.value)
        .close_object();
}

void write_link(JsonWriter& json, const storage::CustomerLink& link)
{
    json.open_object()
        .member("customer", link.customer.value)
        .member("into", link.into.value)
        .member("by", link.agent.value)
        .member("at", link.at)
        .member("why", link.why)
        .close_object();
}

Result<std::string> customer_json(Transaction& tx, CustomerId id, const engine::Actor& actor)
{
    const auto customer = storage::find_customer(tx, id);
    if (!customer || !engine::may_see_customer(tx, id, actor)) {
        return Error(ErrorKind::not_found, "There is no customer " + std::to_string(id.value) + ".");
    }
    std::string body;
    JsonWriter json(body);
    json.open_object().member("id", id.value).member("name", customer->name).member("created_at", customer->created_at);
    json.key("identities").open_array();
    for (const auto& identity : storage::identities_of(tx, id)) write_identity(json, identity);
    json.close_array().key("merged_into");
    const auto away = storage::last_link_of(tx, id);
    if (away) json.value(away->into.value);
    else json.value(nullptr);
    json.key("merged").open_array();
    for (const auto& link : storage::links_into(tx, id)) write_link(json, link);
    json.close_array().close_object();
    return body;
}

awaitable<Answer> show_customer(Context& context, Call& call, CustomerId id)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) { return customer_json(tx, id, actor); };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// GET /v1/customers/{id}
awaitable<Answer> get_customer(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await show_customer(context, call, CustomerId{*id});
}

/// POST /v1/customers/{id}/merge
awaitable<Answer> merge_customer(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto into = fields.maybe_number("into", 1, INT64_MAX);
    if (!into && !fields.has("into")) fields.missing("into");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto merged = co_await context.engine.people().merge(CustomerId{*id}, CustomerId{*into}, std::move(order));
    if (!merged) co_return merged.error();
    co_return co_await show_customer(context, call, merged->into);
}

/// DELETE /v1/customers/{id}/merge
awaitable<Answer> undo_merge(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    const auto undone = co_await context.engine.people().undo_merge(CustomerId{*id}, std::move(order));
    if (!undone) co_return undone.error();
    co_return co_await show_customer(context, call, CustomerId{*id});
}

void write_side(JsonWriter& json, std::string_view name, Transaction& tx, domain::IdentityId id)
{
    json.key(name);
    if (const auto identity = storage::find_identity(tx, id)) write_identity(json, *identity);
    else json.value(nullptr);
}

void write_proposal(JsonWriter& json, Transaction& tx, const storage::LinkProposal& proposal)
{
    json.open_object().member("id", proposal.id);
    write_side(json, "first", tx, proposal.identity_a);
    write_side(json, "second", tx, proposal.identity_b);
    const std::string what = proposal.kind == "phone" ? "phone number " : "contract number ";
    json.member("evidence", proposal.kind)
        .member("why", "both gave the " + what + proposal.shown + " in private")
        .member("state", storage::to_string(proposal.state))
        .member("at", proposal.at)
        .member("decided_by", proposal.decided_by ? std::optional(proposal.decided_by->value) : std::nullopt)
        .member("decided_at", proposal.decided_at)
        .close_object();
}

/// GET /v1/link-proposals
awaitable<Answer> list_proposals(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    const auto state =
        query.word("state", storage::parse_proposal_state, "open, accepted, dismissed").value_or(storage::ProposalState::open);
    std::int64_t after = 0;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "proposals", 1)) after = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        std::int64_t last = after;
        // A page of what stands in the table: whoever serves one brand may get a shorter one.
        const auto page = storage::proposals_in(tx, state, after, limit + 1);
        const auto shown = std::min(page.size(), static_cast<std::size_t>(limit));
        for (std::size_t i = 0; i < shown; ++i) {
            last = page[i].id;
            if (engine::may_see_proposal(page[i], actor)) write_proposal(json, tx, page[i]);
        }
        json.close_array().key("next_cursor");
        if (page.size() > shown) json.value(write_cursor("proposals", {last}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

awaitable<Answer> show_proposal(Context& context, Result<storage::LinkProposal> proposal)
{
    if (!proposal) co_return proposal.error();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_proposal(json, tx, *proposal);
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

std::optional<bool> parse_decision(std::string_view word)
{
    if (word == "accept") return true;
    if (word == "dismiss") return false;
    return std::nullopt;
}

/// POST /v1/link-proposals/{id}/decision
awaitable<Answer> decide_proposal(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const auto accept = fields.maybe_word("decision", parse_decision, "accept, dismiss");
    if (!accept && !fields.has("decision")) fields.missing("decision");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    auto decided = co_await context.engine.people().decide(*id, *accept, std::move(order));
    co_return co_await show_proposal(context, std::move(decided));
}

/// DELETE /v1/link-proposals/{id}/decision
awaitable<Answer> undo_decision(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    auto undone = co_await context.engine.people().undo_decision(*id, std::move(order));
    co_return co_await show_proposal(context, std::move(undone));
}

constexpr Route routes[] = {
    {Method::get, "/v1/customers/{id}", Access::agent, get_customer},
    {Method::post, "/v1/customers/{id}/merge", Access::agent, merge_customer},
    {Method::del, "/v1/customers/{id}/merge", Access::agent, undo_merge},
    {Method::get, "/v1/link-proposals", Access::agent, list_proposals},
    {Method::post, "/v1/link-proposals/{id}/decision", Access::agent, decide_proposal},
    {Method::del, "/v1/link-proposals/{id}/decision", Access::agent, undo_decision},
};

} // namespace

std::span<const Route> people_routes()
{
    return routes;
}

} // namespace sportello::api
