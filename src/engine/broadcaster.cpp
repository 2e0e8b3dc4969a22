#include "broadcaster.hpp"

#include "facts.hpp"
#include "outages.hpp"
#include "outbox_accept.hpp"
#include "settle.hpp"

#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/approvals.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Instant;
using domain::Ticket;
using domain::Visibility;
using storage::Broadcast;
using storage::BroadcastMember;
using storage::BroadcastPace;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

// So many wait in the outbox at once: an ordinary reply that comes has no more before it.
constexpr std::int64_t most_in_flight = 2;
constexpr base::Duration look_again = 1s;
constexpr base::Duration look_again_held = 30s;
constexpr std::int64_t members_a_page = 500;

/// Half of a quota is kept for what people write one by one, and so is the last fifth of the money.
BroadcastPace kept_back(const domain::CallBudget& budget, Visibility visibility, std::optional<std::int64_t> price, Instant now)
{
    for (const domain::Quota& quota : budget.quotas(now)) {
        const bool direct = quota.endpoint.find("dm_conversations") != std::string::npos;
        const bool sends = quota.endpoint.starts_with("POST ") && direct == (visibility == Visibility::private_);
        if (sends && quota.limit > 0 && quota.remaining * 2 <= quota.limit) {
            return {quota.resets_at, "half of what the platform lets us send is kept for ordinary replies"};
        }
    }
    const auto left = budget.left_for_reading(now);
    if (left && price && *left < *price) {
        return {std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1),
                "what is left of the channel's money is kept for ordinary replies"};
    }
    return {};
}

std::string place_of(const domain::Incident& incident, const domain::Gazetteer& places)
{
    std::string text;
    for (const std::string& key : incident.pattern.places) {
        const domain::Place* place = places.by_key(key);
        text += (text.empty() ? "" : ", ") + (place ? place->name : key);
    }
    return text;
}

} // namespace

Eligibility eligibility_of(Transaction& tx, const Settings& settings, const Ticket& ticket, const Actor& actor, Instant now)
{
    Eligibility result;
    const auto no = [&](std::string why) {
        result.why_not = std::move(why);
        return result;
    };
    if (!actor.may_see(ticket.brand)) return no("of a brand that you do not answer for");
    if (ticket.merged_into) return no("is told in the ticket that it was merged into");
    if (ticket.status == domain::TicketStatus::closed) return no("the ticket is closed");
    const auto answered = answered_message(tx, ticket, std::nullopt);
    if (!answered) return no("there is no message to answer");
    const domain::RouteKind kind = usual_route(ticket);
    const MessageRoutes routes = routes_of(tx, settings, ticket, *answered, now);
    const domain::ReplyRoute* route = domain::find_route(routes.routes, kind);
    if (!route) return no("cannot be answered from here");
    if (!route->open) return no(route->why);
    const bool on_x = ticket.platform == domain::Platform::twitter && ticket.visibility == Visibility::public_;
    if (on_x && ticket.last_direction == domain::Direction::outbound) {
        return no("has our answer already: on X one text sent to many may answer a mention once");
    }
    result.price = route->price;
    result.price_with_url = route->price_with_url.value_or(route->price);
    return result;
}

namespace {

/// @return whether it waits; one a person: another ticket of the same one is passed over.
bool queue_member(Transaction& tx, std::int64_t broadcast, const Ticket& ticket, std::int64_t place)
{
    BroadcastMember member;
    member.broadcast = broadcast;
    member.ticket = ticket.id;
    member.customer = ticket.customer;
    member.channel = ticket.channel;
    member.place = place;
    if (storage::insert_broadcast_member(tx, member)) return true;
    member.state = "skipped";
    member.reason = "the same person is told in another ticket";
    storage::insert_broadcast_member(tx, member);
    return false;
}

} // namespace

std::int64_t queue_members(Transaction& tx, std::int64_t broadcast, domain::IncidentId incident)
{
    std::vector<Ticket> tickets;
    domain::TicketId after;
    while (true) {
        const auto page = storage::members_of(tx, incident, after, members_a_page);
        for (const storage::IncidentTicket& member : page) {
            if (auto ticket = storage::find_ticket(tx, member.ticket)) tickets.push_back(std::move(*ticket));
            after = member.ticket;
        }
        if (static_cast<std::int64_t>(page.size()) < members_a_page) break;
    }
    return queue_tickets(tx, broadcast, std::move(tickets));
}

std::int64_t queue_tickets(Transaction& tx, std::int64_t broadcast, std::vector<Ticket> tickets)
{
    std::stable_sort(tickets.begin(), tickets.end(), [](const Ticket& a, const Ticket& b) {
        const auto order = [](const Ticket& t) {
            return std::tuple(-static_cast<int>(t.priority), t.waiting_since.value_or(t.last_inbound_at), t.id);
        };
        return order(a) < order(b);
    });
    std::int64_t place = 0;
    for (const Ticket& ticket : tickets) place += queue_member(tx, broadcast, ticket, place + 1);
    return place;
}

void queue_late_member(Transaction& tx, domain::IncidentId incident, const Ticket& ticket)
{
    const auto running = storage::running_broadcast(tx, incident);
    if (running) queue_member(tx, running->id, ticket, storage::last_broadcast_place(tx, running->id));
}

asio::awaitable<Result<Broadcaster::Round>> Broadcaster::work()
{
    auto look = [&](Transaction& tx) -> Result<std::vector<Broadcast>> { return storage::running_broadcasts(tx); };
    auto running = co_await db_.read(look);
    if (!running) co_return running.error();
    Round total;
    for (const Broadcast& broadcast : *running) {
        const Instant now = clock_.now();
        Round round;
        auto unit = [&](Transaction& tx) -> Result<void> {
            round = {};
            const auto present = storage::find_broadcast(tx, broadcast.id);
            if (!present || present->state != "running") return {}; // stopped meanwhile
            const auto channels = storage::waiting_channels(tx, broadcast.id);
            for (const std::string& channel : channels) {
                const Round sent = send_next(tx, *present, channel, now);
                round.sent += sent.sent;
                if (sent.next) round.next = std::min(round.next.value_or(*sent.next), *sent.next);
            }
            if (!channels.empty()) return {};
            Broadcast done = *present;
            done.state = "done";
            done.ended_at = now;
            storage::save_broadcast(tx, done);
            if (done.incident.value == 0) tell(tx, "broadcast.done", now, std::nullopt, nullptr, {{"broadcast", done.id}});
            else
                tell(tx, "incident.broadcast_done", now, std::nullopt, nullptr,
                     {{"incident", done.incident.value}, {"broadcast", done.id}});
            return {};
        };
        const auto worked = co_await db_.write(unit);
        if (!worked) co_return worked.error();
        total.sent += round.sent;
        if (round.next) total.next = std::min(total.next.value_or(*round.next), *round.next);
    }
    co_return total;
}

/// What keeps the next one back; `next_at` not in the future: nothing does.
BroadcastPace Broadcaster::obstacle(Transaction& tx, const std::string& channel, Visibility visibility,
                                    std::optional<std::int64_t> price) const
{
    const Instant now = clock_.now();
    BroadcastPace pace = storage::load_pace(tx, channel);
    if (pace.next_at > now) return pace;
    if (hold_of(tx, settings_, channel) != domain::Hold::none)
        return {now + look_again_held, "publishing on this channel is paused or off"};
    const auto state = storage::load_channel(tx, channel);
    if (state.not_before && *state.not_before > now) return {*state.not_before, state.reason};
    if (storage::ordinary_replies_due(tx, channel, now) > 0) return {now + look_again, "ordinary replies go first"};
    if (storage::broadcasts_in_flight(tx, channel) >= most_in_flight) return {now + look_again, "the ones before are on their way"};
    const auto connector = connectors_.find(channel);
    const domain::CallBudget* budget = connector == connectors_.end() ? nullptr : connector->second->budget();
    return budget ? kept_back(*budget, visibility, price, now) : BroadcastPace{};
}

/// The next of one channel, if it may leave now. Those who cannot be answered are passed over.
Broadcaster::Round Broadcaster::send_next(Transaction& tx, const Broadcast& broadcast, const std::string& channel, Instant now) const
{
    constexpr int most_passed_over = 50;
    const auto agent = storage::find_agent(tx, broadcast.agent);
    Actor actor;
    if (agent) actor = {agent->id, agent->role, agent->brands};
    for (int passed = 0; passed < most_passed_over; ++passed) {
        auto member = storage::next_waiting(tx, channel, broadcast.id);
        if (!member) return {};
        auto ticket = storage::find_ticket(tx, member->ticket);
        std::string why_not = ticket ? "" : "the ticket is gone";
        if (!agent || agent->disabled) why_not = "who sent it is no agent any more";
        Eligibility eligible;
        if (why_not.empty()) {
            eligible = eligibility_of(tx, settings_, *ticket, actor, now);
            why_not = eligible.why_not;
        }
        if (why_not.empty()) {
            const BroadcastPace held = obstacle(tx, channel, ticket->visibility, eligible.price_with_url.micro_dollars);
            if (held.next_at > now) {
                storage::save_pace(tx, channel, {storage::load_pace(tx, channel).next_at, held.why});
                return {0, held.next_at};
            }
            why_not = send_to(tx, broadcast, *member, *ticket, actor, now);
        }
        if (!why_not.empty()) {
            member->state = "skipped";
            member->reason = why_not;
        }
        member->at = now;
        storage::save_broadcast_member(tx, *member);
        leave(tx, broadcast, member->ticket, now);
        if (!why_not.empty()) continue;
        const Instant next = now + settings_.outages.pace(ticket->platform, ticket->visibility);
        storage::save_pace(tx, channel, {next, ""});
        return {1, next};
    }
    return {0, now + 50ms};
}

/// @return why it could not be sent; empty: it is in the outbox.
std::string Broadcaster::send_to(Transaction& tx, const Broadcast& broadcast, BroadcastMember& member, Ticket& ticket, const Actor& actor,
                                 Instant now) const
{
    const domain::BroadcastTexts texts = texts_from_json(broadcast.texts);
    const BrandSettings* brand = settings_.brand(ticket.brand);
    domain::BroadcastFacts facts;
    if (broadcast.incident.value != 0) {
        const auto incident = storage::find_incident(tx, broadcast.incident);
        if (!incident) return incident.error().what();
        facts.service = incident->pattern.service;
        facts.place = place_of(*incident, settings_.outages.words().places());
    }
    if (const auto person = storage::find_identity(tx, ticket.identity)) facts.name = domain::first_name(person->name);
    facts.ticket = ticket.id;
    facts.brand = brand ? brand->name : ticket.brand;
    facts.language = brand ? brand->language : "it";
    facts.platform = ticket.platform;
    facts.visibility = ticket.visibility;

    ReplyDraft draft;
    draft.text = domain::compose_broadcast(texts.of(ticket.brand, ticket.platform), facts);
    draft.visibility = ticket.visibility;
    // The text as a whole was, where that is asked for. What comes to need it meanwhile (a label, a person) waits by itself.
    const auto approval = storage::approval_of_broadcast(tx, broadcast.id);
    draft.is_approved = approval && approval->state == "approved";
    Command command;
    command.actor = actor;
    command.cause = broadcast.cause;
    const bool nobodys = !ticket.assignee;
    const auto accepted = accept_reply(tx, settings_, ticket.id, draft, command, now);
    if (!accepted) return accepted.error().what();
    member.state = "sent";
    member.reply = accepted->id;
    if (!nobodys) return {};
    // Who sends to all does not become everybody's agent.
    auto answered = storage::find_ticket(tx, ticket.id);
    if (!answered) return {};
    const Ticket before = *answered;
    domain::assign(*answered, std::nullopt, "", now);
    (void)storage::save_ticket(tx, *answered, &before); // read in this transaction: nobody was faster
    return {};
}

/// The closing notice was the last that it waited for aside.
void Broadcaster::leave(Transaction& tx, const Broadcast& broadcast, domain::TicketId id, Instant now) const
{
    if (broadcast.kind != "closing") return;
    auto ticket = storage::find_ticket(tx, id);
    if (!ticket || ticket->aside != domain::aside_for_incident) return;
    const Ticket before = *ticket;
    ticket->aside.clear();
    ticket->updated_at = now;
    (void)storage::save_ticket(tx, *ticket, &before);
}

} // namespace sportello::engine
