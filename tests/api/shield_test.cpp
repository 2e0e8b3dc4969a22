// The shield: personal data is masked for whoever has no right to it, and never goes out in public.
#include "support/caught_log.hpp"
#include "desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using simulator::Kind;
using test::body_of;
using test::CaughtLog;
using test::Desk;
using test::House;
using test::items_of;
using test::json;
using test::Person;

/// Without what may stand between: "333 1234567" and "333-1234567" are the same leak.
std::string compact(const std::string& text)
{
    std::string kept;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) kept += static_cast<char>(std::tolower(c));
    }
    return kept;
}

class Shield : public testing::Test {
protected:
    Desk desk;
    Person anna = desk.person(domain::Role::agent, "anna");
    Person bruno = desk.person(domain::Role::agent, "bruno");
    Person vera = desk.person(domain::Role::supervisor, "vera");

    std::string newest_ticket() { return "/v1/tickets/" + std::to_string(desk.house.count("SELECT max(id) FROM ticket")); }
    std::string public_ticket(const std::string& text = "@TIM_Sportello chiamatemi al 333 1234567")
    {
        return "/v1/tickets/" + std::to_string(desk.ticket_from_x("mara", text));
    }
    std::string private_ticket(const std::string& text)
    {
        desk.house.customer_writes(House::handle, Kind::direct_message, "piero", text);
        EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
        return newest_ticket();
    }
    json message_of(const std::string& ticket, const Person& who)
    {
        for (const auto& item : items_of(desk.get(ticket + "/timeline", who))) {
            if (item.at("kind") == "message") return item;
        }
        return nullptr;
    }
    std::string message_address(const std::string& ticket) { return "/v1/messages/" + message_of(ticket, vera).at("id").dump(); }
    json events(const std::string& type)
    {
        json found = json::array();
        for (const auto& event : items_of(desk.get("/v1/events?since=0&limit=1000", vera))) {
            if (event.at("type") == type) found.push_back(event);
        }
        return found;
    }
};

TEST_F(Shield, MasksWhatStandsInPublicForEverybody)
{
    const auto ticket = public_ticket();
    ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
    for (const Person* who : {&anna, &bruno, &vera}) {
        const auto message = message_of(ticket, *who);
        EXPECT_EQ(message.at("text"), "@TIM_Sportello chiamatemi al •••••");
        EXPECT_EQ(message.at("personal_data"),
                  json::parse(R"([{"number":1,"kind":"phone","at":29,"length":5,"masked":true,"released":false}])"));
        EXPECT_EQ(body_of(desk.get(ticket, *who)).at("subject"), "@TIM_Sportello chiamatemi al •••••");
        EXPECT_EQ(body_of(desk.get(ticket, *who)).at("last_message").at("text"), "@TIM_Sportello chiamatemi al •••••");
    }
}

TEST_F(Shield, ShowsWhatIsPrivateToTheAssigneeAndSupervisorsOnly)
{
    const auto ticket = private_ticket("il mio numero è 333 1234567");
    ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
    EXPECT_EQ(message_of(ticket, anna).at("text"), "il mio numero è 333 1234567");
    EXPECT_EQ(message_of(ticket, anna).at("personal_data").at(0).at("masked"), false);
    EXPECT_EQ(message_of(ticket, anna).at("personal_data").at(0).at("at"), 16);
    EXPECT_EQ(message_of(ticket, anna).at("personal_data").at(0).at("length"), 11);
    EXPECT_EQ(message_of(ticket, vera).at("text"), "il mio numero è 333 1234567");
    EXPECT_EQ(message_of(ticket, bruno).at("text"), "il mio numero è •••••");
    for (const Person* who : {&anna, &bruno, &vera}) {
        EXPECT_EQ(items_of(desk.get("/v1/tickets", *who)).at(0).at("subject"), "il mio numero è •••••") << "a list is for all";
    }
    ASSERT_EQ(desk.patch(ticket, vera, {{"assignee", bruno.id}}).status, 200);
    EXPECT_EQ(message_of(ticket, anna).at("text"), "il mio numero è •••••") << "it is not hers any more";
    EXPECT_EQ(message_of(ticket, bruno).at("text"), "il mio numero è 333 1234567");
}

TEST_F(Shield, NotesAndNumbersToCallAreForTheirAuthorTheAssigneeAndSupervisors)
{
    const auto ticket = public_ticket("@TIM_Sportello non va la linea");
    ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
    const auto note = desk.post(ticket + "/notes", bruno, {{"text", "chiamato al 3331234567"}});
    EXPECT_EQ(body_of(note).at("text"), "chiamato al 3331234567");
    ASSERT_EQ(desk.post(ticket + "/handover", anna, {{"callback_number", "12345"}, {"note", "o 3401234567"}}).status, 201);
    const auto carla = desk.person(domain::Role::agent, "carla");
    const auto shown = [&](const Person& who, const std::string& kind) {
        for (const auto& item : items_of(desk.get(ticket + "/timeline", who))) {
            if (item.at("kind") == kind) return item;
        }
        return json();
    };
    EXPECT_EQ(shown(carla, "note").at("text"), "chiamato al •••••");
    EXPECT_EQ(shown(bruno, "note").at("text"), "chiamato al 3331234567");
    EXPECT_EQ(shown(anna, "note").at("text"), "chiamato al 3331234567");
    EXPECT_EQ(shown(carla, "handover").at("callback_number"), "•••••") << "whatever it looks like";
    EXPECT_EQ(shown(carla, "handover").at("text"), "o •••••");
    EXPECT_EQ(body_of(desk.get(ticket, carla)).at("handover").at("callback_number"), "•••••");
    EXPECT_EQ(body_of(desk.get(ticket, vera)).at("handover").at("callback_number"), "12345");
}

TEST_F(Shield, ALookIsForTheAssigneeAndSupervisorsAndWrittenDown)
{
    const auto ticket = public_ticket();
    const auto message = message_address(ticket);
    EXPECT_EQ(desk.post(message + "/reveal", bruno).status, 403) << "not his ticket";
    EXPECT_TRUE(events("personal_data.revealed").empty());
    ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
    const auto seen = desk.post(message + "/reveal", anna);
    ASSERT_EQ(seen.status, 200) << seen.body;
    EXPECT_EQ(body_of(seen).at("text"), "@TIM_Sportello chiamatemi al 333 1234567");
    EXPECT_EQ(seen.headers.find("Cache-Control").value_or(""), "no-store");
    EXPECT_EQ(body_of(seen).at("personal_data").at(0).at("length"), 11);
    ASSERT_EQ(desk.post(message + "/reveal", vera).status, 200);
    const auto looks = events("personal_data.revealed");
    ASSERT_EQ(looks.size(), 2U);
    EXPECT_EQ(looks.at(0).at("actor"), anna.id);
    EXPECT_EQ(looks.at(0).at("data").at("kinds"), json::parse(R"(["phone"])"));
    EXPECT_EQ(looks.dump().find("1234567"), std::string::npos);
    EXPECT_EQ(message_of(ticket, anna).at("personal_data").at(0).at("masked"), true) << "a look changes nothing";

    const auto outsider = desk.person(domain::Role::agent, "olga", {"another-brand"});
    for (const char* what : {"/reveal", "/hide", "/unhide", "/personal-data/1/release"}) {
        EXPECT_EQ(desk.post(message + what, outsider).status, 404) << what;
        EXPECT_EQ(desk.post("/v1/messages/99999" + std::string(what), vera).status, 404) << what;
    }
}

TEST_F(Shield, APublicReplyThatRepeatsItIsRefused)
{
    const auto ticket = public_ticket();
    ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
    for (const char* text : {"La chiamiamo al 3331234567.", "La chiamiamo al +39 333-12.34.567", "al 3 3 3 1 2 3 4 5 6 7?",
                             "al ３３３ 1234567", "scriva a mario.rossi@example.com", "il suo IBAN IT60 X054 2811 1010 0000 0123 456"}) {
        const auto refused = desk.post(ticket + "/replies", anna, {{"text", text}, {"visibility", "public"}});
        EXPECT_EQ(refused.status, 422) << text;
        EXPECT_EQ(body_of(refused).at("code"), "personal_data") << text;
        EXPECT_EQ(body_of(refused).at("errors").at(0).at("pointer"), "/text");
        const auto by_hand = desk.post(ticket + "/by-hand", anna, {{"text", text}});
        EXPECT_EQ(by_hand.status, 422) << text;
        EXPECT_EQ(body_of(by_hand).at("code"), "personal_data") << text;
    }
    const auto refused = desk.post(ticket + "/replies", anna, {{"text", "al 333.1234567"}, {"visibility", "public"}});
    EXPECT_EQ(body_of(refused).at("errors").at(0).at("detail"),
              "holds a phone number of the customer, and everybody can read a public answer");
    EXPECT_EQ(refused.body.find("1234567"), std::string::npos);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply"), 0);
    EXPECT_EQ(
        desk.post(ticket + "/replies", anna, {{"text", "La chiamiamo al numero che finisce per 567."}, {"visibility", "public"}}).status,
        202);
}

TEST_F(Shield, WhatWasToldInPrivateIsNotRepeatedInPublic)
{
    desk.house.customer_writes(House::handle, Kind::direct_message, "mara", "il numero della linea è 0612 3456789");
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
    const auto ticket = public_ticket("@TIM_Sportello aiuto");
    const auto refused = desk.post(ticket + "/replies", anna, {{"text", "La linea che finisce per 789?"}, {"visibility", "public"}});
    const auto same = desk.post(ticket + "/replies", anna, {{"text", "(0.6) 1,2,3,4,5,6,7,8,9"}, {"visibility", "public"}});
    EXPECT_EQ(refused.status, 202) << "not the same number";
    EXPECT_EQ(same.status, 422) << "no form of a phone number, but the customer's own";
}

TEST_F(Shield, AFalseAlarmIsReleasedByOneAuditedClick)
{
    const auto ticket = public_ticket("@TIM_Sportello il modem ha il seriale 3331234567");
    const auto message = message_address(ticket);
    EXPECT_EQ(desk.post(message + "/personal-data/1/release", bruno).status, 403);
    ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
    EXPECT_EQ(desk.post(message + "/personal-data/2/release", anna).status, 404);
    EXPECT_EQ(desk.post(message + "/personal-data/x/release", anna).status, 404);
    const auto released = desk.post(message + "/personal-data/1/release", anna);
    ASSERT_EQ(released.status, 200) << released.body;
    EXPECT_EQ(body_of(released).at("text"), "@TIM_Sportello il modem ha il seriale 3331234567");
    EXPECT_EQ(body_of(released).at("personal_data").at(0).at("released"), true);
    ASSERT_EQ(desk.post(message + "/personal-data/1/release", anna).status, 200) << "twice is as once";
    EXPECT_EQ(events("personal_data.released").size(), 1U);
    EXPECT_EQ(message_of(ticket, bruno).at("text"), "@TIM_Sportello il modem ha il seriale 3331234567");
    EXPECT_EQ(desk.post(ticket + "/replies", anna, {{"text", "Il modem 3331234567 è registrato."}, {"visibility", "public"}}).status, 202);
    EXPECT_EQ(desk.post(ticket + "/replies", anna, {{"text", "Il modem 3401234567 è registrato."}, {"visibility", "public"}}).status, 422);

    const auto by_flag =
        desk.post(ticket + "/replies", anna, {{"text", "Codice 3401234567"}, {"visibility", "public"}, {"release_personal_data", true}});
    EXPECT_EQ(by_flag.status, 202) << by_flag.body;
    const auto told = events("personal_data.released");
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told.at(1).at("actor"), anna.id);
    EXPECT_EQ(told.at(1).at("data").at("in"), "reply");
    EXPECT_EQ(told.dump().find("1234567"), std::string::npos);
}

TEST_F(Shield, HidesACommentByOneAction)
{
    const auto post = desk.house.customer_writes(House::page, Kind::post, House::page.second, "Novità per tutti");
    const auto comment = desk.house.customer_writes(House::page, Kind::comment, "Sara", "chiamatemi al 333 1234567", post);
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
    const auto ticket = newest_ticket();
    EXPECT_EQ(message_of(ticket, anna).at("hidden"), false);
    EXPECT_TRUE(message_of(ticket, anna).at("hiding").is_null());
    const auto message = message_address(ticket);
    const auto ordered = desk.post(message + "/hide", anna);
    ASSERT_EQ(ordered.status, 202) << ordered.body;
    EXPECT_EQ(body_of(ordered).at("state"), "queued");
    EXPECT_EQ(desk.post(message + "/hide", anna).status, 202);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM message_action"), 1) << "asked twice is asked once";

    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_TRUE(desk.house.simulator.world().find(simulator::Platform::facebook, comment)->hidden);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM event WHERE type = 'message.hidden'"), 1);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM message WHERE hidden = 1"), 1);
}

TEST_F(Shield, HidingIsTriedUntilItIsKnownToBeDone)
{
    const auto post = desk.house.customer_writes(House::page, Kind::post, House::page.second, "Novità per tutti");
    const auto comment = desk.house.customer_writes(House::page, Kind::comment, "Sara", "chiamatemi al 333 1234567", post);
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
    const auto ticket = newest_ticket();
    const auto message = message_address(ticket);
    simulator::Fault fault;
    fault.platform = simulator::Platform::facebook;
    fault.endpoint = simulator::Endpoint::public_write;
    fault.kind = simulator::FaultKind::cut_before;
    fault.count = 2;
    desk.house.simulator.faults().add(fault);
    ASSERT_EQ(desk.post(message + "/hide", anna).status, 202);
    desk.house.start();
    desk.house.run_for(2min);
    EXPECT_EQ(message_of(ticket, anna).at("hidden"), true);
    EXPECT_EQ(message_of(ticket, anna).at("hiding").at("state"), "done");
    ASSERT_EQ(desk.post(message + "/unhide", vera).status, 202);
    desk.house.run_for(1min);
    EXPECT_EQ(message_of(ticket, anna).at("hidden"), false);
    EXPECT_FALSE(desk.house.simulator.world().find(simulator::Platform::facebook, comment)->hidden);
}

TEST_F(Shield, WhatCannotBeHiddenSaysWhy)
{
    const auto in_private = private_ticket("333 1234567");
    EXPECT_EQ(desk.post(message_address(in_private) + "/hide", anna).status, 409);
}

/// What was planted must be nowhere but where it was written, and where somebody with the right looks.
TEST_F(Shield, PlantedPersonalDataAppearsInNoListLogEventOrPublicReply)
{
    const CaughtLog log;
    const std::vector<std::string> planted{"333 1234567", "mario.rossi@example.com", "IT60X0542811101000000123456", "RSSMRA85T10A562S",
                                           "4111 1111 1111 1111"};
    desk.house.start();
    for (std::size_t i = 0; i < planted.size(); ++i) {
        const std::string text = "non va niente, ecco i dati: " + planted[i] + " e risolvete";
        desk.house.customer_writes(House::handle, Kind::mention, "x" + std::to_string(i), "@TIM_Sportello " + text);
        desk.house.customer_writes(House::page, Kind::post, "Facebook " + std::to_string(i), text);
        desk.house.customer_writes(House::handle, Kind::direct_message, "p" + std::to_string(i), text);
        // So long that the list cuts it in the middle of what was planted.
        desk.house.customer_writes(House::page, Kind::post, "Lunga " + std::to_string(i),
                                   std::string(64 + i, 'b') + " il mio: " + planted[i]);
        desk.house.customer_writes(House::page, Kind::post, "Mario " + planted[i], "non va niente");
    }
    desk.house.run_for(2min);
    const auto count = desk.house.count("SELECT count(*) FROM ticket");
    ASSERT_EQ(count, 25);
    std::string shown;
    const auto carla = desk.person(domain::Role::agent, "carla"); // has no ticket
    for (std::int64_t id = 1; id <= count; ++id) {
        const auto ticket = "/v1/tickets/" + std::to_string(id);
        ASSERT_EQ(desk.post(ticket + "/take", anna).status, 200);
        for (const auto& data : planted) {
            const auto public_reply = desk.post(ticket + "/replies", anna, {{"text", "Le scriviamo: " + data}, {"visibility", "public"}});
            EXPECT_NE(public_reply.status, 202);
            shown += public_reply.body;
        }
        const auto private_reply =
            desk.post(ticket + "/replies", anna, {{"text", "Conferma " + planted[0] + "?"}, {"visibility", "private"}});
        shown += desk.get(ticket, carla).body + desk.get(ticket + "/timeline", carla).body + desk.get(ticket + "/routes", carla).body;
        shown += desk.get(ticket, anna).body;
        if (private_reply.status == 202) shown += desk.get("/v1/replies/" + body_of(private_reply).at("id").dump(), carla).body;
        desk.post(ticket + "/notes", anna, {{"text", "dice " + planted[1]}});
        desk.patch(ticket, anna, {{"subject", "richiamare " + planted[0]}});
        desk.post(message_address(ticket) + "/reveal", anna);
        shown += desk.get(ticket + "/timeline", carla).body;
    }
    desk.house.run_for(2min);
    for (const char* list : {"/v1/tickets?limit=100", "/v1/tickets?limit=100&sort=due", "/v1/tickets?limit=100&aside=noise", "/v1/queue",
                             "/v1/replies?state=unknown,needs_decision,doubled", "/v1/events?since=0&limit=1000", "/v1/bootstrap",
                             "/v1/channels", "/v1/agents", "/metrics"}) {
        shown += desk.get(list, vera).body;
    }
    std::string stored; // what the counter derives, beside what customers and agents wrote
    desk.house
        .read([&](storage::Transaction& tx) -> base::Result<int> {
            const auto add = [&](const storage::Row& row) { stored += row.string(0) + "\n"; };
            for (const char* sql :
                 {"SELECT data FROM event", "SELECT subject || last_text FROM ticket", "SELECT digest FROM personal_data_release"})
                tx.for_each(sql, add);
            return 0;
        })
        .value();
    std::string published;
    for (const auto& item : desk.house.simulator.world().items()) {
        if (item.own && item.kind != Kind::direct_message) published += item.now().text + "\n";
    }
    for (const auto& data : planted) {
        EXPECT_EQ(compact(shown).find(compact(data)), std::string::npos) << data;
        EXPECT_EQ(compact(stored).find(compact(data)), std::string::npos) << data;
        EXPECT_EQ(compact(log.text()).find(compact(data)), std::string::npos) << data;
        EXPECT_EQ(compact(published).find(compact(data)), std::string::npos) << data;
    }
    EXPECT_EQ(compact(shown + stored).find("3331234"), std::string::npos) << "not in part either";
    EXPECT_EQ(log.text().find("non va niente"), std::string::npos) << "logs hold no message texts";
}

TEST_F(Shield, OfAnEditOrADeletionNothingStaysInTheList)
{
    const auto post = desk.house.customer_writes(House::page, Kind::post, "Sara", "chiamatemi al 333 1234567");
    ASSERT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
    const auto ticket = newest_ticket();
    EXPECT_EQ(body_of(desk.get(ticket, vera)).at("subject"), "chiamatemi al •••••");
    desk.house.start();
    ASSERT_TRUE(desk.house.simulator.world().edit(post, "ora al 340 7654321", desk.house.clock.now()));
    desk.house.run_for(3min);
    EXPECT_EQ(body_of(desk.get(ticket, vera)).at("subject"), "ora al •••••");
    ASSERT_TRUE(desk.house.simulator.world().erase(post, desk.house.clock.now()));
    desk.house.run_for(5min);
    EXPECT_EQ(body_of(desk.get(ticket, vera)).at("subject"), "");
}

} // namespace
} // namespace sportello
