#include "ticket_clocks.hpp"
#include <sportello/domain/incident.hpp>
#include <sportello/domain/ticket_rules.hpp>

#include <algorithm>
#include <array>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

/// A message that names no place belongs to an outage somewhere only while that brings many of them.
constexpr std::int64_t many_members = 5;
constexpr Duration lately = 1h;

constexpr std::array states{
    std::pair(IncidentState::proposed, std::string_view("proposed")), std::pair(IncidentState::confirmed, std::string_view("confirmed")),
    std::pair(IncidentState::dismissed, std::string_view("dismissed")), std::pair(IncidentState::closed, std::string_view("closed"))};

bool is_busy(const Incident& incident, Instant now)
{
    return incident.members >= many_members && incident.last_member_at && *incident.last_member_at > now - lately;
}

} // namespace

std::string_view to_string(IncidentState value)
{
    for (const auto& [state, word] : states) {
        if (state == value) return word;
    }
    return "";
}

std::optional<IncidentState> parse_incident_state(std::string_view given)
{
    for (const auto& [state, word] : states) {
        if (word == given) return state;
    }
    return std::nullopt;
}

std::string_view to_string(IncidentOrigin value)
{
    return value == IncidentOrigin::radar ? "radar" : "person";
}

std::optional<IncidentOrigin> parse_incident_origin(std::string_view word)
{
    if (word == "radar") return IncidentOrigin::radar;
    if (word == "person") return IncidentOrigin::person;
    return std::nullopt;
}

JoinDecision joins_incident(const Incident& incident, const OutageReading& reading, std::string_view brand, bool under_status_post,
                            const Gazetteer& gazetteer, Instant now)
{
    if (!incident.is_live()) return {false, "the incident is over"};
    const bool of_brand = incident.widens || incident.brands.empty() ||
                          std::find(incident.brands.begin(), incident.brands.end(), brand) != incident.brands.end();
    if (!of_brand) return {false, "it is about another brand"};
    if (under_status_post && (reading.outage || reading.about_outages || reading.other_matter.empty())) {
        return {true, "written under the status post"};
    }
    if (!reading.outage) return {false, "it says of no outage"};
    const OutageFit found = fit(incident.pattern, reading.services, reading.places, gazetteer);
    if (found.kind == OutageFit::Kind::no) return {false, found.why};
    if (found.kind == OutageFit::Kind::named) return {true, reading.why + "; " + found.why};
    // No place: at an ordinary hour that is anybody's own trouble.
    if (!is_busy(incident, now)) return {false, "it names no place, and few have written of this outage lately"};
    return {true, reading.why + "; names no place, while many write of this outage"};
}

AsideDecision waits_aside(const Incident& incident, const OutageReading& reading, bool opens)
{
    if (incident.state != IncidentState::confirmed) return {false, "the incident is " + std::string(to_string(incident.state))};
    if (!reading.other_matter.empty()) return {false, "asks something else too: \"" + reading.other_matter + "\""};
    if (!opens && !reading.about_outages) return {false, "wrote again of something else"};
    return {true, "is told with all others of the incident"};
}

void follow_incident(Ticket& ticket, const Incident& incident, std::string_view other_matter, bool left, bool told_at_the_end, Instant now)
{
    const bool belongs = !left && incident.state != IncidentState::dismissed;
    if (belongs) ticket.incident = incident.id;
    else if (ticket.incident == incident.id) ticket.incident.reset();
    const bool confirmed = incident.state == IncidentState::confirmed;
    const bool unanswered =
        !ticket.first_response_at && is_our_turn(ticket.status) && !ticket.snoozed_until && ticket.last_direction == Direction::inbound;
    const bool was_aside = ticket.aside == aside_for_incident;
    const bool enters = ticket.aside.empty() && unanswered && confirmed;
    const bool stays = was_aside && (confirmed || (incident.state == IncidentState::closed && told_at_the_end));
    const bool aside = belongs && other_matter.empty() && (enters || stays);
    if (aside == was_aside) return;
    ticket.updated_at = now;
    ticket.aside = aside ? aside_for_incident : std::string_view();
    if (aside) assign(ticket, std::nullopt, "", now); // nobody's own work any more
}

} // namespace sportello::domain
