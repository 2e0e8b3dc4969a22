#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/domain/outage_radar.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

enum class IncidentState {
    proposed,  ///< the radar or an agent thinks so
    confirmed, ///< a supervisor says so: its members leave the individual queue
    dismissed, ///< there was none
    closed     ///< it is over
};
enum class IncidentOrigin { radar, person };
[[nodiscard]] std::string_view to_string(IncidentState value);
[[nodiscard]] std::string_view to_string(IncidentOrigin value); ///< "radar", "person"
[[nodiscard]] std::optional<IncidentState> parse_incident_state(std::string_view word);
[[nodiscard]] std::optional<IncidentOrigin> parse_incident_origin(std::string_view word);

/// One outage behind many tickets.
struct Incident {
    IncidentId id;
    IncidentState state = IncidentState::proposed;
    IncidentOrigin origin = IncidentOrigin::radar;
    OutagePattern pattern;
    std::vector<std::string> brands; ///< empty: none yet (by hand: all)
    bool widens = true;              ///< customers of further brands make those the incident's too
    std::string text;                ///< what is known, for colleagues
    std::string confidence;          ///< of the radar, in words; empty: a person's
    std::string why;
    Instant began_at{};
    std::optional<Instant> expected_end;
    Instant created_at{};
    std::optional<AgentId> created_by; ///< nothing: the radar
    std::optional<Instant> confirmed_at;
    std::optional<AgentId> confirmed_by;
    std::optional<Instant> ended_at;    ///< dismissed or closed
    std::optional<Instant> quiet_until; ///< dismissed: the same is not proposed before
    std::int64_t members = 0;
    std::optional<Instant> last_member_at;
    Instant updated_at{};
    std::int32_t revision = 1;
    /// Proposed or confirmed: members still join.
    [[nodiscard]] bool is_live() const { return state == IncidentState::proposed || state == IncidentState::confirmed; }
};

/// Whether a message makes its ticket a member.
struct JoinDecision {
    bool joins = false;
    std::string why; ///< in words
};
/// @param under_status_post  written under the incident's own status post
JoinDecision joins_incident(const Incident& incident, const OutageReading& reading, std::string_view brand, bool under_status_post,
                            const Gazetteer& gazetteer, Instant now);

/// Whether a member waits aside until all are told, or in the queue like any other.
struct AsideDecision {
    bool aside = false;
    std::string why;
};
/// @param opens  its first message; a later one that does not ask on about the outage brings the ticket back
[[nodiscard]] AsideDecision waits_aside(const Incident& incident, const OutageReading& reading, bool opens);

/// What Ticket::aside says of such a member.
inline constexpr std::string_view aside_for_incident = "incident";

/// Lets a ticket follow its incident: an unanswered member of a confirmed one leaves the queue and is nobody's own work; when
/// the incident is over, it comes back.
/// @param other_matter     what it asks besides; empty: nothing
/// @param left             it is no member any more
/// @param told_at_the_end  the incident is closed, and the ticket still waits for the closing notice
void follow_incident(Ticket& ticket, const Incident& incident, std::string_view other_matter, bool left, bool told_at_the_end, Instant now);

} // namespace sportello::domain
