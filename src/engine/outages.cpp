#include "outages.hpp"

#include "broadcaster.hpp"
#include "facts.hpp"

#include <sportello/domain/outage_usual.hpp>
#include <sportello/storage/own_posts.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

using base::Instant;
using domain::Incident;
using domain::IncidentState;
using domain::Ticket;
using storage::IncidentTicket;
using storage::Transaction;
using namespace std::chrono_literals;

// More in an hour than this change nothing any more.
constexpr std::int64_t most_signals = 1'000;
// What is usual is learned from so many weeks before.
constexpr int weeks_compared = 6;
// What is imported later tells of the past.
constexpr base::Duration oldest_news = 1h;

using domain::aside_for_incident;

bool is_confirmed(const Incident& incident)
{
    return incident.state == IncidentState::confirmed;
}

/// The incident that the message is about: confirmed before proposed, places before everywhere.
void look_for_incident(Arrival& arrival, OutageNews& news)
{
    std::vector<Incident> live = storage::live_incidents(arrival.tx);
    if (live.empty()) return;
    const auto post = storage::find_own_post_on(arrival.tx, arrival.message.channel, arrival.message.root_id);
    std::stable_sort(live.begin(), live.end(), [](const Incident& a, const Incident& b) {
        return std::pair(is_confirmed(a), !a.pattern.places.empty()) > std::pair(is_confirmed(b), !b.pattern.places.empty());
    });
    for (Incident& incident : live) {
        const bool under_post = post && post->incident == incident.id;
        const auto decision = domain::joins_incident(incident, news.reading, arrival.ticket.brand, under_post,
                                                     arrival.settings.outages.words().places(), arrival.now);
        if (!decision.joins) continue;
        news.why = decision.why;
        news.joins = std::move(incident);
        return;
    }
}

/// Nothing else of the customer waits for an answer in this ticket.
bool is_all_that_waits(const Arrival& arrival)
{
    return arrival.opens || (!arrival.ticket.assignee && arrival.ticket.waiting_since == arrival.message.at);
}

void member_writes_again(Arrival& arrival, const OutageNews& news, const IncidentTicket& member)
{
    if (arrival.ticket.aside != aside_for_incident) return;
    const auto incident = storage::find_incident(arrival.tx, member.incident);
    if (!incident || !incident->is_live()) return;
    if (!domain::waits_aside(*incident, news.reading, false).aside) arrival.ticket.aside.clear();
}

/// How many signals such an hour usually brings.
double usual_at(Transaction& tx, Instant now, const domain::OutageKey& key)
{
    const auto hour = std::chrono::floor<std::chrono::hours>(now);
    const auto first = storage::first_signal_hour(tx);
    std::vector<double> weeks;
    for (int week = 1; week <= weeks_compared; ++week) {
        const auto then = hour - week * 7 * 24h;
        if (!first || then < *first) break;
        // With the hours before and after: people are not that punctual.
        weeks.push_back(static_cast<double>(storage::signals_between(tx, key, then - 1h, then + 2h)) / 3);
    }
    return domain::usual_rate(weeks, domain::least_usual(key.service, key.place));
}

bool is_quiet(const std::vector<Incident>& dismissed, const domain::OutageSignal& signal, const domain::Gazetteer& places)
{
    return std::any_of(dismissed.begin(), dismissed.end(), [&](const Incident& incident) {
        return domain::fit(incident.pattern, signal.services, signal.places, places).kind != domain::OutageFit::Kind::no;
    });
}

void add_first_member(Arrival& arrival, Incident& incident, const storage::StoredSignal& signal)
{
    Transaction& tx = arrival.tx;
    if (storage::membership_of(tx, signal.ticket)) return;
    const IncidentTicket member{incident.id,
                                signal.ticket,
                                arrival.now,
                                "radar",
                                "wrote of " + domain::in_words(incident.pattern, arrival.settings.outages.words().places()),
                                signal.other_matter,
                                {},
                                true};
    if (signal.ticket == arrival.ticket.id) { // others still hold this one in their hands
        const Ticket before = arrival.ticket;
        arrival.ticket.incident = incident.id;
        (void)storage::save_ticket(tx, arrival.ticket, &before);
        join_incident(tx, incident, arrival.ticket, member, arrival.now);
        return;
    }
    auto ticket = storage::find_ticket(tx, signal.ticket);
    if (!ticket) return;
    const Ticket before = *ticket;
    ticket->incident = incident.id;
    (void)storage::save_ticket(tx, *ticket, &before); // read in this transaction: nobody was faster
    join_incident(tx, incident, *ticket, member, arrival.now);
}

void propose(Arrival& arrival, const domain::OutageProposal& found, const std::vector<storage::StoredSignal>& recent)
{
    Incident incident;
    incident.pattern = found.pattern;
    incident.confidence = found.confidence;
    incident.why = found.why;
    incident.began_at = found.began_at;
    incident.created_at = arrival.now;
    incident.updated_at = arrival.now;
    incident.id = storage::insert_incident(arrival.tx, incident);
    for (const std::size_t member : found.members) add_first_member(arrival, incident, recent[member]);
    storage::save_incident(arrival.tx, incident);
    nlohmann::json data = incident_data(incident);
    data["people"] = found.people;
    tell(arrival.tx, "incident.proposed", arrival.now, std::nullopt, nullptr, data);
    spdlog::warn("outage radar: incident {} proposed: {}", incident.id.value, found.why);
}

void look(Arrival& arrival, const storage::StoredSignal& newest)
{
    const OutageSettings& outages = arrival.settings.outages;
    const domain::Gazetteer& places = outages.words().places();
    if (!outages.radar || newest.signal.at < arrival.now - oldest_news) return;
    const auto dismissed = storage::quiet_incidents(arrival.tx, arrival.now);
    if (is_quiet(dismissed, newest.signal, places)) return;
    auto recent = storage::free_signals(arrival.tx, newest.signal.at - outages.options.long_window, most_signals);
    if (static_cast<std::int64_t>(recent.size()) < outages.options.least_people) return;
    std::erase_if(recent, [&](const storage::StoredSignal& one) { return is_quiet(dismissed, one.signal, places); });
    std::vector<domain::OutageSignal> signals;
    for (const storage::StoredSignal& one : recent) signals.push_back(one.signal);
    const auto usual = [&](std::string_view service, std::string_view place) {
        return usual_at(arrival.tx, newest.signal.at, {std::string(service), std::string(place)});
    };
    const auto found = domain::look_for_outage(signals, newest.signal, usual, outages.options, places);
    if (found) propose(arrival, *found, recent);
}

} // namespace

void hear_of_outage(Arrival& arrival)
{
    auto news = std::make_shared<OutageNews>();
    news->reading = arrival.settings.outages.words().read(arrival.message.text);
    arrival.outage = news;
    if (!arrival.opens) {
        if (const auto member = storage::membership_of(arrival.tx, arrival.ticket.id)) {
            const auto incident = storage::find_incident(arrival.tx, member->incident);
            if (incident && incident->is_live()) {
                member_writes_again(arrival, *news, *member);
                return;
            }
        }
    }
    if (!arrival.ticket.aside.empty() || arrival.ticket.merged_into) return; // spam and the like
    look_for_incident(arrival, *news);
    if (!news->joins) return;
    arrival.ticket.incident = news->joins->id;
    if (is_all_that_waits(arrival) && domain::waits_aside(*news->joins, news->reading, true).aside)
        arrival.ticket.aside = aside_for_incident;
}

void note_outage(Arrival& arrival)
{
    const auto news = arrival.outage;
    if (!news) return;
    Transaction& tx = arrival.tx;
    if (news->joins) {
        if (auto earlier = storage::membership_of(tx, arrival.ticket.id)) { // of an incident that is over
            earlier->left_at = arrival.now;
            storage::put_member(tx, *earlier);
        }
        const auto& other = news->reading.other_matter;
        join_incident(tx, *news->joins, arrival.ticket,
                      {news->joins->id, arrival.ticket.id, arrival.now, "late", news->why, other, {}, true}, arrival.now);
        storage::save_incident(tx, *news->joins);
        return;
    }
    const bool counts = news->reading.outage && news->reading.other_matter.empty() && !storage::membership_of(tx, arrival.ticket.id);
    if (!counts) return;
    storage::StoredSignal stored;
    stored.message = arrival.message.id;
    stored.ticket = arrival.ticket.id;
    stored.signal = {arrival.message.at, arrival.ticket.customer.value, arrival.ticket.brand, news->reading.services, news->reading.places};
    storage::insert_signal(tx, stored, true);
    look(arrival, stored);
    const auto hour = std::chrono::floor<std::chrono::hours>(stored.signal.at);
    for (const domain::OutageKey& key : domain::keys_of(stored.signal)) storage::count_signal(tx, key, hour);
}

void join_incident(Transaction& tx, Incident& incident, const Ticket& ticket, const IncidentTicket& member, Instant now)
{
    storage::put_member(tx, member);
    storage::take_signals(tx, ticket.id);
    queue_late_member(tx, incident.id, ticket);
    ++incident.members;
    incident.last_member_at = std::max(incident.last_member_at.value_or(ticket.last_inbound_at), ticket.last_inbound_at);
    incident.updated_at = now;
    if (incident.widens && std::find(incident.brands.begin(), incident.brands.end(), ticket.brand) == incident.brands.end()) {
        incident.brands.push_back(ticket.brand);
    }
    tell(tx, "ticket.joined_incident", now, ticket.id, nullptr,
         {{"incident", incident.id.value},
          {"why", member.why},
          {"other_matter", member.other_matter},
          {"aside", ticket.aside == aside_for_incident}});
}

nlohmann::json incident_data(const Incident& incident)
{
    return {{"incident", incident.id.value},
            {"state", to_string(incident.state)},
            {"origin", to_string(incident.origin)},
            {"service", incident.pattern.service},
            {"places", incident.pattern.places},
            {"members", incident.members},
            {"confidence", incident.confidence},
            {"why", incident.why},
            {"brands", incident.brands}};
}

} // namespace sportello::engine
