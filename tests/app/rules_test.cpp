// `sportello rules test`: what the rules would have done, without touching anything.
#include "process.hpp"

#include <commands.hpp>

#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>
#include <gmock/gmock.h>

namespace sportello::app {
namespace {

using sportello::test::TemporaryFolder;
using sportello::test::write_file;
using testing::HasSubstr;
using testing::Not;

class RulesTest : public testing::Test {
protected:
    TemporaryFolder folder;
    base::SystemClock clock;
    Config config;

    void SetUp() override
    {
        write_file(folder / "a.toml", "[storage]\nurl = \"sqlite:" + (folder / "a.db").string() +
                                          "\"\n[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n"
                                          "[[rule]]\nname = \"Guasti\"\nwhen = { text = \"mut[ao]\" }\nthen = { label = \"guasto\" }\n"
                                          "[[rule]]\nname = \"Mai\"\nwhen = { text = \"xyz\" }\nthen = { priority = \"high\" }\n");
        auto loaded = load_config(folder / "a.toml", process_environment);
        ASSERT_TRUE(loaded.config);
        config = std::move(*loaded.config);
    }
    std::unique_ptr<storage::Database> open()
    {
        return storage::Database::open({.url = config.database_url,
                                        .migrations = config.migrations,
                                        .readers = 1,
                                        .inline_execution = true,
                                        .beside_server = true},
                                       clock)
            .value();
    }
    void customer_writes(const std::string& text)
    {
        const auto db = open();
        const auto now = clock.now();
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            const auto identity = storage::upsert_identity(tx, domain::Platform::twitter, "u1", "Mara", "mara", now);
            domain::PlatformItem item;
            item.platform_id = item.root_id = "p1";
            item.text = text;
            item.at = now;
            const auto stored = storage::store_item(tx, "tim-x", "tim", domain::Platform::twitter, item, identity, now);
            domain::Ticket ticket;
            ticket.brand = "tim";
            ticket.channel = "tim-x";
            ticket.platform = domain::Platform::twitter;
            ticket.identity = identity;
            ticket.customer = storage::find_identity(tx, identity)->customer;
            ticket.root_id = "p1";
            ticket.created_at = ticket.updated_at = ticket.first_inbound_at = ticket.last_inbound_at = ticket.last_at = now;
            storage::set_threaded(tx, stored.id, storage::insert_ticket(tx, ticket, "because"), storage::Intake::done);
            return {};
        };
        ASSERT_TRUE(db->write_now(unit));
    }
    std::pair<int, std::string> run(const std::string& since = "7d", bool json = false)
    {
        CommandLine line;
        line.command = "rules";
        line.words = {"test"};
        line.since = since;
        line.json = json;
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int status = rules(line, config);
        return {status, testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr()};
    }
};

TEST_F(RulesTest, PrintsWhatEachRuleWouldHaveDoneMasked)
{
    customer_writes("La linea è muta, chiamatemi al 333 1234567");
    const auto [status, said] = run();
    EXPECT_EQ(status, 0);
    EXPECT_THAT(said, HasSubstr("1 messages of customers in 1 tickets"));
    EXPECT_THAT(said, HasSubstr("Guasti (message: text matches \"mut[ao]\")\n  fired 1 times, for 1 tickets"));
    EXPECT_THAT(said, HasSubstr("label guasto; \"La linea è muta, chiamatemi al •••••\""));
    EXPECT_THAT(said, HasSubstr("Mai (message: text matches \"xyz\")\n  fired 0 times"));
    EXPECT_THAT(said, Not(HasSubstr("1234567")));
    const auto json = nlohmann::json::parse(run("1h", true).second);
    EXPECT_EQ(json.at("rules").at(0).at("fired"), 1);
    EXPECT_EQ(json.at("rules").at(0).at("samples").at(0).at("did"), nlohmann::json::parse(R"(["label guasto"])"));
    const auto db = open();
    auto count = [](storage::Transaction& tx) -> base::Result<std::int64_t> {
        return tx
            .first("SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM rule_firing) + (SELECT count(*) FROM ticket_label)",
                   [](const storage::Row& row) { return row.number(0); })
            .value_or(-1);
    };
    EXPECT_EQ(db->read_now(count).value(), 0);
}

TEST_F(RulesTest, MakesNoDatabaseAndTakesNoNonsense)
{
    EXPECT_EQ(run().first, 1);
    EXPECT_FALSE(std::filesystem::exists((folder / "a.db").string()));
    EXPECT_EQ(run("soon").first, 2);
    EXPECT_EQ(run("9999d").first, 2);
    CommandLine line;
    line.words = {"play"};
    testing::internal::CaptureStderr();
    EXPECT_EQ(rules(line, config), 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("rules test"));
}

} // namespace
} // namespace sportello::app
