#pragma once

#include "../answer.hpp"

#include <string>

namespace sportello::connectors::facebook {

/// The `error` object of the Graph API.
struct GraphError {
    std::int64_t code = 0; ///< 0: the answer holds no error object
    std::int64_t subcode = 0;
    std::string message;
    std::string trace; ///< fbtrace_id, for Facebook's support
};
[[nodiscard]] GraphError error_of(const Json& body);

/// The object is not there any more, or was never ours to see.
[[nodiscard]] bool is_gone(const GraphError& error);
/// "Please reduce the amount of data": to be asked again for less, never unchanged.
[[nodiscard]] bool asks_for_less(const GraphError& error);
/// Only this object cannot be read; the channel is well.
[[nodiscard]] bool concerns_one_object(const GraphError& error);

/// What a failed read says about the channel.
[[nodiscard]] ChannelTrouble trouble_of_read(const Answer& answer, Instant now);

/// How a send ended (reliability 2.6). Its trouble is ok when the failure concerns only that reply.
/// @param id_member  name of the new id: "id", "post_id" or "message_id"
[[nodiscard]] PublishOutcome classify_send(const Answer& answer, std::string_view id_member, Instant now);

/// Whether Facebook refuses every call of the app, whatever the Page.
[[nodiscard]] bool is_limit_of_app(const GraphError& error);

/// The same for what is answered by {"success": true}.
[[nodiscard]] ActionOutcome classify_action(const Answer& answer, Instant now);

/// How full the usage headers say the quota of `page` is, in percent; absent headers mean little use. What they say of
/// other Pages does not count.
[[nodiscard]] std::int64_t page_usage_percent(const http::Headers& headers, std::string_view page);
/// The same for the app's quota, which all its Pages share.
[[nodiscard]] std::int64_t app_usage_percent(const http::Headers& headers);
/// The longest "estimated time to regain access" for `page` in the usage headers.
[[nodiscard]] std::optional<Instant> access_regained_at(const http::Headers& headers, std::string_view page, Instant now);

} // namespace sportello::connectors::facebook
