#include "support.hpp"

#include <sportello/storage/by_hand.hpp>
#include <sportello/storage/lineage.hpp>
#include <sportello/storage/replies.hpp>

#include <fstream>

namespace sportello::storage::test {
namespace {

using domain::Delivery;
using domain::ReplyId;

class Uncertain : public RepositoryTest {
protected:
    void SetUp() override
    {
        RepositoryTest::SetUp();
        author = agent("anna");
        identity = person("u1");
        ticket = write_for(*db, [&](Transaction& tx) { return insert_ticket(tx, ticket_of(tx, identity, "r"), "because"); });
    }
    ReplyId accept(const std::string& conversation, domain::RouteKind route = domain::RouteKind::public_reply)
    {
        domain::Reply reply;
        reply.ticket = ticket;
        reply.author = author;
        reply.channel = "tim_twitter";
        reply.conversation = conversation;
        reply.route = route;
        reply.text = "text";
        reply.target_id = "t";
        reply.accepted_at = reply.send_after = nine_oclock;
        const std::vector<std::string> parts{"text"};
        return write_for(*db, [&](Transaction& tx) { return insert_reply(tx, reply, parts); });
    }
    void set(ReplyId id, Delivery state, std::optional<Instant> uncertain_since = {})
    {
        write(*db, [&](Transaction& tx) {
            auto part = parts_of(tx, id).at(0);
            part.state = state;
            part.uncertain_since = uncertain_since;
            ASSERT_TRUE(save_part(tx, part));
            auto reply = find_reply(tx, id).value();
            reply.state = state;
            save_reply_state(tx, reply);
        });
    }

    domain::AgentId author;
    domain::IdentityId identity;
    domain::TicketId ticket;
};

TEST_F(Uncertain, AreListedPagedAndCounted)
{
    const auto unknown = accept("a");
    const auto undecided = accept("b");
    accept("c");
    set(unknown, Delivery::unknown, nine_oclock);
    set(undecided, Delivery::needs_decision, nine_oclock + 5min);
    const auto listed = [&](bool some, bool others, domain::PartId after) {
        return read(*db, [&](Transaction& tx) {
            std::vector<ReplyId> ids;
            for (const auto& each : undecided_parts(tx, some, others, after, 10)) ids.push_back(each.reply.id);
            return ids;
        });
    };
    EXPECT_EQ(listed(true, true, {}), (std::vector{unknown, undecided}));
    EXPECT_EQ(listed(true, false, {}), std::vector{unknown});
    EXPECT_EQ(listed(false, true, {}), std::vector{undecided});
    const auto first = read(*db, [&](Transaction& tx) { return parts_of(tx, unknown).at(0).id; });
    EXPECT_EQ(listed(true, true, first), std::vector{undecided});

    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(oldest_unpaged(tx), nine_oclock);
        EXPECT_EQ(parts_to_page(tx, nine_oclock, 10).size(), 1U);
        EXPECT_EQ(parts_to_page(tx, nine_oclock + 5min, 10).size(), 2U);
        const auto figures = outbox_figures(tx, "tim_twitter");
        EXPECT_EQ(figures.unknown, 1);
        EXPECT_EQ(figures.needs_decision, 1);
        EXPECT_EQ(figures.under_way, 1);
        EXPECT_EQ(figures.uncertain_since, nine_oclock);
        EXPECT_EQ(outbox_figures(tx, "another").unknown, 0);
        return 0;
    });
}

TEST_F(Uncertain, QuarantineHoldsWhatIsUnfinished)
{
    const auto queued = accept("a");
    const auto failed = accept("b");
    set(failed, Delivery::failed);
    EXPECT_EQ(write_for(*db, [](Transaction& tx) { return quarantine_unfinished(tx); }), 1);
    read(*db, [&](Transaction& tx) {
        EXPECT_TRUE(parts_of(tx, queued).at(0).quarantined);
        EXPECT_FALSE(parts_of(tx, failed).at(0).quarantined);
        EXPECT_EQ(unsettled_parts_for_channel(tx, "tim_twitter", nine_oclock).size(), 1U) << "it may be out";
        return 0;
    });
}

TEST_F(Uncertain, OnePrivateAnswerToACommentIsTakenUntilItFails)
{
    const auto used = [&](ReplyId except = {}) {
        return read(*db, [&](Transaction& tx) { return private_reply_used(tx, "tim_twitter", "t", except); });
    };
    accept("a");
    EXPECT_FALSE(used());
    const auto reply = accept("b", domain::RouteKind::private_reply);
    EXPECT_TRUE(used());
    EXPECT_FALSE(used(reply)) << "it does not stand in its own way";
    set(reply, Delivery::failed);
    EXPECT_FALSE(used());
}

TEST_F(Uncertain, ADoubleIsNewsOnce)
{
    const auto reply = accept("a");
    EXPECT_TRUE(write_for(*db, [&](Transaction& tx) { return mark_doubled(tx, reply, nine_oclock); }));
    EXPECT_FALSE(write_for(*db, [&](Transaction& tx) { return mark_doubled(tx, reply, nine_oclock + 1h); }));
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(doubled_replies(tx, nine_oclock).size(), 1U);
        EXPECT_TRUE(doubled_replies(tx, nine_oclock + 1s).empty());
        return 0;
    });
}

TEST_F(Uncertain, ByHandOneWaitATicket)
{
    ByHand wait;
    wait.ticket = ticket;
    wait.agent = author;
    wait.channel = "tim_twitter";
    wait.root_id = "r";
    wait.target_id = "t";
    wait.text = "text";
    wait.since = nine_oclock;
    wait.ask_at = nine_oclock + 30min;
    const auto insert = [&] { return write_for(*db, [&](Transaction& tx) { return insert_by_hand(tx, wait).has_value(); }); };
    EXPECT_TRUE(insert());
    EXPECT_FALSE(insert());
    write(*db, [&](Transaction& tx) {
        auto present = waiting_by_hand(tx, ticket);
        ASSERT_TRUE(present);
        EXPECT_EQ(waiting_by_hand_under(tx, "tim_twitter", "r").size(), 1U);
        EXPECT_TRUE(waiting_by_hand_under(tx, "tim_twitter", "other").empty());
        EXPECT_EQ(next_by_hand_ask(tx), nine_oclock + 30min);
        EXPECT_TRUE(by_hand_to_ask(tx, nine_oclock + 29min).empty());
        EXPECT_EQ(by_hand_to_ask(tx, nine_oclock + 30min).size(), 1U);
        present->asked_at = nine_oclock + 30min;
        save_by_hand(tx, *present);
        EXPECT_FALSE(next_by_hand_ask(tx)) << "asked once";
        present->ended_at = nine_oclock + 1h;
        present->outcome = "given_up";
        save_by_hand(tx, *present);
        EXPECT_FALSE(waiting_by_hand(tx, ticket));
        EXPECT_EQ(find_by_hand(tx, present->id)->outcome, "given_up");
    });
    EXPECT_TRUE(insert()) << "the next one";
}

TEST_F(Uncertain, APersonsPrivateConversationIsFound)
{
    const auto found = [&] { return read(*db, [&](Transaction& tx) { return last_private_message_of(tx, "tim_twitter", identity); }); };
    EXPECT_FALSE(found());
    write(*db, [&](Transaction& tx) {
        for (const auto& [root, at] : {std::pair("newer", nine_oclock + 1h), std::pair("older", nine_oclock)}) {
            auto message = item(std::string("in ") + root, "text");
            message.kind = domain::MessageKind::direct_message;
            message.visibility = domain::Visibility::private_;
            message.root_id = root;
            message.at = at;
            const auto stored = store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, message, identity, nine_oclock);
            set_threaded(tx, stored.id, ticket, Intake::done);
        }
    });
    ASSERT_TRUE(found());
    EXPECT_EQ(found()->root_id, "newer");
    EXPECT_EQ(found()->ticket, ticket);
    EXPECT_EQ(read(*db, [&](Transaction& tx) { return last_message_under(tx, "tim_twitter", "older")->at; }), nine_oclock);
}

/// pg_restore leaves the server's number and its timeline as they are.
TEST(LifeOfServer, IsAnotherWhenABackupIsPutBackIntoTheSameServer)
{
    std::string why;
    DatabaseOptions options;
    options.url = sportello::test::fresh_postgresql(why);
    if (options.url.empty()) GTEST_SKIP() << why;
    options.migrations = migrations_folder();
    options.inline_execution = true;
    sportello::test::ManualClock clock;
    const auto db = Database::open(options, clock).value();
    const auto life = [&] { return read(*db, [](Transaction& tx) { return server_life(tx); }); };
    const auto begun = write_for(*db, [](Transaction& tx) { return begin_life_of_server(tx, std::nullopt); });
    EXPECT_EQ(life(), begun);
    EXPECT_EQ(read(*db, [](Transaction& tx) { return load_lineage(tx).token; }), begun);
    write(*db, [](Transaction& tx) { tx.run("INSERT INTO reader_place (reader, seq) VALUES ('x', 1)"); });
    EXPECT_EQ(life(), begun) << "whatever else is written";

    write(*db, [](Transaction& tx) {
        tx.run("CREATE TEMPORARY TABLE backup AS TABLE lineage");
        tx.run("DELETE FROM lineage");
        tx.run("INSERT INTO lineage SELECT * FROM backup");
    });
    EXPECT_EQ(read(*db, [](Transaction& tx) { return load_lineage(tx).token; }), begun);
    EXPECT_NE(life(), begun);
}

TEST_F(Uncertain, TheLineageIsKeptInTheDatabaseAndBesideIt)
{
    EXPECT_EQ(read(*db, [](Transaction& tx) { return load_lineage(tx); }), Lineage{});
    write(*db, [](Transaction& tx) { begin_lineage(tx, "one", std::nullopt); });
    write(*db, [](Transaction& tx) { begin_lineage(tx, "two", nine_oclock); });
    EXPECT_EQ(read(*db, [](Transaction& tx) { return load_lineage(tx); }), (Lineage{"two", 0}));

    const TempDir folder;
    const auto file = folder / "x.lineage";
    EXPECT_FALSE(read_lineage(file));
    EXPECT_TRUE(write_lineage(file, {"two", 17}));
    EXPECT_EQ(read_lineage(file), (Lineage{"two", 17}));
    std::ofstream(file, std::ios::trunc) << "two seventeen";
    EXPECT_FALSE(read_lineage(file)) << "what cannot be understood counts as none";
    EXPECT_FALSE(write_lineage(folder / "nowhere" / "x", {"two", 1}));
}

TEST_F(Uncertain, HiddenAndImplicitMentionsAreKeptWithTheMessage)
{
    auto comment = item("c1", "hello");
    comment.implicit_mention = true;
    const auto store = [&] {
        return write_for(*db, [&](Transaction& tx) {
            return store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, comment, std::nullopt, nine_oclock).change;
        });
    };
    const auto kept = [&] { return read(*db, [](Transaction& tx) { return *find_message_by_platform_id(tx, "tim_twitter", "c1"); }); };
    EXPECT_EQ(store(), StoredItem::Change::inserted);
    EXPECT_TRUE(kept().implicit_mention);
    EXPECT_FALSE(kept().hidden);
    comment.hidden = true;
    EXPECT_EQ(store(), StoredItem::Change::unchanged) << "no new wording";
    EXPECT_TRUE(kept().hidden);
    comment.hidden = false;
    store();
    EXPECT_FALSE(kept().hidden);
}

} // namespace
} // namespace sportello::storage::test
