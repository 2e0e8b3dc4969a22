#include "desk.hpp"

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::House;
using test::items_of;
using test::json;

test::HouseOptions options()
{
    test::HouseOptions options;
    options.office_always_open = false;
    options.automatic_assignment = false;
    options.settings = [](engine::Settings& settings) {
        settings.brands.front().acknowledgement.texts = {{"it", "Siamo chiusi, riapriamo {opening}."}};
    };
    return options;
}

struct Control : testing::Test {
    Desk desk{options()};
    test::Person anna = desk.person(domain::Role::agent, "anna");
    test::Person chief = desk.person(domain::Role::supervisor, "chief");
    test::Person other = desk.person(domain::Role::supervisor, "other", {"impresa"});

    void now(const char* text) { desk.house.clock.set(base::parse_rfc3339(text).value()); }
    /// Time that is longer than a session lives without a sign of its owner.
    void wait(base::Duration time)
    {
        desk.house.run_for(time);
        for (test::Person* person : {&anna, &chief, &other}) desk.log_in_again(*person);
    }
    std::int64_t writes(simulator::Kind kind, const std::string& author)
    {
        desk.house.customer_writes(House::page, kind, author, "la linea è giù");
        desk.house.run_for(1min);
        return desk.house.tickets().back().id.value;
    }
};

TEST_F(Control, ListsWhatShutsBeforeTheNextOpening)
{
    now("2026-03-06T16:00:00Z"); // Friday, five in Rome
    desk.house.start();
    wait(1s);
    std::vector<std::int64_t> written;
    for (const char* author : {"uno", "due", "tre"}) written.push_back(writes(simulator::Kind::direct_message, author));
    writes(simulator::Kind::post, "quattro");
    std::vector<std::int64_t> listed;
    std::string cursor;
    for (int pages = 0; pages < 5; ++pages) {
        const auto page = body_of(desk.get("/v1/queue/closing-routes?limit=2" + cursor, anna));
        for (const auto& item : page.at("items")) {
            listed.push_back(item.at("ticket").get<std::int64_t>());
            EXPECT_EQ(item.at("closes_at"), "2026-03-06T17:00:00Z");
            EXPECT_EQ(item.at("opens_at"), "2026-03-09T08:00:00Z");
        }
        if (page.at("next_cursor").is_null()) break;
        cursor = "&cursor=" + page.at("next_cursor").get<std::string>();
    }
    EXPECT_EQ(listed, written) << "private ones, each once; a public comment can be answered for ever";
    EXPECT_TRUE(items_of(desk.get("/v1/queue/closing-routes", other)).empty()) << "not of their brands";
    EXPECT_EQ(desk.get("/v1/queue/closing-routes?brand=tim", other).status, 404);
    EXPECT_EQ(desk.get("/v1/queue/closing-routes?cursor=nonsense", anna).status, 400);
    const auto ticket = body_of(desk.get("/v1/tickets/" + std::to_string(written.front()), anna));
    EXPECT_EQ(ticket.at("route_ends_at").get<std::string>().substr(0, 13), "2026-03-07T15");
}

TEST_F(Control, ATicketShowsItsClocksItsPlaceAndWhatWasSaid)
{
    now("2026-03-02T20:00:00Z");
    desk.house.start();
    wait(1s);
    const auto ticket = body_of(desk.get("/v1/tickets/" + std::to_string(writes(simulator::Kind::direct_message, "mara")), anna));
    EXPECT_EQ(ticket.at("due_at"), "2026-03-03T09:00:00Z");
    EXPECT_TRUE(ticket.at("breached_at").is_null());
    EXPECT_EQ(ticket.at("resolution").at("due_at"), "2026-03-03T16:00:00Z");
    EXPECT_EQ(ticket.at("promise").at("at"), "2026-03-03T08:30:00Z");
    EXPECT_EQ(ticket.at("promise").at("told"), false);
    EXPECT_EQ(ticket.at("acknowledgement").at("state"), "sent");
    EXPECT_EQ(ticket.at("acknowledgement").at("text"), "Siamo chiusi, riapriamo domani alle 9:00.");
    EXPECT_NE(ticket.at("reasons").at("order").get<std::string>().find("due at 2026-03-03T09:00:00Z"), std::string::npos);
    const auto reply = body_of(desk.get("/v1/replies/" + ticket.at("acknowledgement").at("reply").dump(), anna));
    EXPECT_EQ(reply.at("automatic"), true);
    EXPECT_EQ(reply.at("author").at("kind"), "system");
    for (const auto& item : items_of(desk.get("/v1/tickets/" + ticket.at("id").dump() + "/timeline?limit=100", anna))) {
        if (item.at("kind") == "reply") { EXPECT_EQ(item.at("author").at("kind"), "system"); }
    }
    EXPECT_EQ(desk.patch("/v1/agents/0", chief, {{"capacity", 3}}).status, 404) << "the counter itself is nobody";
}

TEST_F(Control, ReportsWhetherPromisesAreKept)
{
    now("2026-03-02T09:00:00Z");
    desk.house.start();
    wait(1s);
    const auto id = writes(simulator::Kind::post, "mara");
    writes(simulator::Kind::post, "bruno");
    ASSERT_EQ(desk.post("/v1/tickets/" + std::to_string(id) + "/replies", anna, {{"text", "We look."}, {"visibility", "public"}}).status,
              202);
    wait(2h);
    const auto report = body_of(desk.get("/v1/reports/promises", chief));
    ASSERT_EQ(report.at("items").size(), 1U);
    const auto& tim = report.at("items").at(0);
    EXPECT_EQ(tim.at("made"), 2);
    EXPECT_EQ(tim.at("kept"), 1);
    EXPECT_EQ(tim.at("broken"), 1);
    EXPECT_EQ(tim.at("kept_rate"), 0.5);
    EXPECT_NE(tim.at("shadow").get<std::string>(), "");
    const auto before = body_of(desk.get("/v1/reports/promises?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z", chief));
    EXPECT_EQ(before.at("items").at(0).at("made"), 0);
    EXPECT_EQ(desk.get("/v1/reports/promises", anna).status, 403);
    EXPECT_TRUE(items_of(desk.get("/v1/reports/promises", other)).empty());
    EXPECT_EQ(desk.get("/v1/reports/promises?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", chief).status, 400);
    EXPECT_EQ(desk.get("/v1/reports/promises?from=yesterday", chief).status, 400);
}

TEST_F(Control, TheQueueTellsWhatIsLeftToSpend)
{
    now("2026-03-02T09:00:00Z");
    desk.house.start();
    wait(1s);
    writes(simulator::Kind::post, "mara");
    wait(29min);
    const auto queue = body_of(desk.get("/v1/queue", anna));
    const auto& control = queue.at("control");
    EXPECT_TRUE(control.at("mean_seconds").is_null());
    EXPECT_NEAR(control.at("budget_seconds").get<double>(), 1800, 60);
    EXPECT_EQ(control.at("budget_seconds"), control.at("budget_each_seconds"));
    EXPECT_GE(control.at("projected_answered").get<int>(), 1);
    EXPECT_EQ(queue.at("brands").at(0).at("control"), control);
    EXPECT_EQ(queue.at("control_without_incidents"), control);
}

} // namespace
} // namespace sportello
