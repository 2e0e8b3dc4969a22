#include <sportello/engine/regrouping.hpp>

#include "facts.hpp"
#include "shield_rules.hpp"
#include "ticket_story.hpp"

#include <sportello/domain/regrouping.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/regroupings.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Ticket;
using domain::TicketId;
using storage::Transaction;

constexpr std::int64_t most_messages = 10'000;
constexpr std::size_t most_chosen = 500;

Result<void> save(Transaction& tx, Ticket& ticket)
{
    return storage::save_ticket(tx, ticket);
}

Result<void> check_revision(const Ticket& ticket, std::optional<std::int32_t> wanted)
{
    if (!wanted || *wanted == ticket.revision) return {};
    return Error(ErrorKind::conflict, "the ticket was changed by somebody else; read it again");
}

std::vector<std::string> united(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    std::vector<std::string> all;
    std::ranges::set_union(a, b, std::back_inserter(all));
    return all;
}

std::vector<std::string> without(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    std::vector<std::string> rest;
    std::ranges::set_difference(a, b, std::back_inserter(rest));
    return rest;
}

/// The other ticket of a request, with the field that named it when there is none that the actor may see.
Result<Ticket> ticket_in_field(Transaction& tx, TicketId id, const Actor& actor, const char* pointer)
{
    auto ticket = workable_ticket(tx, id, actor);
    if (ticket || ticket.error().kind() != ErrorKind::not_found) return ticket;
    return Error(ErrorKind::invalid_input, ticket.error().what(), {{pointer, "there is no such ticket"}});
}

Result<Ticket> merge_in(Transaction& tx, const Settings& settings, TicketId id, TicketId into, const Command& command,
                        std::optional<std::int32_t> if_revision, Instant now)
{
    auto source = workable_ticket(tx, id, command.actor);
    if (!source) return source.error();
    const auto made = made_before(tx, command);
    if (!made) return made.error();
    if (*made) return storage::find_ticket(tx, TicketId{**made});
    if (const auto same = check_revision(*source, if_revision); !same) return same.error();
    auto target = ticket_in_field(tx, into, command.actor, "/into");
    if (!target) return target.error();
    if (const auto may = domain::may_merge(*source, *target, under_way(tx, id)); !may) return may.error();

    storage::Regrouping order;
    order.from = id;
    order.to = into;
    order.agent = command.actor.id;
    order.at = now;
    order.from_clocks = clocks_of(*source);
    order.to_clocks = clocks_of(*target);
    order.from_labels = storage::labels_of(tx, id);
    order.to_labels = storage::labels_of(tx, into);
    order.id = storage::insert_regrouping(tx, order);
    storage::move_everything(tx, order.id, id, into);
    storage::set_labels(tx, into, united(order.from_labels, order.to_labels));
    storage::set_labels(tx, id, {});

    domain::merge(*source, *target, now);
    recount(tx, settings, *target, now);
    if (const auto saved = save(tx, *source); !saved) return saved.error();
    if (const auto saved = save(tx, *target); !saved) return saved.error();
    if (const auto kept = remember_made(tx, command, into.value, now); !kept) return kept.error();
    tell(tx, "ticket.merged", now, id, &command, {{"into", into.value}, {"from", id.value}});
    tell(tx, "ticket.merged", now, into, &command, {{"into", into.value}, {"from", id.value}});
    return target;
}

Result<void> may_take_back(Transaction& tx, const storage::Regrouping& order, const Ticket& to)
{
    domain::SinceRegrouping since;
    since.undone = order.undone_at.has_value();
    if (const auto later = storage::last_regrouping_with(tx, order.from, order.to); later && later->id > order.id) {
        const bool of_from = later->from == order.from || later->to == order.from;
        const TicketId mine = of_from ? order.from : order.to;
        since.regrouped = later->from == mine ? later->to : later->from;
    }
    since.answered = storage::answered_since(tx, order.id, order.to);
    since.under_way = under_way(tx, order.to);
    since.status = to.status;
    return domain::may_undo(since, order.to);
}

Result<Ticket> undo_merge_in(Transaction& tx, const Settings& settings, TicketId id, const Command& command, Instant now)
{
    auto source = workable_ticket(tx, id, command.actor);
    if (!source) return source.error();
    const auto made = made_before(tx, command);
    if (!made) return made.error();
    if (*made) return source;
    const auto order = storage::last_merge_of(tx, id);
    if (!order || !source->merged_into) return Error(ErrorKind::conflict, "the ticket is not merged into another");
    auto target = storage::find_ticket(tx, order->to);
    if (!target) return target.error();
    if (const auto may = may_take_back(tx, *order, *target); !may) return may.error();

    storage::follow_back(tx, order->id, order->to, id);
    storage::move_back(tx, order->id, order->to, id);
    storage::mark_undone(tx, order->id, now);
    const auto added = without(order->from_labels, order->to_labels);
    storage::set_labels(tx, order->to, without(storage::labels_of(tx, order->to), added));
    storage::set_labels(tx, id, order->from_labels);

    source->merged_into.reset();
    source->closed_at.reset();
    const auto messages_before = source->message_count;
    restore_clocks(*source, order->from_clocks);
    recount(tx, settings, *source, now);
    // What came in meanwhile waits, as it would have without the merge.
    const bool grew = source->message_count > messages_before && source->last_direction == domain::Direction::inbound;
    if (grew && source->status != domain::TicketStatus::new_ && source->status != domain::TicketStatus::open) {
        source->status = domain::TicketStatus::open;
        source->status_reason = "the customer wrote again";
        source->solved_at.reset();
        recount(tx, settings, *source, now);
    }
    restore_place(*target, order->to_clocks, id);
    recount(tx, settings, *target, now);
    if (const auto saved = save(tx, *source); !saved) return saved.error();
    if (const auto saved = save(tx, *target); !saved) return saved.error();
    if (const auto kept = remember_made(tx, command, id.value, now); !kept) return kept.error();
    tell(tx, "ticket.merge_undone", now, id, &command, {{"into", order->to.value}, {"from", id.value}});
    tell(tx, "ticket.merge_undone", now, order->to, &command, {{"into", order->to.value}, {"from", id.value}});
    return source;
}

/// The ticket that these messages make, beside the one they come from.
Result<Ticket> split_off(Transaction& tx, const Ticket& from, const domain::Message& first, std::string_view agent_name, Instant now)
{
    Ticket made;
    made.brand = from.brand;
    made.channel = first.channel;
    made.platform = first.platform;
    made.visibility = first.visibility;
    made.identity = first.identity.value_or(from.identity);
    const auto person = storage::find_identity(tx, made.identity);
    made.customer = person ? person->customer : from.customer;
    made.root_id = first.root_id;
    made.status = domain::TicketStatus::open;
    made.priority = from.priority;
    made.priority_why = from.priority_why;
    made.subject = domain::derived_subject(first.text);
    made.assignee = from.assignee;
    made.assigned_why = from.assignee ? "as ticket #" + std::to_string(from.id.value) + ", from which it was split" : "";
    made.team = from.team;
    made.language = from.language;
    made.created_at = made.first_inbound_at = made.last_inbound_at = made.last_at = first.at;
    made.updated_at = now;
    const std::string why = "split from ticket #" + std::to_string(from.id.value) + " by " + std::string(agent_name);
    made.id = storage::insert_ticket(tx, made, why);
    return storage::find_ticket(tx, made.id);
}

Result<Ticket> split_in(Transaction& tx, const Settings& settings, TicketId id, const std::vector<domain::MessageId>& chosen,
                        const Command& command, std::optional<std::int32_t> if_revision, Instant now)
{
    auto ticket = workable_ticket(tx, id, command.actor);
    if (!ticket) return ticket.error();
    const auto made_already = made_before(tx, command);
    if (!made_already) return made_already.error();
    if (*made_already) return storage::find_ticket(tx, TicketId{**made_already});
    if (const auto same = check_revision(*ticket, if_revision); !same) return same.error();
    auto inbound = storage::inbound_messages_of(tx, id, most_messages);
    std::ranges::reverse(inbound); // oldest first
    if (const auto may = domain::may_split(*ticket, inbound, chosen, under_way(tx, id)); !may) return may.error();
    const auto agent = storage::find_agent(tx, command.actor.id);
    if (!agent) return agent.error();

    std::erase_if(inbound, [&](const domain::Message& message) { return std::ranges::find(chosen, message.id) == chosen.end(); });
    auto made = split_off(tx, *ticket, for_lists(settings, inbound.front()), agent->name, now);
    if (!made) return made.error();
    storage::Regrouping order;
    order.split = true;
    order.from = id;
    order.to = made->id;
    order.agent = command.actor.id;
    order.at = now;
    order.from_clocks = clocks_of(*ticket);
    order.to_clocks = clocks_of(*made);
    order.from_labels = storage::labels_of(tx, id);
    order.id = storage::insert_regrouping(tx, order);
    storage::move_messages(tx, order.id, inbound, made->id);

    recount(tx, settings, *made, now);
    if (!made->waiting_since) {
        made->status = domain::TicketStatus::pending;
        recount(tx, settings, *made, now);
    }
    recount(tx, settings, *ticket, now);
    if (const auto saved = save(tx, *made); !saved) return saved.error();
    if (const auto saved = save(tx, *ticket); !saved) return saved.error();
    if (const auto kept = remember_made(tx, command, made->id.value, now); !kept) return kept.error();
    tell(tx, "ticket.split", now, id, &command, {{"from", id.value}, {"to", made->id.value}, {"messages", chosen.size()}});
    tell(tx, "ticket.created", now, made->id, &command, {{"split_from", id.value}, {"messages", chosen.size()}});
    return made;
}

Result<Ticket> undo_split_in(Transaction& tx, const Settings& settings, TicketId id, const Command& command, Instant now)
{
    auto made = workable_ticket(tx, id, command.actor);
    if (!made) return made.error();
    const auto repeated = made_before(tx, command);
    if (!repeated) return repeated.error();
    if (*repeated) return storage::find_ticket(tx, TicketId{**repeated});
    const auto order = storage::split_that_made(tx, id);
    if (!order) return Error(ErrorKind::conflict, "the ticket was not split from another");
    auto from = storage::find_ticket(tx, order->from);
    if (!from) return from.error();
    if (const auto may = may_take_back(tx, *order, *made); !may) return may.error();
    if (from->status == domain::TicketStatus::closed) {
        return Error(ErrorKind::conflict, "ticket #" + std::to_string(from->id.value) + " is closed for good");
    }

    const bool waits = made->waiting_since.has_value();
    storage::move_rest(tx, id, order->from);
    storage::mark_undone(tx, order->id, now);
    storage::set_labels(tx, order->from, united(storage::labels_of(tx, order->from), storage::labels_of(tx, id)));
    domain::stand_aside(*made, order->from, "the split from ticket #" + std::to_string(order->from.value) + " was taken back", now);
    const bool rests = from->status != domain::TicketStatus::new_ && from->status != domain::TicketStatus::open;
    if (waits && rests) {
        from->status = domain::TicketStatus::open;
        from->status_reason = domain::opened_by_merging(id);
        from->solved_at.reset();
    }
    recount(tx, settings, *from, now);
    if (const auto saved = save(tx, *made); !saved) return saved.error();
    if (const auto saved = save(tx, *from); !saved) return saved.error();
    if (const auto kept = remember_made(tx, command, order->from.value, now); !kept) return kept.error();
    tell(tx, "ticket.split_undone", now, id, &command, {{"from", order->from.value}, {"to", id.value}});
    tell(tx, "ticket.split_undone", now, order->from, &command, {{"from", order->from.value}, {"to", id.value}});
    return from;
}

} // namespace

Regrouping::Regrouping(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

asio::awaitable<Result<Ticket>> Regrouping::merge(TicketId id, TicketId into, Command command, std::optional<std::int32_t> if_revision)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) { return merge_in(tx, settings_, id, into, command, if_revision, now); };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Ticket>> Regrouping::undo_merge(TicketId id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) { return undo_merge_in(tx, settings_, id, command, now); };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Ticket>> Regrouping::split(TicketId id, std::vector<domain::MessageId> messages, Command command,
                                                  std::optional<std::int32_t> if_revision)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Ticket> {
        if (messages.size() > most_chosen) return Error(ErrorKind::invalid_input, "too many messages", {{"/messages", "at most 500"}});
        return split_in(tx, settings_, id, messages, command, if_revision, now);
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Ticket>> Regrouping::undo_split(TicketId id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) { return undo_split_in(tx, settings_, id, command, now); };
    co_return co_await db_.write(unit);
}

} // namespace sportello::engine
