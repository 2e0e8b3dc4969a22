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

/// Until when the answer's limits forbid this endpoint: the latest reset among the groups that are spent, within an
/// hour.
[[nodiscard]] std::optional<Instant> spent_until(const http::Headers& headers, Instant now);

/// What a failed read or send says about the channel; ok when only this one item is concerned.
[[nodiscard]] ChannelTrouble trouble_of_read(const Answer& answer, Instant now);
[[nodiscard]] ChannelTrouble trouble_of_send(const Answer& answer, Instant now);

/// How a send ended (reliability 2.6).
/// @param id_member  name of the new id in `data`: "id" or "dm_event_id"
[[nodiscard]] PublishOutcome classify_send(const Answer& answer, std::string_view id_member, Instant now);

} // namespace sportello::connectors::twitter
