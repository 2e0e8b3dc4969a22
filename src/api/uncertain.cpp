// For supervisors: replies of which nobody knows whether they are out, or which are out twice.
#include "context.hpp"
#include "json_writer.hpp"
#include "query.hpp"
#include "shielded.hpp"
#include "timeline_json.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <chrono>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::OutboxPart;
using storage::Transaction;

/// So long a reply that was seen twice is listed.
constexpr auto doubled_shown_for = std::chrono::hours(24) * 7;

/// Which states are asked for.
struct Wanted {
    bool unknown = true;
    bool needs_decision = true;
    bool doubled = false;
};

std::optional<Wanted> parse_wanted(std::string_view words)
{
    Wanted wanted{.unknown = false, .needs_decision = false, .doubled = false};
    while (true) {
        const auto comma = std::min(words.find(','), words.size());
        const auto word = words.substr(0, comma);
        if (word == "unknown") wanted.unknown = true;
        else if (word == "needs_decision") wanted.needs_decision = true;
        else if (word == "doubled") wanted.doubled = true;
        else return std::nullopt;
        if (comma == words.size()) return wanted;
        words.remove_prefix(comma + 1);
    }
}

/// One reply with what a decision needs: where to look, what was sent, since when nobody knows.
void write_uncertain(JsonWriter& json, Transaction& tx, const domain::Reply& reply, const domain::ReplyPart* part,
                     const engine::Settings& settings)
{
    const auto author = storage::find_agent(tx, reply.author);
    const auto target = storage::find_message_by_platform_id(tx, reply.channel, reply.target_id);
    json.open_object()
        .member("id", reply.id.value)
        .member("ticket", reply.ticket.value)
        .member("channel", reply.channel)
        .member("route", domain::to_string(reply.route))
        .member("visibility", domain::to_string(reply.visibility))
        .member("text", settings.personal_data.masked(part ? part->text : reply.text)) // a list: the ticket shows it in full
        .member("part", part ? part->number : 1)
        .member("parts", part ? part->count : 1)
        .key("author");
    write_author_of_reply(json, reply.author, author ? author->name : std::string());
    json.text_or_null("permalink", target ? std::string_view(target->permalink) : std::string_view())
        .member("created_at", reply.accepted_at)
        .member("uncertain_since", part ? part->uncertain_since : std::optional<base::Instant>())
        .member("unresolved", part && part->paged_at.has_value())
        .member("doubled_at", reply.doubled_at)
        .key("delivery");
    write_delivery(json, domain::to_string(part ? part->state : reply.state), reply.platform_id, part ? part->reason : reply.reason);
    json.close_object();
}

/// GET /v1/replies
awaitable<Answer> list_uncertain(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto wanted = query.word("state", parse_wanted, "unknown, needs_decision, doubled, with commas between").value_or(Wanted{});
    const auto limit = query.limit();
    domain::PartId after;
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, "uncertain", 1)) after.value = (*numbers)[0];
        else query.wrong("cursor", "a next_cursor of this list expected");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);

    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        const auto visible = [&](const domain::Reply& reply) {
            const auto ticket = storage::find_ticket(tx, reply.ticket);
            return ticket && actor.may_see(ticket->brand);
        };
        json.open_object().key("items").open_array();
        std::vector<OutboxPart> parts;
        if (wanted.unknown || wanted.needs_decision) {
            parts = storage::undecided_parts(tx, wanted.unknown, wanted.needs_decision, after, limit + 1);
        }
        const bool more = static_cast<std::int64_t>(parts.size()) > limit;
        if (more) parts.pop_back();
        for (const OutboxPart& part : parts) {
            if (visible(part.reply)) write_uncertain(json, tx, part.reply, &part.part, context.engine.settings());
        }
        if (wanted.doubled && after.value == 0) {
            for (const domain::Reply& reply : storage::doubled_replies(tx, now - doubled_shown_for)) {
                if (visible(reply)) write_uncertain(json, tx, reply, nullptr, context.engine.settings());
            }
        }
        json.close_array().key("next_cursor");
        if (more) json.value(write_cursor("uncertain", {parts.back().part.id.value}));
        else json.value(nullptr);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> uncertain_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/replies", Access::supervisor, list_uncertain},
    };
    return routes;
}

} // namespace sportello::api
