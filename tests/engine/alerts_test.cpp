#include "support/house.hpp"

#include <sportello/engine/alerts.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/leases.hpp>

#include <nlohmann/json.hpp>
#include <gmock/gmock.h>

namespace sportello::test {
namespace {

using engine::AlertRecipient;
using testing::HasSubstr;

/// Letters, as they would arrive.
class Letterbox final : public engine::AlertSender {
public:
    boost::asio::awaitable<base::Result<void>> send(AlertRecipient recipient, engine::AlertLetter letter) override
    {
        ++tries;
        if (!reachable) co_return base::Error(base::ErrorKind::unavailable, "the mail server: no route");
        letters.emplace_back(recipient.address, std::move(letter));
        co_return base::Result<void>();
    }
    std::vector<std::pair<std::string, engine::AlertLetter>> letters;
    int tries = 0;
    bool reachable = true;
};

class AlertsTest : public testing::Test {
protected:
    AlertsTest()
    {
        engine::AlertRouteSettings ops;
        ops.route.name = "ops";
        ops.route.steps = {0s, 30min};
        ops.route.repeat = 2h;
        ops.steps = {{mail("ops@example.it")}, {mail("boss@example.it"), mail("night@example.it")}};
        settings.routes.push_back(ops);
        settings.public_url = "https://sportello.example";
        open();
    }
    static AlertRecipient mail(const std::string& address) { return {AlertRecipient::Way::mail, address, "mailto:" + address, ""}; }

    void open()
    {
        alerts = std::make_unique<engine::Alerts>(
            house.io->get_executor(), *house.db, house.engine->settings(), settings, box, [this] { return host; }, house.clock,
            house.random);
    }
    /// Looks and sends every minute.
    void pass(base::Duration time)
    {
        for (base::Duration gone{}; gone < time; gone += 1min) {
            ASSERT_TRUE(house.run(alerts->look()));
            (void)house.run(alerts->send_due());
            house.clock.set(house.clock.now() + 1min);
        }
    }
    void channel_state(const std::function<void(storage::ChannelState&)>& change)
    {
        ASSERT_TRUE(house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            auto state = storage::load_channel(tx, "tim-x");
            change(state);
            storage::save_channel(tx, state);
            storage::set_flags(tx, "tim-x", state.quiet, state.behind);
            return {};
        }));
    }
    void access(const char* state, const char* reason = "the token is refused")
    {
        channel_state([&](storage::ChannelState& channel) {
            channel.state = state;
            channel.reason = reason;
        });
    }
    std::vector<std::string> told(const std::string& kind) const
    {
        std::vector<std::string> whom;
        for (const auto& [address, letter] : box.letters) {
            if (letter.kind == kind) whom.push_back(address);
        }
        return whom;
    }
    std::string link_in(const engine::AlertLetter& letter) const
    {
        const std::string link = nlohmann::json::parse(letter.json).at("acknowledge_url").get<std::string>();
        EXPECT_THAT(letter.text, HasSubstr(link));
        return link.substr(link.rfind('/') + 1);
    }
    std::int64_t going_on()
    {
        return house.read([](storage::Transaction& tx) -> base::Result<storage::AlertFigures> { return storage::alert_figures(tx); })
            .value()
            .going_on;
    }

    House house{{.automatic_assignment = false}};
    engine::AlertSettings settings;
    engine::HostFacts host;
    Letterbox box;
    std::unique_ptr<engine::Alerts> alerts;
};

TEST_F(AlertsTest, ADeadAccessIsToldEscalatedRepeatedAndCleared)
{
    access("needs_authorisation");
    pass(29min);
    EXPECT_EQ(told("raised"), std::vector<std::string>{"ops@example.it"}) << "one message for one cause";
    EXPECT_THAT(box.letters.front().second.subject, HasSubstr("tim-x"));
    pass(3min);
    EXPECT_EQ(told("escalated"), (std::vector<std::string>{"boss@example.it", "night@example.it"}));
    pass(2h);
    EXPECT_EQ(told("repeated").size(), 3U);
    access("ok", "");
    pass(2min);
    EXPECT_EQ(told("cleared").size(), 3U);
    EXPECT_EQ(going_on(), 0);
    pass(5h);
    EXPECT_EQ(told("cleared").size(), 3U);
}

TEST_F(AlertsTest, OfSeveralMachinesEachTellsOfItselfAndOneOfTheHouse)
{
    const auto node_lives = [&](const std::string& machine, bool lives) {
        ASSERT_TRUE(house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            const std::string name = "node:" + machine + "/1/x";
            const auto lease = storage::find_lease(tx, name);
            if (lives) EXPECT_TRUE(storage::take_lease(tx, name, machine + "/1/x", lease));
            else storage::give_lease_back(tx, *lease);
            return {};
        }));
    };
    node_lives("one", true);
    node_lives("two", true);
    settings.disk_free_bytes = 1000;
    access("needs_authorisation");
    host.machine = "two";
    host.disk = "/srv";
    host.disk_free_bytes = 900;
    open();
    bool keeps_the_clock = false;
    alerts->house_only_when([&] { return keeps_the_clock; });
    ASSERT_TRUE(house.run(alerts->look()));
    EXPECT_EQ(going_on(), 1) << "its disk, and not the access";

    keeps_the_clock = true;
    host = {};
    host.machine = "one";
    pass(5min);
    EXPECT_EQ(going_on(), 2) << "the access too, and the other's disk is left to the other";
    ASSERT_EQ(told("raised").size(), 2u);
    EXPECT_THAT(box.letters.front().second.subject, HasSubstr("/srv on two"));

    node_lives("two", false);
    pass(30min);
    EXPECT_EQ(going_on(), 1) << "the machine is gone, and so is its disk";
}

TEST_F(AlertsTest, WhatWasDecidedOutlivesARestartAndIsSentOnce)
{
    box.reachable = false;
    access("needs_authorisation");
    pass(3min);
    EXPECT_GE(box.tries, 2) << "tried again, later each time";
    EXPECT_LE(box.tries, 3);
    open(); // as after kill -9
    box.reachable = true;
    pass(10min);
    EXPECT_EQ(told("raised"), std::vector<std::string>{"ops@example.it"});
    open();
    pass(10min);
    EXPECT_EQ(told("raised").size(), 1U);
    access("ok", "");
    open();
    pass(2min);
    EXPECT_EQ(told("cleared"), std::vector<std::string>{"ops@example.it"}) << "also when the end fell into a restart";
}

TEST_F(AlertsTest, AcknowledgedByTheLinkOfAMailOnce)
{
    access("needs_authorisation");
    pass(1min);
    const std::string token = link_in(box.letters.front().second);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM alert_notice WHERE link_hash = '" + token + "'"), 0) << "only its hash is kept";
    const auto use = [&](const std::string& with) {
        return house.db->write_now([&](storage::Transaction& tx) { return engine::acknowledge_by_link(tx, with, house.clock.now()); });
    };
    EXPECT_FALSE(use("guessed"));
    const auto used = use(token);
    ASSERT_TRUE(used) << used.error().what();
    EXPECT_EQ(used->acknowledged_how, "the link sent to mailto:ops@example.it");
    EXPECT_FALSE(use(token)) << "it serves once";
    pass(5h);
    EXPECT_TRUE(told("escalated").empty() && told("repeated").empty()) << "somebody knows";
    access("ok", "");
    pass(2min);
    EXPECT_EQ(told("cleared").size(), 1U);
}

TEST_F(AlertsTest, AnEndThatComesNearerIsToldAtFourteenSevenAndOneDays)
{
    const auto ends = house.clock.now() + 24h * 15;
    channel_state([&](storage::ChannelState& channel) { channel.access_ends_at = ends; });
    settings.routes.front().route.repeat = 0s;
    settings.routes.front().route.steps = {0s};
    settings.routes.front().steps.resize(1);
    open();
    const auto until = [&](base::Duration before) {
        house.clock.set(ends - before);
        pass(2min);
        return told("raised").size();
    };
    EXPECT_EQ(until(24h * 15), 0U);
    EXPECT_EQ(until(24h * 14), 1U);
    const std::int64_t alert = box.letters.back().second.alert;
    ASSERT_TRUE(house.db->write_now(
        [&](storage::Transaction& tx) { return engine::acknowledge_alert(tx, alert, house.as(1), house.clock.now()); }));
    EXPECT_EQ(until(24h * 8), 1U);
    EXPECT_EQ(until(24h * 7), 2U) << "nearer is told anew, whatever was acknowledged";
    EXPECT_EQ(until(24h), 3U);
    EXPECT_EQ(until(-1min), 4U);
    EXPECT_EQ(going_on(), 1) << "all of one alert";
}

TEST_F(AlertsTest, WhatComesAndGoesIsOneAlert)
{
    for (int i = 0; i < 10; ++i) {
        channel_state([&](storage::ChannelState& channel) { channel.behind = i % 2 ? "" : "it was not read for 7 minutes"; });
        pass(2min);
    }
    EXPECT_EQ(told("raised").size(), 1U);
    EXPECT_TRUE(told("cleared").empty());
    pass(10min);
    EXPECT_EQ(told("cleared").size(), 1U);
}

TEST_F(AlertsTest, TheMachineItsBackupsAndItsRestartsAreToldOf)
{
    host.disk = "/var/lib/sportello";
    host.disk_free_bytes = 1 << 30;
    host.backups_expected = true;
    host.newest_backup = house.clock.now() - 27h;
    const auto start = [&] {
        ASSERT_TRUE(house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            engine::note_start(tx, "", house.clock.now());
            return {};
        }));
    };
    start();
    pass(1min);
    std::vector<std::string> kinds;
    for (const auto& [address, letter] : box.letters) kinds.push_back(nlohmann::json::parse(letter.json).at("kind"));
    EXPECT_THAT(kinds, testing::UnorderedElementsAre("disk", "backup")) << "the first start of all is no restart";
    host.newest_backup = house.clock.now();
    host.disk_free_bytes = 100 << 20;
    box.letters.clear();
    start();
    pass(1min);
    kinds.clear();
    for (const auto& [address, letter] : box.letters) {
        kinds.push_back(nlohmann::json::parse(letter.json).at("kind").get<std::string>() + " " + letter.kind);
    }
    EXPECT_THAT(kinds, testing::UnorderedElementsAre("disk raised", "backup cleared", "restart raised"));
    EXPECT_THAT(box.letters.back().second.text + box.letters.front().second.text + box.letters[1].second.text,
                HasSubstr("not been stopped in an orderly way"));
    box.letters.clear();
    for (int i = 0; i < 5; ++i) {
        start();
        pass(2min);
    }
    EXPECT_EQ(told("raised").size(), 2U) << "of six restarts the first, the second and the fourth";
}

TEST_F(AlertsTest, OfSeveralMachinesEachCountsItsOwnRestarts)
{
    const auto start = [&](const char* machine) {
        ASSERT_TRUE(house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            engine::note_start(tx, machine, house.clock.now());
            return {};
        }));
    };
    for (const char* machine : {"one", "two", "three"}) start(machine);
    pass(1min);
    EXPECT_TRUE(box.letters.empty()) << "three machines were started, none of them again";
    ASSERT_TRUE(house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
        engine::note_stop(tx, "one", house.clock.now());
        return {};
    }));
    start("two");
    pass(1min);
    ASSERT_EQ(told("raised").size(), 1U);
    EXPECT_THAT(box.letters.front().second.text, HasSubstr("The server on two was started again"));
    EXPECT_THAT(box.letters.front().second.text, HasSubstr("not been stopped in an orderly way")) << "another was";
    start("one");
    pass(2min);
    ASSERT_EQ(told("raised").size(), 2U);
    EXPECT_THAT(box.letters.back().second.text, HasSubstr("The server on one was started again"));
    start("two");
    pass(2min);
    ASSERT_EQ(told("raised").size(), 3U);
    EXPECT_THAT(box.letters.back().second.text, HasSubstr("restart number 2"));
}

TEST_F(AlertsTest, ARuleOfTheOfficeHoursWaitsForThem)
{
    EXPECT_EQ(domain::parse_alert_hours("open"), domain::AlertHours::open);
    settings.routes.front().route.hours = domain::AlertHours::closed; // the house of this test is always open
    open();
    access("needs_authorisation");
    pass(1h);
    EXPECT_TRUE(box.letters.empty());
    EXPECT_EQ(going_on(), 1) << "it is seen and listed all the same";
}

TEST_F(AlertsTest, MoneyAndCallsAreToldAtFourFifthsAndAtTheEnd)
{
    const auto quota = [&](int remaining) {
        channel_state([&](storage::ChannelState& channel) {
            channel.quotas =
                R"([{"endpoint": "POST /2/tweets", "window": "24 h", "limit": 100, "remaining": )" + std::to_string(remaining) +
                R"(, "resets_at": ")" + base::to_rfc3339(house.clock.now() + 5h) + "\"}, " +
                R"({"endpoint": "GET /2/users/:id/mentions", "window": "15 min", "limit": 100, "remaining": 0, "resets_at": ")" +
                base::to_rfc3339(house.clock.now() + 5min) + "\"}]";
        });
    };
    quota(21);
    pass(2min);
    EXPECT_TRUE(box.letters.empty()) << "a quarter of an hour comes back before anybody could act";
    quota(20);
    pass(2min);
    EXPECT_EQ(told("raised").size(), 1U);
    EXPECT_THAT(box.letters.back().second.text, HasSubstr("80 %"));
    quota(0);
    pass(2min);
    EXPECT_EQ(told("raised").size(), 2U);
    EXPECT_THAT(box.letters.back().second.text, HasSubstr("100 %"));
}

} // namespace
} // namespace sportello::test
