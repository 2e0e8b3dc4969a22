#pragma once

#include <sportello/domain/model.hpp>

#include <optional>
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

/// Hands tickets out in their order, each to the member with the fewest open tickets who may answer its brand and has
/// room (ties: the lowest id); nobody has room: it stays. Deterministic, O((n + a) log a). The caller asks only while
/// the office is open, or when the policy does not care.
[[nodiscard]] std::vector<Assignment> distribute(std::span<const WaitingTicket> waiting, std::span<const PoolMember> pool);

} // namespace sportello::domain
