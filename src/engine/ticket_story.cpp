#include "ticket_story.hpp"

#include "facts.hpp"

#include <sportello/storage/automatic.hpp>
#include <sportello/storage/by_hand.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/ratings.hpp>
#include <sportello/storage/regroupings.hpp>
#include <sportello/storage/replies.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <vector>

namespace sportello::engine {
namespace {

using base::Instant;
using domain::Ticket;
using nlohmann::json;
using storage::Transaction;

json micros(const std::optional<Instant>& at)
{
    return at ? json(base::to_micros(*at)) : json();
}

std::optional<Instant> instant(const json& object, const char* name)
{
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    return base::from_micros(found->get<std::int64_t>());
}

/// What was written before a channel counted is in the ticket as its background: it was never counted.
class Start {
public:
    Start(Transaction& tx, const Settings& settings) : tx_(tx), settings_(settings) {}
    bool is_before(const domain::Message& message)
    {
        const auto [start, is_new] = of_.try_emplace(message.channel);
        if (is_new) {
            const ChannelSettings* channel = settings_.channel(message.channel);
            start->second = channel && channel->start_at ? channel->start_at : storage::load_channel(tx_, message.channel).connected_at;
        }
        return start->second && message.at < *start->second;
    }

private:
    Transaction& tx_;
    const Settings& settings_;
    std::map<std::string, std::optional<Instant>, std::less<>> of_;
};

std::vector<domain::Said> story_of(Transaction& tx, const Settings& settings, domain::TicketId ticket)
{
    std::vector<domain::Said> said;
    Start start(tx, settings);
    for (const domain::Message& message : storage::messages_of(tx, ticket)) {
        if (message.reply || start.is_before(message) || storage::is_rating_answer(tx, message.id)) continue;
        const bool inbound = message.direction == domain::Direction::inbound;
        said.push_back(
            {inbound ? message.id : domain::MessageId{}, message.at, message.direction, settings.personal_data.masked(message.text), true});
    }
    for (const domain::Reply& reply : storage::replies_of_ticket(tx, ticket)) {
        if (reply.state == domain::Delivery::cancelled || reply.state == domain::Delivery::awaiting_approval) continue;
        if (storage::automatic_mark(tx, reply.id)) continue;
        const bool out = reply.state == domain::Delivery::published;
        const Instant at = out ? reply.published_at.value_or(reply.accepted_at) : reply.accepted_at;
        said.push_back({{}, at, domain::Direction::outbound, settings.personal_data.masked(reply.text), out});
    }
    return said;
}

} // namespace

void recount(Transaction& tx, const Settings& settings, Ticket& ticket, Instant now)
{
    domain::recount(ticket, story_of(tx, settings, ticket.id), target_of(settings, ticket), now);
}

domain::UnderWay under_way(Transaction& tx, domain::TicketId ticket)
{
    return {.reply = storage::has_unsettled_reply(tx, ticket), .by_hand = storage::waiting_by_hand(tx, ticket).has_value()};
}

std::string clocks_of(const Ticket& t)
{
    const json clocks{{"revision", t.revision},
                      {"status", to_string(t.status)},
                      {"status_reason", t.status_reason},
                      {"priority", to_string(t.priority)},
                      {"priority_why", t.priority_why},
                      {"aside", t.aside},
                      {"snoozed_until", micros(t.snoozed_until)},
                      {"solved_at", micros(t.solved_at)},
                      {"resolution_running_since", micros(t.resolution_running_since)},
                      {"resolution_due_at", micros(t.resolution_due_at)},
                      {"route_ends_at", micros(t.route_ends_at)},
                      {"alarm_at", micros(t.alarm_at)},
                      {"breached_at", micros(t.breached_at)},
                      {"promised_at", micros(t.promised_at)}};
    return clocks.dump(-1, ' ', false, json::error_handler_t::replace);
}

void restore_clocks(Ticket& ticket, std::string_view clocks)
{
    const json before = json::parse(clocks, nullptr, false);
    if (!before.is_object()) return;
    ticket.status = domain::parse_ticket_status(before.value("status", "")).value_or(domain::TicketStatus::open);
    ticket.status_reason = before.value("status_reason", "");
    ticket.priority = domain::parse_priority(before.value("priority", "")).value_or(ticket.priority);
    ticket.priority_why = before.value("priority_why", "");
    ticket.aside = before.value("aside", "");
    ticket.snoozed_until = instant(before, "snoozed_until");
    ticket.solved_at = instant(before, "solved_at");
    ticket.resolution_running_since = instant(before, "resolution_running_since");
    ticket.resolution_due_at = instant(before, "resolution_due_at");
    ticket.route_ends_at = instant(before, "route_ends_at");
    ticket.alarm_at = instant(before, "alarm_at");
    ticket.breached_at = instant(before, "breached_at");
    ticket.promised_at = instant(before, "promised_at");
}

void restore_place(Ticket& target, std::string_view before, domain::TicketId source)
{
    const json kept = json::parse(before, nullptr, false);
    if (kept.is_object() && kept.value("revision", 0) + 1 == target.revision) { // nothing else happened to it
        restore_clocks(target, before);
        return;
    }
    Ticket earlier = target;
    restore_clocks(earlier, before);
    if (target.status == domain::TicketStatus::open && target.status_reason == domain::opened_by_merging(source)) {
        target.status = earlier.status;
        target.status_reason = earlier.status_reason;
        target.solved_at = earlier.solved_at;
        target.snoozed_until = earlier.snoozed_until;
    }
    if (target.priority_why == domain::urged_by_merging(source)) {
        target.priority = earlier.priority;
        target.priority_why = earlier.priority_why;
    }
}

} // namespace sportello::engine
