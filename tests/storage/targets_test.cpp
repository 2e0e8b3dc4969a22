#include "support.hpp"

#include <sportello/storage/acknowledgements.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/clock_marks.hpp>
#include <sportello/storage/promises.hpp>
#include <sportello/storage/queue.hpp>
#include <sportello/storage/replies.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <vector>

namespace sportello::storage::test {
namespace {

using domain::ClockMark;
using domain::TicketClock;

struct TargetRows : RepositoryTest {
    /// A ticket with a message of its own.
    domain::TicketId add(const std::string& root, const std::function<void(domain::Ticket&)>& change = {})
    {
        const auto anna = person("u1");
        return write_for(*db, [&](Transaction& tx) {
            auto ticket = ticket_of(tx, anna, root);
            if (change) change(ticket);
            const auto id = insert_ticket(tx, ticket, "because");
            auto written = item("m" + root, "la linea è giù");
            written.root_id = root;
            const auto stored = store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, written, anna, nine_oclock);
            set_threaded(tx, stored.id, id, Intake::done);
            messages[id.value] = stored.id;
            return id;
        });
    }
    void promise(domain::TicketId ticket, base::Instant made_at, base::Instant promised_at)
    {
        write(*db, [&](Transaction& tx) {
            domain::Promise made{.expected_at = promised_at, .expected = 600s, .promised_at = promised_at, .why = "because"};
            EXPECT_TRUE(insert_promise(tx, messages.at(ticket.value), ticket, "tim", made_at, made));
            EXPECT_FALSE(insert_promise(tx, messages.at(ticket.value), ticket, "tim", made_at, made)) << "one a message";
        });
    }

    std::map<std::int64_t, domain::MessageId> messages;
};

TEST_F(TargetRows, OfEachClockTheNewestMarkIsKept)
{
    const auto id = add("r");
    write(*db, [&](Transaction& tx) {
        save_clock_mark(tx, id, {TicketClock::response, nine_oclock, nine_oclock + 1h, std::nullopt});
        save_clock_mark(tx, id, {TicketClock::response, nine_oclock, nine_oclock + 1h, nine_oclock + 2h});
        save_clock_mark(tx, id, {TicketClock::response, nine_oclock + 5h, nine_oclock + 6h, std::nullopt});
        save_clock_mark(tx, id, {TicketClock::route, nine_oclock, std::nullopt, nine_oclock + 3h});
    });
    const auto marks = read(*db, [&](Transaction& tx) { return clock_marks_of(tx, id); });
    ASSERT_EQ(marks.size(), 2U);
    EXPECT_EQ(marks[0].clock, TicketClock::response);
    EXPECT_EQ(marks[0].since, nine_oclock + 5h);
    EXPECT_FALSE(marks[0].breached_at);
    EXPECT_EQ(marks[1].clock, TicketClock::route);
    EXPECT_EQ(count(*db, "clock_mark"), 3) << "the older ones are history";
}

TEST_F(TargetRows, AlarmsAndEndingRoutesComeInTheirOrder)
{
    const auto late = add("late", [](domain::Ticket& t) {
        t.alarm_at = nine_oclock + 2h;
        t.route_ends_at = nine_oclock + 5h;
    });
    const auto soon = add("soon", [](domain::Ticket& t) {
        t.alarm_at = nine_oclock + 1h;
        t.route_ends_at = nine_oclock + 4h;
    });
    add("never");
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(next_alarm(tx), nine_oclock + 1h);
        EXPECT_TRUE(alarms_due(tx, nine_oclock, 10).empty());
        EXPECT_EQ(alarms_due(tx, nine_oclock + 2h, 10), (std::vector{soon, late}));
        const auto ending = routes_ending(tx, "tim", nine_oclock, nine_oclock + 6h, std::nullopt, 1);
        EXPECT_EQ(ending.at(0).ticket, soon);
        EXPECT_EQ(routes_ending(tx, "tim", nine_oclock, nine_oclock + 6h, ending.at(0), 10).at(0).ticket, late);
        EXPECT_EQ(routes_ending(tx, "tim", nine_oclock + 4h, nine_oclock + 6h, std::nullopt, 10).size(), 1U);
        EXPECT_TRUE(routes_ending(tx, "other", nine_oclock, nine_oclock + 6h, std::nullopt, 10).empty());
        return 0;
    });
    write(*db, [&](Transaction& tx) {
        EXPECT_TRUE(note_closing_told(tx, "tim", nine_oclock));
        EXPECT_FALSE(note_closing_told(tx, "tim", nine_oclock));
    });
}

TEST_F(TargetRows, PromisesAreCountedByWhatBecameOfThem)
{
    const auto kept = add("kept");
    const auto broken = add("broken");
    const auto late = add("late");
    const auto open = add("open");
    const auto solved = add("solved", [](domain::Ticket& t) { t.waiting_since.reset(); });
    for (const auto id : {kept, broken, late, solved}) promise(id, nine_oclock, nine_oclock + 1h);
    promise(open, nine_oclock, nine_oclock + 9h);
    write(*db, [&](Transaction& tx) {
        settle_promise(tx, messages.at(kept.value), nine_oclock + 1h, 20min);
        settle_promise(tx, messages.at(broken.value), nine_oclock + 61min, 61min);
        mark_promise_told(tx, open);
    });
    read(*db, [&](Transaction& tx) {
        const auto now = nine_oclock + 2h;
        const auto figures = promise_figures(tx, nine_oclock, nine_oclock + 1h, now).at(0);
        EXPECT_EQ(figures.made, 5);
        EXPECT_EQ(figures.record.kept, 1);
        EXPECT_EQ(figures.record.broken, 2);
        EXPECT_EQ(figures.open, 1);
        EXPECT_EQ(figures.voided, 1);
        EXPECT_EQ(figures.told, 1);
        EXPECT_EQ(last_promises(tx, "tim", now, 200).settled(), 3);
        EXPECT_EQ(last_promises(tx, "tim", nine_oclock, 200).settled(), 2);
        EXPECT_EQ(promise_outcomes(tx, "tim", 200).size(), 2U);
        EXPECT_FALSE(open_promise(tx, kept));
        EXPECT_TRUE(open_promise(tx, open)->told);
        EXPECT_EQ(open_promise(tx, open)->arrived_at, nine_oclock);
        return 0;
    });
    write(*db, [&](Transaction& tx) { void_promise(tx, messages.at(open.value), nine_oclock); });
    EXPECT_FALSE(read(*db, [&](Transaction& tx) { return open_promise(tx, open); }));
}

TEST_F(TargetRows, GapsAreBetweenOnePersonsAnswers)
{
    const auto ticket = add("r");
    const auto anna = agent("anna");
    const auto bruno = agent("bruno");
    const auto answer = [&](domain::AgentId who, base::Duration after) {
        return write_for(*db, [&](Transaction& tx) {
            domain::Reply reply;
            reply.ticket = ticket;
            reply.author = who;
            reply.channel = "tim_twitter";
            reply.conversation = "c";
            reply.text = "eccoci";
            reply.accepted_at = reply.send_after = nine_oclock + after;
            const std::array texts{reply.text};
            return insert_reply(tx, reply, texts);
        });
    };
    answer(anna, 0min);
    answer(bruno, 1min);
    answer(anna, 5min);
    const auto automatic = answer(bruno, 6min);
    answer(bruno, 11min);
    write(*db, [&](Transaction& tx) { mark_automatic(tx, automatic, "test", nine_oclock + 1h); });
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(answer_gaps(tx, nine_oclock, 100), (std::vector<base::Duration>{10min, 5min}));
        EXPECT_TRUE(answer_gaps(tx, nine_oclock + 12min, 100).empty());
        EXPECT_EQ(automatic_mark(tx, automatic)->expires_at, nine_oclock + 1h);
        return 0;
    });
}

TEST_F(TargetRows, TheQueueIsCountedAheadOfAPlace)
{
    add("first", [](domain::Ticket& t) { t.due_at = nine_oclock + 1h; });
    const auto second = add("second", [](domain::Ticket& t) {
        t.due_at = nine_oclock + 2h;
        t.incident = domain::IncidentId{4};
    });
    add("third", [](domain::Ticket& t) {
        t.due_at = nine_oclock + 3h;
        t.first_response_at = nine_oclock;
        t.first_response_office_seconds = 60;
    });
    read(*db, [&](Transaction& tx) {
        const auto rank = queue_rank(*find_ticket(tx, second)).value();
        EXPECT_EQ(ahead_in_queue(tx, "tim", rank, 100), 1);
        EXPECT_EQ(ahead_in_queue(tx, "other", rank, 100), 0);
        const auto waiting = waiting_for_first_response(tx, "tim", 100);
        EXPECT_EQ(waiting.size(), 2U) << "the third has had its first response";
        EXPECT_EQ(std::count_if(waiting.begin(), waiting.end(), [](const auto& w) { return w.incident; }), 1);
        const auto figures = queue_figures(tx, nine_oclock).at(0);
        EXPECT_EQ(figures.answered, 1);
        EXPECT_EQ(figures.answered_in_incidents, 0);
        return 0;
    });
}

TEST_F(TargetRows, AnAcknowledgementIsFoundByConversationAndByTicket)
{
    const auto id = add("r");
    const auto other = add("s");
    write(*db, [&](Transaction& tx) {
        const auto ticket = *find_ticket(tx, id);
        insert_acknowledgement(tx, {.channel = ticket.channel,
                                    .root_id = ticket.root_id,
                                    .identity = ticket.identity,
                                    .ticket = id,
                                    .reply = {},
                                    .text = "Siamo chiusi",
                                    .why = "X forbids it",
                                    .at = nine_oclock});
        EXPECT_EQ(last_acknowledgement(tx, ticket)->why, "X forbids it");
        EXPECT_EQ(acknowledgement_of(tx, id)->text, "Siamo chiusi");
        EXPECT_FALSE(acknowledgement_of(tx, other));
        EXPECT_FALSE(last_acknowledgement(tx, *find_ticket(tx, other)));
    });
}

} // namespace
} // namespace sportello::storage::test
