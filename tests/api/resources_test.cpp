// Labels, views, what is noted of a person, many tickets at once, one text to a selection, and what is done to a message on
// its platform.
#include "desk.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using simulator::Kind;
using test::body_of;
using test::Desk;
using test::House;
using test::items_of;
using test::json;
using test::Person;

class Resources : public testing::Test {
protected:
    Desk desk{{.agents = 1, .automatic_assignment = false}};
    Person anna = desk.person(domain::Role::agent, "anna");
    Person bruno = desk.person(domain::Role::agent, "bruno");
    Person vera = desk.person(domain::Role::supervisor, "vera");
    Person stranger = desk.person(domain::Role::supervisor, "stranger", {"other"});

    static std::string address(std::int64_t ticket) { return "/v1/tickets/" + std::to_string(ticket); }
    std::int64_t events(const std::string& type) { return desk.house.count("SELECT count(*) FROM event WHERE type = '" + type + "'"); }
    std::int64_t newest(const char* table) { return desk.house.count(std::string("SELECT max(id) FROM ") + table); }
    http::Response patch_with(const std::string& target, const Person& who, const json& body, const std::string& tag)
    {
        return desk.patch(target, who, body, tag);
    }
};

TEST_F(Resources, LabelsAreKnownChangedRetiredAndForgotten)
{
    const auto made = desk.post("/v1/labels", vera, {{"name", "guasto"}, {"color", "#a81d16"}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(desk.post("/v1/labels", vera, {{"name", "guasto"}}).status, 409);
    EXPECT_EQ(desk.post("/v1/labels", anna, {{"name", "fattura"}}).status, 403);
    EXPECT_EQ(desk.post("/v1/labels", vera, {{"name", "fattura"}, {"color", "red"}}).status, 422);
    const auto tag = std::string(made.headers.find("ETag").value());
    EXPECT_EQ(desk.patch("/v1/labels/guasto", vera, {{"retired", true}}, tag).status, 200);
    EXPECT_EQ(desk.patch("/v1/labels/guasto", vera, {{"retired", false}}, tag).status, 412);
    EXPECT_EQ(items_of(desk.get("/v1/labels", anna)).at(0).at("retired"), true);
    EXPECT_EQ(desk.del("/v1/labels/guasto", vera).status, 204);
    EXPECT_EQ(desk.get("/v1/labels/guasto", anna).status, 404);
    EXPECT_EQ(events("label.changed"), 1);
}

TEST_F(Resources, ASavedViewIsItsOwnersUnlessItIsShared)
{
    const auto ticket = desk.stored_ticket("mara", "No line");
    desk.stored_ticket("luca", "A bill");
    EXPECT_EQ(desk.patch(address(ticket), vera, {{"labels", {"guasto"}}, {"priority", "high"}}).status, 200);
    const auto made = desk.post("/v1/views", anna, {{"name", "Dead lines"}, {"filters", {{"label", "guasto"}, {"sort", "-updated"}}}});
    ASSERT_EQ(made.status, 201) << made.body;
    const auto view = body_of(made).at("id").dump();
    EXPECT_EQ(items_of(desk.get("/v1/tickets?view=" + view, anna)).size(), 1U);
    EXPECT_EQ(items_of(desk.get("/v1/tickets?view=" + view + "&priority=low", anna)).size(), 0U) << "what is asked for narrows it";
    EXPECT_EQ(items_of(desk.get("/v1/tickets?view=" + view + "&label=other", anna)).size(), 0U) << "what is asked for itself counts";
    EXPECT_EQ(desk.get("/v1/tickets?view=" + view, bruno).status, 400);
    EXPECT_EQ(desk.get("/v1/views/" + view, bruno).status, 404);
    EXPECT_EQ(desk.patch("/v1/views/" + view, anna, {{"shared", true}}).status, 200);
    EXPECT_EQ(items_of(desk.get("/v1/tickets?view=" + view, bruno)).size(), 1U);
    EXPECT_EQ(desk.patch("/v1/views/" + view, bruno, {{"name", "Mine now"}}).status, 403);
    EXPECT_EQ(items_of(desk.get("/v1/views", bruno)).at(0).at("mine"), false);
    EXPECT_EQ(desk.post("/v1/views", anna, {{"name", "Odd"}, {"filters", {{"colour", "red"}}}}).status, 422);
    EXPECT_EQ(desk.post("/v1/views", anna, {{"name", "Odd"}, {"filters", {{"brand", "nobody"}}}}).status, 422);
    EXPECT_EQ(desk.post("/v1/views", anna, {{"name", "Dead lines"}, {"filters", json::object()}}).status, 409);
    EXPECT_EQ(desk.del("/v1/views/" + view, vera).status, 204) << "a shared one is the supervisors' too";
}

TEST_F(Resources, ACustomerHasACardAndNotes)
{
    desk.stored_ticket("mara", "No line");
    const auto customer = "/v1/customers/" + std::to_string(newest("customer"));
    const auto tag = std::string(desk.get(customer, anna).headers.find("ETag").value());
    const auto changed = desk.patch(customer, anna, {{"contract_reference", "TIM-0044"}, {"labels", {"business", "a"}}}, tag);
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(body_of(changed).at("labels"), json({"a", "business"}));
    EXPECT_EQ(desk.patch(customer, anna, {{"contract_reference", "TIM-0045"}}, tag).status, 412);
    EXPECT_EQ(items_of(desk.get("/v1/customers?contract_reference=TIM-0044", anna)).size(), 1U);
    EXPECT_EQ(items_of(desk.get("/v1/customers?contract_reference=TIM-0045", anna)).size(), 0U);
    EXPECT_EQ(items_of(desk.get("/v1/customers", stranger)).size(), 0U);
    EXPECT_EQ(desk.patch(customer, stranger, {{"name", "X"}}).status, 404);

    const auto note = desk.post(customer + "/notes", anna, {{"text", "Calls back after six"}}, "k-1");
    ASSERT_EQ(note.status, 201) << note.body;
    EXPECT_EQ(items_of(desk.get(customer + "/notes", bruno)).at(0).at("author").at("name"), "Name of anna");
    const auto of_note = customer + "/notes/" + body_of(note).at("id").dump();
    EXPECT_EQ(desk.del(of_note, bruno).status, 403);
    EXPECT_EQ(desk.del(of_note, stranger).status, 404);
    EXPECT_EQ(desk.del(of_note, anna).status, 204);
    for (int n = 0; n < 5; ++n) desk.stored_ticket("p" + std::to_string(n), "No line");
    std::set<std::int64_t> seen;
    std::string cursor;
    do {
        const auto page = body_of(desk.get("/v1/customers?limit=2" + cursor, anna));
        for (const auto& one : page.at("items")) seen.insert(one.at("id").get<std::int64_t>());
        cursor = page.at("next_cursor").is_null() ? "" : "&cursor=" + page.at("next_cursor").get<std::string>();
    } while (!cursor.empty());
    EXPECT_EQ(seen.size(), 6U);
}

TEST_F(Resources, ManyTicketsAreChangedEachWithItsResultAndItsUndo)
{
    const auto one = desk.stored_ticket("mara", "No line");
    const auto two = desk.stored_ticket("luca", "No line");
    const auto solved = desk.post("/v1/tickets/bulk", anna,
                                  {{"items", {{{"ticket", one}}, {{"ticket", two}, {"revision", 99}}, {{"ticket", 777}}}},
                                   {"change", {{"status", "solved"}, {"add_labels", {"guasto"}}, {"take", true}}}},
                                  "k-1");
    ASSERT_EQ(solved.status, 200) << solved.body;
    const auto items = items_of(solved);
    EXPECT_EQ(items.at(0).at("status"), 200);
    EXPECT_EQ(items.at(0).at("undo").at("status"), "open");
    EXPECT_EQ(items.at(0).at("undo").at("assignee"), nullptr);
    EXPECT_EQ(items.at(0).at("undo").at("labels"), json::array());
    EXPECT_EQ(items.at(1).at("status"), 409);
    EXPECT_EQ(items.at(2).at("status"), 404);
    EXPECT_EQ(body_of(solved).at("changed"), 1);
    EXPECT_EQ(body_of(desk.get(address(one), anna)).at("labels"), json({"guasto"}));
    EXPECT_EQ(desk.patch(address(one), anna, items.at(0).at("undo")).status, 200);
    EXPECT_EQ(body_of(desk.get(address(one), anna)).at("status"), "open");
    EXPECT_TRUE(body_of(desk.get(address(one), anna)).at("labels").empty());
    const json twice{{"items", {{{"ticket", one}}, {{"ticket", one}}}}, {"change", {{"priority", "high"}}}};
    EXPECT_EQ(desk.post("/v1/tickets/bulk", anna, twice).status, 422);
    EXPECT_EQ(desk.post("/v1/tickets/bulk", anna, {{"items", {{{"ticket", one}}}}, {"change", json::object()}}).status, 422);
    const json of_another{{"items", {{{"ticket", one}}}}, {"change", {{"priority", "high"}}}};
    EXPECT_EQ(items_of(desk.post("/v1/tickets/bulk", stranger, of_another)).at(0).at("status"), 404);
}

TEST_F(Resources, OneTextGoesToASelectionByNameAndPaced)
{
    desk.house.start();
    const auto one = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    const auto two = desk.ticket_from_x("luca", "@TIM_Sportello no line either");
    const json tickets = {one, two};
    const auto preview = body_of(desk.post("/v1/broadcasts/preview", anna, {{"tickets", tickets}}));
    EXPECT_EQ(preview.at("eligible"), 2);
    EXPECT_EQ(desk.post("/v1/broadcasts", anna, {{"tickets", {one, 777}}, {"text", "x"}}).status, 422);
    EXPECT_EQ(desk.post("/v1/broadcasts", anna, {{"tickets", tickets}, {"text", "In {place}"}}).status, 422);
    const auto sent = desk.post("/v1/broadcasts", anna, {{"tickets", tickets}, {"text", "Hello {name}, it works again."}}, "k-1");
    ASSERT_EQ(sent.status, 202) << sent.body;
    const auto broadcast = "/v1/broadcasts/" + body_of(sent).at("id").dump();
    EXPECT_TRUE(body_of(sent).at("incident").is_null());
    desk.house.run_for(10min);
    const auto done = body_of(desk.get(broadcast, anna));
    EXPECT_EQ(done.at("state"), "done") << done;
    EXPECT_EQ(done.at("published"), 2) << done;
    EXPECT_EQ(desk.get(broadcast, bruno).status, 404);
    EXPECT_EQ(desk.get(broadcast, vera).status, 200);
    EXPECT_EQ(items_of(desk.get("/v1/broadcasts", anna)).size(), 1U);
    EXPECT_EQ(desk.post(broadcast + "/stop", anna).status, 409);
    EXPECT_EQ(events("broadcast.done"), 1);
    EXPECT_EQ(desk.post("/v1/broadcasts", stranger, {{"tickets", tickets}, {"text", "x"}}).status, 422);
}

TEST_F(Resources, AMessageIsLikedAndWhatIsOursIsTakenBack)
{
    desk.house.start();
    desk.house.customer_writes(House::page, Kind::post, "Sara", "No line");
    desk.house.run_for(1min);
    const auto ticket = newest("ticket");
    const auto message = "/v1/messages/" + std::to_string(newest("message"));
    EXPECT_EQ(desk.post(message + "/like", anna).status, 202);
    desk.house.run_for(1min);
    EXPECT_EQ(events("message.liked"), 1);
    EXPECT_EQ(desk.post(message + "/unlike", anna).status, 202);
    desk.house.run_for(1min);
    EXPECT_EQ(events("message.unliked"), 1);
    EXPECT_EQ(desk.del(message, vera).status, 409) << "somebody else's is hidden";
    EXPECT_EQ(desk.post(message + "/like", stranger).status, 404);

    const auto reply = desk.post(address(ticket) + "/replies", anna, {{"text", "We are on it."}, {"visibility", "public"}});
    ASSERT_EQ(reply.status, 202) << reply.body;
    const auto of_reply = "/v1/replies/" + body_of(reply).at("id").dump();
    desk.house.run_for(1min);
    ASSERT_EQ(desk.house.copies_on_platform("We are on it."), 1U);
    EXPECT_EQ(desk.post(of_reply + "/withdraw", bruno).status, 403);
    EXPECT_EQ(desk.post(of_reply + "/withdraw", anna).status, 202);
    desk.house.run_for(1min);
    EXPECT_EQ(desk.house.copies_on_platform("We are on it."), 0U);
    EXPECT_EQ(events("message.removed"), 1);
}

TEST_F(Resources, AConversationGoesOnInPrivateByTheBestWayThatIsOpen)
{
    desk.house.customer_writes(House::page, Kind::post, "Sara Greco", "No line");
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
    const auto on_facebook = address(newest("ticket"));
    const auto turned = desk.post(on_facebook + "/continue-in-private", anna);
    ASSERT_EQ(turned.status, 202) << turned.body;
    EXPECT_EQ(body_of(turned).at("route"), "private_reply");
    EXPECT_NE(body_of(turned).at("text").get<std::string>().find("Sara"), std::string::npos);

    const auto on_x = address(desk.ticket_from_x("mara", "@TIM_Sportello no line"));
    const auto invited = desk.post(on_x + "/continue-in-private", anna, {{"text", "Let us go on in private."}});
    ASSERT_EQ(invited.status, 202) << invited.body;
    EXPECT_EQ(body_of(invited).at("route"), "invitation");
    EXPECT_EQ(body_of(invited).at("visibility"), "public");
    EXPECT_NE(body_of(invited).at("text").get<std::string>().find("https://"), std::string::npos);
    EXPECT_EQ(desk.post(on_x + "/continue-in-private", stranger).status, 404);
}

TEST_F(Resources, WhatIsInForceIsForSupervisorsToRead)
{
    for (const auto* what : {"rules", "targets", "calendars"}) {
        EXPECT_EQ(desk.get(std::string("/v1/settings/") + what, anna).status, 403);
        EXPECT_EQ(desk.get(std::string("/v1/settings/") + what, vera).status, 200);
    }
    EXPECT_EQ(items_of(desk.get("/v1/settings/targets", vera)).at(0).at("first_response_seconds"), 3600);
    EXPECT_TRUE(items_of(desk.get("/v1/settings/targets", stranger)).empty());
}

TEST_F(Resources, TheMembersOfAnIncidentAreListed)
{
    const auto ticket = desk.stored_ticket("mara", "No line");
    desk.stored_ticket("luca", "A bill");
    const auto incident =
        body_of(desk.post("/v1/incidents", vera, {{"service", "internet"}, {"text", "works"}})).at("id").get<std::int64_t>();
    EXPECT_EQ(desk.post("/v1/incidents/" + std::to_string(incident) + "/members", vera, {{"ticket", ticket}}).status, 200);
    desk.house.start();
    desk.house.run_for(1min);
    const auto listed = items_of(desk.get("/v1/tickets?incident=" + std::to_string(incident), anna));
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.at(0).at("id"), ticket);
    EXPECT_EQ(listed.at(0).at("incident"), incident);
    EXPECT_TRUE(items_of(desk.get("/v1/tickets?customer=" + listed.at(0).at("customer").at("id").dump(), anna)).at(0).at("incident") ==
                incident);
    EXPECT_EQ(body_of(desk.get(address(ticket), anna)).at("incident"), incident);
    EXPECT_TRUE(items_of(desk.get("/v1/tickets?incident=" + std::to_string(incident), stranger)).empty());
}

TEST_F(Resources, TheMembersOfAnIncidentAreSearched)
{
    const auto inside = desk.ticket_from_x("mara", "@TIM_Sportello linea morta a Bologna");
    const auto outside = desk.ticket_from_x("luca", "@TIM_Sportello linea morta a Torino");
    const auto incident = body_of(desk.post("/v1/incidents", vera, {{"service", "internet"}, {"text", "works"}})).at("id").dump();
    EXPECT_EQ(desk.post("/v1/incidents/" + incident + "/members", vera, {{"ticket", inside}}).status, 200);
    const auto found = [&](const std::string& words) {
        std::vector<std::int64_t> ids;
        for (const auto& item : items_of(desk.get("/v1/tickets?q=" + words + "&incident=" + incident, anna))) ids.push_back(item.at("id"));
        return ids;
    };
    EXPECT_EQ(items_of(desk.get("/v1/tickets?q=linea", anna)).size(), 2U);
    EXPECT_EQ(found("linea"), std::vector<std::int64_t>{inside});
    EXPECT_EQ(found("torino"), std::vector<std::int64_t>{});
    EXPECT_EQ(found("%23" + std::to_string(inside)), std::vector<std::int64_t>{inside});
    EXPECT_EQ(found("%23" + std::to_string(outside)), std::vector<std::int64_t>{}) << "named, but no member";
    EXPECT_EQ(desk.post("/v1/incidents/" + incident + "/members", vera, {{"ticket", outside}}).status, 200);
    EXPECT_EQ(found("linea").size(), 2U);
    EXPECT_LT(desk.del("/v1/incidents/" + incident + "/members/" + std::to_string(inside), vera).status, 300);
    EXPECT_EQ(found("linea"), std::vector<std::int64_t>{outside}) << "who has left is no member";
}

TEST(Docs, AreOnePageWithoutScriptsOrOtherHosts)
{
    Desk desk;
    const auto page = desk.send(Desk::request(http::Method::get, "/docs"));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.find("Content-Security-Policy")->find("unsafe"), std::string_view::npos);
    EXPECT_EQ(page.body.find("<script"), std::string::npos);
    EXPECT_EQ(page.body.find("src="), std::string::npos);
    EXPECT_EQ(page.body.find("style=\""), std::string::npos);
    EXPECT_NE(page.body.find("id=\"list_tickets\""), std::string::npos);
    EXPECT_EQ(desk.send(Desk::request(http::Method::get, "/docs/style.css")).status, 200);
}

/// The simulator's control desk, which writes down what it is asked.
class ControlDesk final : public http::Transport {
public:
    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        asked.push_back(std::move(request));
        http::Exchange exchange;
        exchange.response = http::Response::json(status, "{}");
        co_return exchange;
    }
    std::vector<http::ClientRequest> asked;
    int status = 201;
};

api::Options for_practice(ControlDesk& control)
{
    api::Options options;
    options.practice = api::Practice{.simulator = "http://127.0.0.1:8090", .transport = &control};
    options.crm_links = {{.name = "CRM", .url = "https://crm.test/{contract}", .brands = {}},
                         {.name = "Other", .url = "https://crm.test/", .brands = {"other"}}};
    return options;
}

TEST_F(Resources, ARealHouseHasNobodyToPractiseWith)
{
    EXPECT_EQ(body_of(desk.get("/v1/bootstrap", anna)).at("practice"), false);
    EXPECT_EQ(body_of(desk.get("/v1/sign-in", anna)).at("practice"), false);
    EXPECT_EQ(desk.post("/v1/practice/messages", anna, json::object()).status, 404);
}

TEST(Practice, MadeUpCustomersWriteOnChannelsOfTheAgentsBrandsOnly)
{
    ControlDesk control;
    Desk desk({.agents = 1, .automatic_assignment = false}, for_practice(control));
    const Person anna = desk.person(domain::Role::agent, "anna");
    const Person stranger = desk.person(domain::Role::agent, "stranger", {"other"});
    EXPECT_EQ(body_of(desk.get("/v1/bootstrap", anna)).at("practice"), true);
    EXPECT_EQ(body_of(desk.post("/v1/practice/messages", anna, {{"count", 4}})).at("written"), 4);
    ASSERT_EQ(control.asked.size(), 4U);
    const auto channels = body_of(desk.get("/v1/bootstrap", anna)).at("channels");
    for (const auto& request : control.asked) {
        EXPECT_EQ(request.url, "http://127.0.0.1:8090/control/posts");
        const auto account = json::parse(request.body).at("account").get<std::string>();
        EXPECT_TRUE(std::any_of(channels.begin(), channels.end(), [&](const auto& one) { return one.at("account") == account; }))
            << account;
    }
    EXPECT_EQ(body_of(desk.post("/v1/practice/messages", stranger, json::object())).at("written"), 0);
    EXPECT_EQ(desk.post("/v1/practice/messages", anna, {{"count", 11}}).status, 422);
    control.status = 500;
    EXPECT_EQ(desk.post("/v1/practice/messages", anna, json::object()).status, 503);
}

TEST(Practice, LinksIntoTheCrmAreThoseOfTheAgentsBrands)
{
    ControlDesk control;
    Desk desk({.agents = 1, .automatic_assignment = false}, for_practice(control));
    const Person stranger = desk.person(domain::Role::agent, "stranger", {"other"});
    const Person near = desk.person(domain::Role::agent, "near", {"tim"});
    const auto names = [&](const Person& who) {
        std::set<std::string> found;
        const auto first = body_of(desk.get("/v1/bootstrap", who));
        for (const auto& link : first.at("crm_links")) found.insert(link.at("name").get<std::string>());
        return found;
    };
    EXPECT_EQ(names(stranger), (std::set<std::string>{"CRM", "Other"}));
    EXPECT_EQ(names(near), (std::set<std::string>{"CRM"}));
}

} // namespace
} // namespace sportello
