#include "approval_units.hpp"

#include "facts.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/approval.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/approvals.hpp>
#include <sportello/storage/drafts.hpp>
#include <sportello/storage/notifications.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Delivery;
using domain::Reply;
using nlohmann::json;
using storage::Approval;
using storage::Transaction;

/// How the author wanted it sent, without its text.
std::string options_of(const ReplyDraft& draft)
{
    json options = {{"visibility", to_string(draft.visibility)}, {"undo_us", draft.undo.count()}};
    if (draft.route) options["route"] = to_string(*draft.route);
    if (draft.answers) options["answers"] = draft.answers->value;
    if (draft.last_seen) options["last_seen"] = draft.last_seen->value;
    if (draft.release_personal_data) options["release_personal_data"] = true;
    if (draft.confirm_duplicate) options["confirm_duplicate"] = true;
    if (!draft.attachments.empty()) options["attachments"] = draft.attachments;
    return options.dump();
}

ReplyDraft draft_from(std::string_view options, std::string text)
{
    ReplyDraft draft;
    draft.text = std::move(text);
    const json read = json::parse(options, nullptr, false);
    if (!read.is_object()) return draft;
    draft.visibility = domain::parse_visibility(read.value("visibility", "")).value_or(domain::Visibility::public_);
    draft.undo = base::Duration(read.value("undo_us", std::int64_t(0)));
    draft.route = domain::parse_route_kind(read.value("route", ""));
    if (read.contains("answers")) draft.answers = domain::MessageId{read.value("answers", std::int64_t(0))};
    if (read.contains("last_seen")) draft.last_seen = domain::MessageId{read.value("last_seen", std::int64_t(0))};
    draft.release_personal_data = read.value("release_personal_data", false);
    draft.confirm_duplicate = read.value("confirm_duplicate", false);
    draft.attachments = read.value("attachments", std::vector<std::int64_t>());
    return draft;
}

json person(Transaction& tx, domain::AgentId id)
{
    const auto agent = storage::find_agent(tx, id);
    return {{"id", id.value}, {"name", agent ? agent->name : std::string()}};
}

/// The reply behind an approval; there is one.
Result<Reply> reply_of(Transaction& tx, const Approval& approval)
{
    return storage::find_reply(tx, approval.reply.value_or(domain::ReplyId{}));
}

void set_state(Transaction& tx, Reply& reply, Delivery state, std::string reason)
{
    reply.state = state;
    reply.reason = std::move(reason);
    storage::save_reply_state(tx, reply);
}

} // namespace

std::optional<domain::MessageId> last_seen_of(const Approval& approval)
{
    return draft_from(approval.options, "").last_seen;
}

json approval_data(Transaction& tx, const Approval& approval)
{
    json data = {{"approval", approval.id}, {"state", approval.state}, {"author", person(tx, approval.author)}, {"why", approval.why}};
    if (approval.reply) data["reply"] = approval.reply->value;
    if (approval.broadcast) data["broadcast"] = *approval.broadcast;
    if (approval.changed_by) data["changed_by"] = person(tx, *approval.changed_by);
    if (approval.decided_by) data[approval.state == "approved" ? "approved_by" : "decided_by"] = person(tx, *approval.decided_by);
    // Events without a ticket say whose they are.
    if (approval.broadcast && !approval.brands.empty()) data["brands"] = approval.brands;
    return data;
}

Result<Reply> ask_for_approval(Transaction& tx, CheckedReply& checked, const ReplyDraft& draft, const std::string& why,
                               const Command& command, Instant now)
{
    Reply& reply = checked.reply;
    reply.id = storage::insert_reply(tx, reply, {});
    set_state(tx, reply, Delivery::awaiting_approval, why);
    if (const auto kept = remember_made(tx, command, reply.id.value, now); !kept) return kept.error();

    Approval approval;
    approval.reply = reply.id;
    approval.brands = {checked.ticket.brand};
    approval.author = reply.author;
    approval.options = options_of(draft);
    approval.why = why;
    approval.asked_at = now;
    approval.id = storage::insert_approval(tx, approval);

    // It is being worked on; nothing else changes, least of all the clock.
    domain::Ticket& ticket = checked.ticket;
    const domain::Ticket before = ticket;
    ticket.updated_at = now;
    if (ticket.status == domain::TicketStatus::new_) ticket.status = domain::TicketStatus::open;
    if (!ticket.assignee) domain::assign(ticket, reply.author, checked.author.name + " answered it", now);
    if (const auto saved = storage::save_ticket(tx, ticket, &before); !saved) return saved.error();
    storage::delete_draft(tx, reply.author, ticket.id, "reply");
    tell(tx, "reply.awaiting_approval", now, ticket.id, &command, approval_data(tx, approval));
    return reply;
}

Result<Reply> withdraw_reply(Transaction& tx, Reply reply, const Command& command, Instant now)
{
    auto approval = storage::approval_of(tx, reply.id);
    if (!approval)
        return Error(ErrorKind::internal, "reply " + std::to_string(reply.id.value) + " waits for an approval that is not there");
    set_state(tx, reply, Delivery::cancelled, "taken back before a colleague had read it");
    approval->state = "withdrawn";
    approval->decided_by = command.actor.id;
    approval->decided_at = now;
    storage::save_approval(tx, *approval);
    tell(tx, "reply.cancelled", now, reply.ticket, &command, reply_data(reply));
    return reply;
}

void ask_for_broadcast(Transaction& tx, const storage::Broadcast& broadcast, const std::vector<std::string>& brands, const std::string& why,
                       const Command& command, Instant now)
{
    Approval approval;
    approval.broadcast = broadcast.id;
    approval.brands = brands;
    approval.author = broadcast.agent;
    approval.options = "{}";
    approval.why = why;
    approval.asked_at = now;
    approval.id = storage::insert_approval(tx, approval);
    tell(tx, broadcast_event(broadcast, "awaiting_approval"), now, std::nullopt, &command, broadcast_data(tx, approval, broadcast));
}

std::string broadcast_event(const storage::Broadcast& broadcast, std::string_view what)
{
    return std::string(broadcast.incident.value == 0 ? "broadcast." : "incident.broadcast_").append(what);
}

json broadcast_data(Transaction& tx, const Approval& approval, const storage::Broadcast& broadcast)
{
    auto data = approval_data(tx, approval);
    if (broadcast.incident.value != 0) data["incident"] = broadcast.incident.value;
    return data;
}

Result<Approval> waiting_approval(Transaction& tx, std::int64_t id, const Actor& actor)
{
    auto approval = storage::find_approval(tx, id);
    const auto sees = [&](const std::string& brand) { return actor.may_see(brand); };
    const bool visible = approval && (approval->brands.empty() || std::ranges::any_of(approval->brands, sees));
    if (!visible) return Error(ErrorKind::not_found, "there is no approval " + std::to_string(id));
    if (approval->reply) { // the ticket itself says who may see it
        const auto reply = reply_of(tx, *approval);
        if (!reply || !visible_ticket(tx, reply->ticket, actor)) {
            return Error(ErrorKind::not_found, "there is no approval " + std::to_string(id));
        }
    }
    if (approval->state != "waiting") return Error(ErrorKind::conflict, "it was " + approval->state + " already");
    return std::move(*approval);
}

Result<void> check_may_decide(Transaction& tx, const Approval& approval, const Command& command)
{
    const auto agent = storage::find_agent(tx, command.actor.id);
    if (!agent) return agent.error();
    return domain::may_decide(*agent, approval.author);
}

void notify_author(Transaction& tx, const Approval& approval, std::string_view kind, const Command& command, Instant now)
{
    if (approval.author == command.actor.id) return;
    storage::Notification note;
    note.agent = approval.author;
    note.kind = kind;
    note.item = approval.id;
    note.actor = command.actor.id;
    note.at = now;
    if (approval.reply) {
        if (const auto reply = reply_of(tx, approval)) note.ticket = reply->ticket;
    }
    storage::insert_notification(tx, note);
}

void conclude(Transaction& tx, Approval& approval, std::string_view state, std::string note, const Command& command, Instant now)
{
    approval.state = state;
    approval.decided_by = command.actor.id;
    approval.decided_at = now;
    if (!note.empty()) approval.note = std::move(note);
    storage::save_approval(tx, approval);
    notify_author(tx, approval, state == "approved" ? "reply_approved" : "reply_returned", command, now);
}

Result<void> approve_reply(Transaction& tx, const Settings& settings, Approval& approval, const ApprovalDecision& decision,
                           const Command& command, Instant now)
{
    const auto waiting = reply_of(tx, approval);
    if (!waiting) return waiting.error();
    auto ticket = visible_ticket(tx, waiting->ticket, command.actor);
    if (!ticket) return ticket.error();
    if (decision.text && *decision.text != waiting->text) {
        if (const auto changed = change_waiting_reply(tx, approval, *decision.text, command, now); !changed) return changed;
    }
    ReplyDraft draft = draft_from(approval.options, decision.text.value_or(waiting->text));
    if (decision.last_seen) draft.last_seen = decision.last_seen;
    draft.confirm_duplicate = draft.confirm_duplicate || decision.confirm_duplicate;
    draft.release_personal_data = draft.release_personal_data || decision.release_personal_data;
    auto checked = check_reply(tx, settings, std::move(*ticket), draft, waiting->author, command, now, waiting->id);
    if (!checked) return checked.error();
    storage::queue_approved(tx, checked->reply, checked->parts);
    if (const auto noted = note_accepted(tx, settings, *checked, now); !noted) return noted;
    conclude(tx, approval, "approved", decision.note, command, now);
    auto data = approval_data(tx, approval);
    tell(tx, "reply.approved", now, checked->ticket.id, &command, data);
    data.update(reply_data(checked->reply));
    tell(tx, "reply.accepted", now, checked->ticket.id, &command, data);
    return {};
}

Result<void> change_waiting_reply(Transaction& tx, Approval& approval, const std::string& given, const Command& command, Instant now)
{
    const auto reply = reply_of(tx, approval);
    if (!reply) return reply.error();
    const std::string text = base::clean_utf8(base::trim(given));
    if (text.empty()) return Error(ErrorKind::invalid_input, "must not be empty", {{"/text", "must not be empty"}});
    if (text == reply->text) return {};
    if (approval.written.empty() && command.actor.id != approval.author) approval.written = reply->text;
    storage::reword_waiting(tx, reply->id, text);
    approval.changed_by = command.actor.id;
    storage::save_approval(tx, approval);
    notify_author(tx, approval, "reply_changed", command, now);
    tell(tx, "reply.approval_changed", now, reply->ticket, &command, approval_data(tx, approval));
    return {};
}

Result<void> return_reply(Transaction& tx, Approval& approval, const Command& command, Instant now)
{
    auto reply = reply_of(tx, approval);
    if (!reply) return reply.error();
    const auto by = storage::find_agent(tx, command.actor.id);
    set_state(tx, *reply, Delivery::cancelled, "returned by " + (by ? by->name : std::string("a colleague")));
    // The author goes on with it where it was begun, unless something else is there by now.
    if (!storage::find_draft(tx, reply->author, reply->ticket, "reply")) {
        storage::save_draft(tx, {.agent = reply->author,
                                 .ticket = reply->ticket,
                                 .mode = "reply",
                                 .visibility = std::string(to_string(reply->visibility)),
                                 .text = reply->text,
                                 .updated_at = now});
    }
    tell(tx, "reply.returned", now, reply->ticket, &command, approval_data(tx, approval));
    return {};
}

} // namespace sportello::engine
