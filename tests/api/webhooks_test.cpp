#include "desk.hpp"
#include "support/test_database.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/domain/webhook_rules.hpp>
#include <sportello/engine/audit.hpp>
#include <sportello/storage/audit.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>

// Webhooks out and the audit, over the API.
namespace sportello {
namespace {

using namespace std::chrono_literals;
using domain::Role;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;

/// The systems that are told. Answers 204 unless the test says otherwise.
class FakeSystems final : public engine::Courier {
public:
    struct Notice {
        std::string url;
        std::map<std::string, std::string> headers;
        std::string text;
        json body;
        base::Instant at{};
    };
    boost::asio::awaitable<base::Result<engine::CourierAnswer>>
    post(std::string url, std::vector<std::pair<std::string, std::string>> headers, std::string body) override
    {
        Notice notice;
        notice.url = std::move(url);
        for (auto& [name, value] : headers) notice.headers[name] = value;
        notice.body = json::parse(body);
        notice.text = std::move(body);
        const int status = answer ? answer(notice) : 204;
        tries.push_back(notice);
        if (status == 0) co_return base::Error(base::ErrorKind::unavailable, "cannot connect: connection refused");
        if (status < 300) taken.push_back(std::move(notice));
        engine::CourierAnswer answered{.status = status, .body = status < 300 ? "" : "<b>no</b>"};
        co_return answered;
    }
    std::string obstacle(const std::string& url) const override
    {
        return url.starts_with("https://") ? "" : "only https addresses are gone to";
    }
    [[nodiscard]] std::vector<std::int64_t> seqs(std::int64_t ticket = 0) const
    {
        std::vector<std::int64_t> numbers;
        for (const auto& notice : taken) {
            if (ticket == 0 || notice.body.value("ticket", std::int64_t{0}) == ticket)
                numbers.push_back(notice.body.at("seq").get<std::int64_t>());
        }
        return numbers;
    }
    std::function<int(const Notice&)> answer;
    std::vector<Notice> tries;
    std::deque<Notice> taken;
};

test::HouseOptions with(FakeSystems& systems, bool two_brands = false)
{
    test::HouseOptions options{.automatic_assignment = false, .poll = 24h, .recheck = 24h};
    options.courier = &systems;
    options.brand_for_each_channel = two_brands;
    return options;
}

class WebhooksApi : public testing::Test {
protected:
    json make(json body = json::object())
    {
        if (!body.contains("name")) body["name"] = "Warehouse";
        if (!body.contains("url")) body["url"] = "https://hooks.example/in";
        const auto made = desk.post("/v1/webhooks", admin, body);
        EXPECT_EQ(made.status, 201) << made.body;
        return body_of(made);
    }
    std::string address(const json& webhook) { return "/v1/webhooks/" + std::to_string(webhook.at("id").get<std::int64_t>()); }
    json now(const json& webhook) { return body_of(desk.get(address(webhook), admin)); }

    FakeSystems systems;
    Desk desk{with(systems, true)};
    test::Person admin = desk.person(Role::admin, "root");
};

TEST_F(WebhooksApi, TellsWhatItsFilterWantsSignedAndInOrder)
{
    desk.house.start();
    const auto webhook = make({{"types", {"ticket.*", "note.added"}}, {"brands", {"impresa"}}});
    const auto secret = webhook.at("secret").get<std::string>();
    EXPECT_EQ(body_of(desk.get(address(webhook), admin)).count("secret"), 0U);
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello il mio IBAN è IT60X0542811101000000123456"); // of impresa
    desk.house.customer_writes(test::House::page, simulator::Kind::post, "ugo", "non va");                  // of tim
    desk.house.run(desk.house.engine->poll_once("tim-facebook"));
    for (int i = 0; i < 5; ++i) ASSERT_LT(desk.post("/v1/tickets/" + std::to_string(id) + "/notes", admin, {{"text", "nota"}}).status, 300);
    desk.house.run_for(2min);
    ASSERT_GE(systems.taken.size(), 6U);
    std::int64_t last = 0;
    for (const auto& notice : systems.taken) {
        const auto type = notice.body.at("type").get<std::string>();
        EXPECT_TRUE(type.starts_with("ticket.") || type == "note.added") << type;
        EXPECT_EQ(notice.body.at("ticket"), id);
        EXPECT_EQ(notice.headers.at("X-Sportello-Event"), type);
        EXPECT_EQ(notice.headers.at("X-Sportello-Signature"),
                  "sha256=" + base::hmac_sha256_hex(secret, notice.headers.at("X-Sportello-Timestamp") + "." + notice.text));
        EXPECT_GT(notice.body.at("seq"), last);
        last = notice.body.at("seq").get<std::int64_t>();
        EXPECT_EQ(notice.text.find("IT60X0542811101000000123456"), std::string::npos);
    }
    const auto log = items_of(desk.get(address(webhook) + "/deliveries?state=delivered", admin));
    EXPECT_EQ(log.size(), systems.taken.size());
    EXPECT_EQ(log.at(0).at("status"), 204);
    EXPECT_EQ(items_of(desk.get(address(webhook) + "/deliveries?limit=2", admin)).size(), 2U);
    EXPECT_EQ(desk.get(address(webhook) + "/deliveries?state=x", admin).status, 400);
}

TEST_F(WebhooksApi, WhatFailsIsTriedAgainMoreAndMoreSlowlyWhileOtherTicketsGoOn)
{
    desk.house.start();
    const auto first = desk.stored_ticket("mara", "uno");
    const auto second = desk.stored_ticket("ugo", "due");
    const auto webhook = make({{"types", {"note.added"}}});
    systems.answer = [&](const FakeSystems::Notice& notice) {
        return notice.body.at("ticket") == first && systems.tries.size() < 8 ? 422 : 204;
    };
    for (int i = 0; i < 2; ++i) {
        for (const auto id : {first, second}) desk.post("/v1/tickets/" + std::to_string(id) + "/notes", admin, {{"text", "nota"}});
    }
    desk.house.run_for(30s);
    EXPECT_EQ(systems.seqs(second).size(), 2U);
    EXPECT_TRUE(systems.seqs(first).empty());
    const auto waiting = items_of(desk.get(address(webhook) + "/deliveries?state=waiting", admin));
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_EQ(waiting.at(1).at("failure"), "answered 422");
    EXPECT_EQ(waiting.at(1).at("excerpt"), "<b>no</b>");
    EXPECT_EQ(waiting.at(0).at("attempts"), 0); // the second of the ticket waits for the first
    desk.house.run_for(1h);
    const auto delivered = systems.seqs(first);
    ASSERT_EQ(delivered.size(), 2U);
    EXPECT_LT(delivered[0], delivered[1]);
    // The same delivery has the same id at each try.
    std::map<std::int64_t, std::set<std::string>> ids;
    for (const auto& notice : systems.tries)
        ids[notice.body.at("seq").get<std::int64_t>()].insert(notice.headers.at("X-Sportello-Delivery"));
    for (const auto& [seq, of_it] : ids) EXPECT_EQ(of_it.size(), 1U) << seq;
}

TEST(WebhookRules, PausesDoubleUpToAnHourAndNeverAllAtOnce)
{
    using domain::webhook_pause;
    for (std::int32_t attempts = 1; attempts < 100; ++attempts) {
        const auto least = webhook_pause(attempts, 0);
        const auto most = webhook_pause(attempts, static_cast<std::uint64_t>(2 * least.count() / 4)); // 2/5 of the whole
        EXPECT_GE(least, 8s);
        EXPECT_LE(most, 72min);
        EXPECT_LT(least, most);
        EXPECT_GE(webhook_pause(attempts + 1, 0), least);
    }
    EXPECT_GE(webhook_pause(100, 1234567), 48min);
    EXPECT_TRUE(domain::wants({}, "ticket.created", ""));
    EXPECT_TRUE(domain::wants({{"ticket.*"}, {}}, "ticket.created", ""));
    EXPECT_FALSE(domain::wants({{"ticket.*"}, {}}, "tickets.created", ""));
    EXPECT_FALSE(domain::wants({{}, {"tim"}}, "ticket.created", ""));
    EXPECT_FALSE(domain::wants({{}, {"tim"}}, "ticket.created", "impresa"));
    for (const char* wrong : {"", "ticket", "*", "ticket.", ".created", "ticket.a.b", "Ticket.created", "ticket.*x"})
        EXPECT_FALSE(domain::is_event_pattern(wrong)) << wrong;
}

TEST_F(WebhooksApi, AServerThatIsDownIsLeftInPeaceThenSwitchedOffWithTheReason)
{
    desk.house.start();
    const auto webhook = make({{"types", {"note.added"}}});
    systems.answer = [](const FakeSystems::Notice&) { return 0; };
    for (int i = 0; i < 30; ++i)
        desk.post("/v1/tickets/" + std::to_string(desk.stored_ticket("mara" + std::to_string(i), "x")) + "/notes", admin,
                  {{"text", "nota"}});
    desk.house.run_for(1min);
    EXPECT_LE(systems.tries.size(), 6U); // not thirty tickets at once
    EXPECT_FALSE(now(webhook).at("failing_since").is_null());
    desk.house.run_for(75h);
    desk.log_in_again(admin);
    const auto off = now(webhook);
    EXPECT_EQ(off.at("enabled"), false);
    EXPECT_NE(off.at("disabled_reason").get<std::string>().find("connection refused"), std::string::npos);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM event WHERE type = 'webhook.disabled'"), 1);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM audit WHERE action = 'webhook.disabled'"), 1);
    const auto tries = systems.tries.size();
    desk.house.run_for(5h);
    EXPECT_EQ(systems.tries.size(), tries);
    // It goes on where it stopped.
    systems.answer = nullptr;
    desk.log_in_again(admin);
    ASSERT_EQ(desk.patch(address(webhook), admin, {{"enabled", true}}).status, 200);
    desk.house.run_for(5min);
    EXPECT_EQ(systems.taken.size(), 30U);
    systems.answer = [](const FakeSystems::Notice&) { return 410; };
    desk.post("/v1/tickets/1/notes", admin, {{"text", "nota"}});
    desk.house.run_for(5s);
    EXPECT_EQ(now(webhook).at("enabled"), false);
}

TEST_F(WebhooksApi, ThePastCanBeReplayedAndAnEventNobodyWantsIsGivenUp)
{
    desk.house.start();
    const auto webhook = make({{"types", {"note.added"}}});
    const auto id = desk.stored_ticket("mara", "uno");
    for (int i = 0; i < 4; ++i) desk.post("/v1/tickets/" + std::to_string(id) + "/notes", admin, {{"text", "nota"}});
    desk.house.run_for(30s);
    const auto first = systems.seqs();
    ASSERT_EQ(first.size(), 4U);
    EXPECT_EQ(desk.post(address(webhook) + "/replay", admin, {{"since", 1'000'000}}).status, 422);
    EXPECT_EQ(desk.post(address(webhook) + "/replay", admin, json::object()).status, 400);
    ASSERT_EQ(desk.post(address(webhook) + "/replay", admin, {{"since", first[1]}}).status, 202);
    desk.house.run_for(30s);
    EXPECT_EQ(systems.seqs(), (std::vector<std::int64_t>{first[0], first[1], first[2], first[3], first[2], first[3]}));
    // Refused for a day while others are taken: the next of its ticket goes all the same.
    const auto other = desk.stored_ticket("ugo", "due");
    systems.answer = [&](const FakeSystems::Notice& notice) {
        return notice.body.at("ticket") == id && notice.body.at("data").at("note") == 5 ? 400 : 204;
    };
    desk.post("/v1/tickets/" + std::to_string(id) + "/notes", admin, {{"text", "quinta"}});
    desk.post("/v1/tickets/" + std::to_string(id) + "/notes", admin, {{"text", "sesta"}});
    for (int hour = 0; hour < 30; ++hour) {
        desk.log_in_again(admin);
        desk.post("/v1/tickets/" + std::to_string(other) + "/notes", admin, {{"text", "nota"}});
        desk.house.run_for(1h);
    }
    desk.log_in_again(admin);
    EXPECT_EQ(items_of(desk.get(address(webhook) + "/deliveries?state=given_up", admin)).size(), 1U);
    EXPECT_EQ(systems.seqs(id).size(), 7U);
}

TEST_F(WebhooksApi, ASecretIsShownOnceAndTheOldOneSignsForADay)
{
    desk.house.start();
    const auto created = desk.post("/v1/webhooks", admin, {{"name", "W"}, {"url", "https://hooks.example/"}}, "key");
    const auto webhook = body_of(created);
    EXPECT_EQ(desk.post("/v1/webhooks", admin, {{"name", "W"}, {"url", "https://hooks.example/"}}, "key").status, 409);
    const auto old = webhook.at("secret").get<std::string>();
    const auto changed = body_of(desk.post(address(webhook) + "/secret", admin));
    const auto fresh = changed.at("secret").get<std::string>();
    EXPECT_NE(old, fresh);
    ASSERT_EQ(desk.post(address(webhook) + "/test", admin).status, 200);
    const auto signatures = [&](const std::string& secret) {
        const auto& notice = systems.tries.back();
        const auto mark = base::hmac_sha256_hex(secret, notice.headers.at("X-Sportello-Timestamp") + "." + notice.text);
        return notice.headers.at("X-Sportello-Signature").find(mark) != std::string::npos;
    };
    EXPECT_TRUE(signatures(old));
    EXPECT_TRUE(signatures(fresh));
    desk.house.run_for(25h);
    desk.log_in_again(admin);
    systems.answer = [](const FakeSystems::Notice&) { return 500; };
    const auto tested = body_of(desk.post(address(webhook) + "/test", admin));
    EXPECT_EQ(tested.at("taken"), false);
    EXPECT_EQ(tested.at("status"), 500);
    EXPECT_FALSE(signatures(old));
    EXPECT_TRUE(signatures(fresh));
    // Neither the database nor the audit nor the log of events knows them.
    for (const auto& secret : {old, fresh}) {
        const auto found = desk.house.read([&](storage::Transaction& tx) -> base::Result<bool> {
            std::string all;
            for (const char* sql : {"SELECT secret || old_secret FROM webhook", "SELECT after_change || before_change FROM audit",
                                    "SELECT data FROM event", "SELECT body FROM idempotency_key"})
                tx.for_each(sql, [&](const storage::Row& row) { all += row.text(0); });
            return all.find(secret) != std::string::npos;
        });
        EXPECT_FALSE(found.value());
    }
}

TEST_F(WebhooksApi, IsForAdminsAndForTheirBrands)
{
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto of_tim = desk.person(Role::admin, "timadmin", {"tim"});
    EXPECT_EQ(desk.get("/v1/webhooks", boss).status, 403);
    const auto everything = make();
    const auto tim = make({{"brands", {"tim"}}});
    EXPECT_EQ(items_of(desk.get("/v1/webhooks", of_tim)).size(), 1U);
    EXPECT_EQ(desk.get(address(everything), of_tim).status, 404);
    EXPECT_EQ(desk.del(address(everything), of_tim).status, 404);
    EXPECT_EQ(desk.post(address(everything) + "/secret", of_tim).status, 404);
    EXPECT_EQ(desk.post(address(everything) + "/replay", of_tim, {{"since", 0}}).status, 404);
    EXPECT_EQ(desk.get(address(everything) + "/deliveries", of_tim).status, 404);
    EXPECT_EQ(desk.get(address(tim), of_tim).status, 200);
    EXPECT_EQ(desk.patch(address(tim), of_tim, {{"brands", json::array()}}).status, 422);
    EXPECT_EQ(desk.patch(address(tim), of_tim, {{"brands", {"impresa"}}}).status, 422);
    EXPECT_EQ(desk.post("/v1/webhooks", of_tim, {{"name", "x"}, {"url", "https://a.example"}}).status, 422);
    const auto wrong =
        desk.post("/v1/webhooks", admin, {{"name", "x"}, {"url", "http://169.254.169.254/"}, {"types", {"Ticket"}}, {"brands", {"zz"}}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(body_of(wrong).at("errors").size(), 3U);
    EXPECT_EQ(desk.post("/v1/webhooks", admin, {{"name", "x"}}).status, 400);
    EXPECT_EQ(desk.post("/v1/webhooks", admin, {{"name", "x"}, {"url", "https://a.example"}, {"secret", "mine"}}).status, 400);
    EXPECT_EQ(desk.patch(address(tim), admin, {{"name", "y"}}, "\"99\"").status, 412);
    EXPECT_EQ(desk.del(address(tim), of_tim).status, 204);
    EXPECT_EQ(items_of(desk.get("/v1/webhooks?limit=1", admin)).size(), 1U);
}

class CollectedBody final : public http::BodyStream {
public:
    boost::asio::awaitable<bool> write(std::string_view chunk) override
    {
        text += chunk;
        co_return true;
    }
    bool closed() const override { return false; }
    void on_close(std::function<void()>) override {}
    std::string text;
};

TEST_F(WebhooksApi, EveryActIsInTheAuditWithItsPersonAndPlace)
{
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto of_tim = desk.person(Role::supervisor, "timboss", {"tim"});
    const auto agent = desk.person(Role::agent, "anna");
    EXPECT_EQ(desk.get("/v1/audit", agent).status, 403);
    const auto webhook = make({{"name", "=1+1"}});
    ASSERT_EQ(desk.patch(address(webhook), admin, {{"url", "https://elsewhere.example/"}}).status, 200);
    const auto id = desk.ticket_from_x("mara", "@TIM_Sportello chiamami al 347 1234567");
    ASSERT_LT(desk.post("/v1/tickets/" + std::to_string(id) + "/take", boss).status, 300);
    const auto message = desk.house.count("SELECT max(id) FROM message");
    ASSERT_EQ(desk.post("/v1/messages/" + std::to_string(message) + "/reveal", boss).status, 200);
    const auto all = items_of(desk.get("/v1/audit", boss));
    const auto find = [&](const std::string& action) {
        for (const auto& entry : all) {
            if (entry.at("action") == action) return entry;
        }
        return json();
    };
    const auto changed = find("webhook.changed");
    ASSERT_FALSE(changed.is_null());
    EXPECT_EQ(changed.at("actor").at("id"), admin.id);
    EXPECT_EQ(changed.at("from"), "127.0.0.1");
    EXPECT_EQ(changed.at("before").at("url"), "https://hooks.example/in");
    EXPECT_EQ(changed.at("after").at("url"), "https://elsewhere.example/");
    const auto revealed = find("personal_data.revealed");
    ASSERT_FALSE(revealed.is_null());
    EXPECT_EQ(revealed.at("object_id"), std::to_string(id));
    EXPECT_EQ(revealed.at("brand"), "impresa");
    EXPECT_EQ(revealed.dump().find("347"), std::string::npos);
    // Filters, pages, brands.
    EXPECT_EQ(items_of(desk.get("/v1/audit?action=webhook.changed", boss)).size(), 1U);
    EXPECT_EQ(
        items_of(desk.get("/v1/audit?actor=" + std::to_string(boss.id) + "&object=ticket&object_id=" + std::to_string(id), boss)).size(),
        2U);
    EXPECT_EQ(items_of(desk.get("/v1/audit?to=2001-01-01T00:00:00Z", boss)).size(), 0U);
    EXPECT_EQ(items_of(desk.get("/v1/audit", of_tim)).size(), 0U);
    EXPECT_EQ(desk.get("/v1/audit?brand=impresa", of_tim).status, 400);
    EXPECT_EQ(desk.get("/v1/audit?object_id=1", boss).status, 400);
    std::string cursor;
    std::size_t seen = 0;
    for (int page = 0; page < 50; ++page) {
        const auto body = body_of(desk.get("/v1/audit?limit=2" + cursor, boss));
        seen += body.at("items").size();
        if (body.at("next_cursor").is_null()) break;
        cursor = "&cursor=" + body.at("next_cursor").get<std::string>();
    }
    EXPECT_EQ(seen, all.size());
    const auto csv = desk.get("/v1/audit?format=csv", boss);
    ASSERT_EQ(csv.status, 200);
    CollectedBody written;
    written.text = csv.body; // what is long is streamed
    auto read_it = [&]() -> boost::asio::awaitable<int> {
        if (csv.stream) co_await csv.stream(written);
        co_return 0;
    };
    desk.house.run(read_it());
    EXPECT_EQ(std::ranges::count(written.text, '\n'), static_cast<std::ptrdiff_t>(all.size() + 1));
}

/// Who may come in, as what, and by which key: each act is an entry that says who, of whom, from where and what changed.
TEST_F(WebhooksApi, WhatIsDoneToPeopleAndKeysIsInTheAudit)
{
    const auto made = desk.post("/v1/agents", admin, {{"login", "nina"}, {"name", "Nina"}, {"password", "long enough"}});
    ASSERT_EQ(made.status, 201) << made.body;
    const auto nina = body_of(made).at("id").dump();
    const auto person = "/v1/agents/" + nina;
    ASSERT_EQ(desk.patch(person, admin, {{"role", "supervisor"}, {"password", "longer than that"}}).status, 200);
    ASSERT_EQ(desk.post(person + "/access-link", admin, json::object()).status, 201);
    ASSERT_EQ(desk.del(person + "/access-link", admin).status, 204);
    ASSERT_EQ(desk.patch(person, admin, {{"disabled", true}}).status, 200);
    const auto token = body_of(desk.post("/v1/tokens", admin, {{"name", "robot"}, {"scopes", {"tickets:read"}}}));
    ASSERT_EQ(desk.del("/v1/tokens/" + token.at("id").dump(), admin).status, 204);
    ASSERT_EQ(desk.put("/v1/reports/per-person", admin, {{"enabled", true}}).status, 200);
    ASSERT_TRUE(desk.house.run(desk.house.engine->signed_in("tim-x", domain::AgentId{admin.id})));

    const auto entries = items_of(desk.get("/v1/audit", admin));
    const auto entry = [&](const std::string& action) {
        for (const auto& one : entries) {
            if (one.at("action") == action) return one;
        }
        ADD_FAILURE() << "nothing says " << action;
        return json{{"actor", nullptr}, {"object_id", nullptr}, {"before", nullptr}, {"after", nullptr}, {"from", nullptr}};
    };
    for (const auto* action : {"agent.added", "agent.changed", "agent.link_made", "agent.link_taken_back", "agent.disabled",
                               "token.created", "token.revoked", "reports.persons_switched", "channel.signed_in"}) {
        EXPECT_EQ(entry(action).at("actor").value("id", std::int64_t(0)), admin.id) << action;
    }
    for (const auto* action : {"agent.added", "agent.changed", "agent.link_made", "agent.link_taken_back", "agent.disabled"}) {
        EXPECT_EQ(entry(action).at("object_id"), nina) << action;
        EXPECT_EQ(entry(action).at("from"), "127.0.0.1") << action;
    }
    EXPECT_EQ(entry("agent.added").at("after").at("login"), "nina");
    EXPECT_EQ(entry("agent.changed").at("before"), (json{{"role", "agent"}}));
    EXPECT_EQ(entry("agent.changed").at("after"), (json{{"role", "supervisor"}, {"password", "changed"}}));
    EXPECT_EQ(entry("agent.disabled").at("after").at("disabled"), true);
    EXPECT_EQ(entry("token.created").at("after").at("scopes"), json::array({"tickets:read"}));
    EXPECT_EQ(entry("token.revoked").at("object_id"), token.at("id").dump());
    EXPECT_EQ(entry("reports.persons_switched").at("after"), (json{{"enabled", true}}));
    const auto whole = json(entries).dump();
    for (const auto* secret : {"long enough", "longer than that", "sportello_"}) {
        EXPECT_EQ(whole.find(secret), std::string::npos) << secret;
    }
}

TEST_F(WebhooksApi, TheAuditCanOnlyGrowAndAChangeShows)
{
    const auto webhook = make();
    for (int i = 0; i < 3; ++i) desk.patch(address(webhook), admin, {{"name", "n" + std::to_string(i)}});
    const auto check = [&](std::int64_t seq = 0, std::string_view hash = "") {
        return desk.house
            .read([&](storage::Transaction& tx) -> base::Result<storage::AuditCheck> { return storage::check_audit(tx, seq, hash); })
            .value();
    };
    const auto whole = check();
    EXPECT_EQ(whole.flaw, "");
    EXPECT_GE(whole.entries, 4);
    EXPECT_EQ(check(whole.last_seq, whole.last_hash).flaw, "");
    EXPECT_NE(check(whole.last_seq + 1, "x").flaw, "");
    EXPECT_NE(check(2, "x").flaw, "");
    const auto run = [&](const char* sql) {
        return desk.house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            tx.run(sql);
            return {};
        });
    };
    EXPECT_FALSE(run("UPDATE audit SET actor_id = 1 WHERE seq = 2"));
    EXPECT_FALSE(run("DELETE FROM audit WHERE seq = 2"));
    EXPECT_EQ(check().flaw, "");
    // Whoever has the database itself can do it, but not unseen.
    const auto meddle = [&](const char* sql) {
        return desk.house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            if (test::on_postgresql()) tx.run("SET LOCAL session_replication_role = replica"); // triggers rest
            tx.run(sql);
            return {};
        });
    };
    if (!test::on_postgresql()) {
        ASSERT_TRUE(run("DROP TRIGGER audit_not_changed"));
        ASSERT_TRUE(run("DROP TRIGGER audit_not_deleted"));
    }
    ASSERT_TRUE(meddle("UPDATE audit SET reason = 'x' WHERE seq = 2"));
    EXPECT_NE(check().flaw.find("entry 2"), std::string::npos);
    ASSERT_TRUE(meddle("DELETE FROM audit WHERE seq = 2"));
    EXPECT_NE(check().flaw.find("missing"), std::string::npos);
    ASSERT_TRUE(meddle("DELETE FROM audit WHERE seq > 1"));
    EXPECT_EQ(check().flaw, "");
    EXPECT_NE(check(whole.last_seq, whole.last_hash).flaw, "");
}

} // namespace
} // namespace sportello
