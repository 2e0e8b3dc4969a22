#include "pool.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/storage/tickets.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

using domain::AgentId;
using storage::Transaction;

struct Load {
    std::int32_t tickets = 0;
    base::Duration work{};
};

std::map<AgentId, Load> loads(Transaction& tx, const AssignmentSettings& assignment)
{
    std::map<AgentId, Load> all;
    if (assignment.handling.empty()) {
        for (const storage::AgentLoad& entry : storage::open_load(tx)) {
            all[entry.agent] = {static_cast<std::int32_t>(entry.open_tickets), entry.open_tickets * assignment.usual_handling};
        }
        return all;
    }
    storage::for_each_assigned(tx, [&](AgentId agent, const std::vector<std::string>& labels) {
        Load& load = all[agent];
        ++load.tickets;
        load.work += domain::demand_of(labels, assignment.handling, assignment.usual_handling).work;
    });
    return all;
}

bool takes_tickets(const StaffMember& member)
{
    return member.agent.role == domain::Role::agent && !member.agent.disabled;
}

/// Who will be at work now if all goes as planned: by the rota, or, without one, everybody.
bool is_expected(const StaffMember& member, base::Instant now)
{
    return takes_tickets(member) && (!member.plan || member.plan->shift_at(now) || member.plan->on_shift(now));
}

} // namespace

Pool::Pool(Transaction& tx, const Settings& given, base::Instant now) : settings(given), staff(staff_of(tx, given, now))
{
    std::int64_t expected = 0;
    bool anybody = false;
    for (const StaffMember& member : staff) {
        expected += is_expected(member, now);
        anybody = anybody || (takes_tickets(member) && member.presence.gets_work());
    }
    if (!anybody) return;
    auto load = loads(tx, settings.assignment);
    std::int64_t held = 0;
    for (const StaffMember& member : staff) {
        if (!takes_tickets(member) || !member.presence.gets_work()) continue;
        const domain::Agent& agent = member.agent;
        const Load& mine = load[agent.id];
        const auto shift = member.plan ? member.plan->shift_at(now) : std::nullopt;
        held += mine.tickets;
        members.push_back({.agent = agent.id,
                           .name = agent.name,
                           .capacity = agent.capacity,
                           .open_tickets = mine.tickets,
                           .brands = agent.brands,
                           .load = mine.work,
                           .time_left = shift ? std::optional(shift->closes - now) : std::nullopt,
                           .skills = agent.skills,
                           .languages = agent.languages,
                           .teams = agent.teams});
    }
    if (settings.assignment.policy == domain::AssignmentPolicy::round_robin) last_turn = storage::last_turn(tx);
    if (!sharing_until(settings, now)) return;
    std::vector<std::string> brands;
    for (const BrandSettings& brand : settings.brands) brands.push_back(brand.id);
    const auto share = domain::opening_share(storage::waiting_unassigned_count(tx, brands), held, expected);
    for (domain::PoolMember& member : members) member.capacity = std::min(member.capacity, share);
}

std::vector<std::string> Pool::brands_with_room(const std::vector<std::string>& brands) const
{
    std::vector<std::string> found;
    for (const std::string& brand : brands) {
        const auto takes = [&](const domain::PoolMember& member) {
            const bool may = member.brands.empty() || std::find(member.brands.begin(), member.brands.end(), brand) != member.brands.end();
            return may && member.open_tickets < member.capacity;
        };
        if (std::any_of(members.begin(), members.end(), takes)) found.push_back(brand);
    }
    return found;
}

domain::Distributor Pool::distributor() const
{
    return domain::Distributor(members, settings.assignment.policy, last_turn, settings.assignment.usual_handling);
}

bool hands_out_now(const Settings& settings, std::string_view brand, base::Instant now)
{
    if (settings.assignment.policy == domain::AssignmentPolicy::manual) return false;
    const BrandSettings* known = settings.brand(brand);
    return known && (!settings.assignment.only_in_office_hours || known->calendar->is_open(now));
}

void keep_turn(Transaction& tx, const Settings& settings, const domain::Distributor& distributor)
{
    const auto last = distributor.last();
    if (last && settings.assignment.policy == domain::AssignmentPolicy::round_robin) storage::save_turn(tx, *last);
}

std::optional<base::Instant> sharing_until(const Settings& settings, base::Instant now)
{
    std::optional<base::Instant> until;
    for (const BrandSettings& brand : settings.brands) {
        const auto opening = domain::opening_at(*brand.calendar, now);
        if (!opening || now - opening->opens >= settings.assignment.opening_grace) continue;
        until = std::max(until.value_or(now), opening->opens + settings.assignment.opening_grace);
    }
    return until;
}

Asked::Asked(Transaction& tx, const Settings& settings, const domain::Ticket& ticket)
{
    const AssignmentSettings& assignment = settings.assignment;
    demand.work = assignment.usual_handling;
    const bool stored = ticket.id.value != 0;
    if (!assignment.handling.empty() && stored) {
        demand = domain::demand_of(storage::labels_of(tx, ticket.id), assignment.handling, assignment.usual_handling);
    }
    if (assignment.sticky) previous = storage::find_contact(tx, ticket.customer).answered_by;
}

domain::WaitingTicket Asked::of(const domain::Ticket& ticket) const
{
    return {.ticket = ticket.id,
            .brand = ticket.brand,
            .previous = previous,
            .team = ticket.team,
            .language = ticket.language,
            .skills = demand.skills,
            .work = demand.work};
}

std::optional<domain::Assignment> AtOnce::assign(const domain::Ticket& ticket)
{
    if (!storage::queue_rank(ticket)) return std::nullopt; // stands apart: nobody's work
    if (!hands_out_now(settings_, ticket.brand, now_) || !first_of_its_brand(ticket.brand)) return std::nullopt;
    if (!pool_) distributor_.emplace(pool_.emplace(tx_, settings_, now_).distributor());
    std::optional<domain::Assignment> assignment;
    // Labels, which say what a ticket needs, are set once it is stored.
    if (settings_.assignment.handling.empty()) {
        const Asked asked(tx_, settings_, ticket);
        const auto waiting = asked.of(ticket);
        if (distributor_->room_for(waiting) >= left_) assignment = distributor_->assign(waiting);
    }
    if (!assignment) nothing_waits_[ticket.brand] = false;
    else keep_turn(tx_, settings_, *distributor_);
    return assignment;
}

bool AtOnce::first_of_its_brand(const std::string& brand)
{
    const auto known = nothing_waits_.find(brand);
    if (known != nothing_waits_.end()) return known->second;
    return nothing_waits_[brand] = storage::waiting_unassigned(tx_, {brand}, 1).empty();
}

} // namespace sportello::engine
