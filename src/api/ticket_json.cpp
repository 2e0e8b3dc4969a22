#include "ticket_json.hpp"

#include "query.hpp"
#include "routes_json.hpp"
#include "shielded.hpp"

#include <sportello/domain/queue_order.hpp>
#include <sportello/engine/targets.hpp>
#include <sportello/storage/acknowledgements.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/promises.hpp>
#include <sportello/storage/timeline.hpp>
#include <sportello/storage/triage.hpp>

#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using storage::TicketRow;
using storage::Transaction;

void write_labels(JsonWriter& json, std::string_view lines)
{
    json.key("labels").open_array();
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        json.value(lines.substr(0, end));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    json.close_array();
}

/// A text that stands in a list, where nobody sees personal data. It was masked before it was stored; what is found all
/// the same was stored before that was done, or before somebody told what contract numbers look like.
void write_list_text(JsonWriter& json, std::string_view name, std::string_view text, const engine::Settings& settings)
{
    const auto found = settings.personal_data.find(text);
    if (found.empty()) json.member(name, text);
    else json.member(name, domain::mask(text, found));
}

/// The members of a line, without the brackets around them.
void write_summary_members(JsonWriter& json, const TicketRow& row, const engine::Settings& settings, base::Instant now)
{
    json.member("id", row.id.value)
        .member("brand", row.brand)
        .member("channel", row.channel)
        .member("platform", row.platform)
        .member("visibility", row.visibility)
        .member("status", row.status)
        .member("priority", domain::to_string(row.priority));
    write_list_text(json, "subject", row.subject, settings);
    write_labels(json, row.labels);
    json.key("assignee");
    if (row.assignee) {
        json.open_object().member("id", row.assignee->value).member("name", row.assignee_name).close_object();
    } else {
        json.value(nullptr);
    }
    json.key("customer")
        .open_object()
        .member("id", row.customer.value)
        .member("name", row.customer_name)
        .text_or_null("handle", row.customer_handle)
        .close_object();
    json.member("created_at", row.created_at)
        .member("updated_at", row.updated_at)
        .member("last_inbound_at", row.last_inbound_at)
        .key("last_message")
        .open_object();
    write_list_text(json, "text", row.last_text, settings);
    json.member("at", row.last_at)
        .member("direction", row.last_direction)
        .close_object()
        .member("first_response_at", row.first_response_at)
        .member("due_at", row.due_at)
        .member("overdue", row.waiting_since && row.due_at && *row.due_at < now)
        .member("waiting_since", row.waiting_since)
        .member("snoozed_until", row.snoozed_until)
        .text_or_null("aside", row.aside)
        .member("incident", row.incident ? std::optional(row.incident->value) : std::nullopt)
        .text_or_null("language", row.language)
        .member("message_count", row.message_count)
        .member("inbound_count", row.inbound_count)
        .member("revision", row.revision);
}

std::string in_words(base::Duration target)
{
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(target).count();
    if (minutes % 60 == 0) return std::to_string(minutes / 60) + (minutes == 60 ? " hour" : " hours");
    return std::to_string(minutes) + " minutes";
}

std::string due_reason(const domain::Ticket& ticket, const engine::Settings& settings)
{
    const auto* brand = settings.brand(ticket.brand);
    if (!ticket.due_at || !ticket.waiting_since || brand == nullptr) return {};
    return in_words(engine::response_target(settings, ticket)) + " of " + brand->name + "'s office time after the customer wrote at " +
           base::to_rfc3339(*ticket.waiting_since);
}

void write_handover_member(JsonWriter& json, Transaction& tx, domain::TicketId id, const Shielded& shielded)
{
    json.key("handover");
    const auto handovers = storage::handovers_of(tx, id);
    if (handovers.empty()) {
        json.value(nullptr);
        return;
    }
    const auto& last = handovers.back();
    write_handover(json, last.id, last.ticket, last.reference, shielded.number(last.callback_number, last.agent),
                   shielded.plain(last.note, false, last.agent), last.at);
}

/// Where the thread stands on the platform: the root post if we know it, else the customer's last message.
std::string permalink(Transaction& tx, const domain::Ticket& ticket)
{
    if (const auto root = storage::find_message_by_platform_id(tx, ticket.channel, ticket.root_id)) {
        if (!root->permalink.empty()) return root->permalink;
    }
    if (!ticket.last_inbound) return {};
    const auto last = storage::find_message(tx, *ticket.last_inbound);
    return last ? last->permalink : std::string();
}

void write_context(JsonWriter& json, Transaction& tx, const domain::Ticket& ticket, const Shielded& shielded)
{
    json.key("context");
    const auto post = storage::context_message(tx, ticket.channel, ticket.root_id);
    if (!post) {
        json.value(nullptr);
        return;
    }
    json.open_object()
        .member("platform_id", post->platform_id)
        .member("author", post->author_name)
        .member("text", shielded.plain(post->text, true))
        .member("at", post->at)
        .text_or_null("permalink", post->permalink)
        .close_object();
}

/// The ways to answer the newest message, and whether somebody is answering by hand: known before anybody types.
void write_answers(JsonWriter& json, Transaction& tx, const domain::Ticket& ticket, const engine::Settings& settings,
                   const Shielded& shielded, base::Instant now)
{
    json.key("routes");
    const auto routes = engine::routes_of_ticket(tx, settings, ticket, now, 1);
    if (routes.empty()) json.value(nullptr);
    else write_message_routes(json, routes.front());
    json.key("by_hand");
    auto wait = storage::waiting_by_hand(tx, ticket.id);
    if (!wait) {
        json.value(nullptr);
        return;
    }
    wait->text = shielded.plain(wait->text, true);
    const auto agent = storage::find_agent(tx, wait->agent);
    write_by_hand(json, *wait, agent ? agent->name : std::string());
}

/// The clocks beside that of the answer, and the promise.
void write_clocks(JsonWriter& json, Transaction& tx, const domain::Ticket& ticket)
{
    const auto promise = storage::open_promise(tx, ticket.id);
    json.member("breached_at", ticket.breached_at)
        .member("route_ends_at", ticket.route_ends_at)
        .key("resolution")
        .open_object()
        .member("due_at", ticket.resolution_due_at)
        .member("running_since", ticket.resolution_running_since)
        .member("spent_seconds", std::chrono::duration_cast<std::chrono::seconds>(ticket.resolution_spent).count())
        .close_object()
        .key("promise");
    if (promise && ticket.promised_at) {
        json.open_object().member("at", promise->promised_at).member("told", promise->told).member("why", promise->why).close_object();
    } else {
        json.value(nullptr);
    }
}

/// What the customer was told while the office was closed, or an agent may tell.
void write_acknowledgement(JsonWriter& json, Transaction& tx, domain::TicketId id)
{
    json.key("acknowledgement");
    const auto said = storage::acknowledgement_of(tx, id);
    if (!said) {
        json.value(nullptr);
        return;
    }
    json.open_object().member("state", said->reply ? "sent" : "offered").member("text", said->text).text_or_null("why", said->why);
    json.key("reply");
    if (said->reply) json.value(said->reply->value);
    else json.value(nullptr);
    json.member("at", said->at).close_object();
}

void write_life(JsonWriter& json, const domain::Ticket& ticket)
{
    const auto id_or_null = [&](std::string_view name, std::optional<domain::TicketId> id) {
        json.member(name, id ? std::optional(id->value) : std::nullopt);
    };
    json.member("solved_at", ticket.solved_at).member("closed_at", ticket.closed_at);
    id_or_null("merged_into", ticket.merged_into);
    id_or_null("follow_up_of", ticket.follow_up_of);
}

/// The canned replies that rules offer.
void write_proposals(JsonWriter& json, Transaction& tx, domain::TicketId id)
{
    json.key("proposals").open_array();
    for (const storage::ReplyProposal& proposal : storage::proposals_of(tx, id)) {
        json.open_object().member("canned_reply", proposal.canned_reply).member("rule", proposal.rule).close_object();
    }
    json.close_array();
}

} // namespace

void write_ticket_summary(JsonWriter& json, const TicketRow& row, const engine::Settings& settings, base::Instant now)
{
    json.open_object();
    write_summary_members(json, row, settings, now);
    json.close_object();
}

Result<domain::Ticket> visible_ticket(Transaction& tx, domain::TicketId id, const engine::Actor& actor)
{
    auto ticket = storage::find_ticket(tx, id);
    if (ticket && engine::may_see_ticket(tx, *ticket, actor)) return ticket;
    if (!ticket && ticket.error().kind() != ErrorKind::not_found) return ticket;
    return Error(ErrorKind::not_found, "There is no ticket " + std::to_string(id.value) + ".");
}

Result<TicketDocument> ticket_document(Transaction& tx, domain::TicketId id, const engine::Actor& actor, const engine::Settings& settings,
                                       base::Instant now)
{
    const auto ticket = visible_ticket(tx, id, actor);
    if (!ticket) return ticket.error();
    const Shielded shielded(tx, settings, actor, *ticket);
    TicketDocument document{.json = {}, .revision = ticket->revision};
    JsonWriter json(document.json);
    json.open_object();
    storage::with_ticket_row(tx, id, [&](const TicketRow& row) { write_summary_members(json, row, settings, now); });
    json.member("first_inbound_at", ticket->first_inbound_at);
    write_life(json, *ticket);
    write_handover_member(json, tx, id, shielded);
    json.text_or_null("permalink", permalink(tx, *ticket));
    write_context(json, tx, *ticket, shielded);
    write_answers(json, tx, *ticket, settings, shielded, now);
    write_clocks(json, tx, *ticket);
    write_acknowledgement(json, tx, id);
    write_proposals(json, tx, id);
    const auto place = domain::queue_place(*ticket);
    json.key("reasons")
        .open_object()
        .text_or_null("ticket", storage::opened_why(tx, id))
        .text_or_null("assignee", ticket->assigned_why)
        .text_or_null("due", due_reason(*ticket, settings))
        .text_or_null("order", place ? std::string_view(place->why) : std::string_view())
        .text_or_null("status", ticket->status_reason)
        .text_or_null("priority", ticket->priority_why)
        .close_object()
        .close_object();
    return document;
}

void write_handover(JsonWriter& json, std::int64_t id, domain::TicketId ticket, std::string_view reference,
                    std::string_view callback_number, std::string_view note, base::Instant at)
{
    json.open_object()
        .member("id", id)
        .member("ticket", ticket.value)
        .member("reference", reference)
        .member("status", "handed_to_phone")
        .member("callback_number", callback_number)
        .member("note", note)
        .member("at", at)
        .close_object();
}

std::optional<domain::TicketStatus> parse_settable_status(std::string_view word)
{
    const auto status = domain::parse_ticket_status(word);
    const bool automatic = status == domain::TicketStatus::new_ || status == domain::TicketStatus::closed;
    return automatic ? std::nullopt : status;
}

std::optional<std::string> parse_settable_aside(std::string_view word)
{
    const bool known = word.empty() || word == "spam" || word == "noise";
    return known ? std::optional(std::string(word)) : std::nullopt;
}

} // namespace sportello::api
