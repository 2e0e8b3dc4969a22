#pragma once

#include <sportello/domain/model.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// May we answer this message, how, until when, and what does it cost: told before anybody types, enforced when the
/// reply is accepted and again when it is sent.
namespace sportello::domain {

/// All that decides on the routes of one inbound message.
struct RouteFacts {
    Platform platform = Platform::facebook;
    Visibility visibility = Visibility::public_; ///< of the message
    Instant written_at{};                        ///< platform time
    bool deleted = false;
    bool hidden = false;           ///< Facebook: shown to its author and their friends only
    bool implicit_mention = false; ///< X: see PlatformItem

    ReplyRule reply_rule = ReplyRule::mentioned; ///< X: of our app
    bool human_agent = false;                    ///< Facebook: the Human Agent feature is granted

    /// Brand guard: the message stands in a channel that the configuration has, for the brand of its ticket. Only through
    /// this account may it be answered.
    bool account_is_ours = true;
    /// When this person last wrote to us in private; nothing: never.
    std::optional<Instant> last_private_inbound_at;
    bool private_reply_used = false; ///< the one private answer to this item is taken
};

/// What one message sent by a route costs.
struct RoutePrice {
    /// "free", "x_post", "x_summoned_reply", "x_post_with_url", "x_dm", or "contract" (whatever the operator agreed on)
    std::string_view price_class = "free";
    std::optional<std::int64_t> micro_dollars = 0; ///< nothing: not known to us
    friend bool operator==(const RoutePrice&, const RoutePrice&) = default;
};

struct ReplyRoute {
    RouteKind kind = RouteKind::by_hand;
    bool open = false;
    std::optional<Instant> until; ///< an open one closes then; a closed one did. Nothing: no end, or never was open
    RoutePrice price;
    std::optional<RoutePrice> price_with_url; ///< where a link in the text makes another price
    std::string why;                          ///< closed: why, in words; open: what to mind, or empty
    std::optional<RouteKind> instead;         ///< closed: the way that is open
};

/// Every route that a message of this kind can have, open or closed with its reason. The last is by_hand, always open.
/// By time alone routes only close.
[[nodiscard]] std::vector<ReplyRoute> reply_routes(const RouteFacts& facts, Instant now);

/// Null when the message has no such route.
[[nodiscard]] const ReplyRoute* find_route(std::span<const ReplyRoute> routes, RouteKind kind);

} // namespace sportello::domain
