#include "desk.hpp"

#include <sportello/storage/replies.hpp>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::House;
using test::items_of;
using test::json;
using test::Person;

class Routes : public testing::Test {
protected:
    Desk desk;
    Person anna = desk.person(domain::Role::agent, "anna");
    Person vera = desk.person(domain::Role::supervisor, "vera");

    std::string ticket_on_facebook(const std::string& text)
    {
        const auto post = desk.house.customer_writes(House::page, simulator::Kind::post, "Sara", text);
        EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
        return "/v1/tickets/" + std::to_string(desk.house.count("SELECT max(id) FROM ticket"));
    }
    std::string ticket_on_x(const std::string& text) { return "/v1/tickets/" + std::to_string(desk.ticket_from_x("mara", text)); }

    static json route(const json& routes, const std::string& kind)
    {
        for (const auto& one : routes.at("items")) {
            if (one.at("kind") == kind) return one;
        }
        return nullptr;
    }
    /// A reply of which nobody knows whether it is out.
    std::string uncertain_reply(const std::string& address)
    {
        simulator::Fault fault;
        fault.platform = simulator::Platform::twitter;
        fault.endpoint = simulator::Endpoint::public_write;
        fault.kind = simulator::FaultKind::cut_before;
        fault.count = 1;
        desk.house.simulator.faults().add(fault);
        const auto accepted = desk.post(address + "/replies", anna, {{"text", "We are on it."}, {"visibility", "public"}});
        EXPECT_EQ(accepted.status, 202) << accepted.body;
        desk.house.start();
        desk.house.run_for(1min);
        return "/v1/replies/" + body_of(accepted).at("id").dump();
    }
};

TEST_F(Routes, StandInTheTicketBeforeAnybodyTypes)
{
    const auto address = ticket_on_facebook("No line");
    const auto routes = body_of(desk.get(address, anna)).at("routes");
    EXPECT_EQ(route(routes, "public_reply").at("open"), true);
    EXPECT_EQ(route(routes, "public_reply").at("price_class"), "free");
    EXPECT_EQ(route(routes, "private_reply").at("open"), true);
    EXPECT_FALSE(route(routes, "private_reply").at("until").is_null());
    EXPECT_EQ(route(routes, "private_message").at("open"), false);
    EXPECT_EQ(route(routes, "private_message").at("instead"), "public_reply");
    EXPECT_EQ(route(routes, "invitation").at("link"), "https://m.me/104000000000002");
    EXPECT_EQ(routes.at("items").back().at("kind"), "by_hand");
    EXPECT_FALSE(routes.at("items").back().at("link").is_null());
}

TEST_F(Routes, AreListedForEachMessageTheNewestFirst)
{
    const auto address = ticket_on_x("@TIM_Sportello no line");
    desk.house.run_for(1min);
    const auto root = items_of(desk.get(address + "/timeline", anna)).at(0).at("platform_id").get<std::string>();
    desk.house.customer_writes(House::handle, simulator::Kind::mention, "mara", "@TIM_Sportello still none", root);
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
    const auto listed = items_of(desk.get(address + "/routes", anna));
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed.at(1).at("platform_id"), root);
    EXPECT_EQ(items_of(desk.get(address + "/routes?limit=1", anna)).size(), 1U);
    EXPECT_EQ(desk.get("/v1/tickets/999/routes", anna).status, 404);
}

TEST_F(Routes, OnesThatAreClosedAreRefusedWithTheReason)
{
    const auto address = ticket_on_x("@TIM_Sportello no line");
    const auto refused = desk.post(address + "/replies", anna, {{"text", "Privately"}, {"visibility", "private"}});
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_EQ(body_of(refused).at("code"), "route_closed");
    EXPECT_EQ(body_of(refused).at("detail"), "this person has never written to us in private");
    EXPECT_EQ(desk.post(address + "/replies", anna, {{"text", "x"}, {"visibility", "public"}, {"route", "by_hand"}}).status, 422);
    EXPECT_EQ(desk.post(address + "/replies", anna, {{"text", "x"}, {"visibility", "public"}, {"route", "private_message"}}).status, 422)
        << "private, and yet public";
    const auto unlinked = desk.post(address + "/replies", anna, {{"text", "x"}, {"visibility", "public"}, {"route", "invitation"}});
    EXPECT_EQ(unlinked.status, 422);
    EXPECT_EQ(body_of(unlinked).at("errors").at(0).at("pointer"), "/text");
    const json invitation{{"text", "Write to us: https://x.com/TIM_Sportello"}, {"visibility", "public"}, {"route", "invitation"}};
    EXPECT_EQ(body_of(desk.post(address + "/replies", anna, invitation)).at("route"), "invitation");
}

TEST_F(Routes, TheSameTextToTheSameMessageAsksFirst)
{
    const auto address = ticket_on_facebook("No line");
    const json body{{"text", "We are on it."}, {"visibility", "public"}};
    EXPECT_EQ(desk.post(address + "/replies", anna, body).status, 202);
    const auto again = desk.post(address + "/replies", anna, body);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(body_of(again).at("code"), "duplicate_text");
    json confirmed = body;
    confirmed["confirm_duplicate"] = true;
    EXPECT_EQ(desk.post(address + "/replies", anna, confirmed).status, 202);
}

TEST_F(Routes, ByHandTheTicketShowsWhoAnswersUntilItIsSeenOrGivenUp)
{
    const auto address = ticket_on_facebook("No line");
    const auto newest = body_of(desk.get(address, anna)).at("routes").at("message");
    const auto started = desk.post(address + "/by-hand", anna, {{"text", "We are on it."}, {"last_seen", newest}}, "k-1");
    ASSERT_EQ(started.status, 201) << started.body;
    EXPECT_FALSE(body_of(started).at("permalink").is_null());
    EXPECT_EQ(body_of(started).at("agent").at("id"), anna.id);
    EXPECT_EQ(body_of(desk.post(address + "/by-hand", anna, {{"text", "We are on it."}, {"last_seen", newest}}, "k-1")).at("id"),
              body_of(started).at("id"));
    EXPECT_EQ(desk.post(address + "/by-hand", vera, {{"text", "Me too"}}).status, 409);
    EXPECT_EQ(body_of(desk.get(address, vera)).at("by_hand").at("agent").at("name"), "Name of anna");
    EXPECT_EQ(body_of(desk.get(address, vera)).at("assignee").at("id"), anna.id);

    EXPECT_EQ(desk.post(address + "/by-hand/keep", anna).status, 200);
    EXPECT_EQ(desk.del(address + "/by-hand", anna).status, 200);
    EXPECT_TRUE(body_of(desk.get(address, vera)).at("by_hand").is_null());
    EXPECT_EQ(desk.del(address + "/by-hand", anna).status, 409);
    EXPECT_EQ(desk.post(address + "/by-hand", anna, {{"text", " "}}).status, 422);
}

TEST_F(Routes, UncertainRepliesAreListedForSupervisors)
{
    const auto address = ticket_on_x("@TIM_Sportello no line");
    const auto reply = uncertain_reply(address);
    EXPECT_EQ(desk.get("/v1/replies", anna).status, 403);
    auto listed = items_of(desk.get("/v1/replies?state=unknown,needs_decision", vera));
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.at(0).at("text"), "We are on it.");
    EXPECT_EQ(listed.at(0).at("delivery").at("state"), "unknown");
    EXPECT_EQ(listed.at(0).at("unresolved"), false);
    EXPECT_TRUE(items_of(desk.get("/v1/replies?state=needs_decision", vera)).empty());
    EXPECT_EQ(desk.get("/v1/replies?state=sent", vera).status, 400);
    desk.house.run_for(11min);
    listed = items_of(desk.get("/v1/replies", vera));
    EXPECT_EQ(listed.at(0).at("unresolved"), true);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM event WHERE type = 'reply.unresolved'"), 1);
    const auto other = desk.person(domain::Role::supervisor, "olga", {"another-brand"});
    EXPECT_TRUE(items_of(desk.get("/v1/replies", other)).empty());
}

TEST_F(Routes, AResendIsOrderedTwice)
{
    const auto reply = uncertain_reply(ticket_on_x("@TIM_Sportello no line"));
    const auto asked = desk.post(reply + "/decision", vera, {{"decision", "resend"}});
    EXPECT_EQ(asked.status, 409);
    EXPECT_EQ(body_of(asked).at("code"), "confirm_resend");
    EXPECT_EQ(desk.house.copies_on_platform("We are on it."), 0U);
    const auto ordered = desk.post(reply + "/decision", vera, {{"decision", "resend"}, {"confirmed", true}});
    EXPECT_EQ(ordered.status, 200) << ordered.body;
    desk.house.run_for(1min);
    EXPECT_EQ(body_of(desk.get(reply, vera)).at("delivery").at("state"), "published");
    EXPECT_EQ(desk.house.copies_on_platform("We are on it."), 1U);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM event WHERE type = 'reply.decided' AND actor_id IS NOT NULL"), 1);
}

TEST_F(Routes, WhatIsSaidToBeThereIsReadThereFirst)
{
    const auto reply = uncertain_reply(ticket_on_x("@TIM_Sportello no line"));
    const auto answered = desk.house.count("SELECT count(*) FROM message");
    ASSERT_EQ(answered, 1);
    // Somebody else's post, one that is nowhere, and no address at all.
    const auto theirs = desk.house.customer_writes(House::handle, simulator::Kind::mention, "luca", "@TIM_Sportello hello");
    for (const std::string& named : {"https://x.com/luca/status/" + theirs, std::string("https://x.com/TIM_Sportello/status/1234567"),
                                     std::string("https://example.com/")}) {
        const auto refused = desk.post(reply + "/decision", vera, {{"decision", "published"}, {"platform_id", named}});
        EXPECT_EQ(refused.status, 422) << named << refused.body;
    }
    // The company wrote it by hand, in other words: nothing matches, a person knows.
    const auto ours = desk.house.customer_writes(House::handle, simulator::Kind::mention, "TIM_Sportello", "We look into it");
    const json decision{{"decision", "published"}, {"platform_id", "https://x.com/TIM_Sportello/status/" + ours + "?s=20"}};
    const auto decided = desk.post(reply + "/decision", vera, decision);
    ASSERT_EQ(decided.status, 200) << decided.body;
    EXPECT_EQ(body_of(decided).at("delivery").at("state"), "published");
    EXPECT_EQ(body_of(decided).at("delivery").at("platform_id"), ours);
}

TEST_F(Routes, AFailedReplyIsTriedAgainFromThePartThatFailed)
{
    const auto address = ticket_on_x("@TIM_Sportello no line");
    std::string text;
    for (int i = 1; i <= 30; ++i) text += "Step " + std::to_string(i) + " of what to do. ";
    const auto accepted = desk.post(address + "/replies", anna, {{"text", text}, {"visibility", "public"}});
    ASSERT_EQ(accepted.status, 202) << accepted.body;
    const auto reply = "/v1/replies/" + body_of(accepted).at("id").dump();
    const auto count = body_of(accepted).at("delivery").at("parts").at("count").get<int>();
    EXPECT_EQ(body_of(accepted).at("delivery").at("parts").at("published"), 0);
    EXPECT_EQ(desk.post(reply + "/retry", anna).status, 409) << "it has not failed";
    auto break_off = [](storage::Transaction& tx) -> base::Result<void> {
        tx.run("UPDATE reply_part SET state = CASE number WHEN 1 THEN 'published' WHEN 2 THEN 'failed' ELSE 'cancelled' END, "
               "platform_id = CASE number WHEN 1 THEN '77' ELSE '' END");
        tx.run("UPDATE reply SET state = 'failed', reason = 'Refused.'");
        return {};
    };
    ASSERT_TRUE(desk.house.run(desk.house.db->write(break_off)));

    const auto shown = body_of(desk.get(reply, anna)).at("delivery");
    EXPECT_EQ(shown,
              (json{{"state", "failed"}, {"reason", "Refused."}, {"parts", {{"count", count}, {"published", 1}}}, {"can_retry", true}}));
    for (const auto& item : items_of(desk.get(address + "/timeline", anna))) {
        if (item.at("kind") != "reply") continue;
        EXPECT_EQ(item.at("delivery"), shown);
    }
    EXPECT_EQ(desk.post(reply + "/retry", anna, {{"last_seen", 0}}).status, 422);
    EXPECT_EQ(desk.post(reply + "/retry", desk.person(domain::Role::agent, "olga", {"another-brand"})).status, 404);
    const auto retried = desk.post(reply + "/retry", anna);
    ASSERT_EQ(retried.status, 202) << retried.body;
    EXPECT_EQ(body_of(retried).at("delivery"), (json{{"state", "sending"}, {"parts", {{"count", count}, {"published", 1}}}}));
    EXPECT_EQ(desk.post(reply + "/retry", anna).status, 409);
}

} // namespace
} // namespace sportello
