#include "support.hpp"

#include <sportello/storage/channel_history.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/credentials.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/idempotency.hpp>
#include <sportello/storage/sessions.hpp>
#include <sportello/storage/tokens.hpp>

// Agents, their log-ins and keys, channels, events, kept answers.
namespace sportello::storage::test {
namespace {

using base::ErrorKind;

class Desk : public RepositoryTest {};

TEST_F(Desk, AgentsAreFoundByLoginAndChangedByIt)
{
    domain::Agent given;
    given.login = "anna";
    given.name = "Anna";
    given.role = domain::Role::supervisor;
    given.brands = {"tim", "impresa"};
    given.capacity = 7;
    given.skills = {"adsl", "billing"};
    given.languages = {"it"};
    given.teams = {"phone"};
    const auto id = write_for(*db, [&](Transaction& tx) { return insert_agent(tx, given, "hash", nine_oclock).value(); });
    write(*db, [&](Transaction& tx) {
        EXPECT_EQ(insert_agent(tx, given, "x", nine_oclock).error().kind(), ErrorKind::conflict);
        auto found = find_agent_by_login(tx, "anna").value();
        EXPECT_EQ(found.agent.id, id);
        EXPECT_EQ(found.agent.role, domain::Role::supervisor);
        EXPECT_EQ(found.agent.brands, given.brands);
        EXPECT_EQ(found.agent.capacity, 7);
        EXPECT_EQ(found.agent.skills, given.skills);
        EXPECT_EQ(found.agent.languages, given.languages);
        EXPECT_EQ(found.agent.teams, given.teams);
        EXPECT_EQ(found.password_hash, "hash");
        found.agent.disabled = true;
        found.agent.brands.clear();
        ASSERT_TRUE(save_agent(tx, found.agent));
        ASSERT_TRUE(set_password(tx, id, "new"));
        ASSERT_TRUE(set_available(tx, id, true));
        EXPECT_EQ(set_available(tx, domain::AgentId{99}, true).error().kind(), ErrorKind::not_found);
        const auto changed = find_agent_by_login(tx, "anna").value();
        EXPECT_TRUE(changed.agent.disabled);
        EXPECT_TRUE(changed.agent.available);
        EXPECT_TRUE(changed.agent.brands.empty());
        EXPECT_EQ(changed.password_hash, "new");
        EXPECT_FALSE(find_agent_by_login(tx, "ANNA"));
        EXPECT_EQ(all_agents(tx).size(), 1u);
        EXPECT_EQ(find_agent(tx, domain::AgentId{99}).error().kind(), ErrorKind::not_found);
    });
}

TEST_F(Desk, SessionsEndByLogOutPasswordAndTime)
{
    const auto anna = agent("anna");
    write(*db, [&](Transaction& tx) {
        const auto add = [&](const std::string& hash, Instant expires_at) {
            insert_session(tx, {.token_hash = hash,
                                .agent = anna,
                                .csrf_token = "csrf",
                                .created_at = nine_oclock,
                                .last_seen_at = nine_oclock,
                                .expires_at = expires_at});
        };
        for (const char* hash : {"a", "b", "c"}) add(hash, nine_oclock + 12h);
        add("old", nine_oclock);
        EXPECT_EQ(find_session(tx, "a")->agent.login, "anna");
        EXPECT_EQ(find_session(tx, "a")->session.csrf_token, "csrf");
        EXPECT_EQ(delete_expired_sessions(tx, nine_oclock, nine_oclock), 1);
        delete_session(tx, "a");
        EXPECT_FALSE(find_session(tx, "a"));
        touch_session(tx, "b", nine_oclock + 1h);
        EXPECT_EQ(delete_expired_sessions(tx, nine_oclock, nine_oclock + 30min), 1) << "c was idle";
        EXPECT_EQ(delete_sessions_of(tx, anna, "b"), 0);
        EXPECT_EQ(delete_sessions_of(tx, anna, ""), 1);
    });
}

TEST_F(Desk, TokensBelongToTheirAgent)
{
    const auto anna = agent("anna");
    const auto bruno = agent("bruno");
    write(*db, [&](Transaction& tx) {
        const auto id = insert_token(tx, {.id = 0,
                                          .token_hash = "h",
                                          .agent = anna,
                                          .name = "report",
                                          .created_at = nine_oclock,
                                          .expires_at = nine_oclock + 24h,
                                          .last_used_at = {}});
        EXPECT_EQ(find_token(tx, "h")->agent.id, anna);
        EXPECT_EQ(find_token(tx, "h")->token.expires_at, nine_oclock + 24h);
        touch_token(tx, id, nine_oclock);
        EXPECT_EQ(tokens_of(tx, anna).at(0).last_used_at, nine_oclock);
        EXPECT_FALSE(delete_token(tx, bruno, id));
        EXPECT_TRUE(delete_token(tx, anna, id));
        EXPECT_FALSE(find_token(tx, "h"));
    });
}

TEST_F(Desk, APausedChannelStaysPausedOverPolls)
{
    write(*db, [](Transaction& tx) {
        EXPECT_EQ(load_channel(tx, "tim_twitter").cursor, "");
        set_paused(tx, "tim_twitter", true, false);
        auto state = load_channel(tx, "tim_twitter");
        EXPECT_TRUE(state.reading_paused);
        EXPECT_FALSE(state.publishing_paused);
        state.reading_paused = false;
        state.cursor = R"({"since":"7"})";
        state.state = "rate_limited";
        state.not_before = nine_oclock;
        save_channel(tx, state);
        const auto found = load_channel(tx, "tim_twitter");
        EXPECT_TRUE(found.reading_paused);
        EXPECT_EQ(found.cursor, state.cursor);
        EXPECT_EQ(found.not_before, nine_oclock);
        set_paused(tx, "tim_twitter", false, true);
        EXPECT_EQ(load_channel(tx, "tim_twitter").cursor, state.cursor);
        EXPECT_FALSE(load_channel(tx, "tim_twitter").reading_paused);
        EXPECT_TRUE(load_channel(tx, "tim_twitter").publishing_paused);
        EXPECT_EQ(all_channels(tx).size(), 1u);
    });
}

TEST_F(Desk, FlagsAreOnlyChangedByWhoRaisesThem)
{
    write(*db, [](Transaction& tx) {
        auto state = load_channel(tx, "tim_twitter");
        state.quotas = R"([{"endpoint":"calls"}])";
        save_channel(tx, state);
        set_flags(tx, "tim_twitter", "few messages", "7 min");
        save_channel(tx, state);
        const auto found = load_channel(tx, "tim_twitter");
        EXPECT_EQ(found.quiet, "few messages");
        EXPECT_EQ(found.behind, "7 min");
        EXPECT_EQ(found.quotas, state.quotas);
    });
}

TEST_F(Desk, SpendingIsKeptByDayAndSummedByMonth)
{
    using std::chrono::sys_days;
    const auto day = [](unsigned month, unsigned number) {
        return sys_days(std::chrono::year(2026) / std::chrono::month(month) / std::chrono::day(number));
    };
    write(*db, [&](Transaction& tx) {
        save_spending(tx, "x", {.day = day(2, 28), .today = 1'000, .month = 1'000, .calls = 1});
        save_spending(tx, "x", {.day = day(3, 1), .today = 20, .month = 20, .calls = 3});
        save_spending(tx, "x", {.day = day(3, 1), .today = 30, .month = 30, .calls = 4});
        save_spending(tx, "x", {.day = day(3, 2), .today = 5, .month = 35, .calls = 1});
        save_spending(tx, "other", {.day = day(3, 2), .today = 7'000, .month = 7'000, .calls = 1});
        EXPECT_EQ(load_spending(tx, "x", day(3, 2)), (domain::Spending{.day = day(3, 2), .today = 5, .month = 35, .calls = 1}));
        EXPECT_EQ(load_spending(tx, "x", day(3, 3)), (domain::Spending{.day = day(3, 3), .today = 0, .month = 35, .calls = 0}));
        EXPECT_EQ(load_spending(tx, "x", day(4, 1)), (domain::Spending{.day = day(4, 1), .today = 0, .month = 0, .calls = 0}));
    });
}

TEST_F(Desk, ArrivalsAddUpByTheHour)
{
    const auto hour = std::chrono::floor<std::chrono::hours>(nine_oclock);
    write(*db, [&](Transaction& tx) {
        EXPECT_FALSE(first_arrivals(tx, "x"));
        count_arrivals(tx, "x", hour, 2);
        count_arrivals(tx, "x", hour, 3);
        count_arrivals(tx, "x", hour + 1h, 7);
        count_arrivals(tx, "y", hour - 5h, 9);
        EXPECT_EQ(first_arrivals(tx, "x"), hour);
        EXPECT_EQ(arrivals_between(tx, "x", hour, hour + 1h), 5);
        EXPECT_EQ(arrivals_between(tx, "x", hour - 24h, hour + 2h), 12);
        EXPECT_EQ(arrivals_between(tx, "x", hour + 2h, hour + 9h), 0);
    });
}

TEST_F(Desk, AChannelKeepsTheMomentOfItsFirstConnection)
{
    write(*db, [](Transaction& tx) {
        EXPECT_FALSE(load_channel(tx, "tim_twitter").connected_at);
        connect_channel(tx, "tim_twitter", nine_oclock);
        connect_channel(tx, "tim_twitter", nine_oclock + 1h);
        auto state = load_channel(tx, "tim_twitter");
        EXPECT_EQ(state.connected_at, nine_oclock);
        state.connected_at.reset();
        save_channel(tx, state);
        EXPECT_EQ(load_channel(tx, "tim_twitter").connected_at, nine_oclock);
    });
}

TEST_F(Desk, EventsAreReadAfterANumberInOrder)
{
    for (int n = 1; n <= 5; ++n) {
        write(*db, [n](Transaction& tx) {
            EXPECT_EQ(last_seq(tx), n - 1);
            append_event(
                tx, {.seq = 0, .type = "t" + std::to_string(n), .at = nine_oclock, .ticket = {}, .actor = {}, .cause = "c", .data = "{}"});
        });
    }
    const auto types = read(*db, [](Transaction& tx) {
        std::vector<std::string> found;
        events_since(tx, 2, 2, [&](const domain::Event& event) { found.push_back(event.type); });
        return found;
    });
    EXPECT_EQ(types, (std::vector<std::string>{"t3", "t4"}));
    EXPECT_EQ(read(*db, [](Transaction& tx) { return last_seq(tx); }), 5);
}

TEST_F(Desk, AnAnswerIsKeptOnceForItsAgent)
{
    const auto anna = agent("anna");
    const auto bruno = agent("bruno");
    write(*db, [&](Transaction& tx) {
        EXPECT_FALSE(find_answer(tx, anna, "k"));
        ASSERT_TRUE(keep_answer(tx, anna, "k", {.request_hash = "h", .status = 202, .body = "{}"}, nine_oclock));
        EXPECT_EQ(keep_answer(tx, anna, "k", {}, nine_oclock).error().kind(), ErrorKind::conflict);
        EXPECT_EQ(find_answer(tx, anna, "k")->status, 202);
        EXPECT_FALSE(find_answer(tx, bruno, "k"));
        EXPECT_EQ(delete_answers_before(tx, nine_oclock), 0);
        EXPECT_EQ(delete_answers_before(tx, nine_oclock + 1us), 1);
    });
}

TEST_F(Desk, AChannelHasTheCredentialThatWasSavedLast)
{
    write(*db, [&](Transaction& tx) {
        EXPECT_FALSE(find_credential(tx, "tim-x"));
        save_credential(tx, {.channel = "tim-x", .kind = "x_oauth1", .sealed = "one", .updated_at = nine_oclock});
        save_credential(tx, {.channel = "tim-x", .kind = "x_oauth2", .sealed = "two", .updated_at = nine_oclock});
        save_credential(tx, {.channel = "tim-fb", .kind = "facebook_page", .sealed = "page", .updated_at = nine_oclock});
        EXPECT_EQ(find_credential(tx, "tim-x")->sealed, "two");
        save_credential(tx, {.channel = "tim-x", .kind = "x_oauth2", .sealed = "three", .updated_at = nine_oclock + 1h});
    });
    write(*db, [&](Transaction& tx) {
        const auto found = find_credential(tx, "tim-x").value();
        EXPECT_EQ(found.kind, "x_oauth2");
        EXPECT_EQ(found.sealed, "three");
        EXPECT_EQ(found.updated_at, nine_oclock + 1h);
        EXPECT_EQ(all_credentials(tx).size(), 2u) << "no token of an earlier login stays behind";
    });
}

TEST_F(Desk, AChannelKeepsWhenItsAccessEnds)
{
    write(*db, [&](Transaction& tx) {
        ChannelState state = load_channel(tx, "tim-fb");
        EXPECT_FALSE(state.access_ends_at);
        state.access_ends_at = nine_oclock + 24h;
        state.access_lacks = "pages_messaging";
        state.access_mark = 1;
        save_channel(tx, state);
    });
    write(*db, [&](Transaction& tx) {
        const ChannelState state = load_channel(tx, "tim-fb");
        EXPECT_EQ(state.access_ends_at, nine_oclock + 24h);
        EXPECT_EQ(state.access_lacks, "pages_messaging");
        EXPECT_EQ(state.access_mark, 1);
    });
}

} // namespace
} // namespace sportello::storage::test
