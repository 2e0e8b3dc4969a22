#include "support/test_seed.hpp"

#include <sportello/domain/ticket_rules.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;

Instant at(const char* text)
{
    return base::parse_rfc3339(text).value();
}

const Instant monday_ten = at("2026-03-02T09:00:00Z"); // 10:00 in Rome

constexpr AgentId chiara{4};
constexpr AgentId matteo{5};

class TicketRules : public testing::Test {
protected:
    static Calendar office()
    {
        CalendarSpec spec;
        for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows("09:00-18:00").value();
        return Calendar::make(spec).value();
    }

    static Message message(Instant t, std::int64_t id, std::string text = "ADSL ferma")
    {
        Message m;
        m.id = MessageId{id};
        m.at = t;
        m.text = std::move(text);
        return m;
    }

    Ticket opened(Instant t) { return open_ticket(message(t, 1), target, t + 20s); }
    void customer(Ticket& ticket, Instant t, std::int64_t id = 2) { receive_inbound(ticket, message(t, id), target, t + 20s); }
    void agent_replies(Ticket& ticket, Instant t)
    {
        Reply reply;
        reply.author = chiara;
        reply.text = "Verifichiamo subito.";
        accept_reply(ticket, reply, "Chiara", t);
        publish_reply(ticket, t + 5s, target, t + 6s);
    }
    Ticket with_status(TicketStatus status)
    {
        auto ticket = opened(monday_ten);
        ticket.status = status;
        return ticket;
    }

    Calendar calendar = office();
    ServiceTarget target{&calendar, 1h};
};

TEST_F(TicketRules, AFirstMessageOpensATicketThatIsDueInOfficeTime)
{
    const auto evening = at("2026-03-02T21:00:00Z");
    const auto ticket = open_ticket(message(evening, 1, "  Da ieri\n\nl'ADSL è ferma.  "), target, evening + 1min);
    EXPECT_EQ(ticket.status, TicketStatus::new_);
    EXPECT_EQ(ticket.subject, "Da ieri l'ADSL è ferma.");
    EXPECT_EQ(ticket.waiting_since, evening);
    EXPECT_EQ(ticket.due_at, at("2026-03-03T09:00:00Z"));
    EXPECT_EQ(ticket.last_inbound, MessageId{1});
    EXPECT_EQ(ticket.message_count, 1);
    EXPECT_FALSE(ticket.first_response_at);
}

TEST_F(TicketRules, TheTargetRunsFromTheFirstUnansweredMessage)
{
    auto ticket = opened(monday_ten);
    customer(ticket, monday_ten + 30min);
    EXPECT_EQ(ticket.waiting_since, monday_ten);
    EXPECT_EQ(ticket.due_at, monday_ten + 1h);
    customer(ticket, monday_ten - 10min, 3); // an earlier one comes in late
    EXPECT_EQ(ticket.waiting_since, monday_ten - 10min);
    EXPECT_EQ(ticket.first_inbound_at, monday_ten - 10min);
    EXPECT_EQ(ticket.last_inbound_at, monday_ten + 30min);
    EXPECT_EQ(ticket.last_at, monday_ten + 30min);
    EXPECT_EQ(ticket.message_count, 3);
}

TEST_F(TicketRules, APublishedReplyIsTheFirstResponseAndEndsTheWaiting)
{
    auto ticket = opened(monday_ten);
    agent_replies(ticket, monday_ten + 20min);
    EXPECT_EQ(ticket.first_response_at, monday_ten + 20min + 5s);
    EXPECT_EQ(ticket.first_response_office_seconds, 20 * 60 + 5);
    EXPECT_FALSE(ticket.waiting_since);
    EXPECT_FALSE(ticket.due_at);
    EXPECT_EQ(ticket.status, TicketStatus::pending);
    EXPECT_EQ(ticket.assignee, chiara);
    EXPECT_EQ(ticket.last_direction, Direction::outbound);
}

TEST_F(TicketRules, TheFirstResponseIsMeasuredInOfficeTimeOnlyOnce)
{
    const auto friday_late = at("2026-03-06T16:30:00Z");
    auto ticket = opened(friday_late);
    agent_replies(ticket, at("2026-03-09T08:10:00Z"));
    EXPECT_EQ(ticket.first_response_office_seconds, 40 * 60 + 5);
    customer(ticket, at("2026-03-09T09:00:00Z"));
    agent_replies(ticket, at("2026-03-09T12:00:00Z"));
    EXPECT_EQ(ticket.first_response_office_seconds, 40 * 60 + 5);
}

TEST_F(TicketRules, AcceptingAReplyStopsNoClock)
{
    auto ticket = opened(monday_ten);
    accept_reply(ticket, Reply{}, "Chiara", monday_ten + 5min);
    EXPECT_EQ(ticket.waiting_since, monday_ten);
    EXPECT_EQ(ticket.status, TicketStatus::open);
    EXPECT_FALSE(ticket.first_response_at);
}

TEST_F(TicketRules, AMessageThatCameWhileTheReplyWasOnItsWayStillWaits)
{
    auto ticket = opened(monday_ten);
    accept_reply(ticket, Reply{}, "Chiara", monday_ten + 20min);
    customer(ticket, monday_ten + 20min + 2s);
    publish_reply(ticket, monday_ten + 20min + 8s, target, monday_ten + 21min);
    EXPECT_EQ(ticket.first_response_at, monday_ten + 20min + 8s);
    EXPECT_EQ(ticket.waiting_since, monday_ten + 20min + 2s);
    EXPECT_EQ(ticket.due_at, monday_ten + 80min + 2s);
    EXPECT_EQ(ticket.status, TicketStatus::open);
}

TEST_F(TicketRules, AMessageWrittenJustBeforeTheReplyButReadAfterItStillWaits)
{
    auto ticket = opened(monday_ten);
    agent_replies(ticket, monday_ten + 20min);
    receive_inbound(ticket, message(monday_ten + 20min - 10s, 2), target, monday_ten + 20min + 15s);
    EXPECT_EQ(ticket.waiting_since, monday_ten + 20min - 10s);
    EXPECT_EQ(ticket.status, TicketStatus::open);
    EXPECT_EQ(ticket.last_direction, Direction::inbound);
}

TEST_F(TicketRules, ALateImportFromBeforeTheAnswerChangesNoClock)
{
    auto ticket = opened(monday_ten);
    agent_replies(ticket, monday_ten + 3h);
    receive_inbound(ticket, message(monday_ten + 1h, 2), target, monday_ten + 5h);
    EXPECT_FALSE(ticket.waiting_since);
    EXPECT_EQ(ticket.status, TicketStatus::pending);
    EXPECT_EQ(ticket.last_direction, Direction::outbound);
    EXPECT_EQ(ticket.message_count, 3);
}

TEST_F(TicketRules, ANewMessageReopensWhateverIsNotNew)
{
    for (const auto status : {TicketStatus::open, TicketStatus::pending, TicketStatus::on_hold, TicketStatus::solved}) {
        auto ticket = with_status(status);
        ticket.snoozed_until = monday_ten + 10h;
        customer(ticket, monday_ten + 1h);
        EXPECT_EQ(ticket.status, TicketStatus::open) << to_string(status);
        EXPECT_FALSE(ticket.snoozed_until);
        EXPECT_FALSE(ticket.solved_at);
        EXPECT_EQ(ticket.status_reason, status == TicketStatus::open ? "" : "the customer wrote again");
    }
    auto ticket = with_status(TicketStatus::new_);
    customer(ticket, monday_ten + 1h);
    EXPECT_EQ(ticket.status, TicketStatus::new_);
}

TEST_F(TicketRules, AReplyLeavesSolvedAndOnHoldAsTheyAre)
{
    for (const auto status : {TicketStatus::solved, TicketStatus::on_hold}) {
        auto ticket = with_status(status);
        agent_replies(ticket, monday_ten + 10min);
        EXPECT_EQ(ticket.status, status);
        EXPECT_TRUE(ticket.first_response_at);
    }
}

TEST_F(TicketRules, AnAnswerWrittenOnThePlatformCountsLikeOurs)
{
    auto ticket = opened(monday_ten);
    receive_own(ticket, message(monday_ten + 15min, 2, "Salve, verifichiamo"), target, monday_ten + 16min);
    EXPECT_EQ(ticket.first_response_office_seconds, 15 * 60);
    EXPECT_EQ(ticket.status, TicketStatus::pending);
    EXPECT_FALSE(ticket.waiting_since);
    EXPECT_FALSE(ticket.assignee);
}

TEST_F(TicketRules, AnOwnItemOlderThanTheFirstMessageAnswersNothing)
{
    auto ticket = opened(monday_ten);
    receive_own(ticket, message(monday_ten - 1h, 2), target, monday_ten + 1min);
    EXPECT_FALSE(ticket.first_response_at);
    EXPECT_EQ(ticket.waiting_since, monday_ten);
    EXPECT_EQ(ticket.message_count, 2);
}

// Whatever the order in which a day's history comes in, the clocks end alike.
TEST_F(TicketRules, HistoryGivesTheSameClocksInEveryOrderOfArrival)
{
    struct Word {
        Instant at;
        bool own;
    };
    std::mt19937_64 random(test::test_seed(5));
    for (int round = 0; round < 300; ++round) {
        std::vector<Word> history{{monday_ten, false}};
        for (int i = 1; i < 6; ++i) history.push_back({monday_ten + i * 7min, random() % 2 == 0});
        const auto now = monday_ten + 100h;
        std::optional<Instant> first_answer;
        for (const auto& word : history) {
            if (word.own && !first_answer) first_answer = word.at;
        }
        const bool waits = !history.back().own;
        std::ranges::shuffle(history, random);
        const auto first = std::ranges::find(history, false, &Word::own);
        auto ticket = open_ticket(message(first->at, 1), target, now);
        for (auto word = history.begin(); word != history.end(); ++word) {
            if (word == first) continue;
            if (word->own) receive_own(ticket, message(word->at, 2), target, now);
            else receive_inbound(ticket, message(word->at, 2), target, now);
        }
        ASSERT_EQ(ticket.waiting_since.has_value(), waits) << round;
        ASSERT_EQ(ticket.due_at.has_value(), waits);
        ASSERT_EQ(ticket.first_inbound_at, monday_ten);
        ASSERT_EQ(ticket.message_count, 6);
    }
}

TEST_F(TicketRules, TakingIsForOne)
{
    auto ticket = opened(monday_ten);
    ASSERT_TRUE(take(ticket, chiara, "Chiara", monday_ten));
    EXPECT_EQ(ticket.assignee, chiara);
    EXPECT_EQ(ticket.assigned_why, "Chiara took it");
    EXPECT_EQ(ticket.status, TicketStatus::open);
    EXPECT_TRUE(take(ticket, chiara, "Chiara", monday_ten));
    const auto second = take(ticket, matteo, "Matteo", monday_ten);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind(), ErrorKind::conflict);
    EXPECT_EQ(second.error().what(), "somebody was faster: it is with agent 4");
    EXPECT_EQ(ticket.assignee, chiara);
}

TEST_F(TicketRules, GivingBackForgetsTheReason)
{
    auto ticket = opened(monday_ten);
    assign(ticket, chiara, "least busy", monday_ten);
    assign(ticket, std::nullopt, "given back", monday_ten + 1min);
    EXPECT_FALSE(ticket.assignee);
    EXPECT_EQ(ticket.assigned_why, "");
    EXPECT_EQ(ticket.updated_at, monday_ten + 1min);
}

TEST_F(TicketRules, PeopleMayChangeStatusAsTheTableSays)
{
    constexpr std::array all{TicketStatus::new_,    TicketStatus::open,   TicketStatus::pending,
                             TicketStatus::on_hold, TicketStatus::solved, TicketStatus::closed};
    for (const auto from : all) {
        for (const auto to : all) {
            auto ticket = with_status(from);
            const bool allowed = from == to || (from != TicketStatus::closed && to != TicketStatus::new_ && to != TicketStatus::closed);
            const auto done = change_status(ticket, to, target, monday_ten);
            EXPECT_EQ(done.has_value(), allowed) << to_string(from) << " -> " << to_string(to);
            EXPECT_EQ(ticket.status, allowed ? to : from);
            if (!done) { EXPECT_EQ(done.error().kind(), ErrorKind::conflict); }
        }
    }
}

TEST_F(TicketRules, AClosedTicketStaysClosed)
{
    auto ticket = opened(monday_ten);
    ASSERT_TRUE(change_status(ticket, TicketStatus::solved, target, monday_ten + 5min, "the router was changed"));
    EXPECT_EQ(ticket.status_reason, "the router was changed");
    EXPECT_EQ(ticket.solved_at, monday_ten + 5min);
    close(ticket, "closed by itself", monday_ten + 24h);
    EXPECT_EQ(ticket.solved_at, monday_ten + 5min);
    EXPECT_EQ(ticket.closed_at, monday_ten + 24h);
    customer(ticket, monday_ten + 1min);
    EXPECT_EQ(ticket.status, TicketStatus::closed);
    EXPECT_FALSE(ticket.waiting_since);
    EXPECT_EQ(ticket.message_count, 2);
}

TEST_F(TicketRules, AStatusKeepsItsReasonUntilTheNext)
{
    auto ticket = opened(monday_ten);
    ASSERT_TRUE(change_status(ticket, TicketStatus::on_hold, target, monday_ten + 1min, "waits for the technician"));
    ASSERT_TRUE(change_status(ticket, TicketStatus::on_hold, target, monday_ten + 2min, "the technician comes on Friday"));
    EXPECT_EQ(ticket.status_reason, "the technician comes on Friday");
    ASSERT_TRUE(change_status(ticket, TicketStatus::open, target, monday_ten + 3min));
    EXPECT_EQ(ticket.status_reason, "");
    agent_replies(ticket, monday_ten + 5min);
    EXPECT_EQ(ticket.status_reason, "");
}

TEST_F(TicketRules, ASubjectThatAPersonWordedStays)
{
    auto ticket = opened(monday_ten);
    ticket.subject = "guasto";
    reword(ticket, "guasto", "", monday_ten + 1min, true);
    EXPECT_EQ(ticket.subject, "guasto");
    reword(ticket, "guasto", "", monday_ten + 1min, false);
    EXPECT_EQ(ticket.subject, "");
}

TEST_F(TicketRules, SolvingEndsTheWaitingAndReopeningResumesIt)
{
    auto ticket = opened(monday_ten);
    ticket.snoozed_until = monday_ten + 2h;
    ASSERT_TRUE(change_status(ticket, TicketStatus::solved, target, monday_ten + 5min));
    EXPECT_FALSE(ticket.waiting_since);
    EXPECT_FALSE(ticket.due_at);
    EXPECT_FALSE(ticket.snoozed_until);
    ASSERT_TRUE(change_status(ticket, TicketStatus::open, target, monday_ten + 6min));
    EXPECT_EQ(ticket.due_at, monday_ten + 1h);
    agent_replies(ticket, monday_ten + 10min);
    ASSERT_TRUE(change_status(ticket, TicketStatus::solved, target, monday_ten + 11min));
    ASSERT_TRUE(change_status(ticket, TicketStatus::open, target, monday_ten + 12min));
    EXPECT_FALSE(ticket.due_at) << "the last word was ours";
}

TEST_F(TicketRules, SnoozesOnlyIntoTheNextYear)
{
    auto ticket = opened(monday_ten);
    EXPECT_EQ(snooze(ticket, monday_ten, monday_ten).error().kind(), ErrorKind::invalid_input);
    EXPECT_EQ(snooze(ticket, monday_ten + 24h * 400, monday_ten).error().fields().at(0).pointer, "/snoozed_until");
    ASSERT_TRUE(snooze(ticket, monday_ten + 3h, monday_ten));
    EXPECT_EQ(ticket.snoozed_until, monday_ten + 3h);
    EXPECT_EQ(ticket.due_at, monday_ten + 1h) << "the promise stands";
    ASSERT_TRUE(snooze(ticket, std::nullopt, monday_ten));
    EXPECT_FALSE(ticket.snoozed_until);
    for (const auto status : {TicketStatus::solved, TicketStatus::closed}) {
        ticket.status = status;
        EXPECT_EQ(snooze(ticket, monday_ten + 3h, monday_ten).error().kind(), ErrorKind::conflict);
    }
}

TEST_F(TicketRules, ReplansWhatIsOpenAndLeavesHistoryAlone)
{
    auto open = opened(monday_ten);
    auto answered = opened(monday_ten);
    agent_replies(answered, monday_ten + 20min);
    const ServiceTarget slower{&calendar, 2h};
    replan(open, slower);
    replan(answered, slower);
    EXPECT_EQ(open.due_at, monday_ten + 2h);
    EXPECT_FALSE(answered.due_at);
    EXPECT_EQ(answered.first_response_office_seconds, 20 * 60 + 5);
}

} // namespace
} // namespace sportello::domain
