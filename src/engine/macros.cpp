#include "macros.hpp"

#include "facts.hpp"
#include "mentions.hpp"
#include "outbox_accept.hpp"
#include "placeholder_values.hpp"
#include "rating.hpp"
#include "search_index.hpp"

#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/notes.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Ticket;
using nlohmann::json;
using storage::Transaction;

constexpr std::size_t most_labels = 20;

std::string joined(const std::vector<std::string>& words)
{
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

/// One application of a macro, step by step.
class Application {
public:
    Application(Transaction& tx, const Settings& settings, const storage::Aid& macro, const Command& command, Instant now)
        : tx_(tx), settings_(settings), macro_(macro), command_(command), now_(now)
    {
        command_.idempotency_key.clear(); // the whole has it, not its steps
    }

    /// What does not touch what the customer sees comes first, then the reply, then the status.
    Result<MacroOutcome> run(Ticket ticket, const MacroActions& actions, std::optional<domain::MessageId> last_seen)
    {
        outcome_.ticket = ticket.id;
        if (const auto done = prepare(ticket, actions); !done) return done.error();
        if (!actions.note.empty()) add_note(ticket, actions.note);
        if (actions.canned_reply) {
            if (const auto done = reply(ticket, actions, last_seen); !done) return done.error();
        }
        if (actions.status) {
            if (const auto done = set_status(ticket.id, *actions.status); !done) return done.error();
        }
        nlohmann::json data{{"macro", macro_.id}, {"name", macro_.name}, {"done", outcome_.done}};
        if (was_) {
            data["was"] = to_string(*was_);
            data["status"] = to_string(*actions.status);
        }
        tell(tx_, "ticket.macro_applied", now_, ticket.id, &command_, data);
        return outcome_;
    }

private:
    Result<void> prepare(Ticket& ticket, const MacroActions& actions)
    {
        const Ticket before = ticket;
        const auto agent = storage::find_agent(tx_, command_.actor.id);
        if (!agent) return agent.error();
        if (ticket.status == domain::TicketStatus::closed) return Error(ErrorKind::conflict, "the ticket is closed");
        if (actions.take && ticket.assignee != agent->id) {
            if (const auto taken = domain::take(ticket, agent->id, agent->name, now_); !taken) return taken.error();
            outcome_.done.push_back("taken by " + agent->name);
        }
        if (actions.priority && *actions.priority != ticket.priority) {
            ticket.priority = *actions.priority;
            ticket.priority_why = "by the macro " + macro_.name;
            outcome_.done.push_back("priority " + std::string(to_string(ticket.priority)));
        }
        if (const auto labelled = set_labels(ticket, actions); !labelled) return labelled.error();
        ticket.updated_at = now_;
        return storage::save_ticket(tx_, ticket, &before);
    }

    Result<void> set_labels(const Ticket& ticket, const MacroActions& actions)
    {
        const auto before = storage::labels_of(tx_, ticket.id);
        auto labels = before;
        for (const std::string& label : actions.add_labels) {
            if (std::ranges::find(labels, label) == labels.end()) labels.push_back(label);
        }
        std::erase_if(labels, [&](const std::string& label) {
            return std::ranges::find(actions.remove_labels, label) != actions.remove_labels.end();
        });
        std::ranges::sort(labels);
        if (labels == before) return {};
        if (labels.size() > most_labels) return Error(ErrorKind::conflict, "the ticket would have more than 20 labels");
        storage::set_labels(tx_, ticket.id, labels);
        outcome_.done.push_back("labels " + joined(labels));
        return {};
    }

    void add_note(const Ticket& ticket, std::string_view text)
    {
        const std::string written = expanded(ticket, text).text;
        const auto note = storage::insert_note(tx_, ticket.id, command_.actor.id, written, now_);
        index_note(tx_, settings_, note);
        tell(tx_, "note.added", now_, ticket.id, &command_, {{"note", note.value}});
        note_mentions(tx_, ticket, note, written, command_, now_);
        outcome_.done.emplace_back("a note");
    }

    Result<void> reply(const Ticket& ticket, const MacroActions& actions, std::optional<domain::MessageId> last_seen)
    {
        const auto canned = storage::find_aid(tx_, storage::AidKind::canned_reply, *actions.canned_reply);
        if (!canned || (!canned->brand.empty() && canned->brand != ticket.brand)) {
            return Error(ErrorKind::conflict, "the macro's canned reply is gone, or is another brand's");
        }
        auto text = expanded(ticket, canned->body);
        if (!text.missing.empty())
            return Error(ErrorKind::conflict, "the canned reply needs what is not known here: " + joined(text.missing));
        ReplyDraft draft;
        draft.text = std::move(text.text);
        draft.visibility = actions.visibility;
        draft.last_seen = last_seen;
        const auto accepted = accept_reply(tx_, settings_, ticket.id, draft, command_, now_);
        if (!accepted) return accepted.error();
        outcome_.reply = accepted->id;
        const bool waits = accepted->state == domain::Delivery::awaiting_approval;
        outcome_.done.push_back("the reply " + canned->name + (waits ? ", for a colleague to approve" : ""));
        return {};
    }

    Result<void> set_status(domain::TicketId id, domain::TicketStatus status)
    {
        auto ticket = storage::find_ticket(tx_, id);
        if (!ticket) return ticket.error();
        if (ticket->status == status) return {};
        was_ = ticket->status;
        const Ticket before = *ticket;
        const auto changed = domain::change_status(*ticket, status, target_of(settings_, *ticket), now_, "by the macro " + macro_.name);
        if (!changed) return changed;
        if (const auto saved = storage::save_ticket(tx_, *ticket, &before); !saved) return saved;
        if (status == domain::TicketStatus::solved) plan_rating(tx_, settings_, *ticket, command_.actor.id, now_);
        outcome_.done.push_back("status " + std::string(to_string(status)));
        return {};
    }

    domain::Expansion expanded(const Ticket& ticket, std::string_view text)
    {
        return expand_for(tx_, settings_, ticket, command_.actor.id, text);
    }

    Transaction& tx_;
    const Settings& settings_;
    const storage::Aid& macro_;
    Command command_;
    Instant now_;
    MacroOutcome outcome_;
    std::optional<domain::TicketStatus> was_; ///< before the macro changed it
};

std::vector<std::string> texts(const json& object, const char* name)
{
    const auto found = object.find(name);
    return found != object.end() && found->is_array() ? found->get<std::vector<std::string>>() : std::vector<std::string>();
}

} // namespace

std::string to_json(const MacroActions& actions)
{
    json object = json::object();
    if (actions.take) object["take"] = true;
    if (actions.status) object["status"] = to_string(*actions.status);
    if (actions.priority) object["priority"] = to_string(*actions.priority);
    if (!actions.add_labels.empty()) object["add_labels"] = actions.add_labels;
    if (!actions.remove_labels.empty()) object["remove_labels"] = actions.remove_labels;
    if (!actions.note.empty()) object["note"] = actions.note;
    if (actions.canned_reply) {
        object["canned_reply"] = *actions.canned_reply;
        object["visibility"] = to_string(actions.visibility);
    }
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<MacroActions> parse_macro_actions(std::string_view text)
{
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object()) return Error(ErrorKind::invalid_input, "no macro");
    try {
        MacroActions actions;
        actions.take = object.value("take", false);
        actions.status = domain::parse_ticket_status(object.value("status", ""));
        actions.priority = domain::parse_priority(object.value("priority", ""));
        actions.add_labels = texts(object, "add_labels");
        actions.remove_labels = texts(object, "remove_labels");
        actions.note = object.value("note", "");
        if (object.contains("canned_reply")) actions.canned_reply = object.at("canned_reply").get<std::int64_t>();
        actions.visibility = domain::parse_visibility(object.value("visibility", "")).value_or(domain::Visibility::public_);
        return actions;
    } catch (const json::exception&) {
        return Error(ErrorKind::invalid_input, "no macro");
    }
}

Result<MacroOutcome> apply_macro(Transaction& tx, const Settings& settings, std::int64_t id, domain::TicketId ticket_id,
                                 std::optional<domain::MessageId> last_seen, const Command& command, Instant now)
{
    const auto macro = storage::find_aid(tx, storage::AidKind::macro, id);
    if (!macro || (!macro->brand.empty() && !command.actor.may_see(macro->brand))) {
        return Error(ErrorKind::not_found, "there is no macro " + std::to_string(id));
    }
    auto ticket = workable_ticket(tx, ticket_id, command.actor);
    if (!ticket && ticket.error().kind() == ErrorKind::forbidden) return ticket.error();
    if (!ticket) return Error(ErrorKind::invalid_input, ticket.error().what(), {{"/ticket", "there is no such ticket"}});
    const auto made = made_before(tx, command);
    if (!made) return made.error();
    if (*made) {
        const auto reply = **made > 0 ? std::optional(domain::ReplyId{**made}) : std::nullopt;
        return MacroOutcome{.ticket = ticket_id, .reply = reply, .done = {}};
    }
    if (!macro->brand.empty() && macro->brand != ticket->brand) return Error(ErrorKind::conflict, "the macro is another brand's");
    if (const auto fresh = check_fresh(*ticket, last_seen); !fresh) return fresh.error();
    const auto actions = parse_macro_actions(macro->body);
    if (!actions) return actions.error();
    auto outcome = Application(tx, settings, *macro, command, now).run(std::move(*ticket), *actions, last_seen);
    if (!outcome) return outcome;
    const auto reply = outcome->reply ? outcome->reply->value : 0;
    if (const auto kept = remember_made(tx, command, reply, now); !kept) return kept.error();
    return outcome;
}

} // namespace sportello::engine
