#include <sportello/domain/assignment.hpp>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace sportello::domain {
namespace {

constexpr std::array<std::pair<AssignmentPolicy, std::string_view>, 3> policies{
    {{AssignmentPolicy::balanced, "balanced"}, {AssignmentPolicy::round_robin, "round_robin"}, {AssignmentPolicy::manual, "manual"}}};

bool has(std::span<const std::string> words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

bool may_answer(const PoolMember& member, const WaitingTicket& ticket)
{
    if (!member.brands.empty() && !has(member.brands, ticket.brand)) return false;
    if (!ticket.team.empty() && !has(member.teams, ticket.team)) return false;
    if (!ticket.language.empty() && !member.languages.empty() && !has(member.languages, ticket.language)) return false;
    return std::ranges::all_of(ticket.skills, [&](const std::string& skill) { return has(member.skills, skill); });
}

std::string count(std::int64_t number, std::string_view what)
{
    return std::to_string(number).append(" ").append(what);
}

/// What had to be minded beside room and brand: "; of team billing; who can do adsl".
std::string conditions(const WaitingTicket& ticket)
{
    std::string told;
    if (!ticket.team.empty()) told.append("; of team ").append(ticket.team);
    for (std::size_t i = 0; i < ticket.skills.size(); ++i) told.append(i == 0 ? "; who can do " : ", ").append(ticket.skills[i]);
    return told;
}

} // namespace

std::string_view to_string(AssignmentPolicy value)
{
    for (const auto& [policy, word] : policies) {
        if (policy == value) return word;
    }
    return "manual";
}

std::optional<AssignmentPolicy> parse_assignment_policy(std::string_view given)
{
    for (const auto& [policy, word] : policies) {
        if (word == given) return policy;
    }
    return std::nullopt;
}

Demand demand_of(std::span<const std::string> labels, std::span<const LabelHandling> handling, Duration usual)
{
    Demand demand;
    demand.work = usual;
    bool known = false;
    for (const LabelHandling& entry : handling) {
        if (!has(labels, entry.label)) continue;
        demand.work = known ? std::max(demand.work, entry.time) : entry.time;
        known = true;
        if (!entry.skill.empty() && !has(demand.skills, entry.skill)) demand.skills.push_back(entry.skill);
    }
    return demand;
}

Distributor::Distributor(std::span<const PoolMember> pool, AssignmentPolicy policy, std::optional<AgentId> last, Duration usual)
    : members_(pool), policy_(policy), last_(last), usual_(usual)
{
    for (const PoolMember& member : pool) standing_.push_back({member.open_tickets, member.load});
}

std::optional<Assignment> Distributor::assign(const WaitingTicket& ticket)
{
    if (policy_ == AssignmentPolicy::manual) return std::nullopt;
    const auto choice = suitable(ticket);
    if (choice.empty()) return std::nullopt;
    const auto previous =
        std::ranges::find_if(choice, [&](std::size_t index) { return ticket.previous && members_[index].agent == *ticket.previous; });
    std::size_t chosen = 0;
    std::string why;
    if (previous != choice.end()) {
        chosen = *previous;
        why = std::string(members_[chosen].name) + " answered this customer before";
    } else if (policy_ == AssignmentPolicy::round_robin) {
        chosen = next_in_turn(choice);
        why = "next in turn of " + count(std::ssize(choice), "with room") + conditions(ticket);
    } else {
        chosen = with_most_slack(choice);
        const auto minutes = std::chrono::round<std::chrono::minutes>(standing_[chosen].load).count();
        why = "most slack of " + count(std::ssize(choice), "with room (") + count(standing_[chosen].open_tickets, "open, ") +
              count(minutes, "min of work)") + conditions(ticket);
    }
    standing_[chosen].open_tickets += 1;
    standing_[chosen].load += ticket.work;
    if (previous == choice.end()) last_ = members_[chosen].agent; // who knows the customer is not skipped for it
    return Assignment{ticket.ticket, members_[chosen].agent, std::move(why)};
}

std::int64_t Distributor::room_for(const WaitingTicket& ticket) const
{
    std::int64_t room = 0;
    for (const std::size_t index : suitable(ticket)) room += members_[index].capacity - standing_[index].open_tickets;
    return room;
}

bool Distributor::has_room(std::size_t index) const
{
    return standing_[index].open_tickets < members_[index].capacity;
}

Duration Distributor::slack(std::size_t index) const
{
    Duration time = usual_ * members_[index].capacity;
    if (members_[index].time_left) time = std::min(time, *members_[index].time_left);
    return time - standing_[index].load;
}

std::vector<std::size_t> Distributor::suitable(const WaitingTicket& ticket) const
{
    std::vector<std::size_t> choice;
    for (std::size_t index = 0; index < members_.size(); ++index) {
        if (has_room(index) && may_answer(members_[index], ticket)) choice.push_back(index);
    }
    return choice;
}

std::size_t Distributor::with_most_slack(const std::vector<std::size_t>& choice) const
{
    return *std::ranges::min_element(choice, {}, [&](std::size_t index) {
        return std::tuple(-slack(index).count(), standing_[index].open_tickets, members_[index].agent);
    });
}

std::size_t Distributor::next_in_turn(const std::vector<std::size_t>& choice) const
{
    return *std::ranges::min_element(choice, {}, [&](std::size_t index) {
        const AgentId agent = members_[index].agent;
        return std::pair(last_ && agent <= *last_, agent);
    });
}

std::int32_t opening_share(std::int64_t waiting, std::int64_t held, std::int64_t expected_people)
{
    const std::int64_t people = std::max<std::int64_t>(expected_people, 1);
    const std::int64_t share = (waiting + held + people - 1) / people;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(share, 1, 1'000'000));
}

} // namespace sportello::domain
