#include "desk.hpp"

namespace sportello {
namespace {

using test::body_of;
using test::Desk;
using test::items_of;
using test::json;

struct Shifts : testing::Test {
    Desk desk;
    test::Person anna = desk.person(domain::Role::agent, "anna");
    test::Person bruno = desk.person(domain::Role::agent, "bruno");
    test::Person chief = desk.person(domain::Role::supervisor, "chief");

    json rota{{"items",
               {{{"agent", "anna"},
                 {"entries",
                  {{{"day", "monday"}, {"kind", "shift"}, {"hours", "09:00-13:00, 14:00-18:00"}},
                   {{"day", "2099-03-02"}, {"kind", "sickness"}, {"hours", ""}, {"note", "flu, at home"}}}}}}}};

    http::Response csv(const std::string& text, const test::Person& who)
    {
        auto request = Desk::request(http::Method::put, "/v1/shifts", &who, text);
        request.headers.set("Content-Type", "text/csv");
        return desk.send(request);
    }
};

TEST_F(Shifts, AreWrittenBySupervisorsAndGoRoundInBothForms)
{
    EXPECT_EQ(desk.put("/v1/shifts", anna, rota).status, 403);
    ASSERT_EQ(desk.put("/v1/shifts", chief, rota).status, 204);
    const auto read = body_of(desk.get("/v1/shifts", chief));
    ASSERT_EQ(read.at("items").size(), 1U);
    EXPECT_EQ(read.at("items").at(0).at("entries").at(0).at("hours"), "09:00-13:00, 14:00-18:00");
    auto again = read;
    again.erase("next_cursor");
    EXPECT_EQ(desk.put("/v1/shifts", chief, again).status, 204) << "what GET answers may be sent back";
    const auto text = desk.get("/v1/shifts?format=csv", chief);
    EXPECT_EQ(text.headers.find("Content-Type"), "text/csv; charset=utf-8");
    EXPECT_NE(text.body.find("anna,2099-03-02,sickness,,\"flu, at home\"\r\n"), std::string::npos) << text.body;
    EXPECT_EQ(csv(text.body, chief).status, 204);
    EXPECT_EQ(body_of(desk.get("/v1/shifts", chief)), read);
    EXPECT_EQ(csv(text.body, anna).status, 403);
    EXPECT_EQ(desk.put("/v1/shifts", chief, {{"items", {{{"agent", "anna"}, {"entries", json::array()}}}}}).status, 204);
    EXPECT_TRUE(items_of(desk.get("/v1/shifts", chief)).empty());
}

TEST_F(Shifts, ColleaguesLearnOfAbsencesButNotWhy)
{
    ASSERT_EQ(desk.put("/v1/shifts", chief, rota).status, 204);
    const auto own = items_of(desk.get("/v1/shifts", anna)).at(0).at("entries").at(1);
    EXPECT_EQ(own.at("kind"), "sickness");
    const auto seen = items_of(desk.get("/v1/shifts", bruno)).at(0).at("entries").at(1);
    EXPECT_EQ(seen.at("kind"), "leave");
    EXPECT_EQ(seen.at("note"), "");
    EXPECT_EQ(desk.get("/v1/shifts?format=csv", bruno).body.find("flu"), std::string::npos);
}

TEST_F(Shifts, AnotherBrandsPeopleAreNotThere)
{
    const auto stranger = desk.person(domain::Role::supervisor, "stranger", {"other"});
    const auto dora = desk.person(domain::Role::agent, "dora", {"tim"});
    auto body = rota;
    body["items"][0]["agent"] = "dora";
    const auto refused = desk.put("/v1/shifts", stranger, body);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(body_of(refused).at("errors").at(0).at("pointer"), "/items/0/agent");
    ASSERT_EQ(desk.put("/v1/shifts", chief, body).status, 204);
    EXPECT_TRUE(items_of(desk.get("/v1/shifts", stranger)).empty());
}

TEST_F(Shifts, AreCheckedFieldByField)
{
    const std::tuple<const char*, json, const char*, int> wrong[] = {{"/items/0/entries/0/day", "someday", "/items/0/entries/0/day", 422},
                                                                     {"/items/0/entries/0/hours", "9-18", "/items/0/entries/0/hours", 422},
                                                                     {"/items/0/entries/0/kind", "work", "/items/0/entries/0/kind", 422},
                                                                     {"/items/0/agent", "nobody", "/items/0/agent", 422},
                                                                     {"/items/0/entries", 7, "/items/0/entries", 400},
                                                                     {"/items/0/colour", "red", "/items/0/colour", 400}};
    for (const auto& [where, value, pointer, status] : wrong) {
        auto body = rota;
        body[json::json_pointer(where)] = value;
        const auto response = desk.put("/v1/shifts", chief, body);
        EXPECT_EQ(response.status, status) << where << response.body;
        EXPECT_EQ(body_of(response).at("errors").at(0).at("pointer"), pointer) << response.body;
    }
    EXPECT_EQ(csv("agent,day,kind,hours\nanna,monday,shift,9-18\n", chief).status, 422);
    EXPECT_EQ(csv("agent,day,kind,hours\n\"anna", chief).status, 422);
    auto elsewhere = Desk::request(http::Method::post, "/v1/tokens", &chief, "a,b");
    elsewhere.headers.set("Content-Type", "text/csv");
    EXPECT_EQ(desk.send(elsewhere).status, 415);
    EXPECT_EQ(desk.get("/v1/shifts?format=xml", chief).status, 400);
    EXPECT_EQ(desk.get("/v1/shifts?from=2026-02-30", chief).status, 400);
}

TEST_F(Shifts, TellWhatAWeekLacks)
{
    auto coverage = body_of(desk.get("/v1/shifts/coverage?week=2026-W10", anna));
    EXPECT_EQ(coverage.at("week"), "2026-03-02");
    EXPECT_TRUE(coverage.at("items").empty()) << "without a rota nothing is known";
    EXPECT_EQ(coverage.at("unknown"), json::array({"tim"}));
    ASSERT_EQ(desk.put("/v1/shifts", chief, rota).status, 204);
    coverage = body_of(desk.get("/v1/shifts/coverage?week=2026-03-05", anna));
    EXPECT_EQ(coverage.at("items").at(0).at("brand"), "tim");
    EXPECT_EQ(coverage.at("items").at(0).at("from"), "2026-03-01T23:00:00Z") << "the house is open around the clock, Anna is not there";
    for (const char* week : {"2026-W54", "2026-W00", "2026-w10", "x", "9999-W10"}) {
        EXPECT_EQ(desk.get(std::string("/v1/shifts/coverage?week=") + week, anna).status, 400) << week;
    }
}

} // namespace
} // namespace sportello
