#pragma once

#include "../answer.hpp"

#include <string>

namespace sportello::connectors::twitter {

/// X's own words for why a call failed, in whichever of its three forms they came.
struct Problem {
    std::string type; ///< last segment of the problem's type: "usage-capped"; empty for about:blank
    std::string title;
    std::string detail;
    std::string reason;    ///< "client-not-enrolled"
    std::int64_t code = 0; ///< legacy code; 0: none
};
[[nodiscard]] Problem problem_of(const Json& body);
/// What X said, with its number, for people.
[[nodiscard]] std::string in_words(const Problem& problem, int status);

/// Until when the answer's limits forbid this endpoint: the latest reset among the groups that are spent, within an
/// hour.
[[nodiscard]] std::optional<Instant> spent_until(const http::Headers& headers, Instant now);

/// What a failed read or send says about the channel; ok when only this one item is concerned.
[[nodiscard]] ChannelTrouble trouble_of_read(const Answer& answer, Instant now);
[[nodiscard]] ChannelTrouble trouble_of_send(const Answer& answer, Instant now);

/// How a send ended (reliability 2.6).
/// @param id_member  name of the new id in `data`: "id" or "dm_event_id"
[[nodiscard]] PublishOutcome classify_send(const Answer& answer, std::string_view id_member, Instant now);
/// How something ended that may be repeated without harm: a deletion, hiding.
/// @param done   member of `data` that says so
/// @param state  what it says then
[[nodiscard]] ActionOutcome classify_action(const Answer& answer, std::string_view done, bool state, Instant now);
/// Whether an answer says that its subject does not exist (any more).
[[nodiscard]] bool says_gone(const Answer& answer);
/// Whether a reply was refused since X does not see what it answers: gone, or so new that it is not visible everywhere.
[[nodiscard]] bool says_parent_unseen(const Answer& answer);

} // namespace sportello::connectors::twitter
