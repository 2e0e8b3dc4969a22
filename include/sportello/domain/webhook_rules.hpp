#pragma once

#include <sportello/base/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// What a webhook wants to be told.
struct WebhookFilter {
    std::vector<std::string> types;  ///< "ticket.created", or "ticket.*" for all of a noun; empty: all
    std::vector<std::string> brands; ///< empty: all
};
/// @param brand  of the event's ticket, or that the event names; empty when it is of none: then only who wants all brands
///               is told
[[nodiscard]] bool wants(const WebhookFilter& filter, std::string_view type, std::string_view brand);
/// Whether `pattern` can stand in WebhookFilter::types.
[[nodiscard]] bool is_event_pattern(std::string_view pattern);

/// How long to wait after the `attempts`-th try that failed: from ten seconds doubling up to an hour, a fifth more or less.
/// @param chance  any number; decides on the fifth, so that what failed together does not come back together
[[nodiscard]] base::Duration webhook_pause(std::int32_t attempts, std::uint64_t chance);

/// After so long without one delivery that was taken, a webhook is switched off.
inline constexpr base::Duration webhook_patience = std::chrono::hours(72);
/// After so long one event is given up while others are taken, and the next of its ticket goes.
inline constexpr base::Duration webhook_delivery_patience = std::chrono::hours(24);

} // namespace sportello::domain
