#include "desk.hpp"

#include <sportello/storage/ratings.hpp>
#include <sportello/storage/tickets.hpp>

// Canned replies, macros, reminders and ratings, over the API.
namespace sportello {
namespace {

using domain::Role;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;

std::string pointer_of(const http::Response& response)
{
    return body_of(response).at("errors").at(0).at("pointer").get<std::string>();
}

TEST(AidsApi, SupervisorsWriteCannedRepliesAndAgentsUseThem)
{
    Desk desk;
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto anna = desk.person(Role::agent, "anna");
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello {{signature}}");
    const auto made =
        desk.post("/v1/canned-replies", boss,
                  {{"name", "Saluti"}, {"brand", "tim"}, {"text", "Ciao {{customer.name}}: {{ticket.subject}} {{signature}}"}}, "k");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto canned = body_of(made).at("id").get<std::int64_t>();
    EXPECT_EQ(
        body_of(desk.post("/v1/canned-replies", boss,
                          {{"name", "Saluti"}, {"brand", "tim"}, {"text", "Ciao {{customer.name}}: {{ticket.subject}} {{signature}}"}},
                          "k"))
            .at("id"),
        canned);
    const auto address = "/v1/canned-replies/" + std::to_string(canned);
    const auto expanded = body_of(desk.post(address + "/expand", anna, {{"ticket", id}}));
    EXPECT_EQ(expanded.at("text"), "Ciao mara: @TIM_Sportello {{signature}} ");
    EXPECT_EQ(expanded.at("missing"), json::array({"signature"}));
    EXPECT_EQ(desk.post("/v1/canned-replies", boss, {{"name", "Saluti"}, {"brand", "tim"}, {"text", "x"}}).status, 409);
    const auto wrong = desk.post("/v1/canned-replies", boss, {{"name", "IBAN"}, {"text", "{{customer.iban}}"}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(pointer_of(wrong), "/text");
    EXPECT_EQ(pointer_of(desk.post("/v1/canned-replies", boss, {{"name", "x"}, {"text", "x"}, {"brand", "nobody"}})), "/brand");
    EXPECT_EQ(pointer_of(desk.post("/v1/canned-replies", boss, {{"name", "x"}, {"text", "x"}, {"language", "italian"}})), "/language");
    EXPECT_EQ(desk.post("/v1/canned-replies", boss, json::object()).status, 400);
    const auto changed = desk.patch(address, boss, {{"text", "Salve"}}, "\"1\"");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(body_of(changed).at("name"), "Saluti");
    EXPECT_EQ(desk.patch(address, boss, {{"text", "x"}}, "\"1\"").status, 412);
    EXPECT_EQ(body_of(desk.get(address, anna)).at("text"), "Salve");
    EXPECT_EQ(desk.del(address, boss).status, 204);
    EXPECT_EQ(desk.get(address, anna).status, 404);
    EXPECT_EQ(desk.post(address + "/expand", anna, {{"ticket", id}}).status, 404);
}

TEST(AidsApi, TheListIsPagedAndFiltered)
{
    Desk desk;
    const auto boss = desk.person(Role::supervisor, "boss");
    for (const auto& [brand, language] : {std::pair("tim", "it"), std::pair("", "it"), std::pair("tim", "en"), std::pair("", "")}) {
        ASSERT_EQ(
            desk.post("/v1/canned-replies", boss, {{"name", "Saluti"}, {"brand", brand}, {"language", language}, {"text", "x"}}).status,
            201);
    }
    EXPECT_EQ(items_of(desk.get("/v1/canned-replies?language=it", boss)).size(), 3U);
    EXPECT_EQ(items_of(desk.get("/v1/canned-replies?brand=other", boss)).size(), 2U);
    std::string cursor;
    std::size_t seen = 0;
    for (int page = 0; page < 10; ++page) {
        const auto body = body_of(desk.get("/v1/canned-replies?limit=3" + cursor, boss));
        seen += body.at("items").size();
        if (body.at("next_cursor").is_null()) break;
        cursor = "&cursor=" + body.at("next_cursor").get<std::string>();
    }
    EXPECT_EQ(seen, 4U);
    EXPECT_EQ(desk.get("/v1/canned-replies?cursor=x", boss).status, 400);
}

TEST(AidsApi, WhatIsOfOneBrandIsOfThatBrand)
{
    Desk desk({.automatic_assignment = false, .brand_for_each_channel = true});
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto lower = desk.person(Role::supervisor, "lower", {"tim"});
    const auto made = desk.post("/v1/canned-replies", boss, {{"name", "Impresa"}, {"brand", "impresa"}, {"text", "x"}});
    const auto of_all = desk.post("/v1/canned-replies", boss, {{"name", "Tutti"}, {"text", "x"}});
    const auto impresa = "/v1/canned-replies/" + std::to_string(body_of(made).at("id").get<std::int64_t>());
    const auto all = "/v1/canned-replies/" + std::to_string(body_of(of_all).at("id").get<std::int64_t>());
    EXPECT_EQ(items_of(desk.get("/v1/canned-replies", lower)).size(), 1U);
    EXPECT_EQ(desk.get(impresa, lower).status, 404);
    EXPECT_EQ(desk.patch(impresa, lower, {{"text", "y"}}).status, 404);
    EXPECT_EQ(desk.del(impresa, lower).status, 404);
    EXPECT_EQ(desk.get(all, lower).status, 200);
    EXPECT_EQ(desk.patch(all, lower, {{"text", "y"}}).status, 403);
    EXPECT_EQ(desk.post("/v1/canned-replies", lower, {{"name", "x"}, {"brand", "impresa"}, {"text", "x"}}).status, 422);
    EXPECT_EQ(desk.post("/v1/canned-replies", lower, {{"name", "x"}, {"text", "x"}}).status, 403);
    EXPECT_EQ(desk.post("/v1/canned-replies", lower, {{"name", "x"}, {"brand", "tim"}, {"text", "x"}}).status, 201);
    const auto tim = desk.stored_ticket("mara", "text");
    EXPECT_EQ(desk.post(impresa + "/expand", boss, {{"ticket", tim}}).status, 409);
    EXPECT_EQ(desk.post(all + "/expand", boss, {{"ticket", 999}}).status, 422);
}

TEST(AidsApi, AMacroIsWrittenChangedAndApplied)
{
    Desk desk;
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto anna = desk.person(Role::agent, "anna");
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello la linea è giù");
    EXPECT_EQ(desk.post("/v1/macros", boss, {{"name", "Niente"}}).status, 422);
    EXPECT_EQ(pointer_of(desk.post("/v1/macros", boss, {{"name", "x"}, {"canned_reply", 99}})), "/canned_reply");
    EXPECT_EQ(pointer_of(desk.post("/v1/macros", boss, {{"name", "x"}, {"status", "closed"}})), "/status");
    EXPECT_EQ(pointer_of(desk.post("/v1/macros", boss, {{"name", "x"}, {"note", "{{x}}"}})), "/note");
    const auto made =
        desk.post("/v1/macros", boss, {{"name", "Guasto"}, {"status", "on_hold"}, {"add_labels", {"guasto"}}, {"take", true}});
    ASSERT_EQ(made.status, 201) << made.body;
    const auto address = "/v1/macros/" + std::to_string(body_of(made).at("id").get<std::int64_t>());
    const auto changed = body_of(desk.patch(address, boss, {{"priority", "high"}}));
    EXPECT_EQ(changed.at("status"), "on_hold") << "what was not sent stays";
    EXPECT_EQ(changed.at("add_labels"), json::array({"guasto"}));
    EXPECT_EQ(desk.post("/v1/macros", anna, {{"name", "x"}, {"take", true}}).status, 403);
    const auto done = desk.post(address + "/apply", anna, {{"ticket", id}}, "key");
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(body_of(done).at("done"), json::array({"taken by Name of anna", "priority high", "labels guasto", "status on_hold"}));
    const auto ticket = body_of(desk.get("/v1/tickets/" + std::to_string(id), anna));
    EXPECT_EQ(ticket.at("status"), "on_hold");
    EXPECT_EQ(ticket.at("labels"), json::array({"guasto"}));
    EXPECT_EQ(ticket.at("reasons").at("priority"), "by the macro Guasto");
    EXPECT_EQ(desk.post(address + "/apply", anna, {{"ticket", 999}}).status, 422);
    const auto stranger = desk.person(Role::agent, "stranger", {"other"});
    EXPECT_EQ(desk.post(address + "/apply", stranger, {{"ticket", id}}).status, 422);
    EXPECT_EQ(desk.del(address, boss).status, 204);
}

TEST(AidsApi, RemindersAreOnesOwn)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    const auto bruno = desk.person(Role::agent, "bruno");
    const auto stranger = desk.person(Role::agent, "stranger", {"other"});
    const auto id = std::to_string(desk.stored_ticket("mara", "text"));
    const auto when = base::to_rfc3339(desk.house.clock.now() + std::chrono::hours(1));
    const auto made = desk.post("/v1/tickets/" + id + "/reminders", anna, {{"at", when}, {"text", "richiamare"}});
    ASSERT_EQ(made.status, 201) << made.body;
    const auto address = "/v1/reminders/" + std::to_string(body_of(made).at("id").get<std::int64_t>());
    EXPECT_EQ(items_of(desk.get("/v1/reminders", anna)).at(0).at("text"), "richiamare");
    EXPECT_TRUE(items_of(desk.get("/v1/reminders", bruno)).empty());
    EXPECT_EQ(desk.del(address, bruno).status, 404);
    EXPECT_EQ(desk.post("/v1/tickets/" + id + "/reminders", stranger, {{"at", when}}).status, 404);
    EXPECT_EQ(pointer_of(desk.post("/v1/tickets/" + id + "/reminders", anna, {{"at", "2020-01-01T00:00:00Z"}})), "/at");
    EXPECT_EQ(pointer_of(desk.post("/v1/tickets/" + id + "/reminders", anna, {{"at", nullptr}})), "/at");
    EXPECT_EQ(desk.post("/v1/tickets/" + id + "/reminders", anna, json::object()).status, 400);
    EXPECT_EQ(desk.del(address, anna).status, 204);
    EXPECT_TRUE(items_of(desk.get("/v1/reminders", anna)).empty());

    const auto soon = base::to_rfc3339(desk.house.clock.now() + std::chrono::minutes(2));
    ASSERT_EQ(desk.post("/v1/tickets/" + id + "/reminders", anna, {{"at", soon}, {"text", "richiamare"}}).status, 201);
    desk.house.start();
    desk.house.run_for(std::chrono::minutes(3));
    const auto told = items_of(desk.get("/v1/notifications", anna));
    ASSERT_EQ(told.size(), 1U) << "for who was away when it came due";
    EXPECT_EQ(told.at(0).at("kind"), "reminder");
    EXPECT_EQ(told.at(0).at("text"), "richiamare");
    EXPECT_EQ(told.at(0).at("ticket").dump(), id);
    EXPECT_TRUE(items_of(desk.get("/v1/notifications", bruno)).empty());
}

TEST(AidsApi, TheReportCountsWhatWasAskedAndGiven)
{
    Desk desk;
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto stranger = desk.person(Role::supervisor, "stranger", {"other"});
    const auto id = desk.stored_ticket("mara", "text");
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        for (const int score : {4, 5, 0}) {
            storage::Rating rating;
            rating.ticket = domain::TicketId{id};
            rating.brand = "tim";
            rating.channel = "tim-x";
            rating.identity = storage::find_ticket(tx, rating.ticket)->identity;
            rating.agent = domain::AgentId{boss.id};
            rating.id = storage::insert_rating(tx, rating);
            rating.state = storage::Rating::State::asked;
            rating.asked_at = desk.house.clock.now();
            if (score > 0) rating.score = score;
            storage::save_rating(tx, rating);
        }
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(unit));
    const auto of_brand = items_of(desk.get("/v1/reports/ratings", boss));
    ASSERT_EQ(of_brand.size(), 1U);
    EXPECT_EQ(of_brand.at(0).at("key"), "tim");
    EXPECT_EQ(of_brand.at(0).at("asked"), 3);
    EXPECT_EQ(of_brand.at(0).at("given"), 2);
    EXPECT_EQ(of_brand.at(0).at("average"), 4.5);
    EXPECT_EQ(items_of(desk.get("/v1/reports/ratings?group_by=agent&agent=me", boss)).at(0).at("key"), std::to_string(boss.id));
    EXPECT_EQ(items_of(desk.get("/v1/reports/ratings?group_by=day,channel", boss)).at(0).at("given"), 2);
    EXPECT_TRUE(items_of(desk.get("/v1/reports/ratings", stranger)).empty());
    EXPECT_EQ(desk.get("/v1/reports/ratings?brand=tim", stranger).status, 400);
    EXPECT_EQ(desk.get("/v1/reports/ratings?group_by=moon", boss).status, 400);
}

} // namespace
} // namespace sportello
