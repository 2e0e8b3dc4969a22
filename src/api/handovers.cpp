// Hand-overs to the phone: the desk's list, its slots, and what came of the calls.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/tickets.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using domain::TicketId;
using http::Method;
using storage::PhoneCall;
using storage::Transaction;

constexpr std::string_view number_form = "5 to 15 digits, blanks and . / ( ) - between them, with or without + in front, expected";

void write_call_members(JsonWriter& json, const PhoneCall& call, base::Instant now)
{
    json.member("desk", call.desk)
        .member("slot_from", call.slot_at)
        .member("slot_until", call.slot_at + domain::phone_slot)
        .member("due", call.state == domain::call_planned && call.slot_at <= now)
        .member("state", call.state)
        .member("attempts", call.attempts)
        .member("customer_told", call.customer_told.empty())
        .text_or_null("not_told_because", call.customer_told);
}

void write_call(JsonWriter& json, Transaction& tx, const PhoneCall& call, base::Instant now)
{
    json.open_object()
        .member("id", call.handover)
        .member("ticket", call.ticket.value)
        .member("brand", call.brand)
        .member("reference", call.reference)
        .member("callback_number", call.callback_number)
        .member("summary", call.note)
        .member("at", call.at);
    write_call_members(json, call, now);
    std::string subject;
    std::string name;
    std::string language;
    storage::with_ticket_row(tx, call.ticket, [&](const storage::TicketRow& row) {
        subject = row.subject;
        name = row.customer_name;
    });
    if (const auto ticket = storage::find_ticket(tx, call.ticket)) language = ticket->language;
    json.member("subject", subject)
        .member("customer_name", name)
        .text_or_null("language", language)
        .member("thread", "/v1/tickets/" + std::to_string(call.ticket.value) + "/timeline")
        .close_object();
}

/// POST /v1/tickets/{id}/handover
awaitable<Answer> hand_over(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::HandoverRequest request;
    request.callback_number = fields.maybe_text("callback_number", {5, 30}).value_or("");
    request.note = fields.text("note", {1, 2000});
    if (const auto slot = fields.nullable_time("slot")) request.slot = *slot;
    if (!request.callback_number.empty() && !domain::is_phone_number(request.callback_number)) {
        fields.wrong_value("callback_number", std::string(number_form));
    }
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto handed = co_await context.engine.phone_desk().hand_over(TicketId{*id}, std::move(request), std::move(order));
    if (!handed) co_return handed.error();
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("id", handed->id)
        .member("ticket", handed->ticket.value)
        .member("reference", handed->reference)
        .member("status", "handed_to_phone")
        .member("callback_number", handed->callback_number)
        .member("note", handed->note)
        .member("at", handed->at);
    if (handed->call) write_call_members(json, *handed->call, context.clock.now());
    json.close_object();
    co_return json_response(201, std::move(body));
}

/// POST /v1/tickets/{id}/handover/ask
awaitable<Answer> ask_number(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto asked = co_await context.engine.phone_desk().ask_number(TicketId{*id}, std::move(order));
    if (!asked) co_return asked.error();
    std::string body;
    JsonWriter json(body);
    json.open_object().member("reply", asked->id.value).member("ticket", asked->ticket.value).member("text", asked->text).close_object();
    co_return json_response(202, std::move(body));
}

/// GET /v1/handovers/slots
awaitable<Answer> list_slots(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    const auto slots = co_await context.engine.phone_desk().free_slots(static_cast<std::size_t>(limit));
    if (!slots) co_return slots.error();
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (const auto& slot : *slots) {
        json.open_object()
            .member("from", slot.at)
            .member("until", slot.at + domain::phone_slot)
            .member("free", slot.free)
            .member("capacity", slot.capacity)
            .close_object();
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(200, std::move(body));
}

/// What `due` asks for: slots that begin before this.
std::optional<base::Instant> read_due(Query& query, base::Instant now)
{
    const auto due = query.text("due").value_or("all");
    if (due == "all") return std::nullopt;
    if (due == "now") return now + std::chrono::microseconds(1);
    std::string repaired(due);
    std::replace(repaired.begin(), repaired.end(), ' ', '+');
    if (const auto at = base::parse_rfc3339(repaired)) return *at;
    query.wrong("due", "now, all or an RFC 3339 time expected");
    return std::nullopt;
}

/// GET /v1/handovers
awaitable<Answer> list_calls(Context& context, Call& call)
{
    const auto now = context.clock.now();
    Query query(call.request.query);
    const auto limit = query.limit();
    const auto due_until = read_due(query, now);
    std::optional<storage::CallCursor> after;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "calls", 2)) after = {(*numbers)[0], (*numbers)[1]};
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);

    auto actor = call.caller->actor();
    auto calls = co_await context.engine.phone_desk().calls(due_until, after, limit + 1, std::move(actor));
    if (!calls) co_return calls.error();
    const bool more = std::ssize(*calls) > limit;
    if (more) calls->pop_back();
    auto render = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const PhoneCall& one : *calls) write_call(json, tx, one, now);
        json.close_array().key("next_cursor");
        if (more) json.value(write_cursor("calls", {base::to_micros(calls->back().slot_at), calls->back().handover}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(render);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/handovers/{id}/outcome
awaitable<Answer> tell_outcome(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::CallResult result;
    const auto outcome = fields.maybe_word("outcome", domain::parse_call_outcome, "solved, not_reached, wrong_number, back");
    if (!fields.has("outcome")) fields.missing("outcome");
    if (outcome) result.outcome = *outcome;
    result.note = fields.maybe_text("note", {0, 2000}).value_or("");
    if (const auto slot = fields.nullable_time("slot")) result.slot = *slot;
    if (result.slot && outcome != domain::CallOutcome::not_reached) fields.wrong_value("slot", "goes with the outcome not_reached only");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto told = co_await context.engine.phone_desk().tell_outcome(*id, std::move(result), std::move(order));
    if (!told) co_return told.error();
    const auto now = context.clock.now();
    auto render = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_call(json, tx, *told, now);
        return body;
    };
    auto body = co_await context.db.read(render);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> handover_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/tickets/{id}/handover", Access::agent, hand_over},
        {Method::post, "/v1/tickets/{id}/handover/ask", Access::agent, ask_number},
        {Method::get, "/v1/handovers", Access::phone, list_calls},
        {Method::get, "/v1/handovers/slots", Access::phone, list_slots},
        {Method::post, "/v1/handovers/{id}/outcome", Access::phone, tell_outcome},
    };
    return routes;
}

} // namespace sportello::api
