// Staffing from a past that is written into a database, message by message.
#include "support/house.hpp"

#include <sportello/engine/staffing.hpp>
#include <sportello/storage/history.hpp>
#include <sportello/storage/people.hpp>

#include <nlohmann/json.hpp>
#include <gmock/gmock.h>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using base::Instant;
using nlohmann::json;
using test::House;
using testing::HasSubstr;

struct StaffingOfAHouse : testing::Test {
    House house{{.office_always_open = false, .agents = 3, .automatic_assignment = false}};
    const Instant now = base::parse_rfc3339("2026-05-04T06:00:00Z").value(); // a Monday
    engine::StaffingQuestion question;

    StaffingOfAHouse()
    {
        house.clock.set(now);
        question.brands = {"tim"};
    }

    /// Each working day of the last weeks: `a_day` messages every ten minutes from ten o'clock, each answered six minutes
    /// later by agents in turn.
    void live_through(int weeks, int a_day, std::int64_t outage = 0)
    {
        const auto done = house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
            int number = 0;
            for (auto day = std::chrono::floor<std::chrono::days>(now) - std::chrono::days(7) * weeks; day < now - 6h;
                 day += std::chrono::days(1)) {
                if (std::chrono::weekday(day).iso_encoding() > 5) continue;
                for (int i = 0; i < a_day; ++i) add(tx, ++number, Instant(day) + 8h + 10min * i, 6min);
            }
            const Instant bad_day = std::chrono::floor<std::chrono::days>(now) - std::chrono::days(6);
            for (std::int64_t i = 0; i < outage; ++i) add(tx, ++number, bad_day + 9h + 1s * i, std::nullopt);
            return {};
        });
        ASSERT_TRUE(done) << done.error().what();
    }

    engine::StaffingAnswer answer()
    {
        engine::Staffing staffing(*house.db, house.engine->settings(), house.clock);
        const auto given = staffing.answer_now(question);
        EXPECT_TRUE(given) << given.error().what();
        return given ? *given : engine::StaffingAnswer{};
    }

private:
    void add(storage::Transaction& tx, int number, Instant at, std::optional<base::Duration> answered_after)
    {
        const auto word = "p" + std::to_string(number);
        const auto identity = storage::upsert_identity(tx, domain::Platform::twitter, word, word, word, at);
        domain::Ticket ticket;
        ticket.brand = "tim";
        ticket.channel = "tim-x";
        ticket.platform = domain::Platform::twitter;
        ticket.identity = identity;
        ticket.customer = storage::find_identity(tx, identity)->customer;
        ticket.root_id = word;
        ticket.created_at = ticket.updated_at = ticket.first_inbound_at = ticket.last_inbound_at = ticket.last_at = at;
        if (answered_after) {
            ticket.first_response_at = at + *answered_after;
            ticket.first_response_office_seconds = std::chrono::duration_cast<std::chrono::seconds>(*answered_after).count();
        }
        const auto id = storage::insert_ticket(tx, ticket, "a test wrote it");
        tx.run("INSERT INTO message (channel, brand, platform, platform_id, kind, visibility, direction, author_name, text, parent_id, "
               "root_id, recipient_id, permalink, at, received_at, revision, ticket_id, intake, checked_at) VALUES ('tim-x', 'tim', "
               "'twitter', $1, 'mention', 'public', 'inbound', 'x', 'x', '', $1, '', '', $2, $2, 1, $3, 'done', $2)",
               word, at, id);
        if (!answered_after) return;
        tx.run("INSERT INTO reply (ticket_id, agent_id, channel, conversation, visibility, text, state, reason, target_id, recipient_id, "
               "accepted_at, send_after, platform_id) VALUES ($1, $2, 'tim-x', '', 'public', 'x', 'published', '', '', '', $3, $3, '')",
               id, std::int64_t{1 + number % 3}, at + *answered_after);
    }
};

TEST_F(StaffingOfAHouse, LearnsRhythmAndHandlingFromThePast)
{
    live_through(6, 20);
    const auto found = answer();
    EXPECT_TRUE(found.answered) << found.says;
    EXPECT_EQ(found.history.messages, 6 * 5 * 20);
    EXPECT_EQ(found.history.answers, 600);
    EXPECT_EQ(found.history.timed, 600);
    EXPECT_NEAR(found.mean_handling_seconds, 360, 1);
    EXPECT_NEAR(found.messages_a_week, 100, 6);
    EXPECT_EQ(found.history.measured_mean_seconds, 360.0);
    EXPECT_EQ(found.agents_now, 3);
    EXPECT_EQ(found.needed, 1) << "three an hour of six minutes each are little for one person";
    ASSERT_TRUE(found.hours);
    EXPECT_LE(found.hours->people_hours, 2 * found.open_hours);
    EXPECT_TRUE(found.hours->row.meets);
    EXPECT_THAT(found.says, HasSubstr("1 person is enough"));
    EXPECT_EQ(answer().rows.front().figures.mean_seconds, found.rows.front().figures.mean_seconds) << "the same seed";
}

TEST_F(StaffingOfAHouse, SaysWhenThePastIsTooShortAndPlansWithWhatIsAssumed)
{
    live_through(1, 5);
    const auto none = answer();
    EXPECT_FALSE(none.answered);
    EXPECT_THAT(none.says, HasSubstr("too short: 7 days of 14, 25 messages of 100, 25 answers"));
    question.inside = 0.5;
    question.assume_messages = 12;
    EXPECT_FALSE(answer().answered) << "what an answer takes is not known";
    question.assume_handling = 30min;
    const auto assumed = answer();
    EXPECT_TRUE(assumed.answered);
    EXPECT_FALSE(assumed.history.enough);
    EXPECT_NEAR(assumed.messages_a_week, 84, 6);
    ASSERT_TRUE(assumed.needed);
    EXPECT_GE(*assumed.needed, 2);
}

TEST_F(StaffingOfAHouse, AnOutageIsNoRhythm)
{
    live_through(6, 20, 900);
    const auto found = answer();
    EXPECT_GE(found.history.left_out, 900);
    EXPECT_NEAR(found.messages_a_week, 100, 8);
}

TEST_F(StaffingOfAHouse, AnswersWhatIf)
{
    // Few and long, so that the test is quick.
    question.assume_messages = 5;
    question.assume_handling = 60min;
    question.mean = 90min;
    question.inside = 0.4;
    const auto as_it_is = answer();
    ASSERT_TRUE(as_it_is.needed);
    const auto row_of = [](const engine::StaffingAnswer& given, int agents) {
        for (const auto& row : given.rows) {
            if (row.agents == agents) return row;
        }
        ADD_FAILURE() << "no row for " << agents;
        return engine::StaffingRow{};
    };
    EXPECT_TRUE(row_of(as_it_is, *as_it_is.needed).meets);
    if (*as_it_is.needed > 1) { EXPECT_FALSE(row_of(as_it_is, *as_it_is.needed - 1).meets); }

    question.growth = 1;
    EXPECT_GT(answer().needed.value(), *as_it_is.needed);
    question.growth = 0;
    question.hours = "08:00-20:00";
    const auto longer = answer();
    EXPECT_NEAR(longer.open_hours, 60, 0.1);
    EXPECT_LE(longer.needed.value(), *as_it_is.needed);
    question.hours.clear();
    question.agents = 9;
    question.outage = "60@10:00";
    const auto outage = answer();
    const auto nine = row_of(outage, 9);
    ASSERT_TRUE(nine.outage_day);
    EXPECT_GT(nine.outage_day->mean_seconds, 2 * nine.figures.mean_seconds);
    EXPECT_THAT(engine::to_text(outage), HasSubstr("<- enough"));
    EXPECT_THAT(engine::to_csv(outage), HasSubstr("\r\n9,true,"));
    const auto parsed = json::parse(engine::to_json(outage));
    EXPECT_EQ(parsed.at("agents_needed"), *outage.needed);
    EXPECT_FALSE(parsed.at("hours").at("spans").empty());
}

TEST_F(StaffingOfAHouse, RefusesWhatMakesNoSense)
{
    engine::Staffing staffing(*house.db, house.engine->settings(), house.clock);
    const auto pointer = [&](auto change) {
        auto odd = question;
        odd.assume_messages = 50;
        odd.assume_handling = 6min;
        change(odd);
        const auto given = staffing.answer_now(odd);
        if (given) return std::string("answered");
        return given.error().fields().empty() ? given.error().what() : given.error().fields().front().pointer;
    };
    EXPECT_EQ(pointer([](auto& q) { q.hours = "always"; }), "query:hours");
    EXPECT_EQ(pointer([](auto& q) { q.outage = "many"; }), "query:outage");
    EXPECT_EQ(pointer([&](auto& q) { q.from = now + 1h; }), "query:from");
    EXPECT_EQ(pointer([&](auto& q) { q.from = now - std::chrono::days(365); }), "query:from");
    EXPECT_EQ(pointer([](auto& q) { q.assume_messages = 100'000; }), "query:growth");
    EXPECT_EQ(pointer([](auto& q) { q.brands = {"nobody"}; }), "there is no brand nobody");
}

// Else the hours of one would silently stand for those of the other.
TEST_F(StaffingOfAHouse, RefusesBrandsOfDifferentHoursTogether)
{
    engine::Settings settings = house.engine->settings();
    auto other = settings.brands.front();
    other.id = "other";
    settings.brands.push_back(other);
    question.brands = {"tim", "other"};
    question.assume_messages = 50;
    question.assume_handling = 6min;
    EXPECT_TRUE(engine::Staffing(*house.db, settings, house.clock).answer_now(question));
    auto spec = other.calendar.current()->spec();
    spec.weekly[6] = {{.opens = 9h, .closes = 12h}};
    settings.brands.back().calendar = std::make_shared<const domain::Calendar>(domain::Calendar::make(spec).value());
    const auto refused = engine::Staffing(*house.db, settings, house.clock).answer_now(question);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields().at(0).pointer, "query:brand");
    EXPECT_THAT(refused.error().what(), HasSubstr("tim and other"));
}

} // namespace
} // namespace sportello
