// Simulated hours of three brands on both platforms, with a fibre that is cut at ten: what a day costs. From half past nine
// to half past eleven, with the worst in it; SPORTELLO_DAY_HOURS=24 plays from midnight to midnight.
#include "support/house.hpp"

#include <sportello/storage/channel_history.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace sportello::test {
namespace {

using simulator::Kind;

constexpr domain::MicroDollars cap = 20'000'000;

int hours_to_play()
{
    const char* given = std::getenv("SPORTELLO_DAY_HOURS");
    return given == nullptr ? 2 : std::stoi(given);
}

class Day : public testing::Test {
protected:
    Day()
    {
        house.clock.set(midnight + std::chrono::minutes(first_minute));
        house.start();
    }

    std::string somebody() { return "Cliente " + std::to_string(house.random.below(400)); }
    /// A message on one of the six channels.
    void message(const std::string& text)
    {
        static const std::vector<std::string> handles{"TelecomItalia", "TIM_Sportello", "ImpresaSemplice"};
        static const std::vector<std::string> pages{"104000000000001", "104000000000002", "104000000000003"};
        const auto brand = house.random.below(3);
        const bool page = house.random.below(2) == 0;
        const House::Account account{page ? simulator::Platform::facebook : simulator::Platform::twitter,
                                     page ? pages[brand] : handles[brand]};
        const bool direct = house.random.below(4) == 0;
        const Kind kind = direct ? Kind::direct_message : page ? Kind::post : Kind::mention;
        house.customer_writes(account, kind, somebody(), (page ? "" : "@" + handles[brand] + " ") + text + " " + std::to_string(++written));
    }
    void answer_some()
    {
        const auto tickets = house.tickets();
        for (int i = 0; i < 3 && !tickets.empty(); ++i) {
            const auto& ticket = tickets[house.random.below(tickets.size())];
            engine::ReplyDraft draft;
            draft.text = "Verifichiamo la linea e torniamo da lei entro l'ora, pratica " + std::to_string(++replied);
            draft.visibility = ticket.visibility;
            (void)house.run(house.engine->outbox().accept(ticket.id, draft, house.as(1)));
        }
    }
    /// Ages at arrival in seconds, sorted.
    std::vector<std::int64_t> ages()
    {
        std::vector<std::int64_t> all;
        (void)house.read([&](storage::Transaction& tx) -> base::Result<void> {
            tx.for_each("SELECT received_at - at FROM message WHERE direction = 'inbound' ORDER BY received_at - at",
                        [&](const storage::Row& row) { all.push_back(row.number(0) / 1'000'000); });
            return {};
        });
        return all;
    }

    const int hours = hours_to_play();
    const int first_minute = hours < 24 ? 9 * 60 + 30 : 0;
    const base::Instant midnight = base::parse_rfc3339("2026-03-03T00:00:00Z").value(); // a Tuesday
    House house{HouseOptions{.office_always_open = false,
                             .agents = 9,
                             .capacity = 500,
                             .poll = 20s,
                             .poll_closed = 5min,
                             .three_brands = true,
                             .money = {.a_day = cap, .a_month = std::nullopt}}};
    int written = 0, replied = 0;
};

TEST_F(Day, NoRefusalIsOurFaultAndTheSpendingStaysUnderTheCap)
{
    spdlog::set_level(spdlog::level::warn);
    for (int minute = first_minute; minute < first_minute + hours * 60; ++minute) {
        const bool day = minute >= 7 * 60 && minute < 21 * 60;
        const bool cut = minute >= 10 * 60 && minute < 10 * 60 + 10; // the fibre
        if (house.random.below(day ? 10 : 60) == 0) message("la linea non va");
        for (int i = 0; cut && i < 25; ++i) message("niente internet in tutta la citta");
        if (minute % 5 == 0 && minute >= 8 * 60 && minute < 17 * 60) answer_some();
        house.run_for(1min);
    }
    house.run_for(hours < 24 ? 10min : 2h); // the last ones arrive, of a night later

    EXPECT_EQ(house.count("SELECT COUNT(*) FROM message WHERE direction = 'inbound'"), written);
    EXPECT_EQ(house.transport.refusals(), 0) << "a 429 that we caused";
    std::int64_t calls = 0;
    domain::MicroDollars dearest = 0;
    (void)house.read([&](storage::Transaction& tx) -> base::Result<void> {
        for (const auto* id : {"tim-x", "telecom-x", "impresa-x", "tim-facebook", "telecom-facebook", "impresa-facebook"}) {
            const auto spent = storage::load_spending(tx, id, std::chrono::floor<std::chrono::days>(midnight));
            calls += spent.calls;
            dearest = std::max(dearest, spent.today);
        }
        return {};
    });
    EXPECT_LE(dearest, cap);
    EXPECT_GT(dearest, 0);
    const auto sorted = ages();
    ASSERT_FALSE(sorted.empty());
    const auto median = sorted[sorted.size() / 2];
    EXPECT_LE(median, 40) << "of which polls every twenty seconds make ten";
    std::cout << hours << " hours, six channels: " << written << " messages, median age at arrival " << median << " s (nine of ten within "
              << sorted[sorted.size() * 9 / 10] << " s), " << replied << " replies, " << calls << " calls, " << house.transport.refusals()
              << " refusals, dearest account $" << static_cast<double>(dearest) / 1e6 << " of $" << static_cast<double>(cap) / 1e6 << "\n";
}

} // namespace
} // namespace sportello::test
