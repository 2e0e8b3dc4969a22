#include "desk.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/alerts.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <sstream>

namespace sportello {
namespace {

using test::body_of;
using test::Desk;
using test::items_of;
using test::Person;
using testing::HasSubstr;
using testing::Not;

class AlertRoutes : public testing::Test {
protected:
    std::int64_t alert(const std::string& key, const std::string& brand, const std::string& link = "")
    {
        const auto now = desk.house.clock.now();
        storage::Alert made;
        made.cause.kind = domain::AlertKind::access;
        made.cause.key = key;
        made.cause.brand = brand;
        made.cause.text = "The access of <b>" + key + "</b> is dead.";
        made.cause.remedy = "Sign it in again.";
        made.begun_at = now;
        return desk.house.db
            ->write_now([&](storage::Transaction& tx) -> base::Result<std::int64_t> {
                const auto id = storage::insert_alert(tx, made);
                storage::AlertNoticeRow notice;
                notice.alert = id;
                notice.route = "ops";
                notice.kind = "raised";
                notice.recipient = "mailto:ops@example.it";
                notice.at = now;
                storage::queue_notice(tx, notice);
                const auto row = storage::notices_of(tx, id, 1).front().id;
                if (!link.empty()) storage::set_notice_link(tx, row, base::sha256_hex(link));
                return id;
            })
            .value();
    }
    static http::Request open_link(http::Method method, const std::string& token, const char* origin = nullptr)
    {
        auto request = Desk::request(method, "/alerts/" + token);
        if (origin != nullptr) request.headers.add("Origin", origin);
        return request;
    }

    std::shared_ptr<std::atomic<bool>> draining = std::make_shared<std::atomic<bool>>(false);
    Desk desk{{.automatic_assignment = false}, [this] {
                  api::Options options;
                  options.draining = draining;
                  options.backup_age = std::chrono::hours(26);
                  options.host = [] {
                      engine::HostFacts facts;
                      facts.disk = "/var/lib/sportello";
                      facts.disk_free_bytes = 5'000'000;
                      facts.backups_expected = true;
                      facts.newest_backup = base::from_micros(1'772'442'000'000'000);
                      facts.reload_ok = false;
                      return facts;
                  };
                  return options;
              }()};
    Person boss = desk.person(domain::Role::supervisor, "boss");
};

TEST_F(AlertRoutes, AreListedPageByPageToThoseWhoseBrandTheyAreOf)
{
    alert("dead:a", "tim");
    alert("dead:b", "impresa");
    alert("disk", "");
    auto narrow = desk.person(domain::Role::supervisor, "narrow", {"tim"});
    EXPECT_EQ(items_of(desk.get("/v1/alerts", boss)).size(), 3U);
    std::vector<std::string> seen;
    std::string cursor;
    do {
        const auto page = body_of(desk.get("/v1/alerts?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor), narrow));
        for (const auto& item : page.at("items")) seen.push_back(item.at("cause"));
        cursor = page.at("next_cursor").is_null() ? "" : page.at("next_cursor").get<std::string>();
    } while (!cursor.empty());
    EXPECT_EQ(seen, (std::vector<std::string>{"disk", "dead:a"}));
    EXPECT_EQ(items_of(desk.get("/v1/alerts?state=ended", boss)).size(), 0U);
    EXPECT_EQ(desk.get("/v1/alerts?state=over", boss).status, 400);
    EXPECT_EQ(desk.get("/v1/alerts?cursor=x", boss).status, 400);
    EXPECT_EQ(desk.get("/v1/alerts", desk.person(domain::Role::agent, "anna")).status, 403);
}

TEST_F(AlertRoutes, AreAcknowledgedOnceByAPersonOfTheBrand)
{
    const auto id = std::to_string(alert("dead:a", "impresa"));
    auto narrow = desk.person(domain::Role::supervisor, "narrow", {"tim"});
    EXPECT_EQ(desk.post("/v1/alerts/" + id + "/acknowledge", narrow).status, 404);
    EXPECT_EQ(desk.post("/v1/alerts/999/acknowledge", boss).status, 404);
    const auto known = body_of(desk.post("/v1/alerts/" + id + "/acknowledge", boss));
    EXPECT_EQ(known.at("acknowledged_by"), boss.id);
    EXPECT_EQ(body_of(desk.post("/v1/alerts/" + id + "/acknowledge", boss)).at("acknowledged_at"), known.at("acknowledged_at"));
    EXPECT_EQ(desk.house.count("SELECT COUNT(*) FROM event WHERE type = 'alert.acknowledged'"), 1);
    EXPECT_EQ(desk.post("/v1/alerts/" + id + "/acknowledge", boss, {{"note", "x"}}).status, 400);
}

TEST_F(AlertRoutes, ALinkAsksFirstAndServesOnce)
{
    const auto id = alert("dead:a", "tim", "token-of-the-link");
    for (int i = 0; i < 2; ++i) { // a mail program opens it before the person does
        const auto page = desk.send(open_link(http::Method::get, "token-of-the-link"));
        EXPECT_EQ(page.status, 200);
        EXPECT_THAT(page.body, HasSubstr("&lt;b&gt;dead:a"));
        EXPECT_THAT(page.body, Not(HasSubstr("<b>")));
        EXPECT_THAT(std::string(page.headers.find("Content-Security-Policy").value_or("")), HasSubstr("default-src 'none'"));
    }
    EXPECT_EQ(desk.send(open_link(http::Method::post, "token-of-the-link", "https://evil.example")).status, 403);
    EXPECT_EQ(desk.send(open_link(http::Method::post, "guessed")).status, 404);
    EXPECT_EQ(desk.send(open_link(http::Method::post, "token-of-the-link", "http://127.0.0.1:8080")).status, 200);
    EXPECT_EQ(desk.send(open_link(http::Method::post, "token-of-the-link")).status, 404);
    EXPECT_EQ(desk.send(open_link(http::Method::get, "token-of-the-link")).status, 404);
    const auto item = items_of(desk.get("/v1/alerts", boss)).front();
    EXPECT_EQ(item.at("id"), id);
    EXPECT_THAT(item.at("acknowledged_how").get<std::string>(), HasSubstr("ops@example.it"));
}

TEST_F(AlertRoutes, ReadinessEndsBeforeTheServerDoes)
{
    EXPECT_EQ(desk.send(Desk::request(http::Method::get, "/readyz")).status, 200);
    *draining = true;
    EXPECT_EQ(desk.send(Desk::request(http::Method::get, "/readyz")).status, 503);
    EXPECT_EQ(desk.send(Desk::request(http::Method::get, "/healthz")).status, 200) << "it lives";
    EXPECT_EQ(desk.get("/v1/me", boss).status, 200) << "and works on";
}

TEST_F(AlertRoutes, WithoutAWayToSignInTheCommandIsNamed)
{
    auto admin = desk.person(domain::Role::admin, "admin");
    const auto refused = desk.post("/v1/channels/tim-x/connect", admin);
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("sportello channel connect tim-x"));
    EXPECT_EQ(desk.post("/v1/channels/nowhere/connect", admin).status, 404);
    EXPECT_EQ(desk.post("/v1/channels/tim-x/connect", boss).status, 403);
    EXPECT_EQ(desk.send(Desk::request(http::Method::get, "/channels/signed-in?state=x")).status, 404);
}

TEST_F(AlertRoutes, ThePageAfterAChannelsSignInSpeaksTheBrowsersLanguage)
{
    const auto page_for = [&](const std::string& languages) {
        auto request = Desk::request(http::Method::get, "/channels/signed-in?state=x");
        if (!languages.empty()) request.headers.set("Accept-Language", languages);
        return desk.send(request).body;
    };
    for (const auto* italian : {"it", "it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7", "de, it-CH;q=0.5, en;q=0.1"}) {
        EXPECT_THAT(page_for(italian), testing::AllOf(HasSubstr("<html lang=\"it\">"), HasSubstr("nessun accesso"))) << italian;
    }
    for (const auto* english : {"", "en-GB,en;q=0.9,it;q=0.8", "de", "italic"}) {
        EXPECT_THAT(page_for(english), testing::AllOf(HasSubstr("<html lang=\"en\">"), HasSubstr("Nothing was to be signed in")))
            << english;
    }
}

/// Every stage has figures, in the form that Prometheus reads, without anything of customers in a label.
TEST_F(AlertRoutes, MetricsTellOfEveryStage)
{
    (void)desk.ticket_from_x("Chiara Segreta", "La linea è morta, mi chiamo Chiara Segreta");
    alert("dead:a", "tim");
    (void)desk.get("/v1/me", boss);
    const std::string text = desk.send(Desk::request(http::Method::get, "/metrics")).body;
    for (const char* name : {"sportello_build_info{",
                             "sportello_poll_age_seconds{channel=\"tim-x\"}",
                             "sportello_channel_state{",
                             "sportello_queue_tickets{",
                             "sportello_tickets_waiting{",
                             "sportello_mean_promised_seconds 3600",
                             "sportello_mean_budget_seconds",
                             "sportello_sessions 1",
                             "sportello_alerts_going_on 1",
                             "sportello_alerts_unacknowledged 1",
                             "sportello_alert_notices_waiting 1",
                             "sportello_events_total{type=\"",
                             "sportello_database_commits_total",
                             "sportello_database_commit_seconds_total",
                             "sportello_disk_free_bytes 5000000",
                             "sportello_backup_age_seconds",
                             "sportello_config_reload_ok 0",
                             "sportello_http_requests_total{",
                             "sportello_channel_calls_today{",
                             "sportello_replies_uncertain{"}) {
        EXPECT_THAT(text, HasSubstr(name));
    }
    EXPECT_THAT(text, Not(HasSubstr("Chiara")));
    std::istringstream lines(text);
    std::set<std::string> series;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
    }
    const std::string again = desk.send(Desk::request(http::Method::get, "/metrics")).body;
    EXPECT_THAT(again, HasSubstr("sportello_alerts_going_on 1")) << "what is set at each scrape stays one series";
}

} // namespace
} // namespace sportello
