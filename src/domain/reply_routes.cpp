#include <sportello/domain/reply_routes.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

// Messenger's windows, a minute short: clocks of two machines differ, and a refused message costs more than a minute.
constexpr Duration margin = 1min;
constexpr Duration messenger_window = 24h - margin;
constexpr Duration week = 7 * 24h - margin; ///< of the human-agent feature, and of a private answer to a comment

// X's prices of 2026 for pay-per-use apps, in millionths of a dollar.
constexpr RoutePrice free_of_charge{"free", 0};
constexpr RoutePrice by_contract{"contract", std::nullopt};
constexpr RoutePrice x_summoned_reply{"x_summoned_reply", 10'000};
constexpr RoutePrice x_post{"x_post", 15'000};
constexpr RoutePrice x_post_with_url{"x_post_with_url", 200'000};
constexpr RoutePrice x_dm{"x_dm", 15'000};

// What an agent does when a route is closed, the best first: what stays in sight of all before what moves to private.
constexpr std::array fallbacks{RouteKind::public_reply, RouteKind::private_message, RouteKind::private_reply, RouteKind::by_hand};

bool on_x(const RouteFacts& facts)
{
    return facts.platform == Platform::twitter;
}

RoutePrice price_on_x(const RouteFacts& facts, const RoutePrice& listed)
{
    return facts.reply_rule == ReplyRule::none ? by_contract : listed;
}

void close(ReplyRoute& route, std::string why)
{
    route.open = false;
    route.why = std::move(why);
}

/// An open route that ends.
void end_at(ReplyRoute& route, Instant until, Instant now, const char* why_over)
{
    route.until = until;
    if (now >= until) close(route, why_over);
}

/// @return why nothing at all may be sent to this message through the platform's API; empty when something may.
std::string general_obstacle(const RouteFacts& facts)
{
    if (!facts.account_is_ours) return "the account that was addressed is not in the configuration any more";
    if (facts.deleted) return "the message was deleted";
    return {};
}

ReplyRoute public_reply(const RouteFacts& facts, RouteKind kind)
{
    ReplyRoute route{.kind = kind, .open = true, .until = {}, .price = free_of_charge, .price_with_url = {}, .why = {}, .instead = {}};
    if (on_x(facts)) {
        // An invitation always carries a link.
        const bool linked = kind == RouteKind::invitation;
        const RoutePrice plain = facts.implicit_mention ? x_post : x_summoned_reply;
        route.price = price_on_x(facts, linked ? x_post_with_url : plain);
        if (!linked) route.price_with_url = price_on_x(facts, x_post_with_url);
    }
    if (auto obstacle = general_obstacle(facts); !obstacle.empty()) {
        close(route, std::move(obstacle));
    } else if (on_x(facts) && facts.reply_rule == ReplyRule::mentioned && facts.implicit_mention) {
        close(route, "X lets this app answer only posts that name or quote the account themselves; this one does not");
    } else if (facts.hidden) {
        route.why = "the message is hidden: only its author and their friends see it and the answer";
    }
    return route;
}

ReplyRoute private_message(const RouteFacts& facts, Instant now)
{
    ReplyRoute route{.kind = RouteKind::private_message,
                     .open = true,
                     .until = {},
                     .price = on_x(facts) ? price_on_x(facts, x_dm) : free_of_charge,
                     .price_with_url = {},
                     .why = {},
                     .instead = {}};
    if (!facts.account_is_ours) {
        close(route, general_obstacle(facts));
    } else if (!facts.last_private_inbound_at) {
        close(route, "this person has never written to us in private");
    } else if (!on_x(facts)) {
        const Instant last = *facts.last_private_inbound_at;
        if (facts.human_agent) {
            end_at(route, last + week, now, "Messenger's seven days after the person's last message are over");
            if (route.open && now >= last + messenger_window) route.why = "after 24 hours Messenger takes only text written by a person";
        } else {
            end_at(route, last + messenger_window, now, "Messenger's 24 hours after the person's last message are over");
        }
    }
    return route;
}

ReplyRoute private_reply(const RouteFacts& facts, Instant now)
{
    ReplyRoute route{.kind = RouteKind::private_reply,
                     .open = true,
                     .until = {},
                     .price = free_of_charge,
                     .price_with_url = {},
                     .why = "once for each comment, as one message; more only when the person answers",
                     .instead = {}};
    if (auto obstacle = general_obstacle(facts); !obstacle.empty()) {
        close(route, std::move(obstacle));
    } else if (facts.private_reply_used) {
        close(route, "the one private answer to this comment has been used");
    } else {
        end_at(route, facts.written_at + week, now, "the seven days in which a comment can be answered in private are over");
    }
    return route;
}

ReplyRoute by_hand()
{
    return {.kind = RouteKind::by_hand, .open = true, .until = {}, .price = free_of_charge, .price_with_url = {}, .why = {}, .instead = {}};
}

void point_to_fallback(std::vector<ReplyRoute>& routes)
{
    const auto is_open = [&](RouteKind kind) {
        const auto* route = find_route(routes, kind);
        return route != nullptr && route->open;
    };
    const auto* open = std::ranges::find_if(fallbacks, is_open);
    for (ReplyRoute& route : routes) {
        if (!route.open) route.instead = *open; // by hand is always open
    }
}

} // namespace

std::vector<ReplyRoute> reply_routes(const RouteFacts& facts, Instant now)
{
    std::vector<ReplyRoute> routes;
    if (facts.visibility == Visibility::public_) {
        routes.push_back(public_reply(facts, RouteKind::public_reply));
        routes.push_back(private_message(facts, now));
        if (!on_x(facts)) routes.push_back(private_reply(facts, now));
        routes.push_back(public_reply(facts, RouteKind::invitation));
    } else {
        routes.push_back(private_message(facts, now));
    }
    routes.push_back(by_hand());
    point_to_fallback(routes);
    return routes;
}

const ReplyRoute* find_route(std::span<const ReplyRoute> routes, RouteKind kind)
{
    const auto found = std::ranges::find(routes, kind, &ReplyRoute::kind);
    return found == routes.end() ? nullptr : &*found;
}

} // namespace sportello::domain
