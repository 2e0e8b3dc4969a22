// Replies and texts to all that a colleague reads before they leave.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "replies.hpp"
#include "shielded.hpp"
#include "ticket_json.hpp"

#include <sportello/domain/approval.hpp>
#include <sportello/engine/approvals.hpp>
#include <sportello/engine/incidents.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/approvals.hpp>
#include <sportello/storage/broadcasts.hpp>
#include <sportello/storage/replies.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Approval;
using storage::Transaction;

constexpr std::size_t longest_reply = 25'000;
constexpr std::size_t longest_note = 2'000;

/// Writes approvals for one reader.
class ApprovalWriter {
public:
    ApprovalWriter(Transaction& tx, const Context& context, const Caller& caller) : tx_(tx), context_(context), caller_(caller) {}

    /// @return whether it was written: not when the reader may not see its ticket.
    bool write(JsonWriter& json, const Approval& approval)
    {
        if (approval.reply) return write_reply(json, approval);
        write_broadcast(json, approval);
        return true;
    }

private:
    bool write_reply(JsonWriter& json, const Approval& approval)
    {
        const auto reply = storage::find_reply(tx_, *approval.reply);
        if (!reply) return false;
        const auto ticket = visible_ticket(tx_, reply->ticket, caller_.actor());
        if (!ticket) return false;
        const Shielded shielded(tx_, context_.engine.settings(), caller_.actor(), *ticket);
        const bool is_public = reply->visibility == domain::Visibility::public_;
        // Who decides reads what will be sent, as it will be.
        const auto shown = [&](std::string_view text) {
            return may_decide(approval) ? std::string(text) : shielded.plain(text, is_public, approval.author);
        };
        begin(json, approval, "reply");
        json.member("reply", reply->id.value)
            .member("ticket", reply->ticket.value)
            .member("broadcast", nullptr)
            .member("incident", nullptr)
            .member("visibility", domain::to_string(reply->visibility))
            .member("text", shown(reply->text))
            .text_or_null("written", shown(approval.written));
        end(json, approval);
        return true;
    }

    void write_broadcast(JsonWriter& json, const Approval& approval)
    {
        const auto broadcast = storage::find_broadcast(tx_, approval.broadcast.value_or(0));
        begin(json, approval, "broadcast");
        json.member("reply", nullptr).member("ticket", nullptr).member("broadcast", approval.broadcast.value_or(0)).key("incident");
        if (broadcast && broadcast->incident.value != 0) json.value(broadcast->incident.value);
        else json.value(nullptr);
        json.member("visibility", nullptr)
            .member("text", broadcast ? engine::texts_from_json(broadcast->texts).text : std::string())
            .text_or_null("written", approval.written);
        end(json, approval);
    }

    void begin(JsonWriter& json, const Approval& approval, std::string_view kind)
    {
        json.open_object()
            .member("id", approval.id)
            .member("kind", kind)
            .member("state", approval.state)
            .member("why", approval.why)
            .key("author");
        write_person(json, approval.author);
    }

    void end(JsonWriter& json, const Approval& approval)
    {
        json.member("asked_at", approval.asked_at).key("changed_by");
        write_maybe_person(json, approval.changed_by);
        json.key("decided_by");
        write_maybe_person(json, approval.decided_by);
        json.member("decided_at", approval.decided_at)
            .text_or_null("note", approval.note)
            .member("may_decide", may_decide(approval))
            .member("revision", approval.revision)
            .close_object();
    }

    [[nodiscard]] bool may_decide(const Approval& approval) const
    {
        return approval.state == "waiting" && domain::may_decide(caller_.agent, approval.author).has_value();
    }

    void write_maybe_person(JsonWriter& json, std::optional<domain::AgentId> id)
    {
        if (id) write_person(json, *id);
        else json.value(nullptr);
    }
    void write_person(JsonWriter& json, domain::AgentId id)
    {
        const auto agent = storage::find_agent(tx_, id);
        json.open_object()
            .member("kind", "agent")
            .member("id", id.value)
            .member("name", agent ? agent->name : std::string())
            .close_object();
    }

    Transaction& tx_;
    const Context& context_;
    const Caller& caller_;
};

Error no_approval(std::int64_t id)
{
    return Error(ErrorKind::not_found, "There is no approval " + std::to_string(id) + ".");
}

bool may_see(const Approval& approval, const engine::Actor& actor)
{
    if (approval.brands.empty()) return true;
    return std::ranges::any_of(approval.brands, [&](const std::string& brand) { return actor.may_see(brand); });
}

awaitable<Answer> show_approval(Context& context, Call& call, std::int64_t id)
{
    std::int32_t revision = 0;
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto approval = storage::find_approval(tx, id);
        if (!approval || !may_see(*approval, call.caller->actor())) return no_approval(id);
        std::string body;
        JsonWriter json(body);
        if (!ApprovalWriter(tx, context, *call.caller).write(json, *approval)) return no_approval(id);
        revision = approval->revision;
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body), revision);
}

std::optional<std::string> parse_approval_state(std::string_view word)
{
    for (const char* known : {"waiting", "approved", "returned", "withdrawn"}) {
        if (word == known) return std::string(word);
    }
    return std::nullopt;
}

/// GET /v1/approvals
awaitable<Answer> list_approvals(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    const auto state = query.word("state", parse_approval_state, "waiting, approved, returned, withdrawn").value_or("waiting");
    const auto mine = query.flag("mine");
    std::optional<std::int64_t> cursor;
    if (const auto given = query.text("cursor")) {
        const auto numbers = read_cursor(*given, state, 1);
        if (numbers) cursor = numbers->front();
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    storage::ApprovalFilter filter;
    filter.state = state;
    filter.brands = call.caller->agent.brands;
    if (mine.value_or(false)) filter.author = call.caller->agent.id;
    else if (mine) filter.not_of = call.caller->agent.id;
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto found = storage::approvals(tx, filter, cursor, limit + 1);
        const auto shown = std::min<std::size_t>(found.size(), static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        ApprovalWriter writer(tx, context, *call.caller);
        json.open_object().key("items").open_array();
        for (std::size_t at = 0; at < shown; ++at) (void)writer.write(json, found[at]);
        json.close_array().key("next_cursor");
        if (found.size() > shown) json.value(write_cursor(state, {found[shown - 1].id}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// GET /v1/approvals/{id}
awaitable<Answer> get_approval(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    co_return co_await show_approval(context, call, *id);
}

/// 412 with what is there now, the 409 of a stale reply with what was missed, or what else stands in the way.
awaitable<Answer> refuse_approval(Context& context, Call& call, std::int64_t id, std::optional<domain::MessageId> last_seen, Error error)
{
    if (error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::forbidden) co_return error;
    std::int32_t revision = 0;
    std::optional<domain::TicketId> ticket;
    auto read = [&](Transaction& tx) -> Result<void> {
        const auto approval = storage::find_approval(tx, id);
        if (!approval) return no_approval(id);
        revision = approval->revision;
        if (!last_seen) last_seen = engine::last_seen_of(*approval);
        if (!approval->reply) return {};
        const auto reply = storage::find_reply(tx, *approval->reply);
        if (!reply) return reply.error();
        ticket = reply->ticket;
        return {};
    };
    const auto found = co_await context.db.read(read);
    if (!found) co_return error;
    const bool changed = !error.fields().empty() && error.fields().front().pointer == "/revision";
    if (changed) co_return refuse_revision(call, "approval", revision);
    if (!ticket) co_return error;
    co_return co_await refuse_reply(context, call, *ticket, last_seen.value_or(domain::MessageId{}), std::move(error));
}

/// POST /v1/approvals/{id}/approve
awaitable<Answer> approve(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    engine::ApprovalDecision decision;
    decision.text = fields.maybe_text("text", {1, longest_reply});
    decision.note = fields.maybe_text("note", {0, longest_note}).value_or("");
    if (const auto seen = fields.maybe_number("last_seen", 1, INT64_MAX)) decision.last_seen = domain::MessageId{*seen};
    decision.confirm_duplicate = fields.maybe_flag("confirm_duplicate").value_or(false);
    decision.release_personal_data = fields.maybe_flag("release_personal_data").value_or(false);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto last_seen = decision.last_seen;
    auto order = command(call);
    const auto done =
        co_await context.engine.approvals().approve(*id, std::move(decision), std::move(order), wanted_revision(call.request));
    if (done) co_return co_await show_approval(context, call, *id);
    auto error = done.error();
    co_return co_await refuse_approval(context, call, *id, last_seen, std::move(error));
}

/// POST /v1/approvals/{id}/change
awaitable<Answer> change(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto text = fields.text("text", {1, longest_reply});
    auto note = fields.maybe_text("note", {0, longest_note}).value_or("");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto done =
        co_await context.engine.approvals().change(*id, std::move(text), std::move(note), std::move(order), wanted_revision(call.request));
    if (done) co_return co_await show_approval(context, call, *id);
    auto error = done.error();
    co_return co_await refuse_approval(context, call, *id, std::nullopt, std::move(error));
}

/// POST /v1/approvals/{id}/return
awaitable<Answer> give_back(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    auto note = fields.text("note", {1, longest_note});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto done = co_await context.engine.approvals().give_back(*id, std::move(note), std::move(order), wanted_revision(call.request));
    if (done) co_return co_await show_approval(context, call, *id);
    auto error = done.error();
    co_return co_await refuse_approval(context, call, *id, std::nullopt, std::move(error));
}

/// POST /v1/approvals/{id}/withdraw
awaitable<Answer> withdraw(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    auto order = command(call);
    const auto done = co_await context.engine.approvals().withdraw(*id, std::move(order));
    if (!done) co_return done.error();
    co_return co_await show_approval(context, call, *id);
}

} // namespace

std::span<const Route> approval_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/approvals", Access::agent, list_approvals},
        {Method::get, "/v1/approvals/{id}", Access::agent, get_approval},
        {Method::post, "/v1/approvals/{id}/approve", Access::agent, approve},
        {Method::post, "/v1/approvals/{id}/change", Access::agent, change},
        {Method::post, "/v1/approvals/{id}/return", Access::agent, give_back},
        {Method::post, "/v1/approvals/{id}/withdraw", Access::agent, withdraw},
    };
    return routes;
}

} // namespace sportello::api
