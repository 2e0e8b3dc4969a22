#include "support/test_seed.hpp"

#include <sportello/domain/regrouping.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;

const Instant monday_ten = base::parse_rfc3339("2026-03-02T09:00:00Z").value(); // 10:00 in Rome

Calendar office()
{
    CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = parse_windows("09:00-18:00").value();
    return Calendar::make(spec).value();
}

Message message(std::int64_t id, Instant at, std::string text = "La linea è giù")
{
    Message made;
    made.id = MessageId{id};
    made.at = at;
    made.text = std::move(text);
    made.identity = IdentityId{1};
    made.channel = "tim-x";
    return made;
}

Ticket ticket(std::int64_t id, TicketStatus status = TicketStatus::open)
{
    Ticket made;
    made.id = TicketId{id};
    made.brand = "tim";
    made.status = status;
    return made;
}

/// What lists and clocks show of a ticket's messages.
auto shown(const Ticket& t)
{
    return std::tuple(t.created_at, t.first_inbound_at, t.last_inbound_at, t.last_inbound, t.waiting_since, t.due_at, t.first_response_at,
                      t.first_response_office_seconds, t.last_text, t.last_at, t.last_direction, t.message_count);
}

TEST(Recount, MakesOfAStoryWhatItMadeAsItHappened)
{
    const Calendar calendar = office();
    const ServiceTarget target{&calendar, 1h};
    std::mt19937_64 random(test::test_seed(21));
    for (int round = 0; round < 500; ++round) {
        Instant at = monday_ten;
        std::vector<Said> story{{MessageId{1}, at, Direction::inbound, "una domanda", true}};
        Ticket lived = open_ticket(message(1, at, "una domanda"), target, at);
        for (std::int64_t id = 2; id < 10; ++id) {
            at += 1min * static_cast<int>(1 + random() % 300);
            const bool customer = random() % 2 == 0;
            const std::string text = "parola " + std::to_string(id);
            story.push_back({customer ? MessageId{id} : MessageId{}, at, customer ? Direction::inbound : Direction::outbound, text, true});
            if (customer) receive_inbound(lived, message(id, at, text), target, at);
            else receive_own(lived, message(id, at, text), target, at);
        }
        std::ranges::shuffle(story, random);
        Ticket counted = ticket(7, lived.status);
        recount(counted, story, target, at + 1h);
        ASSERT_EQ(shown(counted), shown(lived)) << "round " << round;
    }
}

TEST(Recount, WaitsOnlyWhileItIsOurTurn)
{
    const Calendar calendar = office();
    const ServiceTarget target{&calendar, 1h};
    for (const auto status : {TicketStatus::pending, TicketStatus::on_hold, TicketStatus::solved}) {
        Ticket rests = ticket(7, status);
        recount(rests, {{MessageId{1}, monday_ten, Direction::inbound, "una domanda", true}}, target, monday_ten + 1min);
        EXPECT_FALSE(rests.waiting_since) << to_string(status);
        EXPECT_EQ(rests.status, status);
    }
}

TEST(Recount, AReplyThatIsNotOutStopsNoClock)
{
    const Calendar calendar = office();
    const ServiceTarget target{&calendar, 1h};
    Ticket counted = ticket(7);
    recount(counted,
            {{MessageId{1}, monday_ten, Direction::inbound, "una domanda", true},
             {{}, monday_ten + 5min, Direction::outbound, "arriva", false}},
            target, monday_ten + 6min);
    EXPECT_EQ(counted.waiting_since, monday_ten);
    EXPECT_FALSE(counted.first_response_at);
    EXPECT_EQ(counted.message_count, 2);
    EXPECT_EQ(counted.inbound_count, 1);
    EXPECT_EQ(counted.last_text, "arriva");
    recount(counted, {}, target, monday_ten + 6min);
    EXPECT_EQ(counted.message_count, 2) << "without a customer's word nothing is known better";
}

struct MergeCase {
    const char* name;
    Ticket source;
    Ticket target;
    UnderWay under_way;
    std::optional<ErrorKind> refused;
    const char* why = "";
    friend void PrintTo(const MergeCase& c, std::ostream* out) { *out << c.name; }
};
Ticket of_brand(Ticket t, std::string brand)
{
    t.brand = std::move(brand);
    return t;
}
Ticket merged(Ticket t)
{
    t.merged_into = TicketId{9};
    return t;
}
class MayMerge : public testing::TestWithParam<MergeCase> {};
TEST_P(MayMerge, AsTheTableSays)
{
    const auto& c = GetParam();
    const auto may = may_merge(c.source, c.target, c.under_way);
    ASSERT_EQ(may.has_value(), !c.refused);
    if (!c.refused) return;
    EXPECT_EQ(may.error().kind(), *c.refused);
    EXPECT_NE(may.error().what().find(c.why), std::string::npos) << may.error().what();
}
INSTANTIATE_TEST_SUITE_P(
    Table, MayMerge,
    testing::Values(MergeCase{"Open", ticket(1), ticket(2), {}, {}},
                    MergeCase{"IntoSolved", ticket(1), ticket(2, TicketStatus::solved), {}, {}},
                    MergeCase{"Itself", ticket(1), ticket(1), {}, ErrorKind::invalid_input, "itself"},
                    MergeCase{"OtherBrand", ticket(1), of_brand(ticket(2), "impresa"), {}, ErrorKind::invalid_input, "another brand"},
                    MergeCase{"Closed", ticket(1, TicketStatus::closed), ticket(2), {}, ErrorKind::conflict, "#1 is closed"},
                    MergeCase{"IntoClosed", ticket(1), ticket(2, TicketStatus::closed), {}, ErrorKind::conflict, "#2 is closed"},
                    MergeCase{"MergedBefore", merged(ticket(1)), ticket(2), {}, ErrorKind::conflict, "#1 was merged into #9"},
                    MergeCase{"IntoMerged", ticket(1), merged(ticket(2)), {}, ErrorKind::conflict, "#2 was merged into #9"},
                    MergeCase{"ReplyOnItsWay", ticket(1), ticket(2), {.reply = true, .by_hand = false}, ErrorKind::conflict, "not settled"},
                    MergeCase{"AnsweredByHand", ticket(1), ticket(2), {.reply = false, .by_hand = true}, ErrorKind::conflict, "by hand"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Merge, TheTargetTakesOverWhatIsMoreUrgent)
{
    Ticket source = ticket(1);
    source.waiting_since = monday_ten;
    source.priority = Priority::high;
    Ticket target = ticket(2, TicketStatus::pending);
    target.snoozed_until = monday_ten + 24h;
    merge(source, target, monday_ten + 1h);
    EXPECT_EQ(source.status, TicketStatus::closed);
    EXPECT_EQ(source.aside, "merged");
    EXPECT_EQ(source.merged_into, TicketId{2});
    EXPECT_EQ(source.closed_at, monday_ten + 1h);
    EXPECT_EQ(source.status_reason, "merged into ticket #2");
    EXPECT_EQ(target.status, TicketStatus::open);
    EXPECT_EQ(target.status_reason, "ticket #1, which waited, was merged into it");
    EXPECT_FALSE(target.snoozed_until);
    EXPECT_EQ(target.priority, Priority::high);
    EXPECT_EQ(target.priority_why, "as ticket #1, which was merged into it");

    Ticket answered = ticket(3);
    Ticket rests = ticket(4, TicketStatus::pending);
    rests.priority = Priority::urgent;
    merge(answered, rests, monday_ten);
    EXPECT_EQ(rests.status, TicketStatus::pending);
    EXPECT_EQ(rests.priority, Priority::urgent);
    EXPECT_EQ(rests.priority_why, "");
}

TEST(Split, TakesSomeMessagesOfOnePersonAndLeavesSome)
{
    const std::vector<Message> inbound{message(1, monday_ten), message(2, monday_ten + 1min), message(3, monday_ten + 2min)};
    auto others = inbound;
    others[1].identity = IdentityId{2};
    const auto may = [&](const std::vector<Message>& all, std::vector<MessageId> chosen, UnderWay under_way = {}) {
        return may_split(ticket(1), all, chosen, under_way);
    };
    EXPECT_TRUE(may(inbound, {MessageId{2}}));
    EXPECT_TRUE(may(others, {MessageId{1}, MessageId{3}}));
    for (const auto& refused : {may(inbound, {}), may(inbound, {MessageId{1}, MessageId{2}, MessageId{3}}), may(inbound, {MessageId{9}}),
                                may(inbound, {MessageId{2}, MessageId{2}}), may(others, {MessageId{1}, MessageId{2}})}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind(), ErrorKind::invalid_input);
        EXPECT_EQ(refused.error().fields().at(0).pointer, "/messages");
    }
    EXPECT_EQ(may(inbound, {MessageId{2}}, {.reply = true, .by_hand = false}).error().kind(), ErrorKind::conflict);
    EXPECT_EQ(may_split(ticket(1, TicketStatus::closed), inbound, std::vector{MessageId{2}}, {}).error().kind(), ErrorKind::conflict);
}

TEST(Undo, SaysWhatStandsAgainstIt)
{
    const auto why = [](SinceRegrouping since) {
        const auto may = may_undo(since, TicketId{2});
        return may ? std::string() : may.error().what();
    };
    EXPECT_EQ(why({}), "");
    EXPECT_EQ(why({.undone = true}), "it was taken back already");
    EXPECT_EQ(why({.answered = true}), "what was moved was answered in ticket #2 since");
    EXPECT_EQ(why({.regrouped = TicketId{5}}), "it was followed by another merge or split with ticket #5: take that back first");
    EXPECT_EQ(why({.status = TicketStatus::closed}), "ticket #2 is closed for good");
    EXPECT_NE(why({.under_way = {.reply = true, .by_hand = false}}), "");
}

} // namespace
} // namespace sportello::domain
