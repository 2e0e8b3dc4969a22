#include "support/house.hpp"

#include <sportello/storage/messages.hpp>

namespace sportello::test {
namespace {

using domain::Delivery;
using simulator::Kind;

class GoingLive : public testing::TestWithParam<House::Account> {
protected:
    [[nodiscard]] static bool page() { return GetParam() == House::page; }
    /// A public message; the first of a thread, or an answer.
    std::string writes(House& house, const std::string& author, const std::string& text, const std::string& parent = "")
    {
        const Kind kind = !page() ? Kind::mention : parent.empty() ? Kind::post : Kind::comment;
        return house.customer_writes(GetParam(), kind, author, page() ? text : "@TIM_Sportello " + text, parent);
    }
    [[nodiscard]] static std::string own_name() { return page() ? House::page.second : House::handle.second; }
};

TEST_P(GoingLive, WhatIsOlderThanTheConnectionIsStoredWithoutTicket)
{
    House house;
    const std::string root = writes(house, "Sara Greco", "Guasto da ieri");
    writes(house, own_name(), "Verifichiamo", root);
    house.customer_writes(GetParam(), Kind::direct_message, "Bruno Neri", "Il mio contratto?");
    house.run_for(1h);
    house.start();
    house.run_for(10min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message"), 3);
    EXPECT_EQ(house.tickets().size(), 0U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM event WHERE ticket_id IS NOT NULL"), 0);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE intake IN ('new', 'waiting')"), 0) << "nothing is left to do with it";
}

TEST_P(GoingLive, WhatFollowsIsATicketWithTheOlderOnesAsBackground)
{
    House house;
    const std::string root = writes(house, "Sara Greco", "Guasto da ieri");
    const std::string answer = writes(house, own_name(), "Verifichiamo", root);
    const std::string chained = writes(house, own_name(), "E La richiamiamo", answer);
    const std::string others = writes(house, "Bruno Neri", "Anche da me", root);
    const std::string to_others = writes(house, own_name(), "Grazie della segnalazione", others);
    house.run_for(1h);
    house.start();
    house.run_for(1min);
    ASSERT_EQ(house.tickets().size(), 0U);
    const base::Instant wrote = house.clock.now();
    writes(house, "Sara Greco", "Ancora niente", root);
    house.run_for(1min);
    const auto tickets = house.tickets();
    ASSERT_EQ(tickets.size(), 1U);
    const domain::Ticket& ticket = tickets.front();
    EXPECT_NE(ticket.subject.find("Ancora niente"), std::string::npos);
    EXPECT_EQ(ticket.created_at, wrote) << "its clock begins with the new message";
    EXPECT_EQ(ticket.waiting_since, wrote);
    EXPECT_EQ(ticket.due_at, wrote + 1h);
    EXPECT_FALSE(ticket.first_response_at) << "an answer from before is none";
    EXPECT_EQ(ticket.message_count, 1);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE ticket_id IS NOT NULL"), 4) << "hers, the two answers to her, and the new";
    const auto ticket_of = [&](const std::string& id) {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<std::optional<domain::TicketId>> {
                return storage::find_message_by_platform_id(tx, page() ? "tim-facebook" : "tim-x", id)->ticket;
            })
            .value();
    };
    for (const std::string& id : {root, answer, chained}) EXPECT_EQ(ticket_of(id), ticket.id) << id;
    for (const std::string& id : {others, to_others}) EXPECT_EQ(ticket_of(id), std::nullopt) << id;
}

TEST_P(GoingLive, APrivateConversationTakesItsWholePastAlong)
{
    House house;
    house.customer_writes(GetParam(), Kind::direct_message, "Sara Greco", "Il mio contratto?");
    house.run_for(1h);
    house.start();
    house.run_for(1min);
    ASSERT_EQ(house.tickets().size(), 0U);
    house.customer_writes(GetParam(), Kind::direct_message, "Sara Greco", "Allora?");
    house.run_for(1min);
    ASSERT_EQ(house.tickets().size(), 1U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE ticket_id IS NOT NULL"), 2);
    EXPECT_EQ(house.tickets().front().message_count, 1);
}

TEST_P(GoingLive, TheConnectionIsRememberedThroughACrash)
{
    House house;
    house.start();
    house.run_for(1min);
    house.engine.reset(); // nobody polls
    writes(house, "Sara Greco", "Guasto");
    house.run_for(1h);
    house.crash_and_restart();
    house.run_for(1min);
    EXPECT_EQ(house.tickets().size(), 1U) << "written while the server was down";
}

TEST_P(GoingLive, TheConfigurationMaySayAnotherTime)
{
    const base::Instant now = ManualClock().now();
    for (const auto& [start, expected] : {std::pair(now - 24h, 2U), std::pair(now + 30min, 1U), std::pair(now + 2h, 0U)}) {
        House house(HouseOptions{.start_at = start});
        writes(house, "Sara Greco", "Guasto");
        house.run_for(1h);
        house.start();
        writes(house, "Bruno Neri", "Anche da me");
        house.run_for(1min);
        EXPECT_EQ(house.tickets().size(), expected) << base::to_rfc3339(start);
        EXPECT_EQ(house.count("SELECT COUNT(*) FROM message"), 2);
    }
}

TEST_P(GoingLive, AnOlderItemThatComesLateTouchesNoClock)
{
    House house;
    house.start();
    house.run_for(1min);
    const std::string root = writes(house, "Sara Greco", "Guasto");
    house.run_for(1min);
    ASSERT_EQ(house.tickets().size(), 1U);
    const domain::Ticket before = house.tickets().front();
    simulator::NewItem late;
    late.platform = GetParam().first;
    late.account = GetParam().second;
    late.kind = page() ? Kind::comment : Kind::mention;
    late.author = "Sara Greco";
    late.text = "@TIM_Sportello prima";
    late.in_reply_to = root;
    late.at = house.clock.now() - 12min;
    ASSERT_TRUE(house.simulator.write(late));
    house.run_for(10min);
    ASSERT_EQ(house.count("SELECT COUNT(*) FROM message WHERE ticket_id IS NOT NULL"), 2);
    const domain::Ticket after = house.ticket(before.id);
    EXPECT_EQ(after.created_at, before.created_at);
    EXPECT_EQ(after.waiting_since, before.waiting_since);
    EXPECT_EQ(after.due_at, before.due_at);
    EXPECT_EQ(after.last_text, before.last_text);
    EXPECT_EQ(after.revision, before.revision);
}

/// Somebody wrote and waits for an answer.
class Publishing : public GoingLive {
protected:
    House house;
    domain::Ticket ticket;

    void SetUp() override
    {
        house.start();
        writes(house, "Sara Greco", "Guasto");
        house.run_for(1min);
        ASSERT_EQ(house.tickets().size(), 1U);
        ticket = house.tickets().front();
    }
    domain::ReplyId answer(const std::string& text)
    {
        engine::ReplyDraft draft;
        draft.text = text;
        const auto accepted = house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1)));
        EXPECT_TRUE(accepted);
        return accepted ? accepted->id : domain::ReplyId{};
    }
    void pause(engine::Pausing what, bool paused) { EXPECT_TRUE(house.run(pause_them(what, paused))); }
    boost::asio::awaitable<base::Result<void>> pause_them(engine::Pausing what, bool paused)
    {
        std::vector<std::string> both{"tim-facebook", "tim-x"};
        engine::Command chief = house.as(1);
        co_return co_await house.engine->pause_channels(std::move(both), what, paused, std::move(chief));
    }
    std::int64_t held()
    {
        return house
            .read([](storage::Transaction& tx) -> base::Result<std::int64_t> {
                return storage::held_reply_count(tx, page() ? "tim-facebook" : "tim-x");
            })
            .value();
    }
    /// The ids of what our account wrote, in the order in which it came to stand there.
    std::vector<std::string> order_on_platform()
    {
        std::vector<std::string> ids;
        for (const simulator::Item& item : house.simulator.world().items()) {
            if (item.own) ids.push_back(item.id);
        }
        return ids;
    }
    /// Ends the server and starts it with `publish` as told.
    void restart(bool publish)
    {
        house.options.publish = publish;
        house.crash_and_restart();
    }
};

constexpr engine::Pausing only_publishing{.reading = false, .publishing = true};
constexpr engine::Pausing only_reading{.reading = true, .publishing = false};

TEST_P(Publishing, PausedKeepsRepliesInSightUntilItGoesOn)
{
    pause(only_publishing, true);
    const auto first = answer("Prima risposta");
    const auto second = answer("Seconda risposta");
    house.run_for(3h);
    EXPECT_EQ(house.copies_on_platform("risposta"), 0U);
    EXPECT_EQ(house.reply(first).state, Delivery::queued);
    EXPECT_NE(house.reply(first).reason.find("paused"), std::string::npos) << house.reply(first).reason;
    EXPECT_EQ(held(), 1) << "the second waits behind the first";
    writes(house, "Bruno Neri", "Anche da me");
    house.run_for(1min);
    EXPECT_EQ(house.tickets().size(), 2U) << "reading goes on";

    house.crash_and_restart();
    house.run_for(1h);
    EXPECT_EQ(house.copies_on_platform("risposta"), 0U) << "also after a restart";
    pause(only_publishing, false);
    house.run_for(1min);
    EXPECT_EQ(house.reply(first).state, Delivery::published);
    EXPECT_EQ(house.reply(second).state, Delivery::published);
    EXPECT_EQ(order_on_platform(), (std::vector{house.reply(first).platform_id, house.reply(second).platform_id}));
    EXPECT_EQ(house.copies_on_platform("risposta"), 2U);
    EXPECT_EQ(held(), 0);
}

TEST_P(Publishing, PausedReadingLetsRepliesLeave)
{
    pause(only_reading, true);
    const auto reply = answer("Una risposta");
    writes(house, "Bruno Neri", "Anche da me");
    house.run_for(1h);
    EXPECT_EQ(house.reply(reply).state, Delivery::published);
    EXPECT_EQ(house.tickets().size(), 1U);
    pause(only_reading, false);
    house.run_for(1min);
    EXPECT_EQ(house.tickets().size(), 2U);
}

TEST_P(Publishing, AHeldReplyCanBeTakenBack)
{
    pause(only_publishing, true);
    const auto reply = answer("Una risposta");
    house.run_for(1h);
    ASSERT_TRUE(house.run(house.engine->outbox().cancel(reply, house.as(1))));
    EXPECT_EQ(held(), 0);
    pause(only_publishing, false);
    house.run_for(1h);
    EXPECT_EQ(house.copies_on_platform("Una risposta"), 0U);
    EXPECT_EQ(house.reply(reply).state, Delivery::cancelled);
}

TEST_P(Publishing, ATrialSendsNothingAndWhatItHeldLeavesOnlyByAPersonsOrder)
{
    restart(false);
    const auto reply = answer("Una prova");
    house.run_for(3h);
    EXPECT_EQ(house.copies_on_platform("Una prova"), 0U);
    EXPECT_NE(house.reply(reply).reason.find("without publishing"), std::string::npos) << house.reply(reply).reason;
    ASSERT_TRUE(house.run(house.engine->outbox().send_now(reply, house.as(1))));
    pause(only_publishing, true);
    pause(only_publishing, false);
    house.run_for(1h);
    EXPECT_EQ(house.copies_on_platform("Una prova"), 0U) << "no order sends what the configuration forbids";
    EXPECT_EQ(held(), 1);

    restart(true);
    house.run_for(1h);
    EXPECT_EQ(house.copies_on_platform("Una prova"), 0U) << "going live floods no customer with the answers of the trial";
    ASSERT_TRUE(house.run(house.engine->outbox().send_now(reply, house.as(1))));
    house.run_for(1min);
    EXPECT_EQ(house.reply(reply).state, Delivery::published);
    EXPECT_EQ(house.copies_on_platform("Una prova"), 1U);
}

TEST_P(Publishing, WhateverIsPausedWhenNothingLeavesThenAndAllLeavesOnceInOrder)
{
    bool publishing = true;
    std::size_t copies_when_paused = 0;
    std::vector<domain::ReplyId> replies;
    for (int i = 0; i < 60; ++i) {
        const std::uint64_t dice = house.random.below(10);
        if (dice < 4) {
            replies.push_back(answer("Risposta numero " + std::to_string(i)));
        } else if (dice < 7) {
            publishing = !publishing;
            const engine::Pausing what{.reading = house.random.below(2) == 0, .publishing = true};
            pause(what, !publishing);
            copies_when_paused = house.copies_on_platform("numero");
        } else if (dice < 8) {
            house.crash_and_restart();
        }
        house.run_for(base::Duration(std::chrono::seconds(house.random.below(90))));
        if (!publishing) { EXPECT_EQ(house.copies_on_platform("numero"), copies_when_paused) << "step " << i; }
    }
    pause({}, false);
    house.run_for(1h);
    std::vector<std::string> expected;
    for (const domain::ReplyId id : replies) expected.push_back(house.reply(id).platform_id);
    EXPECT_EQ(order_on_platform(), expected);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM reply WHERE state <> 'published'"), 0);
}

const auto platform_name = [](const auto& test) { return std::string(test.param == House::page ? "Facebook" : "X"); };
INSTANTIATE_TEST_SUITE_P(Platforms, GoingLive, testing::Values(House::page, House::handle), platform_name);
INSTANTIATE_TEST_SUITE_P(Platforms, Publishing, testing::Values(House::page, House::handle), platform_name);

} // namespace
} // namespace sportello::test
