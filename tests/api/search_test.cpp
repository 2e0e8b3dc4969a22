// Full-text search: what is found, what is shown of it, and to whom.
#include "desk.hpp"

#include "support/test_database.hpp"

#include <sportello/storage/search.hpp>

#include <random>

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

std::string encoded(const std::string& text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string made;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        made += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return made;
}

class Search : public testing::Test {
protected:
    Desk desk;
    Person anna = desk.person(domain::Role::agent, "anna");
    Person vera = desk.person(domain::Role::supervisor, "vera");

    json found(const std::string& typed, const Person& who, const std::string& more = "")
    {
        const auto response = desk.get("/v1/search?q=" + encoded(typed) + more, who);
        EXPECT_EQ(response.status, 200) << response.body;
        return items_of(response);
    }
    std::vector<std::int64_t> tickets(const std::string& typed, const Person& who, const std::string& more = "")
    {
        const auto response = desk.get("/v1/tickets?q=" + encoded(typed) + more, who);
        EXPECT_EQ(response.status, 200) << response.body;
        std::vector<std::int64_t> ids;
        for (const auto& item : items_of(response)) ids.push_back(item.at("id").get<std::int64_t>());
        return ids;
    }
    std::string address(std::int64_t id) { return "/v1/tickets/" + std::to_string(id); }
    void poll() { EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x"))); }
    using List = std::vector<std::int64_t>;
};

// Every commit adds a piece, and FTS5 would merge them in the middle of some agent's reply.
TEST_F(Search, MergesThePiecesOfItsIndexBesideTheWork)
{
    if (test::on_postgresql()) GTEST_SKIP() << "PostgreSQL tidies its index by VACUUM";
    const auto ticket = desk.stored_ticket("mara", "niente linea");
    const auto pieces = [&] { return desk.house.count("SELECT count(DISTINCT segid) FROM search_index_idx"); };
    const auto note = [&](int number) {
        ASSERT_EQ(desk.post(address(ticket) + "/notes", anna, {{"text", "centralina " + std::to_string(number)}}).status, 201);
    };
    for (int n = 0; n < 14; ++n) note(n);
    EXPECT_GE(pieces(), 14);
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_LE(pieces(), 6);
    EXPECT_EQ(desk.house.count("SELECT v FROM search_index_config WHERE k = 'automerge'"), 0);
    EXPECT_EQ(found("centralina", anna, "&kind=note&limit=100").size(), 14U);
}

TEST_F(Search, WhatIsNoMessageGetsLittleRoomUnlessItIsAskedFor)
{
    const auto ticket = desk.stored_ticket("mara", "niente linea");
    for (int n = 0; n < 210; ++n) {
        ASSERT_EQ(desk.post(address(ticket) + "/notes", anna, {{"text", "centralina " + std::to_string(n)}}).status, 201);
    }
    const auto count = [&](const std::string& more) {
        std::size_t hits = 0;
        for (std::string cursor;;) {
            const auto page = body_of(desk.get("/v1/search?q=centralina&limit=100" + more + cursor, anna));
            hits += page.at("items").size();
            if (page.at("next_cursor").is_null()) return hits;
            cursor = "&cursor=" + encoded(page.at("next_cursor").get<std::string>());
        }
    };
    EXPECT_EQ(count(""), 200u) << "the newest";
    EXPECT_EQ(count("&kind=note"), 210u);
}

TEST_F(Search, FindsMessagesInAnyFormAndTellsWhere)
{
    const auto first = desk.ticket_from_x("mara", "@TIM_Sportello tre guasti in città da ieri");
    const auto second = desk.ticket_from_x("piero", "@TIM_Sportello la bolletta è sbagliata");
    EXPECT_EQ(tickets("guasto citta", anna), List{first});
    EXPECT_EQ(tickets("boll", anna), List{second});
    EXPECT_EQ(tickets("guasto bolletta ", anna), List{});
    EXPECT_EQ(tickets("#" + std::to_string(second), anna), List{second});
    EXPECT_EQ(tickets(std::to_string(first), anna, "&status=solved"), List{}) << "filters hold for the number too";

    const auto hits = found("guasto ", anna);
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].at("kind"), "message");
    EXPECT_EQ(hits[0].at("ticket"), first);
    EXPECT_EQ(hits[0].at("brand"), "tim");
    const auto text = hits[0].at("text").get<std::string>();
    const auto mark = hits[0].at("marks")[0];
    EXPECT_EQ(text.substr(mark.at("at").get<std::size_t>(), mark.at("length").get<std::size_t>()), "guasti");
    const auto line = items_of(desk.get("/v1/tickets?q=guasto", anna))[0];
    EXPECT_EQ(line.at("match").at("text"), text);
}

TEST_F(Search, FindsNotesRepliesSubjectsAndCustomers)
{
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello non va niente");
    ASSERT_EQ(desk.post(address(id) + "/notes", anna, {{"text", "cabina allagata in via Verdi"}}).status, 201);
    ASSERT_EQ(desk.post(address(id) + "/replies", anna, {{"text", "Stiamo verificando la centralina"}, {"visibility", "public"}}).status,
              202);
    ASSERT_EQ(desk.patch(address(id), anna, {{"subject", "Allagamento Pescara"}}).status, 200);
    const auto kind_of = [&](const std::string& typed) {
        const auto hits = found(typed, anna);
        return hits.size() == 1 ? hits[0].at("kind").get<std::string>() : std::to_string(hits.size()) + " hits";
    };
    EXPECT_EQ(kind_of("cabina"), "note");
    EXPECT_EQ(kind_of("centralina"), "reply");
    EXPECT_EQ(kind_of("pescara"), "subject");
    EXPECT_EQ(found("mara", anna, "&kind=customer").size(), 1u);
    EXPECT_EQ(found("cabina", anna, "&kind=message,reply").size(), 0u);
    for (const char* typed : {"cabina", "centralina", "pescara", "mara"}) EXPECT_EQ(tickets(typed, anna), List{id}) << typed;
    ASSERT_EQ(desk.patch(address(id), anna, {{"subject", "Altro"}}).status, 200);
    EXPECT_EQ(tickets("pescara", anna), List{});
}

TEST_F(Search, WhatWasEditedOrDeletedIsGone)
{
    const auto post = desk.house.customer_writes(House::handle, Kind::mention, "mara", "@TIM_Sportello modem spento");
    poll();
    desk.house.start();
    EXPECT_EQ(tickets("spento ", anna).size(), 1u);
    ASSERT_TRUE(desk.house.simulator.world().edit(post, "@TIM_Sportello modem acceso", desk.house.clock.now()));
    desk.house.run_for(5min);
    EXPECT_EQ(tickets("spento ", anna).size(), 0u) << "the earlier text";
    EXPECT_EQ(tickets("acceso ", anna).size(), 1u);
    const auto now = desk.house.count("SELECT max(id) FROM message");
    ASSERT_GT(now, 0);
    const auto edited = std::to_string(desk.house.count("SELECT platform_id FROM message WHERE id = " + std::to_string(now)));
    ASSERT_TRUE(desk.house.simulator.world().erase(edited, desk.house.clock.now()));
    desk.house.run_for(10min);
    EXPECT_EQ(tickets("acceso ", anna).size(), 0u);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM search_document WHERE terms LIKE '%acceso%' OR terms LIKE '%spento%'"), 0);
}

TEST_F(Search, PersonalDataIsMaskedAndFoundOnlyByWhoMaySeeIt)
{
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello linea muta, chiamatemi al 333 1234567");
    for (const char* typed : {"muta", "chiamatemi"}) {
        for (const Person* who : {&anna, &vera}) EXPECT_EQ(found(typed, *who).dump().find("1234567"), std::string::npos);
    }
    EXPECT_EQ(tickets("+39 333-1234567", vera), List{id}) << "however it is written";
    EXPECT_EQ(tickets("3331234567", anna), List{}) << "neither hers nor a supervisor";
    for (const char* typed : {"333*", "333", "3331234", "1234567", "12345*"}) EXPECT_EQ(tickets(typed, vera), List{}) << typed;
    ASSERT_EQ(desk.post(address(id) + "/take", anna).status, 200);
    EXPECT_EQ(tickets("3331234567", anna), List{id});
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM search_document WHERE terms LIKE '%1234567%'"), 0);
}

TEST_F(Search, OtherBrandsAreNotFound)
{
    const auto stranger = desk.person(domain::Role::agent, "carla", {"impresa"});
    const auto phone = desk.person(domain::Role::phone, "fonia");
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello centrale fulminata");
    ASSERT_EQ(desk.post(address(id) + "/notes", anna, {{"text", "segretissimo"}}).status, 201);
    for (const char* typed : {"fulminata", "segretissimo", "mara"}) {
        EXPECT_EQ(found(typed, stranger).size(), 0u) << typed;
        EXPECT_EQ(tickets(typed, stranger), List{}) << typed;
    }
    EXPECT_EQ(tickets("#" + std::to_string(id), stranger), List{});
    EXPECT_EQ(desk.get("/v1/search?q=fulminata", phone).status, 403);
    EXPECT_EQ(desk.get("/v1/search?q=x&brand=tim", stranger).status, 400);
}

TEST_F(Search, FiltersOfTheListNarrowIt)
{
    const auto first = desk.ticket_from_x("uno", "@TIM_Sportello fibra assente");
    desk.house.run_for(1min);
    const auto between = base::to_rfc3339(desk.house.clock.now());
    desk.house.run_for(1min);
    const auto second = desk.ticket_from_x("due", "@TIM_Sportello fibra fibra lenta");
    ASSERT_EQ(desk.post(address(first) + "/take", anna).status, 200);
    ASSERT_EQ(desk.patch(address(second), vera, {{"labels", {"fibra"}}, {"priority", "urgent"}}).status, 200);
    EXPECT_EQ(tickets("fibra", anna).size(), 2u);
    EXPECT_EQ(tickets("fibra", anna, "&assignee=me"), List{first});
    EXPECT_EQ(tickets("fibra", anna, "&assignee=none"), List{second});
    EXPECT_EQ(tickets("fibra", anna, "&label=fibra&priority=urgent&brand=tim&channel=tim-x&status=active"), List{second});
    EXPECT_EQ(tickets("fibra", anna, "&channel=tim-facebook"), List{});
    EXPECT_EQ(tickets("fibra", anna, "&status=solved,closed"), List{});
    EXPECT_EQ(tickets("fibra", anna, "&from=" + between), List{second});
    EXPECT_EQ(tickets("fibra", anna, "&to=" + between), List{first});
    EXPECT_EQ(tickets("fibra", anna, "&sort=due"), (List{second, first})) << "urgent first";
    EXPECT_EQ(tickets("fibra", anna, "&sort=-updated"), (List{second, first}));
    EXPECT_EQ(tickets("fibra", anna, "&sort=relevance"), (List{second, first})) << "twice is more";
    for (const char* bad : {"/v1/tickets?sort=relevance", "/v1/tickets?from=2026-03-02T09:00:00Z", "/v1/search", "/v1/search?q=a&kind=x",
                            "/v1/search?q=a&cursor=search.1", "/v1/search?q=a&cursor=search.-1.0.0.0.0.0", "/v1/tickets?q=a&cursor=due.1.1",
                            "/v1/search?q=a&from=2026-03-02T09:00:00Z&to=2026-03-02T09:00:00Z"}) {
        EXPECT_EQ(desk.get(bad, anna).status, 400) << bad;
    }
    EXPECT_EQ(desk.get("/v1/search?q=" + std::string(201, 'a'), anna).status, 400);
}

TEST_F(Search, PagesStayStillWhileMessagesCome)
{
    for (int i = 0; i < 7; ++i) desk.ticket_from_x("p" + std::to_string(i), "@TIM_Sportello router rotto");
    std::vector<std::int64_t> seen;
    std::string cursor;
    do {
        const auto page = body_of(desk.get("/v1/tickets?q=router&limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor), anna));
        for (const auto& item : page.at("items")) seen.push_back(item.at("id").get<std::int64_t>());
        cursor = page.at("next_cursor").is_null() ? "" : page.at("next_cursor").get<std::string>();
        if (!cursor.empty()) desk.ticket_from_x("later" + std::to_string(seen.size()), "@TIM_Sportello router rotto router");
    } while (!cursor.empty());
    std::ranges::sort(seen);
    EXPECT_EQ(seen.size(), 7u);
    EXPECT_TRUE(std::ranges::adjacent_find(seen) == seen.end());
}

TEST_F(Search, NoTextIsAServersError)
{
    desk.ticket_from_x("mara", "@TIM_Sportello \"AND\" OR (NEAR) * ' linea");
    for (const char* typed :
         {"\"", "*", "a\"b*", "AND", "NOT a", "NEAR(a, b)", "terms:a", "a^b", "')--", "\\", "%", "-", "{x}", "linea\" OR 1"}) {
        EXPECT_EQ(desk.get("/v1/search?q=" + encoded(typed), anna).status, 200) << typed;
        EXPECT_EQ(desk.get("/v1/tickets?q=" + encoded(typed), anna).status, 200) << typed;
    }
    std::mt19937 engine(3);
    for (int i = 0; i < 60; ++i) {
        std::string typed;
        for (auto n = engine() % 30; n > 0; --n) typed += static_cast<char>(engine() % 256);
        EXPECT_LT(desk.get("/v1/search?q=" + encoded(typed), anna).status, 500) << encoded(typed);
    }
}

TEST_F(Search, WhatWasThereBeforeTheIndexIsIndexedByAndBy)
{
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello centralino antico");
    ASSERT_EQ(desk.post(address(id) + "/notes", anna, {{"text", "appunto antico"}}).status, 201);
    auto forget = [](storage::Transaction& tx) -> base::Result<void> {
        for (const auto kind : storage::search_kinds) {
            const auto last = storage::last_search_reference(tx, kind);
            for (std::int64_t i = 1; i <= last; ++i) storage::drop_search_document(tx, kind, i);
            storage::set_search_backlog(tx, kind, last);
        }
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(forget));
    EXPECT_EQ(found("antico", anna).size(), 0u);
    desk.api.reset();
    desk.house.crash_and_restart();
    desk.house.run_for(1min);
    const auto count = desk.house.count("SELECT count(*) FROM reader_place WHERE reader LIKE 'search.%'");
    EXPECT_EQ(count, 0);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM search_document WHERE terms LIKE '%antico%'"), 2);
}

} // namespace
} // namespace sportello
