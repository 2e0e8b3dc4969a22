#include "support/house.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/events.hpp>

#include <nlohmann/json.hpp>

#include <set>

namespace sportello::test {
namespace {

using domain::CallOutcome;
using domain::TicketStatus;
using simulator::Kind;

/// A call centre that can be out of order.
class FakeCallCentre final : public engine::Courier {
public:
    struct Notice {
        std::map<std::string, std::string> headers;
        std::string body;
    };
    boost::asio::awaitable<base::Result<engine::CourierAnswer>> post(std::string, std::vector<std::pair<std::string, std::string>> headers,
                                                                     std::string body) override
    {
        ++asked;
        if (broken > 0) {
            --broken;
            co_return base::Error(base::ErrorKind::unavailable, "connection refused");
        }
        Notice notice;
        for (auto& [name, value] : headers) notice.headers[name] = value;
        notice.body = std::move(body);
        notices.push_back(std::move(notice));
        engine::CourierAnswer answer{.status = answer_lost-- > 0 ? 500 : 204};
        co_return answer;
    }
    int broken = 0;
    int answer_lost = 0;
    int asked = 0;
    std::vector<Notice> notices;
};

HouseOptions with_desk(engine::Courier& courier, int slots = 1)
{
    HouseOptions options{.agents = 2};
    options.courier = &courier;
    options.settings = [slots](engine::Settings& settings) {
        engine::TeamSettings desk;
        desk.id = desk.name = "phone";
        domain::CalendarSpec spec;
        for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = domain::parse_windows("09:00-18:00").value();
        desk.calendar = std::make_shared<const domain::Calendar>(domain::Calendar::make(spec).value());
        desk.slots = slots;
        desk.most_attempts = 2;
        desk.webhook = "https://calls.example/hook";
        desk.webhook_secret = "secret";
        settings.teams.push_back(std::move(desk));
    };
    return options;
}

struct PhoneDesk : testing::Test {
    PhoneDesk()
    {
        house.clock.set(at("2026-03-02T10:05:00+01:00")); // a Monday
        house.start();
    }
    domain::TicketId private_ticket(const std::string& who)
    {
        house.customer_writes(House::page, Kind::direct_message, who, "Non ho linea, mi chiamate?");
        house.run_for(1min);
        return house.tickets().back().id;
    }
    base::Result<engine::Handover> hand_over(domain::TicketId id, const std::string& number = "06 1234567",
                                             std::optional<base::Instant> slot = {})
    {
        return house.run(house.engine->phone_desk().hand_over(id, {number, "Fibra tagliata", slot}, house.as(1)));
    }
    base::Result<storage::PhoneCall> outcome(std::int64_t id, CallOutcome what)
    {
        return house.run(house.engine->phone_desk().tell_outcome(id, {what, "detto al telefono", {}}, house.as(2)));
    }
    std::string events()
    {
        std::string all;
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            storage::events_since(tx, 0, 10'000, [&](const domain::Event& event) { all += event.type + " " + event.data + "\n"; });
            return {};
        };
        EXPECT_TRUE(house.db->read_now(unit));
        return all;
    }

    FakeCallCentre call_centre;
    House house{with_desk(call_centre)};
};

TEST_F(PhoneDesk, GivesASlotAndTellsItWithTheCodeInPrivate)
{
    const auto id = private_ticket("Sara Greco");
    const auto handed = hand_over(id);
    ASSERT_TRUE(handed) << handed.error().what();
    ASSERT_TRUE(handed->call);
    EXPECT_EQ(handed->call->slot_at, at("2026-03-02T10:30:00+01:00")) << "a quarter of an hour's notice at least";
    EXPECT_EQ(handed->call->customer_told, "");
    EXPECT_EQ(house.ticket(id).status, TicketStatus::on_hold);
    EXPECT_EQ(house.ticket(id).status_reason, "the phone desk calls at 2026-03-02T09:30:00Z");
    house.run_for(1min);
    EXPECT_EQ(house.copies_on_platform("lunedì 2 marzo tra le 10:30 e le 11:00"), 1U);
    EXPECT_EQ(house.copies_on_platform(handed->reference), 1U);
    EXPECT_EQ(events().find("1234567"), std::string::npos) << "no number in the log of events";
    EXPECT_EQ(house.ticket(id).status, TicketStatus::on_hold) << "what was sent does not take it off the phone's list";
}

TEST_F(PhoneDesk, NeverBooksASlotTwiceAndGoesOnWithTheNext)
{
    std::set<base::Instant> slots;
    for (int i = 0; i < 20; ++i) {
        const auto handed = hand_over(private_ticket("Cliente " + std::to_string(i)));
        ASSERT_TRUE(handed) << handed.error().what();
        EXPECT_TRUE(slots.insert(handed->call->slot_at).second);
    }
    EXPECT_EQ(*slots.rbegin(), at("2026-03-03T11:00:00+01:00")) << "over the night";
    const auto full = hand_over(private_ticket("Ultimo"), "06 1234567", *slots.begin());
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().fields().at(0).pointer, "/slot");
    EXPECT_EQ(house.count("SELECT count(*) FROM handover"), 20) << "a refusal leaves nothing";
    EXPECT_EQ(house.count("SELECT max(booked) FROM phone_slot"), 1);
}

TEST_F(PhoneDesk, TheNumberIsTheCustomersOrAskedForInPrivate)
{
    const auto id = private_ticket("Sara Greco");
    const auto without = hand_over(id, "");
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().fields().at(0).pointer, "/callback_number");
    ASSERT_TRUE(house.run(house.engine->phone_desk().ask_number(id, house.as(1))));
    house.run_for(1min);
    EXPECT_EQ(house.copies_on_platform("ci serve un numero di telefono"), 1U);
    const auto handed = hand_over(id, "06 7654321");
    ASSERT_TRUE(handed) << handed.error().what();
    ASSERT_TRUE(outcome(handed->id, CallOutcome::back));
    const auto again = hand_over(id, "");
    ASSERT_TRUE(again) << again.error().what();
    EXPECT_EQ(again->callback_number, "06 7654321") << "it is known now";
    ASSERT_TRUE(outcome(again->id, CallOutcome::wrong_number));
    EXPECT_FALSE(hand_over(id, "")) << "and forgotten";
}

TEST_F(PhoneDesk, WhatCannotBeWrittenInPrivateIsNotWrittenInPublic)
{
    house.customer_writes(House::handle, Kind::mention, "mara", "@TIM_Sportello la linea è giù");
    house.run_for(1min);
    const auto id = house.tickets().back().id;
    const auto handed = hand_over(id);
    ASSERT_TRUE(handed) << handed.error().what();
    EXPECT_EQ(handed->call->customer_told, "this person has never written to us in private");
    house.run_for(1min);
    EXPECT_EQ(house.copies_on_platform(handed->reference) + house.copies_on_platform("1234567"), 0U);
    EXPECT_NE(events().find("\"customer_told\":false"), std::string::npos);
}

TEST_F(PhoneDesk, EachOutcomeSaysWhatBecomesOfTheTicket)
{
    const std::tuple<CallOutcome, const char*, TicketStatus> rows[] = {{CallOutcome::solved, "solved", TicketStatus::solved},
                                                                       {CallOutcome::wrong_number, "wrong_number", TicketStatus::open},
                                                                       {CallOutcome::back, "back", TicketStatus::open}};
    int customer = 0;
    for (const auto& [what, state, status] : rows) {
        const auto id = private_ticket("Cliente " + std::to_string(++customer));
        const auto handed = hand_over(id);
        ASSERT_TRUE(handed);
        const auto told = outcome(handed->id, what);
        ASSERT_TRUE(told) << told.error().what();
        EXPECT_EQ(told->state, state);
        EXPECT_EQ(house.ticket(id).status, status) << state;
        EXPECT_FALSE(house.ticket(id).status_reason.empty());
        const auto twice = outcome(handed->id, CallOutcome::solved);
        ASSERT_FALSE(twice) << "once told it stands";
        EXPECT_EQ(twice.error().kind(), base::ErrorKind::conflict);
    }
    EXPECT_EQ(house.count("SELECT count(*) FROM note"), 3);
    EXPECT_EQ(house.count("SELECT sum(booked) FROM phone_slot"), 0) << "calls that were not needed leave their slots to others";
}

TEST_F(PhoneDesk, WhoIsNotReachedGetsAnotherSlotAndAtLastAMessage)
{
    const auto id = private_ticket("Sara Greco");
    const auto handed = hand_over(id);
    ASSERT_TRUE(handed);
    house.clock.set(at("2026-03-02T10:40:00+01:00"));
    house.run_for(1min);
    const auto first = outcome(handed->id, CallOutcome::not_reached);
    ASSERT_TRUE(first) << first.error().what();
    EXPECT_EQ(first->state, "planned");
    EXPECT_EQ(first->slot_at, at("2026-03-02T11:00:00+01:00"));
    house.run_for(1min);
    EXPECT_EQ(house.copies_on_platform("tra le 11:00 e le 11:30"), 1U);
    EXPECT_EQ(house.ticket(id).status, TicketStatus::on_hold);
    house.clock.set(at("2026-03-02T11:20:00+01:00"));
    house.run_for(1min);
    const auto last = outcome(handed->id, CallOutcome::not_reached);
    ASSERT_TRUE(last) << last.error().what();
    EXPECT_EQ(last->state, "given_up");
    house.run_for(1min);
    EXPECT_EQ(house.copies_on_platform("senza riuscire a parlarle"), 1U);
    EXPECT_EQ(house.ticket(id).status, TicketStatus::pending);
    EXPECT_EQ(house.ticket(id).status_reason, "not reached in 2 calls");
}

TEST_F(PhoneDesk, TheCallCentreHearsOfEverythingInOrderSignedAndUnderOneId)
{
    call_centre.broken = 5;
    call_centre.answer_lost = 1;
    const auto handed = hand_over(private_ticket("Sara Greco"));
    ASSERT_TRUE(handed);
    house.run_for(2min);
    ASSERT_TRUE(outcome(handed->id, CallOutcome::solved));
    house.run_for(2h);
    ASSERT_EQ(call_centre.notices.size(), 3U) << "the first came twice: its answer was lost";
    const auto& notices = call_centre.notices;
    EXPECT_EQ(notices[0].headers.at("X-Sportello-Delivery"), notices[1].headers.at("X-Sportello-Delivery"));
    EXPECT_NE(notices[1].headers.at("X-Sportello-Delivery"), notices[2].headers.at("X-Sportello-Delivery"));
    EXPECT_EQ(nlohmann::json::parse(notices[1].body).at("type"), "handover.planned");
    EXPECT_EQ(nlohmann::json::parse(notices[1].body).at("callback_number"), "06 1234567");
    EXPECT_EQ(nlohmann::json::parse(notices[2].body).at("state"), "solved");
    for (const auto& notice : notices) {
        const auto signed_text = notice.headers.at("X-Sportello-Timestamp") + "." + notice.body;
        EXPECT_EQ(notice.headers.at("X-Sportello-Signature"), "sha256=" + base::hmac_sha256_hex("secret", signed_text));
    }
    EXPECT_EQ(house.count("SELECT count(*) FROM call_centre_delivery WHERE body <> '' OR next_try IS NOT NULL"), 0);
    EXPECT_NE(events().find("call_centre.unreachable"), std::string::npos) << call_centre.asked;
}

TEST_F(PhoneDesk, WhatTheCallCentreIsToHearSurvivesACrash)
{
    call_centre.broken = 1;
    const auto handed = hand_over(private_ticket("Sara Greco"));
    ASSERT_TRUE(handed);
    house.run_for(1s);
    EXPECT_TRUE(call_centre.notices.empty());
    house.crash_and_restart();
    house.run_for(1min);
    EXPECT_EQ(call_centre.notices.size(), 1U);
}

TEST(HandOverWithoutADesk, StillWaitsOnHoldWithACode)
{
    House house({.agents = 1});
    house.start();
    house.customer_writes(House::page, Kind::direct_message, "Sara Greco", "Mi chiamate?");
    house.run_for(1min);
    const auto id = house.tickets().front().id;
    const auto handed = house.run(house.engine->phone_desk().hand_over(id, {"06 1234567", "x", {}}, house.as(1)));
    ASSERT_TRUE(handed);
    EXPECT_FALSE(handed->call);
    EXPECT_EQ(house.ticket(id).status, TicketStatus::on_hold);
    EXPECT_TRUE(house.run(house.engine->phone_desk().free_slots(5)).value().empty());
}

} // namespace
} // namespace sportello::test
