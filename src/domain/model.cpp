#include <sportello/domain/model.hpp>

#include <array>
#include <utility>

namespace sportello::domain {
namespace {

template <class Enum, std::size_t size> using Words = std::array<std::pair<Enum, std::string_view>, size>;

constexpr Words<Platform, 2> platforms{{{Platform::facebook, "facebook"}, {Platform::twitter, "twitter"}}};
constexpr Words<MessageKind, 4> message_kinds{{{MessageKind::post, "post"},
                                               {MessageKind::comment, "comment"},
                                               {MessageKind::mention, "mention"},
                                               {MessageKind::direct_message, "direct_message"}}};
constexpr Words<Visibility, 2> visibilities{{{Visibility::public_, "public"}, {Visibility::private_, "private"}}};
constexpr Words<Direction, 2> directions{{{Direction::inbound, "inbound"}, {Direction::outbound, "outbound"}}};
constexpr Words<TicketStatus, 6> ticket_statuses{{{TicketStatus::new_, "new"},
                                                  {TicketStatus::open, "open"},
                                                  {TicketStatus::pending, "pending"},
                                                  {TicketStatus::on_hold, "on_hold"},
                                                  {TicketStatus::solved, "solved"},
                                                  {TicketStatus::closed, "closed"}}};
constexpr Words<Priority, 4> priorities{
    {{Priority::low, "low"}, {Priority::normal, "normal"}, {Priority::high, "high"}, {Priority::urgent, "urgent"}}};
constexpr Words<Role, 4> roles{{{Role::phone, "phone"}, {Role::agent, "agent"}, {Role::supervisor, "supervisor"}, {Role::admin, "admin"}}};
constexpr Words<Delivery, 9> deliveries{{{Delivery::queued, "queued"},
                                         {Delivery::reserved, "reserved"},
                                         {Delivery::sending, "sending"},
                                         {Delivery::published, "published"},
                                         {Delivery::failed, "failed"},
                                         {Delivery::cancelled, "cancelled"},
                                         {Delivery::unknown, "unknown"},
                                         {Delivery::needs_decision, "needs_decision"},
                                         {Delivery::awaiting_approval, "awaiting_approval"}}};
constexpr Words<Hold, 3> holds{{{Hold::none, ""}, {Hold::paused, "paused"}, {Hold::trial, "trial"}}};
constexpr Words<RouteKind, 5> route_kinds{{{RouteKind::public_reply, "public_reply"},
                                           {RouteKind::private_message, "private_message"},
                                           {RouteKind::private_reply, "private_reply"},
                                           {RouteKind::invitation, "invitation"},
                                           {RouteKind::by_hand, "by_hand"}}};
constexpr Words<ReplyRule, 2> reply_rules{{{ReplyRule::mentioned, "mentioned"}, {ReplyRule::none, "none"}}};

template <class Enum, std::size_t size> std::string_view word_of(const Words<Enum, size>& words, Enum value)
{
    for (const auto& [candidate, word] : words) {
        if (candidate == value) return word;
    }
    return {};
}

template <class Enum, std::size_t size> std::optional<Enum> value_of(const Words<Enum, size>& words, std::string_view word)
{
    for (const auto& [value, candidate] : words) {
        if (candidate == word) return value;
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(Platform value)
{
    return word_of(platforms, value);
}
std::string_view to_string(MessageKind value)
{
    return word_of(message_kinds, value);
}
std::string_view to_string(Visibility value)
{
    return word_of(visibilities, value);
}
std::string_view to_string(Direction value)
{
    return word_of(directions, value);
}
std::string_view to_string(TicketStatus value)
{
    return word_of(ticket_statuses, value);
}
std::string_view to_string(Priority value)
{
    return word_of(priorities, value);
}
std::string_view to_string(Role value)
{
    return word_of(roles, value);
}
std::string_view to_string(Delivery value)
{
    return word_of(deliveries, value);
}
std::string_view to_string(Hold value)
{
    return word_of(holds, value);
}

std::string_view to_string(RouteKind value)
{
    return word_of(route_kinds, value);
}
std::string_view to_string(ReplyRule value)
{
    return word_of(reply_rules, value);
}
std::optional<Platform> parse_platform(std::string_view word)
{
    return value_of(platforms, word);
}
std::optional<MessageKind> parse_message_kind(std::string_view word)
{
    return value_of(message_kinds, word);
}
std::optional<Visibility> parse_visibility(std::string_view word)
{
    return value_of(visibilities, word);
}
std::optional<Direction> parse_direction(std::string_view word)
{
    return value_of(directions, word);
}
std::optional<TicketStatus> parse_ticket_status(std::string_view word)
{
    return value_of(ticket_statuses, word);
}
std::optional<Priority> parse_priority(std::string_view word)
{
    return value_of(priorities, word);
}
std::optional<Role> parse_role(std::string_view word)
{
    return value_of(roles, word);
}
std::optional<Delivery> parse_delivery(std::string_view word)
{
    return value_of(deliveries, word);
}
std::optional<Hold> parse_hold(std::string_view word)
{
    return value_of(holds, word);
}

std::optional<RouteKind> parse_route_kind(std::string_view word)
{
    return value_of(route_kinds, word);
}
std::optional<ReplyRule> parse_reply_rule(std::string_view word)
{
    return value_of(reply_rules, word);
}

} // namespace sportello::domain
