#include "threader.hpp"

#include "arrival.hpp"
#include "facts.hpp"
#include "hand_written.hpp"
#include "rating.hpp"
#include "shield_rules.hpp"

#include <sportello/domain/threading.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

using domain::Message;
using domain::ThreadingDecision;

// Of what is older than the channel, a ticket takes so much along: the newest.
constexpr std::int64_t most_context = 200;
// So far up a chain of answers a ticket of the same person is looked for.
constexpr int longest_chain = 5;

nlohmann::json message_data(const Message& message)
{
    return {{"message", message.id.value}, {"direction", to_string(message.direction)}, {"visibility", to_string(message.visibility)}};
}

/// An author whom the platform does not tell gets an identity of the message alone: two of them are never taken for one.
domain::IdentityId undisclosed_author(storage::Transaction& tx, const Message& message, base::Instant now)
{
    return storage::upsert_identity(tx, message.platform, "undisclosed:" + message.channel + ":" + message.platform_id, message.author_name,
                                    "", now);
}

} // namespace

void Threader::thread(const storage::NewMessage& entry)
{
    if (entry.message.direction == domain::Direction::outbound) thread_own(entry.message);
    else thread_inbound(entry);
    at_once_.passed();
}

void Threader::thread_inbound(const storage::NewMessage& entry)
{
    const Message& message = entry.message;
    if (message.deleted_at) { // written and gone before anybody could read it
        storage::set_threaded(tx_, message.id, std::nullopt, storage::Intake::done);
        return;
    }
    if (take_rating(message)) return;
    domain::ThreadingFacts facts;
    facts.is_root = message.root_id == message.platform_id;
    facts.identity = message.identity;
    facts.before_start = before_start(message);
    domain::ThreadingFacts::UnderRoot here;
    if (message.identity) {
        facts.chain_ticket = chain_ticket(message);
        facts.invited_from = inviting_ticket(message);
        if (const auto last = storage::ticket_of_person_under(tx_, message.channel, message.root_id, *message.identity)) {
            const bool later = facts.chain_ticket && *facts.chain_ticket < *last;
            here = {*last, *message.identity, (facts.invited_from || later) && is_done(*last)};
            facts.chain_done = later && is_done(*facts.chain_ticket);
            facts.under_root = std::span(&here, 1);
        }
        if (facts.under_root.empty()) facts.open_ticket = open_ticket(entry);
    }
    const ThreadingDecision decision = domain::thread(facts);
    switch (decision.kind) {
    case ThreadingDecision::Kind::join:
        go_on(decision.ticket, entry, decision.why);
        break;
    case ThreadingDecision::Kind::join_as_context:
        join_as_context(decision.ticket, message);
        break;
    case ThreadingDecision::Kind::wait_as_context:
        storage::set_threaded(tx_, message.id, std::nullopt, storage::Intake::context);
        break;
    case ThreadingDecision::Kind::open:
    case ThreadingDecision::Kind::wait_for_parent: // own items only
    case ThreadingDecision::Kind::context_only:
        open(entry, decision.why);
        break;
    }
    adopt_waiting(message);
}

bool Threader::is_done(domain::TicketId id)
{
    const auto ticket = storage::find_ticket(tx_, id);
    return ticket && (ticket->status == domain::TicketStatus::solved || ticket->status == domain::TicketStatus::closed);
}

std::optional<domain::TicketId> Threader::chain_ticket(const Message& message)
{
    std::string above = message.parent_id;
    for (int depth = 0; depth < longest_chain && !above.empty(); ++depth) {
        const auto parent = storage::find_message_by_platform_id(tx_, message.channel, above);
        if (!parent) return std::nullopt;
        if (parent->ticket && parent->visibility == message.visibility) {
            if (parent->identity == message.identity) return parent->ticket;
            const auto ticket = storage::find_ticket(tx_, *parent->ticket);
            const bool ours = parent->direction == domain::Direction::outbound;
            if (ours && ticket && ticket->identity == *message.identity) return parent->ticket;
        }
        above = parent->parent_id;
    }
    return std::nullopt;
}

std::optional<domain::TicketId> Threader::inviting_ticket(const Message& message)
{
    const auto within = policy_of(message.brand).join_after_invitation;
    if (message.visibility != domain::Visibility::private_ || within == base::Duration(0)) return std::nullopt;
    return storage::inviting_ticket_of(tx_, *message.identity, message.channel, message.at - within);
}

std::optional<domain::TicketId> Threader::open_ticket(const storage::NewMessage& entry)
{
    const Message& message = entry.message;
    const auto within = policy_of(message.brand).join_open_within;
    if (!entry.customer || within == base::Duration(0)) return std::nullopt;
    return storage::open_ticket_of(tx_, *entry.customer, message.channel, message.visibility, message.at - within);
}

const domain::ThreadingPolicy& Threader::policy_of(const std::string& brand) const
{
    static const domain::ThreadingPolicy usual;
    const BrandSettings* known = settings_.brand(brand);
    return known ? known->threading : usual;
}

bool Threader::take_rating(const Message& message)
{
    if (message.visibility != domain::Visibility::private_ || !message.identity) return false;
    const auto rated = read_rating(tx_, message, now_);
    if (!rated) return false;
    storage::set_threaded(tx_, message.id, *rated, storage::Intake::done);
    return true;
}

void Threader::go_on(domain::TicketId id, const storage::NewMessage& entry, std::string_view why)
{
    auto ticket = storage::find_ticket(tx_, id);
    if (!ticket) throw storage::Failure(base::ErrorKind::internal, ticket.error().what());
    const auto further = domain::continuation(*ticket, entry.message, policy_of(entry.message.brand), now_);
    if (further.follow_up) open(entry, further.why, id);
    else join(std::move(*ticket), entry.message, why);
}

void Threader::open(const storage::NewMessage& entry, std::string_view why, std::optional<domain::TicketId> follow_up_of)
{
    const Message& message = entry.message;
    const domain::IdentityId identity = message.identity ? *message.identity : undisclosed_author(tx_, message, now_);
    domain::Ticket ticket = domain::open_ticket(for_lists(settings_, message), target_of(settings_, message.brand), now_);
    ticket.brand = message.brand;
    ticket.channel = message.channel;
    ticket.platform = message.platform;
    ticket.visibility = message.visibility;
    ticket.identity = identity;
    ticket.root_id = message.root_id;
    if (entry.customer) ticket.customer = *entry.customer;
    else if (const auto person = storage::find_identity(tx_, identity)) ticket.customer = person->customer;
    ticket.last_inbound = message.id;
    ticket.follow_up_of = follow_up_of;
    Arrival arrival{tx_, settings_, message, ticket, true, now_, &promise_basis_};
    judge(arrival);
    const auto assignment = ticket.aside.empty() ? at_once_.assign(ticket) : std::nullopt;
    if (assignment) domain::assign(ticket, assignment->agent, assignment->why, now_);
    const domain::TicketId id = ticket.id = storage::insert_ticket(tx_, ticket, why);
    storage::set_threaded(tx_, message.id, id, storage::Intake::done);
    tell(tx_, "ticket.created", now_, id, nullptr, message_data(message));
    if (assignment) tell(tx_, "ticket.assigned", now_, id, nullptr, agent_data(assignment->agent, assignment->why));
    adopt_context(id, message);
    follow_up(arrival);
}

void Threader::join(domain::Ticket ticket, const Message& message, std::string_view why)
{
    const domain::Ticket before = ticket;
    domain::receive_inbound(ticket, for_lists(settings_, message), target_of(settings_, ticket), now_);
    Arrival arrival{tx_, settings_, message, ticket, false, now_, &promise_basis_};
    judge(arrival);
    (void)storage::save_ticket(tx_, ticket, &before); // read in this transaction: nobody was faster
    storage::set_threaded(tx_, message.id, ticket.id, storage::Intake::done);
    auto data = message_data(message);
    data["why"] = why;
    if (before.status == domain::TicketStatus::solved && ticket.status != before.status) data["reopened"] = true;
    tell(tx_, "message.received", now_, ticket.id, nullptr, data);
    follow_up(arrival);
}

bool Threader::end_by_hand(const Message& message)
{
    auto wait = wait_ended_by(tx_, message);
    if (!wait) return false;
    if (wait_for_send(wait->ticket, message)) return true;
    credit_hand_written(tx_, settings_, std::move(*wait), message, now_);
    return true;
}

void Threader::thread_own(const Message& message)
{
    if (end_by_hand(message)) return;
    domain::ThreadingFacts facts;
    facts.own = true;
    facts.is_root = message.root_id == message.platform_id;
    facts.before_start = before_start(message);
    if (!message.parent_id.empty()) {
        if (const auto parent = storage::find_message_by_platform_id(tx_, message.channel, message.parent_id))
            facts.parent_ticket = parent->ticket;
    }
    std::vector<domain::ThreadingFacts::UnderRoot> under_root;
    if (!facts.parent_ticket) {
        for (const auto& other : storage::tickets_under_root(tx_, message.channel, message.root_id)) {
            under_root.push_back({other.ticket, other.identity});
        }
        facts.under_root = under_root;
    }
    const ThreadingDecision decision = domain::thread(facts);
    switch (decision.kind) {
    case ThreadingDecision::Kind::join:
        join_own(decision.ticket, message);
        break;
    case ThreadingDecision::Kind::join_as_context:
        join_as_context(decision.ticket, message);
        break;
    case ThreadingDecision::Kind::context_only:
        storage::set_threaded(tx_, message.id, std::nullopt, storage::Intake::done);
        break;
    case ThreadingDecision::Kind::wait_as_context:
        storage::set_threaded(tx_, message.id, std::nullopt, storage::Intake::context);
        break;
    case ThreadingDecision::Kind::open: // own items never open a ticket
    case ThreadingDecision::Kind::wait_for_parent:
        storage::set_threaded(tx_, message.id, std::nullopt, storage::Intake::waiting);
        break;
    }
}

bool Threader::wait_for_send(domain::TicketId id, const Message& message)
{
    const auto replies = storage::replies_of_ticket(tx_, id);
    const bool sending = std::ranges::any_of(replies, [](const domain::Reply& reply) { return reply.state == domain::Delivery::sending; });
    if (sending) storage::set_threaded(tx_, message.id, std::nullopt, storage::Intake::waiting);
    return sending;
}

void Threader::join_own(domain::TicketId id, const Message& message)
{
    if (wait_for_send(id, message)) return;
    look_for_double(tx_, settings_, id, message, now_);
    auto ticket = storage::find_ticket(tx_, id);
    if (!ticket) throw storage::Failure(base::ErrorKind::internal, ticket.error().what());
    const domain::Ticket before = *ticket;
    domain::receive_own(*ticket, for_lists(settings_, message), target_of(settings_, *ticket), now_);
    settle_promise(tx_, settings_, *ticket, message.at);
    (void)storage::save_ticket(tx_, *ticket, &before);
    storage::set_threaded(tx_, message.id, id, storage::Intake::done);
    tell(tx_, "message.written_elsewhere", now_, id, nullptr, message_data(message));
}

void Threader::join_as_context(domain::TicketId id, const Message& message)
{
    storage::set_threaded(tx_, message.id, id, storage::Intake::done);
    tell(tx_, "message.context", now_, id, nullptr, message_data(message));
}

void Threader::adopt_context(domain::TicketId id, const Message& message)
{
    for (const Message& older :
         storage::context_under_root(tx_, message.channel, message.root_id, message.identity, message.visibility, most_context)) {
        storage::set_threaded(tx_, older.id, id, storage::Intake::done);
    }
}

bool Threader::before_start(const Message& message)
{
    const auto [start, is_new] = start_of_.try_emplace(message.channel);
    if (is_new) {
        const ChannelSettings* channel = settings_.channel(message.channel);
        start->second = channel && channel->start_at ? channel->start_at : storage::load_channel(tx_, message.channel).connected_at;
    }
    return start->second && message.at < *start->second;
}

void Threader::adopt_waiting(const Message& message)
{
    for (const Message& waiting : storage::waiting_under_root(tx_, message.channel, message.root_id)) thread_own(waiting);
}

} // namespace sportello::engine
