// The person behind the tickets: identities, and which of them are one.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <algorithm>

#include <sportello/storage/customer_cards.hpp>
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

/// The members that a list shows too, without the brackets around them.
void write_card_members(JsonWriter& json, Transaction& tx, const storage::CustomerCard& card)
{
    json.member("id", card.customer.value).member("name", card.name).member("created_at", card.created_at);
    json.text_or_null("contract_reference", card.contract_reference).key("labels").open_array();
    for (const auto& label : card.labels) json.value(label);
    json.close_array().member("revision", card.revision).key("identities").open_array();
    for (const auto& identity : storage::identities_of(tx, card.customer)) write_identity(json, identity);
    json.close_array();
}

struct CustomerDocument {
    std::string json;
    std::int32_t revision = 0;
};

Error no_customer(CustomerId id)
{
    return Error(ErrorKind::not_found, "There is no customer " + std::to_string(id.value) + ".");
}

Result<CustomerDocument> customer_document(Transaction& tx, CustomerId id, const engine::Actor& actor)
{
    const auto card = storage::find_card(tx, id);
    if (!card || !engine::may_see_customer(tx, id, actor)) return no_customer(id);
    CustomerDocument document{.json = {}, .revision = card->revision};
    JsonWriter json(document.json);
    json.open_object();
    write_card_members(json, tx, *card);
    json.key("merged_into");
    const auto away = storage::last_link_of(tx, id);
    if (away) json.value(away->into.value);
    else json.value(nullptr);
    json.key("merged").open_array();
    for (const auto& link : storage::links_into(tx, id)) write_link(json, link);
    json.close_array().close_object();
    return document;
}

awaitable<Answer> show_customer(Context& context, Call& call, CustomerId id)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) { return customer_document(tx, id, actor); };
    auto document = co_await context.db.read(read);
    if (!document) co_return document.error();
    co_return json_response(200, std::move(document->json), document->revision);
}

/// A page, newest first. Whom the caller may not see is passed over: a look at a few more.
Result<std::string> customer_page(Transaction& tx, const engine::Actor& actor, const std::string& contract, std::int64_t before,
                                  std::int64_t limit)
{
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    std::int64_t shown = 0;
    bool more = false;
    for (bool ended = false; !ended && !more;) {
        const auto batch = storage::cards(tx, contract, before, limit + 1);
        ended = static_cast<std::int64_t>(batch.size()) <= limit;
        for (const auto& card : batch) {
            if (!engine::may_see_customer(tx, card.customer, actor)) {
                before = card.customer.value;
                continue;
            }
            more = shown == limit;
            if (more) break;
            before = card.customer.value;
            ++shown;
            json.open_object();
            write_card_members(json, tx, card);
            json.close_object();
        }
    }
    json.close_array().key("next_cursor");
    if (more) json.value(write_cursor("customers", {before}));
    else json.value(nullptr);
    json.close_object();
    return body;
}

/// GET /v1/customers
awaitable<Answer> list_customers(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    const auto contract = std::string(query.text("contract_reference").value_or(""));
    std::int64_t before = 0;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "customers", 1)) before = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) { return customer_page(tx, actor, contract, before, limit); };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// PATCH /v1/customers/{id}
awaitable<Answer> change_customer(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::CustomerChange change;
    change.name = fields.maybe_text("name", {1, 200});
    change.contract_reference = fields.maybe_text("contract_reference", {0, 100});
    change.labels = fields.maybe_texts("labels", 20, {1, 50});
    const auto has_lines = [](const std::string& label) { return label.find_first_of("\r\n") != std::string::npos; };
    if (change.labels && std::ranges::any_of(*change.labels, has_lines)) fields.wrong_value("labels", "a label has one line");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto revision = wanted_revision(call.request);
    auto order = command(call);
    const auto changed = co_await context.engine.people().change(CustomerId{*id}, std::move(change), std::move(order), revision);
    if (changed) co_return co_await show_customer(context, call, CustomerId{*id});
    if (revision && changed.error().kind() == ErrorKind::conflict) {
        auto read = [&](Transaction& tx) -> Result<std::optional<storage::CustomerCard>> {
            return storage::find_card(tx, CustomerId{*id});
        };
        const auto card = co_await context.db.read(read);
        if (card && *card && (*card)->revision != *revision) co_return refuse_revision(call, "customer", (*card)->revision);
    }
    co_return changed.error();
}

void write_note(JsonWriter& json, const storage::CustomerNote& note)
{
    json.open_object()
        .member("id", note.id)
        .member("customer", note.customer.value)
        .member("text", note.text)
        .key("author")
        .open_object()
        .member("id", note.author.value)
        .member("name", note.author_name)
        .close_object()
        .member("at", note.at)
        .close_object();
}

/// GET /v1/customers/{id}/notes
awaitable<Answer> list_notes(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Query query(call.request.query);
    const auto limit = query.limit();
    std::int64_t before = 0;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "notes", 1)) before = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        if (!engine::may_see_customer(tx, CustomerId{*id}, actor)) return no_customer(CustomerId{*id});
        const auto notes = storage::customer_notes(tx, CustomerId{*id}, before, limit + 1);
        const auto shown = std::min(notes.size(), static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (std::size_t at = 0; at < shown; ++at) write_note(json, notes[at]);
        json.close_array().key("next_cursor");
        if (notes.size() > shown) json.value(write_cursor("notes", {notes[shown - 1].id}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/customers/{id}/notes
awaitable<Answer> add_customer_note(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto text = fields.text("text", {1, 10'000});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto note = co_await context.engine.people().add_note(CustomerId{*id}, std::move(text), std::move(order));
    if (!note) co_return note.error();
    std::string body;
    JsonWriter json(body);
    write_note(json, *note);
    co_return json_response(201, std::move(body));
}

/// DELETE /v1/customers/{id}/notes/{note}
awaitable<Answer> remove_customer_note(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto note = read_number(call.request.path_parameter("note"));
    if (!note) co_return Error(ErrorKind::not_found, "There is nothing at " + call.request.path + ".");
    auto order = command(call);
    const auto removed = co_await context.engine.people().remove_note(CustomerId{*id}, *note, std::move(order));
    if (!removed) co_return removed.error();
    co_return http::Response::empty(204);
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

} // namespace

std::span<const Route> people_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/customers", Access::agent, list_customers},
        {Method::patch, "/v1/customers/{id}", Access::agent, change_customer, {.checks_revision = true}},
        {Method::get, "/v1/customers/{id}/notes", Access::agent, list_notes},
        {Method::post, "/v1/customers/{id}/notes", Access::agent, add_customer_note},
        {Method::del, "/v1/customers/{id}/notes/{note}", Access::agent, remove_customer_note},
        {Method::get, "/v1/customers/{id}", Access::agent, get_customer},
        {Method::post, "/v1/customers/{id}/merge", Access::agent, merge_customer},
        {Method::del, "/v1/customers/{id}/merge", Access::agent, undo_merge},
        {Method::get, "/v1/link-proposals", Access::agent, list_proposals},
        {Method::post, "/v1/link-proposals/{id}/decision", Access::agent, decide_proposal},
        {Method::del, "/v1/link-proposals/{id}/decision", Access::agent, undo_decision},
    };
    return routes;
}

} // namespace sportello::api
