#include "promises.hpp"

#include "arrival.hpp"

#include <sportello/domain/queue_order.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/promises.hpp>
#include <sportello/storage/queue.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

using domain::Agent;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr std::int64_t outcomes_looked_at = 200;
constexpr std::int64_t answers_looked_at = 200;
constexpr base::Duration answers_from = 24h * 14;
// A queue is counted so far: beyond it the promise is as good as it can be.
constexpr std::int64_t longest_counted = 1000;

bool serves(const Agent& agent, std::string_view brand)
{
    return agent.brands.empty() || std::ranges::find(agent.brands, brand) != agent.brands.end();
}

std::int64_t ahead_of(Transaction& tx, const PeopleOfBrand& people, const domain::Ticket& ticket)
{
    const auto number = domain::queue_number(ticket);
    if (!number) return 0;
    std::int64_t ahead = 0;
    for (const std::string& brand : people.brands) ahead += storage::ahead_in_queue(tx, brand, *number, longest_counted);
    return ahead;
}

} // namespace

PeopleOfBrand people_of(Transaction& tx, const Settings& settings, std::string_view brand, base::Instant now)
{
    PeopleOfBrand people;
    const BrandSettings* known = settings.brand(brand);
    const bool open = known && known->calendar->is_open(now);
    std::vector<const Agent*> counted;
    const auto agents = storage::all_agents(tx);
    for (const Agent& agent : agents) {
        if (agent.disabled || agent.role != domain::Role::agent || !serves(agent, brand)) continue;
        if (!open || agent.available) counted.push_back(&agent);
    }
    people.count = static_cast<std::int64_t>(counted.size());
    for (const BrandSettings& other : settings.brands) {
        const bool shared = std::ranges::any_of(counted, [&](const Agent* agent) { return serves(*agent, other.id); });
        if (shared || other.id == brand) people.brands.push_back(other.id);
    }
    return people;
}

base::Duration handling_time(Transaction& tx, const Settings& settings, base::Instant now)
{
    return domain::handling_from(storage::answer_gaps(tx, now - answers_from, answers_looked_at), settings.assignment.usual_handling);
}

const PromiseBasis::OfBrand& PromiseBasis::of(Transaction& tx, const Settings& settings, const std::string& brand, base::Instant now)
{
    if (!handling) handling = handling_time(tx, settings, now);
    const auto [place, is_new] = brands.try_emplace(brand);
    if (!is_new) return place->second;
    place->second.people = people_of(tx, settings, brand, now);
    place->second.margin = domain::margin_for(storage::promise_outcomes(tx, brand, outcomes_looked_at));
    place->second.may_be_told = why_in_shadow(tx, settings, brand, now).empty();
    return place->second;
}

std::string why_in_shadow(Transaction& tx, const Settings& settings, std::string_view brand, base::Instant now)
{
    const BrandSettings* known = settings.brand(brand);
    if (!known || !known->acknowledgement.promise) return "promises are not turned on for this brand";
    return domain::why_promise_stays_in_shadow(storage::last_promises(tx, brand, now, domain::promises_to_show));
}

void promise(Arrival& arrival)
{
    domain::Ticket& ticket = arrival.ticket;
    const BrandSettings* brand = arrival.settings.brand(ticket.brand);
    // What comes while something waits is answered with it.
    const bool begins = ticket.waiting_since == arrival.message.at && !ticket.promised_at;
    if (!brand || !begins || !ticket.aside.empty() || !arrival.promise_basis) return;
    const auto& basis = arrival.promise_basis->of(arrival.tx, arrival.settings, ticket.brand, arrival.now);
    domain::PromiseFacts facts;
    facts.arrived_at = arrival.message.at;
    facts.now = arrival.now;
    facts.ahead = ahead_of(arrival.tx, basis.people, ticket);
    facts.people = basis.people.count;
    facts.handling = *arrival.promise_basis->handling;
    facts.margin = basis.margin;
    const auto calendar = brand->calendar;
    facts.calendar = calendar.get();
    arrival.promise = domain::make_promise(facts);
    if (arrival.promise) ticket.promised_at = arrival.promise->promised_at;
}

void keep_promise(const Arrival& arrival)
{
    if (!arrival.promise) return;
    const domain::Ticket& ticket = arrival.ticket;
    if (const auto older = storage::open_promise(arrival.tx, ticket.id)) storage::void_promise(arrival.tx, older->message, arrival.now);
    storage::insert_promise(arrival.tx, arrival.message.id, ticket.id, ticket.brand, arrival.now, *arrival.promise);
}

void settle_promise(Transaction& tx, const Settings& settings, const domain::Ticket& ticket, base::Instant answered_at)
{
    const auto open = storage::open_promise(tx, ticket.id);
    if (!open) return;
    const bool waits_still = ticket.waiting_since && *ticket.waiting_since <= open->arrived_at;
    const BrandSettings* brand = settings.brand(open->brand);
    if (waits_still || !brand) return;
    storage::settle_promise(tx, open->message, answered_at, brand->calendar->between(open->arrived_at, answered_at));
}

} // namespace sportello::engine
