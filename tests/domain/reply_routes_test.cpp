#include <sportello/domain/reply_routes.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "../support/test_seed.hpp"

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

const Instant written = base::parse_rfc3339("2026-03-02T09:00:00Z").value();

RouteFacts on(Platform platform, Visibility visibility = Visibility::public_)
{
    RouteFacts facts;
    facts.platform = platform;
    facts.visibility = visibility;
    facts.written_at = written;
    if (visibility == Visibility::private_) facts.last_private_inbound_at = written;
    return facts;
}

/// "public_reply private_message! …": a route with "!" is closed.
std::string in_short(const std::vector<ReplyRoute>& routes)
{
    std::string text;
    for (const auto& route : routes) { text += (text.empty() ? "" : " ") + std::string(to_string(route.kind)) + (route.open ? "" : "!"); }
    return text;
}

struct RouteCase {
    const char* name;
    RouteFacts facts;
    Duration after;
    const char* routes;
};

RouteFacts with(RouteFacts facts, const std::function<void(RouteFacts&)>& change)
{
    change(facts);
    return facts;
}

const RouteFacts fb = on(Platform::facebook);
const RouteFacts x = on(Platform::twitter);
const RouteFacts messenger = on(Platform::facebook, Visibility::private_);
const RouteFacts x_dm_facts = on(Platform::twitter, Visibility::private_);

TEST(ReplyRoutes, AreOpenAsThePlatformsHaveThem)
{
    const RouteCase cases[] = {
        {"a comment", fb, 1h, "public_reply private_message! private_reply invitation by_hand"},
        {"a comment after a week", fb, 7 * 24h, "public_reply private_message! private_reply! invitation by_hand"},
        {"answered in private already", with(fb, [](auto& f) { f.private_reply_used = true; }), 1h,
         "public_reply private_message! private_reply! invitation by_hand"},
        {"a commenter who wrote to us in private", with(fb, [](auto& f) { f.last_private_inbound_at = written; }), 1h,
         "public_reply private_message private_reply invitation by_hand"},
        {"a deleted comment", with(fb, [](auto& f) { f.deleted = true; }), 1h,
         "public_reply! private_message! private_reply! invitation! by_hand"},
        {"a hidden comment", with(fb, [](auto& f) { f.hidden = true; }), 1h,
         "public_reply private_message! private_reply invitation by_hand"},
        {"a post that mentions us", x, 1h, "public_reply private_message! invitation by_hand"},
        {"a post with X's own mention", with(x, [](auto& f) { f.implicit_mention = true; }), 1h,
         "public_reply! private_message! invitation! by_hand"},
        {"the same for an Enterprise account", with(x, [](auto& f) { f.implicit_mention = true, f.reply_rule = ReplyRule::none; }), 1h,
         "public_reply private_message! invitation by_hand"},
        {"its author wrote to us in private long ago",
         with(x, [](auto& f) { f.implicit_mention = true, f.last_private_inbound_at = written - 24h * 400; }), 1h,
         "public_reply! private_message invitation! by_hand"},
        {"a deleted post", with(x, [](auto& f) { f.deleted = true; }), 1h, "public_reply! private_message! invitation! by_hand"},
        {"a direct message", x_dm_facts, 24h * 400, "private_message by_hand"},
        {"Messenger at once", messenger, 1s, "private_message by_hand"},
        {"Messenger at the window's end", messenger, 24h - 61s, "private_message by_hand"},
        {"Messenger after 24 h", messenger, 24h - 60s, "private_message! by_hand"},
        {"Messenger after 24 h with the feature", with(messenger, [](auto& f) { f.human_agent = true; }), 25h, "private_message by_hand"},
        {"Messenger after 7 days with the feature", with(messenger, [](auto& f) { f.human_agent = true; }), 7 * 24h,
         "private_message! by_hand"},
        {"an account that is not ours any more", with(x, [](auto& f) { f.account_is_ours = false; }), 1h,
         "public_reply! private_message! invitation! by_hand"},
        {"a conversation of an account that is not ours any more", with(messenger, [](auto& f) { f.account_is_ours = false; }), 1h,
         "private_message! by_hand"},
    };
    for (const auto& [name, facts, after, routes] : cases) EXPECT_EQ(in_short(reply_routes(facts, written + after)), routes) << name;
}

TEST(ReplyRoutes, TellWhenTheyEndAndWhatIsLeftThen)
{
    const auto soon = reply_routes(messenger, written + 1h);
    EXPECT_EQ(find_route(soon, RouteKind::private_message)->until, written + 24h - 1min);
    const auto late = reply_routes(messenger, written + 25h);
    const auto* over = find_route(late, RouteKind::private_message);
    EXPECT_EQ(over->until, written + 24h - 1min);
    EXPECT_EQ(over->why, "Messenger's 24 hours after the person's last message are over");
    EXPECT_EQ(over->instead, RouteKind::by_hand);

    const auto implicit =
        reply_routes(with(x, [](auto& f) { f.implicit_mention = true, f.last_private_inbound_at = written; }), written + 1h);
    EXPECT_EQ(find_route(implicit, RouteKind::public_reply)->instead, RouteKind::private_message);
    EXPECT_FALSE(find_route(implicit, RouteKind::private_message)->instead);
    EXPECT_EQ(find_route(implicit, RouteKind::private_reply), nullptr) << "X has none";

    const auto tagged = reply_routes(with(messenger, [](auto& f) { f.human_agent = true; }), written + 30h);
    EXPECT_EQ(find_route(tagged, RouteKind::private_message)->until, written + 7 * 24h - 1min);
    EXPECT_FALSE(find_route(tagged, RouteKind::private_message)->why.empty()) << "only a person's words";
}

TEST(ReplyRoutes, TellWhatTheyCost)
{
    const auto price = [](const RouteFacts& facts, RouteKind kind) {
        const auto routes = reply_routes(facts, written + 1min);
        const auto* route = find_route(routes, kind);
        return std::pair(std::string(route->price.price_class), route->price.micro_dollars.value_or(-1));
    };
    using P = std::pair<std::string, std::int64_t>;
    EXPECT_EQ(price(fb, RouteKind::public_reply), P("free", 0));
    EXPECT_EQ(price(fb, RouteKind::private_reply), P("free", 0));
    EXPECT_EQ(price(messenger, RouteKind::private_message), P("free", 0));
    EXPECT_EQ(price(x, RouteKind::public_reply), P("x_summoned_reply", 10'000));
    EXPECT_EQ(price(x, RouteKind::invitation), P("x_post_with_url", 200'000));
    EXPECT_EQ(price(x_dm_facts, RouteKind::private_message), P("x_dm", 15'000));
    EXPECT_EQ(price(with(x, [](auto& f) { f.reply_rule = ReplyRule::none; }), RouteKind::public_reply), P("contract", -1));
    EXPECT_EQ(price(x, RouteKind::by_hand), P("free", 0));
    const auto routes = reply_routes(x, written);
    EXPECT_EQ(find_route(routes, RouteKind::public_reply)->price_with_url->micro_dollars, 200'000);
}

RouteFacts any_facts(std::mt19937_64& chance)
{
    const auto coin = [&] { return chance() % 2 == 0; };
    const auto moment = [&] { return written + Duration(std::chrono::minutes(chance() % (20 * 24 * 60))); };
    RouteFacts facts;
    facts.platform = coin() ? Platform::facebook : Platform::twitter;
    facts.visibility = coin() ? Visibility::public_ : Visibility::private_;
    facts.written_at = moment();
    facts.deleted = chance() % 5 == 0;
    facts.hidden = coin();
    facts.implicit_mention = coin();
    facts.reply_rule = coin() ? ReplyRule::mentioned : ReplyRule::none;
    facts.human_agent = coin();
    facts.account_is_ours = chance() % 5 != 0;
    if (coin()) facts.last_private_inbound_at = moment();
    facts.private_reply_used = coin();
    return facts;
}

TEST(ReplyRoutes, KeepTheirPromisesWhateverTheFacts)
{
    std::mt19937_64 chance(test::test_seed(41));
    for (int i = 0; i < 20'000; ++i) {
        const RouteFacts facts = any_facts(chance);
        Instant now = written;
        auto before = reply_routes(facts, now);
        for (int step = 0; step < 8; ++step) {
            now += Duration(std::chrono::minutes(chance() % (5 * 24 * 60)));
            const auto routes = reply_routes(facts, now);
            ASSERT_EQ(routes.back().kind, RouteKind::by_hand);
            ASSERT_TRUE(routes.back().open);
            ASSERT_EQ(routes.size(), before.size());
            for (std::size_t each = 0; each < routes.size(); ++each) {
                const ReplyRoute& route = routes[each];
                ASSERT_EQ(route.kind, before[each].kind);
                ASSERT_FALSE(route.open && route.until && now >= *route.until) << "open after its end";
                ASSERT_FALSE(route.open && !before[each].open) << "time alone opened " << to_string(route.kind);
                ASSERT_EQ(route.open, route.why.empty() || route.open) << "closed without a reason";
                ASSERT_EQ(route.instead.has_value(), !route.open);
                if (route.instead) { ASSERT_TRUE(find_route(routes, *route.instead)->open) << "sent to a closed door"; }
                if (before[each].open && before[each].until && now < *before[each].until) { ASSERT_TRUE(route.open) << "closed too early"; }
                if (before[each].open && !before[each].until) { ASSERT_TRUE(route.open) << "had no end"; }
            }
            before = routes;
        }
    }
}

} // namespace
} // namespace sportello::domain
