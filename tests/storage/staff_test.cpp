#include "support.hpp"

#include <sportello/storage/handovers.hpp>
#include <sportello/storage/phone_calls.hpp>
#include <sportello/storage/sessions.hpp>
#include <sportello/storage/staff.hpp>
#include <sportello/storage/tickets.hpp>

namespace sportello::storage::test {
namespace {

using namespace std::chrono_literals;

class Staff : public RepositoryTest {};

TEST_F(Staff, ASlotHoldsItsCapacityAndNoMore)
{
    write(*db, [&](Transaction& tx) {
        EXPECT_FALSE(book_slot(tx, "phone", nine_oclock, 0));
        for (int i = 0; i < 10; ++i) EXPECT_EQ(book_slot(tx, "phone", nine_oclock, 3), i < 3) << i;
        EXPECT_TRUE(book_slot(tx, "other", nine_oclock, 3));
        EXPECT_EQ(booked_in(tx, "phone", nine_oclock), 3);
        release_slot(tx, "phone", nine_oclock);
        EXPECT_TRUE(book_slot(tx, "phone", nine_oclock, 3));
        EXPECT_FALSE(book_slot(tx, "phone", nine_oclock, 2)) << "the staffing became less";
        release_slot(tx, "phone", nine_oclock + 30min);
        EXPECT_EQ(booked_in(tx, "phone", nine_oclock + 30min), 0);
    });
}

TEST_F(Staff, NoticesOfOneHandoverComeInOrder)
{
    const auto person_id = person("u1");
    const auto anna = agent("anna");
    write(*db, [&](Transaction& tx) {
        const auto ticket = insert_ticket(tx, ticket_of(tx, person_id, "r1"), "test");
        std::vector<std::int64_t> handovers;
        for (const char* code : {"S-1", "S-2"})
            handovers.push_back(insert_handover(tx, {0, ticket, anna, "06 1", "x", code, nine_oclock}).value());
        queue_delivery(tx, handovers[0], "phone", "first", nine_oclock);
        queue_delivery(tx, handovers[0], "phone", "second", nine_oclock);
        queue_delivery(tx, handovers[1], "phone", "third", nine_oclock);
        auto due = due_deliveries(tx, nine_oclock, 10);
        ASSERT_EQ(due.size(), 2U);
        EXPECT_EQ(due[0].body, "first");
        EXPECT_EQ(due[1].body, "third");
        delivery_failed(tx, due[0].id, 1, nine_oclock + 1min, "refused");
        delivered(tx, due[1].id, nine_oclock);
        EXPECT_TRUE(due_deliveries(tx, nine_oclock, 10).empty()) << "the second waits for the first";
        due = due_deliveries(tx, nine_oclock + 1min, 10);
        ASSERT_EQ(due.size(), 1U);
        EXPECT_EQ(due[0].attempts, 1);
        delivery_failed(tx, due[0].id, 2, std::nullopt, "given up");
        EXPECT_EQ(due_deliveries(tx, nine_oclock + 1min, 10).at(0).body, "second");
        EXPECT_EQ(next_delivery(tx), nine_oclock);
    });
}

TEST_F(Staff, TheRotaIsReplacedPersonByPersonAndOldDatesAreLeftOut)
{
    const auto anna = agent("anna");
    const auto bruno = agent("bruno");
    write(*db, [&](Transaction& tx) {
        replace_shifts(tx, anna, {{anna, "monday", "shift", "09:00-18:00", ""}, {anna, "2026-01-02", "leave", "", "x"}});
        replace_shifts(tx, bruno, {{bruno, "sunday", "shift", "09:00-18:00", ""}});
        EXPECT_EQ(shift_rows(tx, "2026-03-01").size(), 2U);
        EXPECT_EQ(shift_rows(tx, "2026-01-02").size(), 3U);
        EXPECT_EQ(shift_rows_of(tx, anna, "").size(), 2U);
        replace_shifts(tx, anna, {});
        EXPECT_EQ(shift_rows(tx, "").size(), 1U);
    });
}

TEST_F(Staff, ASignOfLifeIsTheLastOfAllSessions)
{
    const auto anna = agent("anna");
    write(*db, [&](Transaction& tx) {
        EXPECT_FALSE(last_sign_of_life(tx, anna));
        for (const auto& [token, seen] : {std::pair("a", nine_oclock), std::pair("b", nine_oclock + 5min)}) {
            insert_session(tx, {.token_hash = token,
                                .agent = anna,
                                .csrf_token = "c",
                                .created_at = nine_oclock,
                                .last_seen_at = seen,
                                .expires_at = nine_oclock + 1h});
        }
        EXPECT_EQ(last_sign_of_life(tx, anna), nine_oclock + 5min);
        ASSERT_EQ(signs_of_life(tx).size(), 1U);
        EXPECT_EQ(signs_of_life(tx)[0].at, nine_oclock + 5min);
    });
}

TEST_F(Staff, WhatIsKnownOfACustomerIsKeptApart)
{
    const auto anna = agent("anna");
    const auto identity = person("u1");
    write(*db, [&](Transaction& tx) {
        const auto customer = find_identity(tx, identity)->customer;
        note_phone(tx, customer, "06 1234567");
        note_answered(tx, customer, anna, nine_oclock);
        EXPECT_EQ(find_contact(tx, customer).phone, "06 1234567");
        EXPECT_EQ(find_contact(tx, customer).answered_by, anna);
        note_phone(tx, customer, "");
        EXPECT_EQ(find_contact(tx, customer).phone, "");
        EXPECT_FALSE(note_coverage(tx, "2026-03-02", "[]", nine_oclock));
        EXPECT_TRUE(note_coverage(tx, "2026-03-02", "[]", nine_oclock));
        EXPECT_FALSE(note_coverage(tx, "2026-03-02", "[1]", nine_oclock));
    });
}

TEST_F(Staff, ThePlaceBehindWhichTheQueueGoesOn)
{
    const auto identity = person("u1");
    write(*db, [&](Transaction& tx) {
        for (int i = 0; i < 7; ++i) (void)insert_ticket(tx, ticket_of(tx, identity, "r" + std::to_string(i)), "test");
        std::vector<std::int64_t> seen;
        std::optional<QueuePlace> after;
        while (true) {
            const auto page = waiting_unassigned(tx, {"tim", "other"}, 3, after);
            for (const auto& ticket : page) seen.push_back(ticket.id.value);
            if (page.size() < 3) break;
            after = QueuePlace{queue_rank(page.back()).value(), page.back().id};
        }
        EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7}));
        EXPECT_EQ(waiting_unassigned_count(tx, {"tim"}), 7);
    });
}

} // namespace
} // namespace sportello::storage::test
