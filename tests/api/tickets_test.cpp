#include "desk.hpp"

#include <set>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;
using test::Person;

class Tickets : public testing::Test {
protected:
    Desk desk;
    Person anna = desk.person(domain::Role::agent, "anna");
    Person bruno = desk.person(domain::Role::agent, "bruno");

    std::vector<std::int64_t> ids(const std::string& target)
    {
        std::vector<std::int64_t> found;
        const auto response = desk.get(target, anna);
        EXPECT_EQ(response.status, 200) << response.body;
        for (const auto& item : items_of(response)) found.push_back(item.at("id").get<std::int64_t>());
        return found;
    }
    static std::string address(std::int64_t id) { return "/v1/tickets/" + std::to_string(id); }
};

TEST_F(Tickets, ACustomersPostIsATicketWithItsMessage)
{
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello no <b>ADSL</b> since noon");
    const auto response = desk.get(address(id), anna);
    ASSERT_EQ(response.status, 200);
    const auto ticket = body_of(response);
    EXPECT_EQ(ticket.at("platform"), "twitter");
    EXPECT_EQ(ticket.at("status"), "new");
    EXPECT_TRUE(ticket.at("assignee").is_null());
    EXPECT_FALSE(ticket.at("due_at").is_null());
    EXPECT_FALSE(ticket.at("reasons").at("due").is_null());
    EXPECT_FALSE(ticket.at("reasons").at("ticket").is_null());
    EXPECT_TRUE(response.headers.find("ETag")->starts_with('"' + std::to_string(ticket.at("revision").get<int>()) + '-'));

    const auto timeline = body_of(desk.get(address(id) + "/timeline", anna)).at("items");
    std::size_t messages = 0;
    for (const auto& item : timeline) {
        if (item.at("kind") != "message") continue;
        ++messages;
        EXPECT_EQ(item.at("direction"), "inbound");
        EXPECT_EQ(item.at("author").at("kind"), "customer");
        EXPECT_NE(item.at("text").get<std::string>().find("no <b>ADSL</b>"), std::string::npos) << "text stays text";
    }
    EXPECT_EQ(messages, 1U);
}

TEST_F(Tickets, FiltersNarrowTheList)
{
    const auto first = desk.stored_ticket("one", "first");
    desk.house.run_for(1s);
    const auto second = desk.stored_ticket("two", "second");
    ASSERT_EQ(desk.post(address(first) + "/take", anna).status, 200);
    ASSERT_EQ(desk.patch(address(second), anna, {{"priority", "urgent"}, {"labels", {"guasto", "fibra"}}}).status, 200);
    using List = std::vector<std::int64_t>;
    EXPECT_EQ(ids("/v1/tickets?assignee=me"), List{first});
    EXPECT_EQ(ids("/v1/tickets?assignee=none"), List{second});
    EXPECT_EQ(ids("/v1/tickets?assignee=" + std::to_string(anna.id)), List{first});
    EXPECT_EQ(ids("/v1/tickets?priority=urgent"), List{second});
    EXPECT_EQ(ids("/v1/tickets?label=fibra"), List{second});
    EXPECT_EQ(ids("/v1/tickets?label=fib"), List{});
    EXPECT_EQ(ids("/v1/tickets?brand=tim&channel=tim-x").size(), 2U);
    EXPECT_EQ(ids("/v1/tickets?channel=tim-facebook"), List{});
    EXPECT_EQ(ids("/v1/tickets?status=solved,closed"), List{});
    EXPECT_EQ(ids("/v1/tickets?status=active").size(), 2U);
    EXPECT_EQ(ids("/v1/tickets?sort=due"), (List{second, first})) << "urgent comes first";
    EXPECT_EQ(ids("/v1/tickets?overdue=true"), List{});
    desk.house.run_for(2h);
    const auto again = desk.person(domain::Role::agent, "later");
    const auto late = body_of(desk.get("/v1/tickets?overdue=true", again)).at("items");
    EXPECT_EQ(late.size(), 2U);
    EXPECT_EQ(late.at(0).at("overdue"), true);
}

TEST_F(Tickets, AWrongFilterIsNamed)
{
    const std::pair<const char*, const char*> wrong[] = {{"status=opened", "query:status"},
                                                         {"assignee=anna", "query:assignee"},
                                                         {"brand=nobody", "query:brand"},
                                                         {"channel=tim", "query:channel"},
                                                         {"priority=9", "query:priority"},
                                                         {"limit=0", "query:limit"},
                                                         {"limit=101", "query:limit"},
                                                         {"sort=name", "query:sort"},
                                                         {"cursor=x", "query:cursor"},
                                                         {"overdue=1", "query:overdue"},
                                                         {"snoozed=1", "query:snoozed"},
                                                         {"customer=-1", "query:customer"},
                                                         {"from=2026-03-02T09:00:00Z", "query:from"}};
    for (const auto& [query, pointer] : wrong) {
        const auto response = desk.get("/v1/tickets?" + std::string(query), anna);
        EXPECT_EQ(response.status, 400) << query;
        EXPECT_EQ(body_of(response).at("errors").at(0).at("pointer"), pointer) << query;
    }
}

TEST_F(Tickets, PagesNeitherRepeatNorSkipWhileTheListGrows)
{
    for (const auto* sort : {"due", "-updated"}) {
        std::set<std::int64_t> there;
        for (int n = 0; n < 23; ++n) there.insert(desk.stored_ticket(std::string(sort) + std::to_string(n), "text"));
        std::set<std::int64_t> seen;
        std::string cursor;
        int pages = 0;
        do {
            const auto page = body_of(desk.get("/v1/tickets?limit=5&sort=" + std::string(sort) + cursor, anna));
            for (const auto& item : page.at("items")) {
                EXPECT_TRUE(seen.insert(item.at("id").get<std::int64_t>()).second) << "twice in " << sort;
            }
            cursor = page.at("next_cursor").is_null() ? "" : "&cursor=" + page.at("next_cursor").get<std::string>();
            desk.house.run_for(1s);
            desk.stored_ticket(std::string(sort) + " newcomer " + std::to_string(pages), "text");
        } while (!cursor.empty() && ++pages < 100);
        for (const auto id : there) EXPECT_TRUE(seen.contains(id)) << "ticket " << id << " skipped in " << sort;
    }
}

TEST_F(Tickets, OnlyOneOfTwoAgentsTakesIt)
{
    const auto id = desk.stored_ticket("mara", "no line");
    EXPECT_EQ(body_of(desk.post(address(id) + "/take", anna)).at("assignee").at("id"), anna.id);
    EXPECT_EQ(desk.post(address(id) + "/take", anna).status, 200) << "mine already";
    EXPECT_EQ(desk.post(address(id) + "/take", bruno).status, 409);
}

TEST_F(Tickets, TheNextOneIsTheMostUrgentAndIsTakenOnce)
{
    EXPECT_EQ(desk.post("/v1/tickets/next", anna).status, 204);
    const auto plain = desk.stored_ticket("one", "plain");
    const auto urgent = desk.stored_ticket("two", "urgent");
    ASSERT_EQ(desk.patch(address(urgent), anna, {{"priority", "urgent"}}).status, 200);
    EXPECT_EQ(body_of(desk.get("/v1/tickets/next", anna)).at("id"), urgent);
    EXPECT_EQ(body_of(desk.post("/v1/tickets/next", anna)).at("id"), urgent);
    EXPECT_EQ(body_of(desk.post("/v1/tickets/next", bruno)).at("id"), plain);
}

TEST_F(Tickets, AChangeByAnOldRevisionIsRefused)
{
    const auto id = desk.stored_ticket("mara", "no line");
    const auto tag = std::string(desk.get(address(id), anna).headers.find("ETag").value());
    const auto changed = desk.patch(address(id), anna, {{"subject", "Fibre cut"}}, tag);
    ASSERT_EQ(changed.status, 200);
    EXPECT_EQ(body_of(changed).at("subject"), "Fibre cut");
    const auto late = desk.patch(address(id), bruno, {{"subject", "Other"}}, tag);
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(desk.patch(address(id), bruno, {{"subject", "Other"}}, "\"nonsense\"").status, 412);
    EXPECT_EQ(desk.patch(address(id), bruno, {{"subject", "Other"}}, "*").status, 200);
}

TEST_F(Tickets, ChangesAreCheckedFieldByField)
{
    const auto id = desk.stored_ticket("mara", "no line");
    const std::tuple<json, int, const char*> wrong[] = {{{{"status", "closed"}}, 422, "/status"},
                                                        {{{"status", 1}}, 400, "/status"},
                                                        {{{"priority", "max"}}, 422, "/priority"},
                                                        {{{"subject", ""}}, 422, "/subject"},
                                                        {{{"labels", {"a", "a"}}}, 422, "/labels/1"},
                                                        {{{"assignee", 999}}, 422, "/assignee"},
                                                        {{{"assignee", "anna"}}, 400, "/assignee"},
                                                        {{{"brand", "other"}}, 400, "/brand"},
                                                        {{{"snoozed_until", "soon"}}, 422, "/snoozed_until"}};
    for (const auto& [body, status, pointer] : wrong) {
        const auto response = desk.patch(address(id), anna, body);
        EXPECT_EQ(response.status, status) << body << response.body;
        EXPECT_EQ(body_of(response).at("errors").at(0).at("pointer"), pointer) << body;
    }
    EXPECT_EQ(desk.patch(address(id), anna, json::object()).status, 422);
}

TEST_F(Tickets, AreSolvedSnoozedAndGivenBack)
{
    const auto id = desk.stored_ticket("mara", "no line");
    EXPECT_EQ(body_of(desk.patch(address(id), anna, {{"assignee", bruno.id}})).at("assignee").at("id"), bruno.id);
    EXPECT_TRUE(body_of(desk.patch(address(id), anna, {{"assignee", nullptr}})).at("assignee").is_null());
    const auto later = base::to_rfc3339(desk.house.clock.now() + 1h);
    EXPECT_EQ(body_of(desk.patch(address(id), anna, {{"snoozed_until", later}})).at("snoozed_until"), later);
    const auto other = desk.stored_ticket("sara", "also no line");
    using List = std::vector<std::int64_t>;
    EXPECT_EQ(ids("/v1/tickets?snoozed=true"), List{id});
    EXPECT_EQ(ids("/v1/tickets?snoozed=false"), List{other});
    EXPECT_EQ(ids("/v1/tickets?snoozed=true&sort=due"), List{}) << "what is put off waits in no queue";
    EXPECT_EQ(ids("/v1/tickets?snoozed=true&q=" + std::to_string(id)), List{id});
    EXPECT_EQ(ids("/v1/tickets?snoozed=true&q=" + std::to_string(other)), List{});
    EXPECT_TRUE(body_of(desk.patch(address(id), anna, {{"snoozed_until", nullptr}})).at("snoozed_until").is_null());
    EXPECT_EQ(ids("/v1/tickets?snoozed=true"), List{});
    EXPECT_EQ(body_of(desk.patch(address(id), anna, {{"status", "solved"}})).at("status"), "solved");
}

TEST_F(Tickets, ANoteWrittenTwiceWithOneKeyIsOneNote)
{
    const auto id = desk.stored_ticket("mara", "no line");
    const auto first = desk.post(address(id) + "/notes", anna, {{"text", "calls at six"}}, "key-1");
    ASSERT_EQ(first.status, 201) << first.body;
    const auto again = desk.post(address(id) + "/notes", anna, {{"text", "calls at six"}}, "key-1");
    EXPECT_EQ(body_of(again).at("id"), body_of(first).at("id"));
    const auto other = desk.post(address(id) + "/notes", anna, {{"text", "calls at seven"}}, "key-1");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(body_of(other).at("code"), "idempotency_mismatch");
    EXPECT_EQ(desk.post(address(id) + "/notes", bruno, {{"text", "calls at seven"}}, "key-1").status, 201) << "keys are per person";
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM note"), 2);
}

TEST_F(Tickets, AHandOverCarriesNumberNoteAndReference)
{
    const auto id = desk.stored_ticket("mara", "no line");
    const json body{{"callback_number", "+39 06 123 4567"}, {"note", "Line dead since noon"}};
    const auto handed = desk.post(address(id) + "/handover", anna, body, "h-1");
    ASSERT_EQ(handed.status, 201) << handed.body;
    EXPECT_EQ(body_of(handed).at("status"), "handed_to_phone");
    EXPECT_EQ(body_of(desk.post(address(id) + "/handover", anna, body, "h-1")).at("reference"), body_of(handed).at("reference"));
    EXPECT_EQ(body_of(desk.get(address(id), anna)).at("handover").at("reference"), body_of(handed).at("reference"));
    for (const auto* number : {"call me", "1234", "+39 06 1234567890123", "06-123;456"}) {
        const auto refused = desk.post(address(id) + "/handover", anna, {{"callback_number", number}, {"note", "x"}});
        EXPECT_EQ(refused.status, 422) << number;
    }
}

TEST_F(Tickets, TheTimelineIsPagedInOrder)
{
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    for (int n = 0; n < 7; ++n) {
        desk.house.run_for(1s);
        ASSERT_EQ(desk.post(address(id) + "/notes", anna, {{"text", "note " + std::to_string(n)}}).status, 201);
    }
    std::vector<std::string> notes;
    std::string cursor;
    do {
        const auto page = body_of(desk.get(address(id) + "/timeline?limit=3" + cursor, anna));
        for (const auto& item : page.at("items")) {
            if (item.at("kind") == "note") notes.push_back(item.at("text"));
        }
        cursor = page.at("next_cursor").is_null() ? "" : "&cursor=" + page.at("next_cursor").get<std::string>();
    } while (!cursor.empty());
    EXPECT_EQ(notes, (std::vector<std::string>{"note 0", "note 1", "note 2", "note 3", "note 4", "note 5", "note 6"}));
}

TEST_F(Tickets, WhatIsNotThereIsNotFound)
{
    for (const auto* target : {"/v1/tickets/999", "/v1/tickets/0", "/v1/tickets/abc", "/v1/tickets/999/timeline", "/v1/replies/9",
                               "/v1/tickets/99999999999999999999"}) {
        EXPECT_EQ(desk.get(target, anna).status, 404) << target;
    }
}

TEST_F(Tickets, TheFirstScreenShowsTheQueue)
{
    const auto id = desk.stored_ticket("mara", "no line");
    const auto first = body_of(desk.get("/v1/bootstrap", anna));
    EXPECT_EQ(first.at("me").at("id"), anna.id);
    EXPECT_EQ(first.at("csrf_token"), anna.csrf);
    EXPECT_EQ(first.at("tickets").at("items").at(0).at("id"), id);
    EXPECT_EQ(first.at("channels").size(), 2U);
}

} // namespace
} // namespace sportello
