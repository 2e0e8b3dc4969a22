#pragma once

#include <sportello/domain/model.hpp>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// A ticket that waits for somebody, in the order of the queue.
struct WaitingTicket {
    TicketId ticket;
    std::string_view brand;
    std::optional<AgentId> previous; ///< who answered this customer last; preferred when free
};

/// Somebody on shift.
struct PoolMember {
    AgentId agent;
    std::string_view name;
    std::int32_t capacity = 0;
    std::int32_t open_tickets = 0;
    std::span<const std::string> brands; ///< empty: all
};

struct Assignment {
    TicketId ticket;
    AgentId agent;
    std::string why; ///< "least busy of 7 on shift (3 open)"
};

/// Hands tickets out one after the other, each to the member with the fewest open tickets who may answer its brand and has
/// room (ties: the lowest id). Deterministic; each costs O(log a). The caller asks only while the office is open, or when
/// the policy does not care. The members outlive it.
class Distributor {
public:
    explicit Distributor(std::span<const PoolMember> pool);
    /// The previous agent when free, else the least busy; nothing when nobody has room.
    std::optional<Assignment> assign(const WaitingTicket& ticket);

private:
    /// Who comes first: fewest open tickets, then the lowest id.
    struct Place {
        std::int32_t open_tickets;
        AgentId agent;
        std::size_t index;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    using Line = std::set<Place>;

    Line& line_of(std::string_view brand);
    [[nodiscard]] bool has_room(std::size_t index) const;
    [[nodiscard]] Place place_of(std::size_t index) const;
    [[nodiscard]] std::optional<std::size_t> free_previous(const WaitingTicket& ticket) const;
    void hand_to(std::size_t index);

    std::span<const PoolMember> members_;
    std::vector<std::int32_t> open_;
    std::map<AgentId, std::size_t> index_of_;
    std::map<std::string, Line, std::less<>> lines_; ///< the members with room, in order, for each brand that waited
};

/// The same for many, in their order; those for whom nobody has room are left out.
[[nodiscard]] std::vector<Assignment> distribute(std::span<const WaitingTicket> waiting, std::span<const PoolMember> pool);

} // namespace sportello::domain
