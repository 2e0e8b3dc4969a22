#include <sportello/domain/calendar.hpp>
#include <sportello/domain/ticket_alarms.hpp>

#include <gtest/gtest.h>

#include <set>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

struct TicketAlarms : testing::Test {
    static Instant at(const char* text) { return base::parse_rfc3339(text).value(); }
    static Calendar weekdays()
    {
        CalendarSpec spec;
        for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows("09:00-18:00").value();
        return Calendar::make(std::move(spec)).value();
    }
    static Message message(Instant when, std::int64_t id = 1)
    {
        Message m;
        m.id = MessageId{id};
        m.text = "la linea è giù";
        m.at = when;
        return m;
    }

    const Calendar calendar = weekdays();
    ServiceTarget target{&calendar, 1h, 2h, 8h, 0.75};
    const Instant ten = at("2026-03-02T09:00:00Z"); // Monday, ten o'clock in Rome
    Ticket ticket = open_ticket(message(ten), target, ten);
    std::vector<ClockMark> marks;

    void answer(Instant when)
    {
        Reply reply;
        reply.author = AgentId{1};
        reply.text = "eccoci";
        accept_reply(ticket, reply, "anna", when);
        publish_reply(ticket, when, target, when);
    }

    /// What the chore does. @return "response!" for a breach, "response?" for a warning, in order.
    std::string tick(Instant now)
    {
        const auto plan = alarms_of(ticket, target, marks, now);
        for (const ClockMark& mark : plan.marks) {
            std::erase_if(marks, [&](const ClockMark& old) { return old.clock == mark.clock && old.since <= mark.since; });
            marks.push_back(mark);
        }
        ticket.breached_at = plan.breached_at;
        ticket.alarm_at = plan.next;
        std::string told;
        for (const ClockAlarm& alarm : plan.alarms) told += std::string(to_string(alarm.clock)) + (alarm.breached ? "!" : "?");
        return told;
    }
};

TEST_F(TicketAlarms, WarnsOnceAndIsMissedOnce)
{
    EXPECT_EQ(ticket.alarm_at, ten + 45min);
    EXPECT_EQ(tick(ten + 44min), "");
    EXPECT_EQ(tick(ten + 45min), "response?");
    EXPECT_EQ(ticket.alarm_at, ten + 60min);
    EXPECT_EQ(tick(ten + 46min), "");
    EXPECT_FALSE(ticket.breached_at);
    EXPECT_EQ(tick(ten + 61min), "response!");
    EXPECT_EQ(ticket.breached_at, ten + 61min);
    EXPECT_EQ(tick(ten + 90min), "");
}

TEST_F(TicketAlarms, AClockThatIsSetAgainNeitherRepeatsNorForgets)
{
    ASSERT_EQ(tick(ten + 61min), "response!");
    target.first_response = 4h;
    replan(ticket, target);
    EXPECT_EQ(ticket.due_at, ten + 4h);
    EXPECT_EQ(tick(ten + 62min), "");
    EXPECT_EQ(ticket.breached_at, ten + 61min) << "what was missed stays missed";
    EXPECT_EQ(tick(ten + 5h), "") << "and is missed once";
    // A late import begins the waiting earlier; solved and reopened is the same question.
    receive_inbound(ticket, message(ten - 20min, 2), target, ten + 5h);
    ASSERT_TRUE(change_status(ticket, TicketStatus::solved, target, ten + 5h));
    EXPECT_EQ(tick(ten + 5h), "");
    ASSERT_TRUE(change_status(ticket, TicketStatus::open, target, ten + 5h));
    EXPECT_EQ(tick(ten + 5h), "");
    EXPECT_TRUE(ticket.breached_at);
}

TEST_F(TicketAlarms, AnotherQuestionHasAClockOfItsOwn)
{
    ASSERT_EQ(tick(ten + 61min), "response!");
    answer(ten + 70min);
    EXPECT_FALSE(ticket.breached_at);
    EXPECT_FALSE(ticket.alarm_at) << "nothing runs while the customer's answer is waited for";
    receive_inbound(ticket, message(ten + 80min, 2), target, ten + 80min);
    EXPECT_EQ(ticket.due_at, ten + 80min + 2h) << "a next response";
    EXPECT_EQ(tick(ten + 80min + 90min), "response?");
    EXPECT_EQ(tick(ten + 80min + 2h), "response!");
}

TEST_F(TicketAlarms, TheResolutionStandsStillWhileItIsNotOurTurn)
{
    answer(ten + 30min);
    EXPECT_EQ(ticket.resolution_spent, 30min);
    EXPECT_FALSE(ticket.resolution_running_since);
    EXPECT_FALSE(ticket.resolution_due_at);
    receive_inbound(ticket, message(ten + 24h, 2), target, ten + 24h);
    EXPECT_EQ(ticket.resolution_running_since, ten + 24h);
    EXPECT_EQ(ticket.resolution_due_at, ten + 24h + 7h + 30min) << "of eight hours half an hour was spent before";
    ASSERT_TRUE(change_status(ticket, TicketStatus::on_hold, target, ten + 25h));
    EXPECT_EQ(ticket.resolution_spent, 90min);
    ASSERT_TRUE(change_status(ticket, TicketStatus::open, target, ten + 26h));
    ASSERT_TRUE(change_status(ticket, TicketStatus::solved, target, ten + 27h));
    EXPECT_EQ(ticket.resolution_spent, 150min);
    EXPECT_FALSE(ticket.alarm_at);
}

TEST_F(TicketAlarms, TheResolutionIsWarnedOfAndMissedInOfficeTime)
{
    ticket.first_response_at = ten; // only the resolution runs
    ticket.waiting_since.reset();
    ticket.due_at.reset();
    replan(ticket, target);
    EXPECT_EQ(tick(ten + 6h - 1s), "");
    EXPECT_EQ(tick(ten + 6h), "resolution?");
    EXPECT_EQ(tick(ten + 8h - 1s), "");
    EXPECT_EQ(tick(ten + 8h), "resolution!") << "eight hours of office time: closing time is not the next opening";
}

TEST_F(TicketAlarms, TheLastWayToAnswerIsWarnedOfInWallTime)
{
    const Instant evening = at("2026-03-06T16:50:00Z"); // Friday, ten to six
    ticket = open_ticket(message(evening), target, evening);
    ticket.route_ends_at = evening + 24h;
    replan(ticket, target);
    EXPECT_EQ(tick(evening + 22h - 1s), "");
    EXPECT_EQ(tick(evening + 22h), "route?") << "on Saturday, though nobody is there: that is why it is told before closing too";
    EXPECT_EQ(tick(evening + 24h), "route!");
    EXPECT_EQ(tick(evening + 25h), "");
}

TEST_F(TicketAlarms, NothingIsToldOfWhatStandsApart)
{
    ticket.aside = "spam";
    replan(ticket, target);
    EXPECT_FALSE(ticket.alarm_at);
    EXPECT_EQ(tick(ten + 24h), "");
}

// Whatever happens to a ticket, in any order: a clock warns at most once and is missed at most once for each question, the
// resolution never takes more than the office time there was, and the chore always gets to an end.
TEST_F(TicketAlarms, HoldWhateverHappens)
{
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        std::uint32_t state = seed;
        const auto draw = [&](std::uint32_t below) {
            state = state * 1664525U + 1013904223U;
            return (state >> 8U) % below;
        };
        marks.clear();
        ticket = open_ticket(message(ten), target, ten);
        Instant now = ten;
        std::size_t breaches = 0;
        std::set<Instant> questions{*ticket.waiting_since}; // who is put on hold and comes back waits from the newest message
        std::int64_t id = 1;
        for (int step = 0; step < 40; ++step) {
            now += std::chrono::minutes(1 + draw(120));
            for (int rounds = 0; ticket.alarm_at && *ticket.alarm_at <= now; ++rounds) {
                ASSERT_LT(rounds, 4) << "seed " << seed;
                const auto told = tick(now);
                breaches += told.find("response!") != std::string::npos;
            }
            switch (draw(5)) {
            case 0:
                receive_inbound(ticket, message(now, ++id), target, now);
                break;
            case 1:
                answer(now);
                break;
            case 2:
                (void)change_status(ticket, TicketStatus::on_hold, target, now);
                break;
            case 3:
                (void)change_status(ticket, TicketStatus::open, target, now);
                break;
            default:
                replan(ticket, target);
                break;
            }
            ASSERT_LE(ticket.resolution_spent, calendar.between(ten, now)) << "seed " << seed;
            ASSERT_EQ(ticket.resolution_running_since.has_value(), resolution_runs(ticket)) << "seed " << seed;
            if (ticket.waiting_since) questions.insert(*ticket.waiting_since);
            ASSERT_LE(breaches, questions.size()) << "seed " << seed;
        }
    }
}

} // namespace
} // namespace sportello::domain
