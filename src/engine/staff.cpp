#include "staff.hpp"

#include "facts.hpp"

#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/agents.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::engine {
namespace {

using domain::Agent;
using domain::AgentId;
using domain::ShiftEntry;
using storage::Transaction;

/// A shift that began two days ago may still last; older dates do not matter to what is now.
std::string recent_dates(base::Instant now)
{
    return domain::to_string(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now) - std::chrono::days(3)));
}

/// Rows were checked when they were written; one that a newer version wrote and we do not know is left out.
void add_row(std::vector<ShiftEntry>& entries, const storage::ShiftRow& row)
{
    if (auto entry = domain::read_shift_entry(row.day, row.kind, row.hours, row.note)) entries.push_back(std::move(*entry));
}

const std::vector<ShiftEntry>* configured_rota(const Settings& settings, std::string_view login)
{
    const auto found = std::ranges::find(settings.rota.people, login, &domain::NamedRota::login);
    return found == settings.rota.people.end() ? nullptr : &found->entries;
}

StaffMember make_member(Agent agent, const std::vector<ShiftEntry>* entries, std::optional<base::Instant> last_seen,
                        const Settings& settings, base::Instant now)
{
    StaffMember member;
    member.agent = std::move(agent);
    if (entries && !entries->empty()) {
        if (auto plan = domain::ShiftPlan::make(*entries, settings.rota.time_zone)) member.plan = std::move(*plan);
    }
    member.last_seen = last_seen;
    member.presence = domain::presence_of(member.facts(settings), now);
    return member;
}

} // namespace

domain::AttendanceFacts StaffMember::facts(const Settings& settings) const
{
    return {.name = agent.name,
            .disabled = agent.disabled,
            .available = agent.available,
            .plan = plan ? &*plan : nullptr,
            .last_seen = last_seen,
            .absent_after = settings.assignment.absent_after};
}

std::map<AgentId, std::vector<ShiftEntry>> rota_of(Transaction& tx, const Settings& settings, const std::vector<Agent>& agents,
                                                   std::string_view from)
{
    std::map<AgentId, std::vector<ShiftEntry>> rota;
    for (const storage::ShiftRow& row : storage::shift_rows(tx, from)) add_row(rota[row.agent], row);
    for (const Agent& agent : agents) {
        const auto* configured = configured_rota(settings, agent.login);
        if (configured && !rota.contains(agent.id)) rota[agent.id] = *configured;
    }
    return rota;
}

std::vector<StaffMember> staff_of(Transaction& tx, const Settings& settings, base::Instant now)
{
    auto agents = storage::all_agents(tx);
    const auto rota = rota_of(tx, settings, agents, recent_dates(now));
    std::map<AgentId, base::Instant> seen;
    if (settings.assignment.absent_after > base::Duration::zero()) {
        for (const storage::SignOfLife& sign : storage::signs_of_life(tx)) seen[sign.agent] = sign.at;
    }
    std::vector<StaffMember> staff;
    staff.reserve(agents.size());
    for (Agent& agent : agents) {
        const auto entries = rota.find(agent.id);
        const auto sign = seen.find(agent.id);
        staff.push_back(make_member(std::move(agent), entries == rota.end() ? nullptr : &entries->second,
                                    sign == seen.end() ? std::nullopt : std::optional(sign->second), settings, now));
    }
    return staff;
}

base::Result<StaffMember> staff_member(Transaction& tx, const Settings& settings, AgentId id, base::Instant now)
{
    auto agent = storage::find_agent(tx, id);
    if (!agent) return agent.error();
    std::vector<ShiftEntry> entries;
    for (const storage::ShiftRow& row : storage::shift_rows_of(tx, id, recent_dates(now))) add_row(entries, row);
    if (const auto* configured = configured_rota(settings, agent->login); configured && entries.empty()) entries = *configured;
    std::optional<base::Instant> last_seen;
    if (settings.assignment.absent_after > base::Duration::zero()) last_seen = storage::last_sign_of_life(tx, id);
    return make_member(std::move(*agent), &entries, last_seen, settings, now);
}

void release(Transaction& tx, domain::Ticket& ticket, const std::string& why, base::Instant now)
{
    nlohmann::json data = agent_data(std::nullopt, why);
    data["from"] = ticket.assignee ? nlohmann::json(ticket.assignee->value) : nlohmann::json();
    domain::assign(ticket, std::nullopt, "", now);
    ticket.assigned_why = why;
    tell(tx, "ticket.assigned", now, ticket.id, nullptr, data);
}

bool release_if_absent(Transaction& tx, const Settings& settings, domain::Ticket& ticket, base::Instant now)
{
    if (!ticket.assignee) return false;
    const auto member = staff_member(tx, settings, *ticket.assignee, now);
    if (!member || !member->presence.away() || member->agent.role != domain::Role::agent) return false;
    if (member->presence.kind == domain::Presence::Kind::unavailable) {
        const auto since = storage::attendance_of(tx, *ticket.assignee).away_since.value_or(now);
        if (now - since < settings.assignment.break_limit) return false;
    }
    release(tx, ticket, "taken back: " + member->presence.why, now);
    return true;
}

} // namespace sportello::engine
