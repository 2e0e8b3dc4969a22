#include "support/house.hpp"
#include "support/outage_texts.hpp"
#include "support/test_seed.hpp"

#include <sportello/engine/ticketing.hpp>
#include <sportello/storage/incidents.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <iostream>

namespace sportello::test {
namespace {

/// The whole intake behind the connectors: what is written is stored, threaded, judged.
class OutageDay {
public:
    explicit OutageDay(std::uint64_t seed) : texts(seed), house({.seed = seed, .agents = 1, .automatic_assignment = false})
    {
        now = base::parse_rfc3339("2026-02-02T07:00:00Z").value();
        house.clock.set(now);
        read_corpus();
    }

    OutageTexts texts;
    House house;
    base::Instant now{};
    std::size_t corpus_size = 0;

    void write(const std::string& text)
    {
        domain::PlatformItem item;
        item.platform_id = "m" + std::to_string(++messages_);
        item.root_id = item.platform_id;
        item.kind = domain::MessageKind::post;
        item.author_id = "p" + std::to_string(messages_);
        item.author_name = texts.person();
        item.text = text;
        item.at = now;
        house.clock.set(now);
        batch_.push_back(std::move(item));
    }
    /// What was written goes through the house.
    void take_in()
    {
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            for (const domain::PlatformItem& item : batch_) {
                const auto identity = storage::upsert_identity(tx, domain::Platform::facebook, item.author_id, item.author_name, "", now);
                storage::store_item(tx, "tim-facebook", "tim", domain::Platform::facebook, item, identity, now);
            }
            return {};
        };
        ASSERT_TRUE(house.db->write_now(unit));
        batch_.clear();
        ASSERT_TRUE(house.run(house.engine->ticketing().thread_new_messages(5000)));
    }
    std::vector<domain::Incident> incidents()
    {
        return house
            .read([](storage::Transaction& tx) -> base::Result<std::vector<domain::Incident>> { return storage::live_incidents(tx); })
            .value();
    }
    /// Ordinary days; @return false alarms.
    std::int64_t quiet_days(int days, double a_day)
    {
        const base::Instant end = now + std::chrono::hours(24) * days;
        std::exponential_distribution<double> gap(1.0);
        while (now < end) {
            const auto hour = std::chrono::duration_cast<std::chrono::hours>(now.time_since_epoch()).count() % 24;
            const double rate = hour >= 7 && hour < 21 ? a_day * 1.5 : a_day * 0.3;
            now += std::chrono::microseconds(static_cast<std::int64_t>(gap(texts.random()) * 86.4e9 / rate));
            write(!corpus_.empty() && texts.chance(20) ? corpus_[texts.below(corpus_.size())] : texts.ordinary());
            take_in();
        }
        return house.count("SELECT COUNT(*) FROM incident");
    }

private:
    void read_corpus()
    {
        std::ifstream file(std::filesystem::path(SPORTELLO_SOURCE_DIR) / "../shared/data/support-conversations.ndjson");
        for (std::string line; std::getline(file, line);) {
            const auto post = nlohmann::json::parse(line, nullptr, false);
            if (post.is_object() && post.value("inbound", false)) corpus_.push_back(post.at("text").get<std::string>());
        }
        corpus_size = corpus_.size();
    }

    std::vector<std::string> corpus_;
    std::vector<domain::PlatformItem> batch_;
    std::int64_t messages_ = 0;
};

int how_many(const char* name, int usual)
{
    const char* given = std::getenv(name);
    return given ? std::max(1, std::atoi(given)) : usual;
}

/// Thirty quiet days, then a fibre is cut in Bologna: 5,000 messages in ten minutes, while ordinary ones go on.
TEST(OutageDays, AreFoundAtOnceAndQuietOnesStayQuiet)
{
    const int messages = how_many("SPORTELLO_OUTAGE_MESSAGES", 5'000);
    const int days = how_many("SPORTELLO_QUIET_DAYS", 30);
    const int seeds = how_many("SPORTELLO_SEEDS", 1);
    for (int i = 0; i < seeds; ++i) {
        const std::uint64_t seed = test_seed(41) + static_cast<std::uint64_t>(i);
        SCOPED_TRACE("SPORTELLO_SEED moved by " + std::to_string(i));
        OutageDay day(seed);
        const std::int64_t false_alarms = day.quiet_days(days, 60);
        const base::Instant cut = day.now;
        int reports = 0;
        int asking_else = 0;
        int ordinary = 0;
        int detected_after = 0;
        base::Instant detected_at{};
        domain::IncidentId incident;
        const auto started = std::chrono::steady_clock::now();
        const int a_second = std::max(1, messages / 600);
        while (reports < messages) {
            day.now += std::chrono::milliseconds(1000LL * 600 * a_second / messages);
            for (int k = 0; k < a_second && reports < messages; ++k) {
                if (day.texts.below(static_cast<std::size_t>(messages)) < 10) {
                    day.write(day.texts.ordinary());
                    ++ordinary;
                }
                const auto report = day.texts.report("Bologna");
                day.write(report.text);
                ++reports;
                asking_else += report.asks_else;
                if (incident.value != 0) continue;
                day.take_in(); // one by one, until it is found
                const auto found = day.incidents();
                if (found.empty()) continue;
                incident = found.front().id;
                detected_after = reports;
                detected_at = day.now;
                EXPECT_EQ(found.front().pattern.service, "internet");
                ASSERT_TRUE(day.house.run(day.house.engine->incidents().confirm(incident, day.house.as(1))));
            }
            day.take_in();
        }
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        const std::int64_t members = day.house.count("SELECT members FROM incident WHERE state = 'confirmed'");
        const std::int64_t aside = day.house.count("SELECT COUNT(*) FROM ticket WHERE aside = 'incident'");
        const std::int64_t incidents = day.house.count("SELECT COUNT(*) FROM incident");
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(detected_at - cut).count();
        std::cout << "outage day, seed " << seed << ": " << reports << " reports in 10 minutes among " << ordinary
                  << " ordinary messages; found after " << detected_after << " reports (" << seconds << " s); " << members << " members, "
                  << aside << " of them aside, " << asking_else << " ask for something else too; false alarms in " << days
                  << " quiet days: " << false_alarms << "; " << (day.corpus_size ? "with" : "WITHOUT") << " the real corpus; " << took
                  << " s of work\n";
        EXPECT_EQ(false_alarms, 0);
        EXPECT_GT(detected_after, 0);
        EXPECT_LE(detected_after, 30);
        EXPECT_EQ(incidents, 1) << "one cut, one incident";
        EXPECT_GE(members, messages * 95 / 100);
        EXPECT_LE(members, messages + ordinary);
        EXPECT_GE(aside, (members - asking_else) * 95 / 100);
        EXPECT_LE(aside, members - asking_else * 95 / 100 + 1);
    }
}

} // namespace
} // namespace sportello::test
