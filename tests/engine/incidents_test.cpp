#include "support/house.hpp"

#include <sportello/storage/broadcasts.hpp>
#include <sportello/storage/incidents.hpp>
#include <sportello/storage/own_posts.hpp>

#include <algorithm>
#include <set>

namespace sportello::test {
namespace {

using domain::Delivery;
using domain::Incident;
using domain::IncidentState;
using domain::Ticket;
using simulator::Kind;

/// A town without internet, and people who write of it.
class Incidents : public testing::Test {
protected:
    explicit Incidents(HouseOptions options = {.agents = 2, .automatic_assignment = false, .three_brands = true})
        : house(std::move(options))
    {
    }
    void SetUp() override { house.start(); }

    House house;
    int people = 0;

    void write(const std::string& text, const House::Account& account = House::page, const std::string& name = "")
    {
        const bool page = account.first == simulator::Platform::facebook;
        const std::string who = name.empty() ? "Mara " + std::to_string(++people) : name;
        house.customer_writes(account, page ? Kind::post : Kind::mention, who, (page ? "" : "@" + account.second + " ") + text);
    }
    /// @return the incident that the radar proposed.
    Incident outage(int messages, const House::Account& account = House::page)
    {
        for (int i = 0; i < messages; ++i) {
            write("Internet non va a Bologna!", account);
            house.run_for(2s);
        }
        house.run_for(1min);
        const auto live =
            house.read([](storage::Transaction& tx) -> base::Result<std::vector<Incident>> { return storage::live_incidents(tx); });
        EXPECT_EQ(live.value().size(), 1U);
        return live.value().empty() ? Incident() : live.value().front();
    }
    Incident incident(domain::IncidentId id)
    {
        return house.read([&](storage::Transaction& tx) { return storage::find_incident(tx, id); }).value();
    }
    engine::Incidents& service() { return house.engine->incidents(); }
    storage::BroadcastFigures figures(std::int64_t broadcast)
    {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<storage::BroadcastFigures> { return storage::figures_of(tx, broadcast); })
            .value();
    }
    std::int64_t aside() { return house.count("SELECT COUNT(*) FROM ticket WHERE aside = 'incident'"); }
    std::int64_t in_queue() { return house.count("SELECT COUNT(*) FROM ticket WHERE queue_rank IS NOT NULL"); }
    Incident confirmed(int messages, const House::Account& account = House::page)
    {
        const auto found = outage(messages, account);
        const auto done = house.run(service().confirm(found.id, house.as(1)));
        EXPECT_TRUE(done);
        return done.value();
    }
    std::int64_t broadcast(domain::IncidentId id, const std::string& text = "ci stiamo lavorando, torna alle 18.")
    {
        const auto started = house.run(service().broadcast(id, {text, {}}, house.as(1)));
        EXPECT_TRUE(started) << (started ? "" : started.error().what());
        return started ? started->id : 0;
    }
};

TEST_F(Incidents, TheRadarProposesAndMembersLeaveTheQueueOnceItIsConfirmed)
{
    const auto found = outage(8);
    EXPECT_EQ(found.state, IncidentState::proposed);
    EXPECT_EQ(found.pattern, (domain::OutagePattern{"internet", {"BO/Bologna"}}));
    EXPECT_EQ(found.members, 8) << "those who made it, and who came after";
    EXPECT_EQ(found.brands, std::vector<std::string>{"tim"});
    EXPECT_EQ(aside(), 0) << "the radar may be wrong";
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM event WHERE type = 'incident.proposed'"), 1);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE incident_id IS NOT NULL"), 8);

    ASSERT_TRUE(house.run(service().confirm(found.id, house.as(1))));
    house.run_for(2s);
    EXPECT_EQ(aside(), 8);
    EXPECT_EQ(in_queue(), 0);
}

TEST_F(Incidents, LateArrivalsJoinAndSayWhyAndWhoAsksElseStaysOrdinaryWork)
{
    const auto found = confirmed(7);
    house.run_for(2s);
    write("niente fibra a Bologna");
    write("Internet non va a Bologna e la bolletta è sbagliata");
    write("Internet non va a Milano");
    write("Quanto costa la nuova offerta?");
    house.run_for(1min);
    EXPECT_EQ(incident(found.id).members, 9);
    EXPECT_EQ(aside(), 8);
    EXPECT_EQ(in_queue(), 3) << "the bill, Milano, the offer";
    const auto members = house.read([&](storage::Transaction& tx) -> base::Result<std::vector<storage::IncidentTicket>> {
        return storage::members_of(tx, found.id, {}, 100);
    });
    const auto& asks_else = members->back();
    EXPECT_EQ(asks_else.other_matter, "bolletta");
    EXPECT_EQ((*members)[7].how, "late");
    EXPECT_EQ((*members)[7].why, "says \"niente fibra\" of internet in Bologna; names internet and names Bologna");
}

TEST_F(Incidents, AMemberWhoAsksOnStaysAsideAndOneWithAnotherQuestionComesBack)
{
    confirmed(7);
    house.run_for(2s);
    const Ticket first = house.tickets()[0];
    const Ticket second = house.tickets()[1];
    house.customer_writes(House::page, Kind::comment, "Mara 1", "allora, quando torna?", first.root_id);
    house.customer_writes(House::page, Kind::comment, "Mara 2", "mi serve il numero del negozio di via Roma", second.root_id);
    house.run_for(1min);
    EXPECT_EQ(house.ticket(first.id).aside, "incident");
    EXPECT_EQ(house.ticket(second.id).aside, "");
    EXPECT_TRUE(house.ticket(second.id).incident) << "it counts as a member all the same";
}

TEST_F(Incidents, ADismissedOneStaysQuietForAWhile)
{
    const auto found = outage(7);
    ASSERT_TRUE(house.run(service().dismiss(found.id, "prova della centrale", house.as(1))));
    house.run_for(2s);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE incident_id IS NOT NULL"), 0);
    for (int i = 0; i < 12; ++i) write("Internet non va a Bologna!");
    house.run_for(1min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM incident"), 1);
    house.run_for(5h);
    for (int i = 0; i < 12; ++i) write("Internet non va a Bologna!");
    house.run_for(1min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM incident"), 2);
}

TEST_F(Incidents, OneOpenedByHandTakesTheFirstComplaint)
{
    engine::IncidentDraft draft;
    draft.service = "internet";
    draft.places = {"provincia di Bologna"};
    draft.brands = {"tim"};
    draft.text = "lavori in centrale";
    const auto opened = house.run(service().open(draft, true, house.as(1)));
    ASSERT_TRUE(opened) << opened.error().what();
    write("La fibra è giù a Imola");
    house.customer_writes({simulator::Platform::facebook, "104000000000003"}, Kind::post, "Ada", "La fibra è giù a Imola");
    house.run_for(1min);
    EXPECT_EQ(incident(opened->id).members, 1) << "the other brand's is another matter";
    EXPECT_EQ(aside(), 1);
    draft.places = {"Atlantide"};
    const auto nowhere = house.run(service().open(draft, true, house.as(1)));
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().fields().front().pointer, "/places/0");
}

TEST_F(Incidents, ATextToAllGoesToEachOnceByNameFromTheRightAccount)
{
    const auto found = confirmed(7);
    for (int i = 0; i < 3; ++i) write("Internet non va a Bologna", House::handle, "Luca " + std::to_string(i));
    house.customer_writes({simulator::Platform::facebook, "104000000000003"}, Kind::post, "Impresa Rossi", "Internet non va a Bologna");
    write("Internet non va a Bologna", House::page, "Mara 1"); // a second ticket of the same person
    house.run_for(1min);
    const auto id = broadcast(found.id);
    house.run_for(5min);
    const auto sent = figures(id);
    EXPECT_EQ(sent.waiting, 0);
    EXPECT_EQ(sent.published, 11);
    EXPECT_EQ(sent.skipped, 1) << "one a person";
    EXPECT_EQ(house.copies_on_platform("ci stiamo lavorando"), 11U);
    std::set<std::string> answered;
    for (const auto& item : house.simulator.world().items()) {
        if (!item.own || item.now().text.find("ci stiamo lavorando") == std::string::npos) continue;
        EXPECT_TRUE(answered.insert(item.in_reply_to).second) << "two for one";
        const auto asked =
            std::ranges::find_if(house.simulator.world().items(), [&](const auto& one) { return one.id == item.in_reply_to; });
        EXPECT_EQ(item.account, asked->account) << "by another account";
    }
    EXPECT_GE(house.copies_on_platform("Ciao Luca, ci stiamo lavorando, torna alle 18. (rif. #"), 3U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE first_response_at IS NOT NULL"), 11);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE assignee_id IS NOT NULL"), 0) << "nobody is everybody's agent";
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM reply WHERE agent_id <> 1"), 0);
}

TEST_F(Incidents, WhatIsKnownBeforeSendingIsTrue)
{
    const auto found = confirmed(7, House::handle);
    write("Internet non va a Bologna", House::page);
    house.run_for(1min);
    engine::Actor actor{domain::AgentId{1}, domain::Role::supervisor, {}};
    const auto preview = house.run(service().preview(found.id, actor));
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->members, 8);
    EXPECT_EQ(preview->eligible, 8);
    EXPECT_EQ(preview->takes, 6 * 18s) << "seven on X, the first at once";
    ASSERT_EQ(preview->channels.size(), 2U);
    EXPECT_EQ(preview->channels[0].micro_dollars, 0) << "Facebook asks nothing";
    EXPECT_FALSE(preview->channels[1].micro_dollars) << "a contract's price is not known to us";
    broadcast(found.id);
    house.run_for(5min);
    const auto after = house.run(service().preview(found.id, actor));
    EXPECT_EQ(after->eligible, 1) << "on X a mention is answered once";
    ASSERT_EQ(after->not_eligible.size(), 1U);
    EXPECT_EQ(after->not_eligible[0].second, 7);
    const auto stranger = house.run(service().preview(found.id, {domain::AgentId{2}, domain::Role::supervisor, {"impresa"}}));
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().kind(), base::ErrorKind::not_found);
}

TEST_F(Incidents, TheStopButtonStopsAndWhoIsLeftWaitsOn)
{
    const auto found = confirmed(10, House::handle);
    house.run_for(2s);
    const auto id = broadcast(found.id);
    house.run_for(40s);
    ASSERT_TRUE(house.run(service().stop_broadcast(found.id, house.as(1))));
    house.run_for(10min);
    const auto sent = figures(id);
    EXPECT_GE(sent.published, 2);
    EXPECT_LE(sent.published, 4);
    EXPECT_EQ(sent.skipped, 10 - sent.published);
    EXPECT_EQ(house.copies_on_platform("ci stiamo lavorando"), static_cast<std::size_t>(sent.published));
    EXPECT_FALSE(house.run(service().stop_broadcast(found.id, house.as(1)))) << "nothing is being sent";
    const auto again = broadcast(found.id);
    house.run_for(10min);
    EXPECT_EQ(figures(again).published, 10 - sent.published) << "those who have it already are passed over on X";
    EXPECT_EQ(house.copies_on_platform("ci stiamo lavorando"), 10U);
}

TEST_F(Incidents, ACrashInTheMiddleForgetsAndRepeatsNobody)
{
    const auto found = confirmed(12, House::handle);
    house.run_for(2s);
    const auto id = broadcast(found.id);
    for (int i = 0; i < 8; ++i) {
        house.run_for(std::chrono::milliseconds(7'700));
        house.crash_and_restart();
    }
    house.run_for(20min);
    EXPECT_EQ(figures(id).published, 12);
    EXPECT_EQ(house.copies_on_platform("ci stiamo lavorando"), 12U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM broadcast WHERE state = 'done'"), 1);
}

TEST_F(Incidents, OrdinaryRepliesPassTheTextToAll)
{
    const auto found = confirmed(20);
    write("Che offerte avete?", House::page, "Chiara Ordinaria");
    house.run_for(1min);
    const Ticket ordinary = house.tickets().back();
    broadcast(found.id);
    house.run_for(5s);
    engine::ReplyDraft draft;
    draft.text = "Ecco le offerte";
    ASSERT_TRUE(house.run(house.engine->outbox().accept(ordinary.id, draft, house.as(2))));
    house.run_for(4s);
    EXPECT_EQ(house.copies_on_platform("Ecco le offerte"), 1U);
    EXPECT_LT(house.copies_on_platform("ci stiamo lavorando"), 10U) << "most of the twenty are still to come";
}

TEST_F(Incidents, WhoJoinsDuringATextToAllIsToldTooAndOnce)
{
    const auto found = confirmed(7);
    house.run_for(2s);
    const auto sent = broadcast(found.id);
    write("niente fibra a Bologna", House::page, "Nora Tardi");
    write("niente fibra a Bologna", House::page, "Nora Tardi");
    house.run_for(5min);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM broadcast WHERE state = 'done'"), 1);
    EXPECT_EQ(figures(sent).published, 8);
    EXPECT_EQ(house.copies_on_platform("Ciao Nora, ci stiamo lavorando"), 1U);
}

TEST_F(Incidents, ClosingTellsMembersAndBringsTheRestBack)
{
    const auto found = confirmed(7);
    house.run_for(2s);
    ASSERT_EQ(aside(), 7);
    const auto untold = house.run(service().close(found.id, {}, "", house.as(1)));
    ASSERT_TRUE(untold);
    house.run_for(2s);
    EXPECT_EQ(aside(), 0);
    EXPECT_EQ(in_queue(), 7) << "nobody has answered them";
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE incident_id IS NOT NULL"), 7) << "reports tell them apart for ever";
    EXPECT_FALSE(house.run(service().close(found.id, {}, "", house.as(1))));
}

TEST_F(Incidents, TheClosingNoticeIsAnAnswer)
{
    const auto found = confirmed(7);
    house.run_for(2s);
    ASSERT_TRUE(house.run(service().close(found.id, {"funziona di nuovo, scusate.", {}}, "", house.as(1))));
    house.run_for(1s);
    EXPECT_GT(aside(), 0) << "they wait for the notice";
    house.run_for(2min);
    EXPECT_EQ(aside(), 0);
    EXPECT_EQ(in_queue(), 0);
    EXPECT_EQ(house.copies_on_platform("Ciao Mara, funziona di nuovo"), 7U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM ticket WHERE status = 'pending'"), 7);
}

TEST_F(Incidents, OneStatusPostAChannelIsPublishedBroughtUpToDateAndAnswered)
{
    const auto found = confirmed(7);
    const domain::BroadcastTexts first{"Guasto a Bologna, ci stiamo lavorando.", {{"twitter", "Guasto a Bologna."}}};
    const auto posted = house.run(service().post_status(found.id, first, {}, house.as(1)));
    ASSERT_TRUE(posted) << posted.error().what();
    house.run_for(10s);
    EXPECT_EQ(house.copies_on_platform("Guasto a Bologna, ci stiamo lavorando."), 1U) << "on the Page";
    EXPECT_EQ(house.copies_on_platform("Guasto a Bologna"), 2U);
    ASSERT_TRUE(house.run(service().post_status(found.id, {"Guasto a Bologna: torna alle 18.", {}}, {}, house.as(1))));
    house.run_for(10s);
    EXPECT_EQ(house.copies_on_platform("Guasto a Bologna: torna alle 18."), 2U) << "edited on the Page, carried on on X";
    EXPECT_EQ(house.copies_on_platform("Guasto a Bologna."), 1U) << "X: the first stands";
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM own_post_step WHERE state <> 'published'"), 0);
    const auto posts = house.read(
        [&](storage::Transaction& tx) -> base::Result<std::vector<storage::OwnPost>> { return storage::own_posts_of(tx, found.id); });
    ASSERT_EQ(posts->size(), 2U);
    house.customer_writes(House::page, Kind::comment, "Nora", "anche qui!", posts->front().platform_id);
    house.run_for(1min);
    EXPECT_EQ(incident(found.id).members, 8);
    EXPECT_EQ(house.tickets().back().aside, "incident");
}

TEST_F(Incidents, AStatusPostIsNeverTwiceWhateverIsLost)
{
    const auto found = confirmed(7);
    for (const auto& account : {House::page, House::handle}) {
        simulator::Fault fault;
        fault.platform = account.first;
        fault.endpoint = simulator::Endpoint::public_write;
        fault.kind = simulator::FaultKind::lost_answer;
        fault.count = 1;
        house.simulator.faults().add(fault);
    }
    ASSERT_TRUE(house.run(service().post_status(found.id, {"Guasto a Bologna.", {}}, {}, house.as(1))));
    house.run_for(1s);
    house.crash_and_restart();
    house.run_for(10min);
    EXPECT_EQ(house.copies_on_platform("Guasto a Bologna."), 2U);
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM own_post_step WHERE state = 'published'"), 2);
}

TEST_F(Incidents, MembersComeAndGoByHand)
{
    const auto found = confirmed(7);
    write("Il mio vicino ha lo stesso problema");
    house.run_for(1min);
    const Ticket other = house.tickets().back();
    ASSERT_FALSE(other.incident);
    ASSERT_TRUE(house.run(service().add_member(found.id, other.id, house.as(1))));
    house.run_for(2s);
    EXPECT_EQ(house.ticket(other.id).aside, "incident");
    EXPECT_EQ(incident(found.id).members, 8);
    ASSERT_TRUE(house.run(service().remove_member(found.id, other.id, house.as(1))));
    house.run_for(2s);
    EXPECT_EQ(house.ticket(other.id).aside, "");
    EXPECT_FALSE(house.ticket(other.id).incident);
    EXPECT_EQ(incident(found.id).members, 7);
    EXPECT_FALSE(house.run(service().remove_member(found.id, other.id, house.as(1))));
}

TEST_F(Incidents, TooLongForXOrWithAnUnknownPlaceholderIsRefusedBeforeAnythingLeaves)
{
    const auto found = confirmed(7, House::handle);
    const auto refused = [&](const domain::BroadcastTexts& texts) {
        const auto started = house.run(service().broadcast(found.id, texts, house.as(1)));
        return started ? std::string() : started.error().fields().front().pointer;
    };
    EXPECT_EQ(refused({std::string(270, 'a'), {}}), "/text");
    EXPECT_EQ(refused({"Ciao {nome}", {}}), "/text");
    EXPECT_EQ(refused({"", {}}), "/text");
    EXPECT_EQ(refused({"va bene", {{"nobody", "x"}}}), "/variants");
    EXPECT_EQ(house.count("SELECT COUNT(*) FROM broadcast"), 0);
    EXPECT_EQ(refused({std::string(270, 'a'), {{"twitter", "breve"}}}), "");
    EXPECT_FALSE(house.run(service().broadcast(found.id, {"due", {}}, house.as(1)))) << "one at a time";
}

} // namespace
} // namespace sportello::test
