#include "support.hpp"

#include <sportello/storage/replies.hpp>

namespace sportello::storage::test {
namespace {

using domain::Delivery;
using domain::PartId;
using domain::ReplyId;

class OutboxRepository : public RepositoryTest {
protected:
    void SetUp() override
    {
        RepositoryTest::SetUp();
        author = agent("anna");
        const auto identity = person("u1");
        ticket = write_for(*db, [&](Transaction& tx) { return insert_ticket(tx, ticket_of(tx, identity, "r"), "because"); });
    }

    ReplyId accept(const std::string& conversation, std::vector<std::string> parts, Instant send_after = nine_oclock)
    {
        domain::Reply reply;
        reply.ticket = ticket;
        reply.author = author;
        reply.channel = "tim_twitter";
        reply.conversation = conversation;
        reply.text = "text";
        reply.target_id = "t";
        reply.accepted_at = nine_oclock;
        reply.send_after = send_after;
        return write_for(*db, [&](Transaction& tx) { return insert_reply(tx, reply, parts); });
    }
    PartId part(ReplyId reply, std::size_t number = 1)
    {
        return read(*db, [&](Transaction& tx) { return parts_of(tx, reply).at(number - 1).id; });
    }
    Result<void> set(PartId id, Delivery state, const std::string& platform_id = "", std::optional<Instant> next_try = {})
    {
        auto unit = [&](Transaction& tx) -> Result<void> {
            auto changed = find_part(tx, id).value();
            changed.state = state;
            changed.platform_id = platform_id;
            changed.next_try = next_try.value_or(changed.next_try);
            return save_part(tx, changed);
        };
        return db->write_now(unit);
    }
    std::vector<PartId> startable(Instant now = nine_oclock)
    {
        return read(*db, [&](Transaction& tx) {
            std::vector<PartId> ids;
            for (const auto& each : startable_parts(tx, now, 100)) ids.push_back(each.part.id);
            return ids;
        });
    }

    domain::AgentId author;
    domain::TicketId ticket;
};

TEST_F(OutboxRepository, StartsTheFirstPartOfEachConversationOnly)
{
    const auto first = accept("a", {"1/2", "2/2"});
    accept("a", {"later"});
    const auto other = accept("b", {"x"});
    EXPECT_EQ(startable(), (std::vector{part(first, 1), part(other)}));
    ASSERT_TRUE(set(part(first, 1), Delivery::published, "p1"));
    EXPECT_EQ(startable(), (std::vector{part(first, 2), part(other)})) << "in the order of their times, then of acceptance";
}

TEST_F(OutboxRepository, WaitsForTheUndoWindow)
{
    const auto reply = accept("a", {"x"}, nine_oclock + 10s);
    EXPECT_TRUE(startable().empty());
    EXPECT_EQ(startable(nine_oclock + 10s), std::vector{part(reply)});
    EXPECT_EQ(read(*db, [](Transaction& tx) { return next_outbox_time(tx); }), nine_oclock + 10s);
}

struct Holding {
    Delivery state;
    bool holds;
    friend void PrintTo(const Holding& holding, std::ostream* out) { *out << domain::to_string(holding.state); }
};
class HeldBack : public OutboxRepository, public testing::WithParamInterface<Holding> {};

TEST_P(HeldBack, ByAnUnfinishedOneOfItsConversation)
{
    const auto first = accept("a", {"x"});
    const auto second = accept("a", {"y"});
    ASSERT_TRUE(set(part(first), GetParam().state, "", nine_oclock + 1h));
    EXPECT_EQ(startable(), GetParam().holds ? std::vector<PartId>{} : std::vector{part(second)});
}
INSTANTIATE_TEST_SUITE_P(States, HeldBack,
                         testing::Values(Holding{Delivery::queued, true}, Holding{Delivery::reserved, true},
                                         Holding{Delivery::sending, true}, Holding{Delivery::unknown, true},
                                         Holding{Delivery::needs_decision, true}, Holding{Delivery::published, false},
                                         Holding{Delivery::failed, false}, Holding{Delivery::cancelled, false}),
                         [](const auto& test) { return std::string(domain::to_string(test.param.state)); });

TEST_F(OutboxRepository, AllowsOneUnderWayAConversation)
{
    const auto first = part(accept("a", {"x"}));
    const auto second = part(accept("a", {"y"}));
    const auto other = part(accept("b", {"z"}));
    ASSERT_TRUE(set(first, Delivery::unknown));
    for (const auto state : {Delivery::reserved, Delivery::sending, Delivery::unknown, Delivery::needs_decision}) {
        const auto refused = set(second, state);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind(), base::ErrorKind::conflict);
        EXPECT_TRUE(set(other, state));
    }
    EXPECT_TRUE(set(first, Delivery::needs_decision)) << "itself does not stand in its way";
    ASSERT_TRUE(set(first, Delivery::published, "p1"));
    EXPECT_TRUE(set(second, Delivery::reserved));
}

TEST_F(OutboxRepository, APlatformIdBelongsToOnePart)
{
    const auto first = part(accept("a", {"x"}));
    const auto second = part(accept("b", {"y"}));
    ASSERT_TRUE(set(first, Delivery::published, "p1"));
    const auto refused = set(second, Delivery::published, "p1");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::conflict);
    EXPECT_EQ(read(*db, [](Transaction& tx) { return find_part_by_platform_id(tx, "tim_twitter", "p1")->part.id; }), first);
    EXPECT_FALSE(read(*db, [](Transaction& tx) { return find_part_by_platform_id(tx, "tim_twitter", ""); }));
}

TEST_F(OutboxRepository, KnowsWhenItHasWorkNext)
{
    const auto next = [&] { return read(*db, [](Transaction& tx) { return next_outbox_time(tx); }); };
    EXPECT_FALSE(next());
    const auto first = part(accept("a", {"x"}, nine_oclock + 5min));
    accept("a", {"behind it"}, nine_oclock);
    EXPECT_EQ(next(), nine_oclock + 5min) << "what is held back does not count";
    ASSERT_TRUE(set(first, Delivery::unknown, "", nine_oclock + 2min));
    EXPECT_EQ(next(), nine_oclock + 2min);
    read(*db, [&](Transaction& tx) {
        EXPECT_TRUE(unknown_parts_due(tx, nine_oclock + 2min - 1us, 10).empty());
        EXPECT_EQ(unknown_parts_due(tx, nine_oclock + 2min, 10).at(0).part.id, first);
        return 0;
    });
    ASSERT_TRUE(set(first, Delivery::needs_decision));
    EXPECT_FALSE(next());
}

TEST_F(OutboxRepository, CancelsOnlyWhatWasNotSent)
{
    const auto cancel = [&](ReplyId reply) { return write_for(*db, [&](Transaction& tx) { return cancel_if_unsent(tx, reply); }); };
    const auto queued = accept("a", {"x", "y"});
    EXPECT_TRUE(cancel(queued));
    EXPECT_FALSE(cancel(queued)) << "already";
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(find_reply(tx, queued)->state, Delivery::cancelled);
        for (const auto& each : parts_of(tx, queued)) EXPECT_EQ(each.state, Delivery::cancelled);
        return 0;
    });
    const auto begun = accept("b", {"x", "y"});
    ASSERT_TRUE(set(part(begun, 1), Delivery::sending));
    EXPECT_FALSE(cancel(begun));
    EXPECT_EQ(read(*db, [&](Transaction& tx) { return parts_of(tx, begun).at(1).state; }), Delivery::queued);
}

TEST_F(OutboxRepository, RemembersAttempts)
{
    const auto id = part(accept("a", {"x"}));
    EXPECT_FALSE(read(*db, [&](Transaction& tx) { return last_attempt(tx, id); }));
    write(*db, [&](Transaction& tx) {
        for (std::int32_t number = 1; number <= 2; ++number) {
            Attempt attempt;
            attempt.part = id;
            attempt.number = number;
            attempt.key = "key" + std::to_string(number);
            attempt.started_at = nine_oclock;
            attempt.snapshot = "[]";
            const auto attempt_id = insert_attempt(tx, attempt);
            if (number == 1) finish_attempt(tx, attempt_id, nine_oclock + 1s, "not_sent", "connection refused");
        }
    });
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(last_attempt(tx, id)->key, "key2");
        EXPECT_FALSE(last_attempt(tx, id)->ended_at);
        EXPECT_EQ(attempts_of(tx, id).at(0).outcome, "not_sent");
        return 0;
    });
}

TEST_F(OutboxRepository, OffersOwnItemsToWhateverIsNotSettled)
{
    const auto untouched = part(accept("untouched", {"x"}));
    std::vector<PartId> expected;
    const auto add = [&](const std::string& conversation, Delivery state, Instant started_at, bool wanted) {
        const auto id = part(accept(conversation, {"x"}));
        write(*db, [&](Transaction& tx) {
            auto changed = find_part(tx, id).value();
            changed.state = state;
            changed.attempts = 1;
            changed.started_at = started_at;
            ASSERT_TRUE(save_part(tx, changed));
        });
        if (wanted) expected.push_back(id);
    };
    add("a", Delivery::unknown, nine_oclock - 99h, true);
    add("b", Delivery::needs_decision, nine_oclock - 99h, true);
    add("c", Delivery::queued, nine_oclock, true);
    add("d", Delivery::published, nine_oclock, false);
    add("e", Delivery::cancelled, nine_oclock, false);
    add("f", Delivery::failed, nine_oclock, true);
    add("g", Delivery::failed, nine_oclock - 1us, false);
    const auto ids = read(*db, [](Transaction& tx) {
        std::vector<PartId> found;
        for (const auto& each : unsettled_parts_for_channel(tx, "tim_twitter", nine_oclock)) found.push_back(each.part.id);
        return found;
    });
    EXPECT_EQ(ids, expected);
    EXPECT_EQ(read(*db, [&](Transaction& tx) { return parts_in_state(tx, Delivery::unknown).size(); }), 1u);
    EXPECT_EQ(read(*db, [&](Transaction& tx) { return parts_in_state(tx, Delivery::queued).at(0).part.id; }), untouched);
}

} // namespace
} // namespace sportello::storage::test
