#include "../../src/engine/promises.hpp"
#include "support/house.hpp"

#include <sportello/storage/acknowledgements.hpp>
#include <sportello/storage/promises.hpp>

namespace sportello::test {
namespace {

using simulator::Kind;

HouseOptions closed_office()
{
    HouseOptions options;
    options.agents = 2;
    options.automatic_assignment = false;
    options.office_always_open = false;
    options.poll = 30s;
    options.recheck = 6h;
    options.settings = [](engine::Settings& settings) {
        auto& said = settings.brands.front().acknowledgement;
        said.texts = {{"it", "Siamo chiusi, riapriamo {opening}."}};
        said.promise_texts = {{"it", "Le rispondiamo {promise}."}};
        said.promise = true;
    };
    return options;
}

struct Promising : testing::Test {
    House house{closed_office()};

    Promising() { house.clock.set(at("2026-03-02T20:00:00Z")); } // Monday, nine in the evening

    void writes(const House::Account& account, Kind kind, const std::string& author = "mara")
    {
        house.customer_writes(account, kind, author, "la linea è giù da ieri");
        house.run_for(1min);
    }
    std::optional<storage::Acknowledgement> said(domain::TicketId id)
    {
        auto look = [&](storage::Transaction& tx) -> base::Result<std::optional<storage::Acknowledgement>> {
            return storage::acknowledgement_of(tx, id);
        };
        return house.read(look).value();
    }
    domain::PromiseRecord record()
    {
        auto look = [&](storage::Transaction& tx) -> base::Result<domain::PromiseRecord> {
            return storage::last_promises(tx, "tim", house.clock.now(), 200);
        };
        return house.read(look).value();
    }
    void answer(domain::TicketId id, domain::Visibility visibility)
    {
        engine::ReplyDraft draft;
        draft.text = "Eccoci.";
        draft.visibility = visibility;
        draft.confirm_duplicate = true;
        ASSERT_TRUE(house.run(house.engine->outbox().accept(id, draft, house.as(1))));
        house.run_for(1min);
    }
    /// As if so many messages had been answered as promised, or not.
    void prove(int kept, int broken)
    {
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            for (int i = 0; i < kept + broken; ++i) {
                tx.run("INSERT INTO message (id, channel, brand, platform, platform_id, kind, visibility, direction, author_name, text, "
                       "parent_id, root_id, recipient_id, permalink, at, received_at, revision, intake, checked_at, ticket_id) "
                       "SELECT 100000 + $1, channel, brand, platform, 'p' || $1, kind, visibility, direction, '', '', '', root_id, '', '', "
                       "at, at, 1, 'done', 0, ticket_id FROM message WHERE ticket_id IS NOT NULL LIMIT 1",
                       i);
                tx.run("INSERT INTO promise (message_id, ticket_id, brand, made_at, expected_at, expected_seconds, promised_at, why, "
                       "answered_at, answered_seconds) SELECT 100000 + $1, ticket_id, 'tim', 5, 6, 600, 10, '', $2, 600 "
                       "FROM message WHERE ticket_id IS NOT NULL LIMIT 1",
                       i, i < kept ? 10 : 11);
            }
            return {};
        };
        ASSERT_TRUE(house.db->write_now(unit));
    }
};

TEST_F(Promising, TellsOnceInPrivateWhenTheOfficeOpens)
{
    house.start();
    house.run_for(1s);
    writes(House::page, Kind::direct_message);
    const auto ticket = house.tickets().front();
    ASSERT_TRUE(said(ticket.id));
    EXPECT_EQ(said(ticket.id)->text, "Siamo chiusi, riapriamo domani alle 9:00.");
    EXPECT_TRUE(said(ticket.id)->reply);
    EXPECT_EQ(house.copies_on_platform("Siamo chiusi"), 1U);
    EXPECT_TRUE(house.ticket(ticket.id).waiting_since) << "it is no answer";
    house.run_for(10min);
    writes(House::page, Kind::direct_message);
    house.run_for(10min);
    EXPECT_EQ(house.copies_on_platform("Siamo chiusi"), 1U) << "I17: once in a conversation and closed period";
    house.options.poll = 2h; // the night and the day pass faster
    house.crash_and_restart();
    house.run_for(22h); // the next evening
    house.options.poll = 30s;
    house.crash_and_restart();
    writes(House::page, Kind::direct_message);
    EXPECT_EQ(house.copies_on_platform("Siamo chiusi"), 2U);
}

TEST_F(Promising, OffersTheTextWhereThePlatformForbidsIt)
{
    house.start();
    house.run_for(1s);
    writes(House::handle, Kind::mention);
    const auto ticket = house.tickets().front();
    ASSERT_TRUE(said(ticket.id));
    EXPECT_FALSE(said(ticket.id)->reply);
    EXPECT_NE(said(ticket.id)->why.find("X forbids"), std::string::npos);
    EXPECT_EQ(house.copies_on_platform("Siamo chiusi"), 0U);
}

TEST_F(Promising, SaysNothingWhileTheOfficeIsOpen)
{
    house.clock.set(at("2026-03-02T10:00:00Z"));
    house.start();
    house.run_for(1s);
    writes(House::page, Kind::direct_message);
    EXPECT_FALSE(said(house.tickets().front().id));
}

TEST_F(Promising, StaysInShadowUntilItHasShownItself)
{
    house.start();
    house.run_for(1s);
    writes(House::page, Kind::direct_message, "prima");
    const auto ticket = house.tickets().front();
    EXPECT_EQ(ticket.promised_at, at("2026-03-03T08:30:00Z")) << "half past nine: computed, and not told";
    EXPECT_EQ(house.copies_on_platform("Le rispondiamo"), 0U);
    prove(179, 21);
    writes(House::page, Kind::direct_message, "seconda");
    EXPECT_EQ(house.copies_on_platform("Le rispondiamo"), 0U);
    prove(0, 0);
    auto more = [&](storage::Transaction& tx) -> base::Result<void> {
        tx.run("UPDATE promise SET answered_at = 10 WHERE message_id >= 100000");
        return {};
    };
    ASSERT_TRUE(house.db->write_now(more));
    writes(House::page, Kind::direct_message, "terza");
    EXPECT_EQ(house.copies_on_platform("Le rispondiamo entro domani alle 9:30."), 1U);
    EXPECT_EQ(house.count("SELECT count(*) FROM promise WHERE told = 1"), 1);
}

TEST_F(Promising, IsKeptOrBroken)
{
    house.clock.set(at("2026-03-02T09:00:00Z"));
    house.start();
    house.run_for(1s);
    writes(House::page, Kind::post, "prima");
    writes(House::page, Kind::post, "seconda");
    writes(House::page, Kind::post, "terza");
    const auto tickets = house.tickets();
    for (const auto& ticket : tickets) EXPECT_EQ(ticket.promised_at, at("2026-03-02T09:30:00Z"));
    answer(tickets[0].id, domain::Visibility::public_);
    EXPECT_EQ(record().kept, 1);
    EXPECT_EQ(record().broken, 0);
    house.run_for(1h);
    EXPECT_EQ(record().broken, 2) << "late already";
    answer(tickets[1].id, domain::Visibility::public_);
    EXPECT_EQ(record().broken, 2);
    engine::TicketChange solve;
    solve.status = domain::TicketStatus::solved;
    ASSERT_TRUE(house.run(house.engine->ticketing().change(tickets[2].id, solve, house.as(1))));
    EXPECT_EQ(record().broken, 1) << "solved without an answer: neither kept nor broken";
    EXPECT_FALSE(house.ticket(tickets[0].id).promised_at);
}

} // namespace
} // namespace sportello::test
