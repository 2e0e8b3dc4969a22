#pragma once

#include <sportello/domain/model.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// How waiting tickets find somebody.
enum class AssignmentPolicy {
    balanced,    ///< whoever has the most slack
    round_robin, ///< one after the other, whatever they have
    manual       ///< agents take tickets themselves
};
[[nodiscard]] std::string_view to_string(AssignmentPolicy value);
[[nodiscard]] std::optional<AssignmentPolicy> parse_assignment_policy(std::string_view word);

/// What a ticket without a label of its own is expected to take.
inline constexpr Duration usual_handling = std::chrono::minutes(6);

/// What a label says of the work.
struct LabelHandling {
    std::string label;
    Duration time = usual_handling; ///< expected
    std::string skill;              ///< needed; empty: none
};

/// What a ticket asks for.
struct Demand {
    Duration work = usual_handling;
    std::vector<std::string> skills;
};
/// The longest of its labels' times, else the usual one; every skill that they need.
[[nodiscard]] Demand demand_of(std::span<const std::string> labels, std::span<const LabelHandling> handling, Duration usual);

/// A ticket that waits for somebody, in the order of the queue.
struct WaitingTicket {
    TicketId ticket;
    std::string_view brand;
    std::optional<AgentId> previous;          ///< who answered this customer last; preferred when free
    std::string_view team = {};               ///< only its members get it; empty: anybody
    std::string_view language = {};           ///< that the customer writes in; empty: not known
    std::span<const std::string> skills = {}; ///< needed, all of them
    Duration work = usual_handling;           ///< expected
};

/// Somebody who is there.
struct PoolMember {
    AgentId agent;
    std::string_view name;
    std::int32_t capacity = 0; ///< open tickets at most
    std::int32_t open_tickets = 0;
    std::span<const std::string> brands;    ///< empty: all
    Duration load{};                        ///< expected work of the open ones
    std::optional<Duration> time_left = {}; ///< until the shift ends; nothing: not known
    std::span<const std::string> skills = {};
    std::span<const std::string> languages = {}; ///< empty: all
    std::span<const std::string> teams = {};
};

struct Assignment {
    TicketId ticket;
    AgentId agent;
    std::string why; ///< "most slack of 7 with room (3 open, 18 min of work)"
};

/// Hands tickets out one after the other to members who may answer the brand, are of its team, speak the language, have
/// the skills and have room. Balanced: to the one with the most slack, which is the time that their capacity stands for,
/// or what is left of the shift if that is less, without the work they have (ties: fewer open, then the lowest id). In
/// turn: to the next by id after `last`. Deterministic; each costs O(members). The members outlive it.
class Distributor {
public:
    /// @param usual  what one place of a member's capacity stands for
    explicit Distributor(std::span<const PoolMember> pool, AssignmentPolicy policy = AssignmentPolicy::balanced,
                         std::optional<AgentId> last = std::nullopt, Duration usual = usual_handling);
    /// The previous agent when free, else by the policy; nothing when nobody suitable has room.
    std::optional<Assignment> assign(const WaitingTicket& ticket);
    /// How many more tickets like this one can be handed out.
    [[nodiscard]] std::int64_t room_for(const WaitingTicket& ticket) const;
    /// Who got the last one.
    [[nodiscard]] std::optional<AgentId> last() const { return last_; }

private:
    struct Standing {
        std::int32_t open_tickets;
        Duration load;
    };
    [[nodiscard]] bool has_room(std::size_t index) const;
    [[nodiscard]] Duration slack(std::size_t index) const;
    /// Those who may get it, by index.
    [[nodiscard]] std::vector<std::size_t> suitable(const WaitingTicket& ticket) const;
    [[nodiscard]] std::size_t with_most_slack(const std::vector<std::size_t>& choice) const;
    [[nodiscard]] std::size_t next_in_turn(const std::vector<std::size_t>& choice) const;

    std::span<const PoolMember> members_;
    AssignmentPolicy policy_;
    std::optional<AgentId> last_;
    Duration usual_;
    std::vector<Standing> standing_; ///< of each member
};

/// What one person may hold while the queue of the night is shared out: the even share of everything among those who are
/// expected, so that who signs in first does not get it all. At least one.
/// @param waiting  tickets of the queue that nobody has  @param held  those that somebody has already
[[nodiscard]] std::int32_t opening_share(std::int64_t waiting, std::int64_t held, std::int64_t expected_people);

} // namespace sportello::domain
