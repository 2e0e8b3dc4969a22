#include "desk.hpp"

#include <sportello/storage/messages.hpp>

// Merging, splitting, and a ticket's life, over the API.
namespace sportello {
namespace {

using domain::Role;
using test::body_of;
using test::Desk;
using test::json;

std::string at(std::int64_t id, const std::string& rest = "")
{
    return "/v1/tickets/" + std::to_string(id) + rest;
}

TEST(Regrouping, ATicketIsMergedAndTakenBack)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    const auto one = desk.ticket_from_x("mara", "@TIM_Sportello la linea è giù");
    const auto two = desk.ticket_from_x("mara", "@TIM_Sportello e la bolletta");
    const auto merged = desk.post(at(one, "/merge"), anna, {{"into", two}}, "key");
    ASSERT_EQ(merged.status, 200) << merged.body;
    EXPECT_EQ(body_of(merged).at("id"), two);
    EXPECT_EQ(body_of(merged).at("message_count"), 2);
    EXPECT_TRUE(merged.headers.has("ETag"));
    EXPECT_EQ(desk.post(at(one, "/merge"), anna, {{"into", two}}, "key").status, 200) << "a repeat";
    const auto aside = body_of(desk.get(at(one), anna));
    EXPECT_EQ(aside.at("status"), "closed");
    EXPECT_EQ(aside.at("aside"), "merged");
    EXPECT_EQ(aside.at("merged_into"), two);
    EXPECT_FALSE(aside.at("closed_at").is_null());
    EXPECT_EQ(aside.at("reasons").at("status"), "merged into ticket #" + std::to_string(two));
    EXPECT_EQ(desk.post(at(one, "/merge"), anna, {{"into", two}}).status, 409);
    const auto back = desk.del(at(one, "/merge"), anna);
    ASSERT_EQ(back.status, 200) << back.body;
    EXPECT_EQ(body_of(back).at("id"), one);
    EXPECT_TRUE(body_of(back).at("merged_into").is_null());
    EXPECT_EQ(desk.del(at(one, "/merge"), anna).status, 409);
}

TEST(Regrouping, MistakesNameTheirField)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    const auto one = desk.ticket_from_x("mara", "@TIM_Sportello la linea è giù");
    const auto pointer = [](const http::Response& response) {
        return body_of(response).at("errors").at(0).at("pointer").get<std::string>();
    };
    for (const json& body : {json{{"into", one}}, json{{"into", 999}}, json{{"into", "x"}}, json::object()}) {
        const auto refused = desk.post(at(one, "/merge"), anna, body);
        EXPECT_TRUE(refused.status == 422 || refused.status == 400) << refused.body;
        EXPECT_EQ(pointer(refused), "/into") << refused.body;
    }
    for (const json& body : {json{{"messages", json::array()}}, json{{"messages", {1}}}, json{{"messages", {999}}}}) {
        const auto refused = desk.post(at(one, "/split"), anna, body);
        EXPECT_EQ(refused.status, 422) << refused.body;
        EXPECT_EQ(pointer(refused), "/messages");
    }
    EXPECT_EQ(desk.post(at(one, "/split"), anna, {{"messages", {"x"}}}).status, 400);
    EXPECT_EQ(desk.del(at(one, "/split"), anna).status, 409);
}

TEST(Regrouping, OnlyTheTicketThatWasReadIsMergedOrSplit)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    const auto one = desk.ticket_from_x("mara", "@TIM_Sportello la linea è giù");
    const auto two = desk.ticket_from_x("mara", "@TIM_Sportello e la bolletta");
    for (const auto& [rest, body] :
         std::vector<std::pair<std::string, json>>{{"/merge", {{"into", two}}}, {"/split", {{"messages", {1}}}}}) {
        auto request = Desk::request(http::Method::post, at(one, rest), &anna, body.dump());
        request.headers.add("If-Match", "\"77\"");
        EXPECT_EQ(desk.send(request).status, 412) << rest;
    }
}

TEST(Regrouping, AnotherBrandsTicketsCannotBeReached)
{
    Desk desk({.automatic_assignment = false, .brand_for_each_channel = true});
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto anna = desk.person(Role::agent, "anna", {"tim"});
    const auto impresa = desk.ticket_from_x("mara", "@TIM_Sportello la linea è giù");
    const auto tim = desk.stored_ticket("mara", "text"); // of the brand tim
    EXPECT_EQ(desk.post(at(impresa, "/merge"), anna, {{"into", tim}}).status, 404);
    EXPECT_EQ(desk.post(at(tim, "/merge"), anna, {{"into", impresa}}).status, 422);
    EXPECT_EQ(desk.del(at(impresa, "/merge"), anna).status, 404);
    EXPECT_EQ(desk.post(at(impresa, "/split"), anna, {{"messages", {1}}}).status, 404);
    EXPECT_EQ(desk.del(at(impresa, "/split"), anna).status, 404);
    const auto across = desk.post(at(impresa, "/merge"), boss, {{"into", tim}});
    EXPECT_EQ(across.status, 422) << "never across brands: " << across.body;
}

TEST(Regrouping, AMessageBecomesATicketOfItsOwn)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello la linea è giù");
    const auto root = desk.house.count("SELECT platform_id FROM message WHERE id = 1");
    desk.house.customer_writes(test::House::handle, simulator::Kind::mention, "mara", "@TIM_Sportello e la bolletta", std::to_string(root));
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
    const auto made = desk.post(at(id, "/split"), anna, {{"messages", {2}}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(body_of(made).at("message_count"), 1);
    EXPECT_NE(body_of(made).at("id"), id);
    EXPECT_NE(body_of(made).at("reasons").at("ticket").get<std::string>().find("split from ticket #"), std::string::npos);
    const auto back = desk.del(at(body_of(made).at("id").get<std::int64_t>(), "/split"), anna);
    ASSERT_EQ(back.status, 200) << back.body;
    EXPECT_EQ(body_of(back).at("id"), id);
    EXPECT_EQ(body_of(back).at("message_count"), 2);
}

TEST(TicketLife, StatusAndPrioritySayWhyAndIfMatchCoversThem)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello la linea è giù");
    const auto held = desk.patch(at(id), anna, {{"status", "on_hold"}, {"status_reason", "aspetta il tecnico"}, {"priority", "high"}});
    ASSERT_EQ(held.status, 200) << held.body;
    EXPECT_EQ(body_of(held).at("reasons").at("status"), "aspetta il tecnico");
    EXPECT_EQ(body_of(held).at("reasons").at("priority"), "set by Name of anna");
    for (const json& change : {json{{"status", "solved"}}, json{{"status_reason", "x"}}, json{{"priority", "low"}}, json{{"subject", "x"}},
                               json{{"labels", {"x"}}}, json{{"snoozed_until", "2030-01-01T00:00:00Z"}}, json{{"assignee", nullptr}}}) {
        EXPECT_EQ(desk.patch(at(id), anna, change, "\"1\"").status, 412) << change.dump();
    }
    const auto solved =
        desk.patch(at(id), anna, {{"status", "solved"}}, "\"" + std::to_string(body_of(held).at("revision").get<int>()) + "\"");
    ASSERT_EQ(solved.status, 200) << solved.body;
    EXPECT_FALSE(body_of(solved).at("solved_at").is_null());
    EXPECT_TRUE(body_of(solved).at("reasons").at("status").is_null());
    EXPECT_EQ(desk.patch(at(id), anna, {{"snoozed_until", "2026-06-01T00:00:00Z"}}).status, 409);
    EXPECT_EQ(desk.patch(at(id), anna, {{"status", "closed"}}).status, 422);
}

} // namespace
} // namespace sportello
