// Replies that a colleague reads first, drafts, and what people are told of.
#include "desk.hpp"

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;
using test::Person;

test::HouseOptions house_options()
{
    test::HouseOptions options{.automatic_assignment = false};
    options.settings = [](engine::Settings& settings) {
        settings.answering.approval.labels = {"legale"};
        settings.answering.approval.broadcasts = true;
    };
    return options;
}

class UnderApproval : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_EQ(desk.patch("/v1/agents/" + std::to_string(nino.id), sara, {{"needs_approval", true}}).status, 200);
        ASSERT_EQ(desk.patch("/v1/agents/" + std::to_string(other_novice.id), sara, {{"needs_approval", true}}).status, 200);
    }
    json ask(const std::string& text = "Buongiorno, verifichiamo.", json more = json::object())
    {
        json body{{"text", text}, {"visibility", "public"}};
        body.update(more);
        const auto accepted = desk.post(address + "/replies", nino, body);
        EXPECT_EQ(accepted.status, 202) << accepted.body;
        return body_of(accepted);
    }
    static std::string approval_of(const json& reply) { return "/v1/approvals/" + reply.at("approval").at("id").dump(); }
    json reply(const json& asked) { return body_of(desk.get("/v1/replies/" + asked.at("id").dump(), anna)); }
    json timeline_reply()
    {
        json found;
        for (const auto& item : items_of(desk.get(address + "/timeline", anna))) {
            if (item.at("kind") == "reply") found = item;
        }
        return found;
    }
    std::int64_t parts() { return desk.house.count("SELECT count(*) FROM reply_part"); }
    json event(const std::string& type)
    {
        json found;
        for (const auto& item : items_of(desk.get("/v1/events?limit=1000", sara))) {
            if (item.at("type") == type) found = item;
        }
        return found;
    }

    Desk desk{house_options()};
    Person nino = desk.person(domain::Role::agent, "nino");
    Person anna = desk.person(domain::Role::agent, "anna");
    Person other_novice = desk.person(domain::Role::agent, "other");
    Person sara = desk.person(domain::Role::supervisor, "sara");
    Person stranger = desk.person(domain::Role::supervisor, "stranger", {"other"});
    std::int64_t ticket = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    std::string address = "/v1/tickets/" + std::to_string(ticket);
};

TEST_F(UnderApproval, AReplyWaitsDurablyInPlainSightAndTheClockGoesOn)
{
    const auto due = body_of(desk.get(address, anna)).at("due_at");
    const auto asked = ask();
    EXPECT_EQ(asked.at("delivery").at("state"), "awaiting_approval");
    EXPECT_EQ(asked.at("approval").at("state"), "waiting");
    EXPECT_EQ(parts(), 0) << "the outbox does not know of it";
    desk.house.start();
    desk.house.run_for(2min);
    EXPECT_EQ(desk.house.copies_on_platform("Buongiorno, verifichiamo."), 0U);
    EXPECT_EQ(timeline_reply().at("delivery").at("state"), "awaiting_approval");
    const auto shown = body_of(desk.get(address, anna));
    EXPECT_EQ(shown.at("due_at"), due);
    EXPECT_EQ(shown.at("assignee").at("id"), nino.id);
    const auto listed = items_of(desk.get("/v1/approvals?mine=false", anna));
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.at(0).at("text"), "Buongiorno, verifichiamo.");
    EXPECT_EQ(listed.at(0).at("may_decide"), true);
    EXPECT_EQ(items_of(desk.get("/v1/approvals?mine=true", nino)).at(0).at("may_decide"), false);
    EXPECT_EQ(items_of(desk.get("/v1/approvals?mine=false", nino)).size(), 0U);
    EXPECT_EQ(items_of(desk.get("/v1/approvals", stranger)).size(), 0U);
    EXPECT_EQ(event("reply.awaiting_approval").at("data").at("author").at("name"), "Name of nino");
}

TEST_F(UnderApproval, AColleagueApprovesAndBothNamesAreKept)
{
    const auto asked = ask();
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", nino).status, 403) << "nobody approves their own";
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", other_novice).status, 403) << "who needs approval gives none";
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", stranger).status, 404);
    EXPECT_EQ(desk.get(approval_of(asked), stranger).status, 404);
    EXPECT_EQ(desk.post("/v1/replies/" + asked.at("id").dump() + "/now", sara).status, 409) << "nor is there a way around";
    EXPECT_EQ(parts(), 0);

    const auto approved = desk.post(approval_of(asked) + "/approve", anna, {{"note", "bene"}}, "ok-1");
    ASSERT_EQ(approved.status, 200) << approved.body;
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", anna, {{"note", "bene"}}, "ok-1").status, 200) << "the same again";
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", sara).status, 409) << "decided already";
    EXPECT_EQ(parts(), 1);
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_EQ(desk.house.copies_on_platform("Buongiorno, verifichiamo."), 1U);
    const auto sent = reply(asked);
    EXPECT_EQ(sent.at("delivery").at("state"), "published");
    EXPECT_EQ(sent.at("author").at("name"), "Name of nino");
    EXPECT_EQ(sent.at("approval").at("decided_by").at("name"), "Name of anna");
    EXPECT_EQ(timeline_reply().at("author").at("name"), "Name of nino");
    EXPECT_EQ(timeline_reply().at("approval").at("decided_by").at("name"), "Name of anna");
    const auto told = event("reply.approved");
    EXPECT_EQ(told.at("actor"), anna.id);
    EXPECT_EQ(told.at("data").at("author").at("name"), "Name of nino");
    EXPECT_EQ(told.at("data").at("approved_by").at("name"), "Name of anna");
    EXPECT_EQ(items_of(desk.get("/v1/notifications", nino)).at(0).at("kind"), "reply_approved");
}

TEST_F(UnderApproval, TheStaleGuardAppliesWhenItIsApproved)
{
    json seen;
    for (const auto& item : items_of(desk.get(address + "/timeline", nino))) {
        if (item.at("kind") == "message") seen = item;
    }
    const auto asked = ask("Resta senza linea?", {{"last_seen", seen.at("id")}});
    desk.house.run_for(1s);
    desk.house.customer_writes(test::House::handle, simulator::Kind::mention, "mara", "@TIM_Sportello it works again",
                               seen.at("platform_id").get<std::string>());
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
    const auto stale = desk.post(approval_of(asked) + "/approve", anna);
    EXPECT_EQ(stale.status, 409) << stale.body;
    EXPECT_EQ(body_of(stale).at("code"), "stale_reply");
    ASSERT_EQ(body_of(stale).at("missed").size(), 1U);
    EXPECT_EQ(parts(), 0);
    EXPECT_EQ(reply(asked).at("delivery").at("state"), "awaiting_approval");
    const auto newest = body_of(stale).at("missed").at(0).at("id");
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", anna, {{"last_seen", newest}, {"text", "Bene!"}}).status, 200);
    EXPECT_EQ(parts(), 1);
    EXPECT_EQ(reply(asked).at("text"), "Bene!");
}

TEST_F(UnderApproval, WhatIsChangedKeepsWhatWasWrittenAndNobodyDecidesOverAnotherVersion)
{
    const auto asked = ask();
    const auto first = desk.get(approval_of(asked), anna);
    const auto changed = desk.post(approval_of(asked) + "/change", anna, {{"text", "Buongiorno, il tecnico passa domani."}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(body_of(changed).at("written"), "Buongiorno, verifichiamo.");
    EXPECT_EQ(body_of(changed).at("changed_by").at("id"), anna.id);
    auto old = Desk::request(http::Method::post, approval_of(asked) + "/approve", &sara);
    old.headers.add("If-Match", std::string(first.headers.find("ETag").value_or("")));
    EXPECT_EQ(desk.send(old).status, 412);
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", sara).status, 200);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply_part WHERE text LIKE '%tecnico%'"), 1);
    EXPECT_EQ(desk.post(approval_of(asked) + "/change", anna, {{"text", "x"}}).status, 409);
}

TEST_F(UnderApproval, WhatIsReturnedIsADraftOfItsAuthorAgain)
{
    const auto asked = ask();
    EXPECT_EQ(desk.post(approval_of(asked) + "/return", anna, json::object()).status, 400) << "a note says why";
    const auto returned = desk.post(approval_of(asked) + "/return", anna, {{"note", "Manca la data"}});
    ASSERT_EQ(returned.status, 200) << returned.body;
    EXPECT_EQ(reply(asked).at("delivery").at("state"), "cancelled");
    EXPECT_EQ(reply(asked).at("delivery").at("reason"), "returned by Name of anna");
    EXPECT_EQ(body_of(desk.get(address + "/drafts/reply", nino)).at("text"), "Buongiorno, verifichiamo.");
    const auto told = body_of(desk.get("/v1/notifications?unread=true", nino));
    EXPECT_EQ(told.at("items").at(0).at("kind"), "reply_returned");
    EXPECT_EQ(told.at("unread"), 1);
    EXPECT_EQ(items_of(desk.get("/v1/approvals?state=returned&mine=true", nino)).at(0).at("note"), "Manca la data");
    EXPECT_EQ(ask().at("delivery").at("state"), "awaiting_approval") << "it can be written again";
}

TEST_F(UnderApproval, ItsAuthorTakesItBack)
{
    const auto asked = ask();
    EXPECT_EQ(desk.post(approval_of(asked) + "/withdraw", anna).status, 403);
    EXPECT_EQ(body_of(desk.del("/v1/replies/" + asked.at("id").dump(), nino)).at("delivery").at("state"), "cancelled");
    EXPECT_EQ(desk.post(approval_of(asked) + "/approve", anna).status, 409);
    const auto second = ask("Un'altra");
    EXPECT_EQ(body_of(desk.post(approval_of(second) + "/withdraw", nino)).at("state"), "withdrawn");
    EXPECT_EQ(parts(), 0);
}

TEST_F(UnderApproval, ALabelAsksForItWhoeverWrites)
{
    ASSERT_EQ(desk.patch(address, sara, {{"labels", {"legale"}}}).status, 200);
    const auto accepted = body_of(desk.post(address + "/replies", sara, {{"text", "Gentile cliente"}, {"visibility", "public"}}));
    EXPECT_EQ(accepted.at("delivery").at("state"), "awaiting_approval");
    EXPECT_EQ(desk.post(approval_of(accepted) + "/approve", sara).status, 403);
    EXPECT_EQ(desk.post(approval_of(accepted) + "/approve", anna).status, 200);
}

TEST_F(UnderApproval, ATextToAllWaitsToo)
{
    const auto incident =
        "/v1/incidents/" + body_of(desk.post("/v1/incidents", sara, {{"service", "internet"}, {"text", "guasto"}})).at("id").dump();
    ASSERT_EQ(desk.post(incident + "/members", sara, {{"ticket", ticket}}).status, 200);
    const auto sent = desk.post(incident + "/broadcast", sara, {{"text", "Il guasto è noto: torniamo entro sera."}});
    ASSERT_LT(sent.status, 300) << sent.body;
    EXPECT_EQ(body_of(sent).at("state"), "awaiting_approval");
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_EQ(parts(), 0);
    EXPECT_EQ(desk.post(incident + "/broadcast", sara, {{"text", "Un altro testo."}}).status, 409);
    const auto waiting = items_of(desk.get("/v1/approvals?mine=false", anna));
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting.at(0).at("kind"), "broadcast");
    const auto approval = "/v1/approvals/" + waiting.at(0).at("id").dump();
    EXPECT_EQ(desk.post(approval + "/approve", sara).status, 403);
    ASSERT_EQ(desk.post(approval + "/approve", anna, {{"text", "Il guasto è noto: torniamo domani."}}).status, 200);
    desk.house.run_for(2min);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply WHERE text LIKE '%torniamo domani%' AND state = 'published'"), 1);
    EXPECT_EQ(event("incident.broadcast_started").at("data").at("approved_by").at("id"), anna.id);
}

TEST_F(UnderApproval, ATextToASelectionOfWhoNeedsApprovalWaitsForAColleague)
{
    const auto second = desk.ticket_from_x("ugo", "@TIM_Sportello no line either");
    const json body{{"tickets", {ticket, second}}, {"text", "{name}, ci stiamo lavorando."}};
    const auto sent = desk.post("/v1/broadcasts", nino, body, "b-1");
    ASSERT_EQ(sent.status, 202) << sent.body;
    EXPECT_EQ(body_of(sent).at("state"), "awaiting_approval");
    EXPECT_EQ(body_of(desk.post("/v1/broadcasts", nino, body, "b-1")).at("id"), body_of(sent).at("id"));
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_EQ(parts(), 0) << "nothing leaves";
    const auto waiting = items_of(desk.get("/v1/approvals?mine=false", anna));
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting.at(0).at("incident"), nullptr);
    EXPECT_EQ(event("broadcast.awaiting_approval").at("data").at("author").at("name"), "Name of nino");
    EXPECT_TRUE(items_of(desk.get("/v1/approvals", stranger)).empty()) << "of another brand";
    const auto approval = "/v1/approvals/" + waiting.at(0).at("id").dump();
    EXPECT_EQ(desk.post(approval + "/approve", nino).status, 403);
    EXPECT_EQ(desk.post(approval + "/approve", other_novice).status, 403);
    EXPECT_EQ(desk.post(approval + "/approve", anna, {{"text", "A {place}"}}).status, 422) << "a selection has no incident";
    ASSERT_EQ(desk.post(approval + "/approve", anna, {{"text", "{name}, domani torna."}}).status, 200);
    desk.house.run_for(5min);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply WHERE text LIKE '%domani torna%' AND state = 'published'"), 2);
    EXPECT_EQ(event("broadcast.started").at("data").at("approved_by").at("id"), anna.id);
}

TEST_F(UnderApproval, ATextToASelectionIsGivenBackOrTakenBack)
{
    const json body{{"tickets", {ticket}}, {"text", "Ci stiamo lavorando."}};
    const auto waiting = [&] { return "/v1/approvals/" + items_of(desk.get("/v1/approvals?mine=false", anna)).at(0).at("id").dump(); };
    const auto first = "/v1/broadcasts/" + body_of(desk.post("/v1/broadcasts", nino, body)).at("id").dump();
    EXPECT_EQ(desk.post(waiting() + "/return", anna, {{"note", "no"}}).status, 200);
    EXPECT_EQ(body_of(desk.get(first, nino)).at("state"), "stopped");
    const auto second = "/v1/broadcasts/" + body_of(desk.post("/v1/broadcasts", nino, body)).at("id").dump();
    const auto approval = waiting();
    EXPECT_EQ(body_of(desk.post(second + "/stop", nino)).at("state"), "stopped");
    EXPECT_EQ(body_of(desk.get(approval, anna)).at("state"), "withdrawn");
    EXPECT_EQ(desk.post(approval + "/approve", anna).status, 409);
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_EQ(parts(), 0);
}

TEST(SelectionUnderLabel, WaitsAsAWholeAndWhatIsLabelledLaterWaitsByItself)
{
    test::HouseOptions options{.automatic_assignment = false};
    options.settings = [](engine::Settings& settings) { settings.answering.approval.labels = {"legale"}; };
    Desk desk{options};
    const auto sara = desk.person(domain::Role::supervisor, "sara");
    const auto one = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    const auto two = desk.ticket_from_x("ugo", "@TIM_Sportello no line either");
    const auto send = [&](const json& tickets) {
        return body_of(desk.post("/v1/broadcasts", sara, {{"tickets", tickets}, {"text", "Ci stiamo lavorando."}}));
    };
    const auto free = send({one, two});
    EXPECT_EQ(free.at("state"), "running");
    ASSERT_EQ(desk.patch("/v1/tickets/" + std::to_string(two), sara, {{"labels", {"legale"}}}).status, 200);
    desk.house.start();
    desk.house.run_for(2min);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply WHERE state = 'published'"), 1);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply WHERE state = 'awaiting_approval'"), 1);
    const auto three = desk.ticket_from_x("lia", "@TIM_Sportello nothing works");
    EXPECT_EQ(send({two, three}).at("state"), "awaiting_approval");
}

TEST_F(UnderApproval, DraftsAreTheirWritersAloneAndEndWithTheReply)
{
    const json body{{"text", "Buongiorno Mara"}, {"visibility", "public"}};
    EXPECT_EQ(desk.get(address + "/drafts/reply", anna).status, 404);
    EXPECT_EQ(desk.put(address + "/drafts/reply", anna, body).status, 200);
    EXPECT_EQ(desk.put(address + "/drafts/note", anna, {{"text", "chiedere al tecnico"}}).status, 200);
    EXPECT_EQ(desk.put(address + "/drafts/other", anna, body).status, 404);
    EXPECT_EQ(desk.put(address + "/drafts/reply", anna, {{"text", "x"}}).status, 400);
    EXPECT_EQ(desk.put(address + "/drafts/reply", stranger, body).status, 404);
    EXPECT_EQ(desk.get(address + "/drafts/reply", sara).status, 404);
    EXPECT_EQ(items_of(desk.get("/v1/drafts", anna)).size(), 2U);
    EXPECT_EQ(items_of(desk.get("/v1/drafts?limit=1", anna)).size(), 2U) << "a ticket's stand together";
    EXPECT_EQ(desk.post(address + "/replies", anna, body).status, 202);
    EXPECT_EQ(desk.get(address + "/drafts/reply", anna).status, 404);
    EXPECT_EQ(desk.get(address + "/drafts/note", anna).status, 200);
    EXPECT_EQ(desk.del(address + "/drafts/note", anna).status, 204);
    EXPECT_EQ(desk.put(address + "/drafts/reply", anna, body).status, 200);
    desk.house.run_for(24h * 29);
    ASSERT_TRUE(desk.house.run(desk.house.engine->approvals().tidy()));
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM draft"), 1);
    desk.house.run_for(24h * 2);
    ASSERT_TRUE(desk.house.run(desk.house.engine->approvals().tidy()));
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM draft"), 0) << "untouched for a month";
}

TEST_F(UnderApproval, AColleagueNamedInANoteIsTold)
{
    EXPECT_EQ(desk.post(address + "/notes", sara, {{"text", "@anna guarda, @stranger e @nessuno. Scrivi a x@anna.it"}}).status, 201);
    const auto told = items_of(desk.get("/v1/notifications", anna));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.at(0).at("kind"), "mention");
    EXPECT_EQ(told.at(0).at("ticket"), ticket);
    EXPECT_EQ(told.at(0).at("by").at("name"), "Name of sara");
    EXPECT_EQ(items_of(desk.get("/v1/notifications", stranger)).size(), 0U) << "who may not see the ticket";
    EXPECT_EQ(event("agent.mentioned").at("data").at("agents"), json::array({anna.id}));
    const auto id = told.at(0).at("id");
    EXPECT_EQ(desk.post("/v1/notifications/" + id.dump() + "/read", nino).status, 404);
    EXPECT_EQ(desk.post("/v1/notifications/" + id.dump() + "/read", anna).status, 204);
    EXPECT_EQ(items_of(desk.get("/v1/notifications?unread=true", anna)).size(), 0U);
    EXPECT_EQ(desk.post("/v1/notifications/read", anna, {{"until", id}}).status, 204);
}

} // namespace
} // namespace sportello
