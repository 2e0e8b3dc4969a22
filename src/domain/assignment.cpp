#include <sportello/domain/assignment.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace sportello::domain {
namespace {

/// Who comes first: fewest open tickets, then the lowest id.
struct Place {
    std::int32_t open_tickets;
    AgentId agent;
    std::size_t index;
    friend auto operator<=>(const Place&, const Place&) = default;
};

bool may_answer(const PoolMember& member, std::string_view brand)
{
    return member.brands.empty() || std::ranges::find(member.brands, brand) != member.brands.end();
}

/// The members with room, in order, once for each brand that waits: so each hand-out costs O(log a), not O(a).
class Pool {
public:
    Pool(std::span<const WaitingTicket> waiting, std::span<const PoolMember> pool) : members_(pool)
    {
        for (std::size_t index = 0; index < pool.size(); ++index) {
            open_.push_back(pool[index].open_tickets);
            index_of_.emplace(pool[index].agent, index);
        }
        for (const auto& ticket : waiting) {
            if (const auto [line, is_new] = lines_.try_emplace(ticket.brand); is_new) fill(line->first, line->second);
        }
    }

    /// The previous agent when free, else the least busy; nothing when nobody has room.
    std::optional<Assignment> assign(const WaitingTicket& ticket)
    {
        const auto& line = lines_.at(ticket.brand);
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

private:
    void fill(std::string_view brand, std::set<Place>& line)
    {
        for (std::size_t index = 0; index < members_.size(); ++index) {
            if (has_room(index) && may_answer(members_[index], brand)) line.insert(place_of(index));
        }
    }

    [[nodiscard]] bool has_room(std::size_t index) const { return open_[index] < members_[index].capacity; }
    [[nodiscard]] Place place_of(std::size_t index) const { return {open_[index], members_[index].agent, index}; }

    [[nodiscard]] std::optional<std::size_t> free_previous(const WaitingTicket& ticket) const
    {
        if (!ticket.previous) return std::nullopt;
        const auto found = index_of_.find(*ticket.previous);
        if (found == index_of_.end() || !has_room(found->second)) return std::nullopt;
        return may_answer(members_[found->second], ticket.brand) ? std::optional(found->second) : std::nullopt;
    }

    void hand_to(std::size_t index)
    {
        const auto before = place_of(index);
        open_[index] += 1;
        for (auto& [brand, line] : lines_) {
            if (line.erase(before) > 0 && has_room(index)) line.insert(place_of(index));
        }
    }

    std::span<const PoolMember> members_;
    std::vector<std::int32_t> open_;
    std::map<AgentId, std::size_t> index_of_;
    std::map<std::string_view, std::set<Place>> lines_; ///< by brand
};

} // namespace

std::vector<Assignment> distribute(std::span<const WaitingTicket> waiting, std::span<const PoolMember> pool)
{
    Pool free(waiting, pool);
    std::vector<Assignment> assignments;
    for (const auto& ticket : waiting) {
        if (auto assignment = free.assign(ticket)) assignments.push_back(std::move(*assignment));
    }
    return assignments;
}

} // namespace sportello::domain
