#include <sportello/domain/assignment.hpp>

#include <algorithm>
#include <utility>

namespace sportello::domain {
namespace {

bool may_answer(const PoolMember& member, std::string_view brand)
{
    return member.brands.empty() || std::ranges::find(member.brands, brand) != member.brands.end();
}

} // namespace

Distributor::Distributor(std::span<const PoolMember> pool) : members_(pool)
{
    for (std::size_t index = 0; index < pool.size(); ++index) {
        open_.push_back(pool[index].open_tickets);
        index_of_.emplace(pool[index].agent, index);
    }
}

std::optional<Assignment> Distributor::assign(const WaitingTicket& ticket)
{
    const Line& line = line_of(ticket.brand);
    if (line.empty()) return std::nullopt;
    if (const auto index = free_previous(ticket)) {
        const auto why = std::string(members_[*index].name) + " answered this customer before";
        hand_to(*index);
        return Assignment{ticket.ticket, members_[*index].agent, why};
    }
    const auto place = *line.begin();
    auto why = "least busy of " + std::to_string(line.size()) + " with room (" + std::to_string(place.open_tickets) + " open)";
    hand_to(place.index);
    return Assignment{ticket.ticket, place.agent, std::move(why)};
}

Distributor::Line& Distributor::line_of(std::string_view brand)
{
    if (const auto known = lines_.find(brand); known != lines_.end()) return known->second;
    Line line;
    for (std::size_t index = 0; index < members_.size(); ++index) {
        if (has_room(index) && may_answer(members_[index], brand)) line.insert(place_of(index));
    }
    return lines_.emplace(brand, std::move(line)).first->second;
}

bool Distributor::has_room(std::size_t index) const
{
    return open_[index] < members_[index].capacity;
}

Distributor::Place Distributor::place_of(std::size_t index) const
{
    return {open_[index], members_[index].agent, index};
}

std::optional<std::size_t> Distributor::free_previous(const WaitingTicket& ticket) const
{
    if (!ticket.previous) return std::nullopt;
    const auto found = index_of_.find(*ticket.previous);
    if (found == index_of_.end() || !has_room(found->second)) return std::nullopt;
    return may_answer(members_[found->second], ticket.brand) ? std::optional(found->second) : std::nullopt;
}

void Distributor::hand_to(std::size_t index)
{
    const auto before = place_of(index);
    open_[index] += 1;
    for (auto& [brand, line] : lines_) {
        if (line.erase(before) > 0 && has_room(index)) line.insert(place_of(index));
    }
}

std::vector<Assignment> distribute(std::span<const WaitingTicket> waiting, std::span<const PoolMember> pool)
{
    Distributor distributor(pool);
    std::vector<Assignment> assignments;
    for (const auto& ticket : waiting) {
        if (auto assignment = distributor.assign(ticket)) assignments.push_back(std::move(*assignment));
    }
    return assignments;
}

} // namespace sportello::domain
