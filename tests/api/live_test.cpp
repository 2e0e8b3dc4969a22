// Live streams: every event once, in order; nothing after the right to it ended.
#include "desk.hpp"
#include "support/test_database.hpp"

#include <boost/asio/detached.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;
using test::Person;

/// The other end of an event stream.
class Listener final : public http::BodyStream {
public:
    boost::asio::awaitable<bool> write(std::string_view chunk) override
    {
        if (!gone_) heard += chunk;
        co_return !gone_;
    }
    [[nodiscard]] bool closed() const override { return gone_; }
    void on_close(std::function<void()> callback) override { callback_ = std::move(callback); }
    void leave()
    {
        gone_ = true;
        if (callback_) callback_();
    }

    std::string heard;

private:
    bool gone_ = false;
    std::function<void()> callback_;
};

/// The other end of a WebSocket.
class Socket final : public http::WebSocket {
public:
    Socket(base::Clock& clock, boost::asio::any_io_executor executor) : clock_(clock), closing_(clock, std::move(executor)) {}
    bool send(std::string text) override
    {
        if (code == 0) frames.push_back(json::parse(text));
        return code == 0;
    }
    boost::asio::awaitable<std::optional<std::string>> receive() override
    {
        while (code == 0 && said_.empty()) co_await closing_.wait_until(clock_.now() + 240h);
        if (said_.empty()) co_return std::nullopt;
        auto text = std::move(said_.front());
        said_.pop_front();
        co_return text;
    }
    /// A frame of the client.
    void say(std::string text)
    {
        said_.push_back(std::move(text));
        closing_.notify();
    }
    [[nodiscard]] std::vector<json> of_type(std::string_view type) const
    {
        std::vector<json> found;
        for (const auto& frame : frames) {
            if (frame.at("type") == type) found.push_back(frame);
        }
        return found;
    }
    void close(std::uint16_t with) override
    {
        if (code == 0) code = with;
        closing_.notify();
    }

    std::vector<json> frames;
    std::uint16_t code = 0;

private:
    base::Clock& clock_;
    base::Signal closing_;
    std::deque<std::string> said_;
};

class Live : public testing::Test {
protected:
    explicit Live(test::HouseOptions options = {.automatic_assignment = false}, api::Options api_options = {})
        : desk(std::move(options), std::move(api_options))
    {
    }
    ~Live() override { desk.house.run_for(1s); }

    std::shared_ptr<Socket> connect(const Person& who, const std::string& query = "")
    {
        auto request = Desk::request(Method::get, "/v1/live" + query, &who);
        request.headers.add("Upgrade", "websocket");
        const auto response = desk.send(request);
        EXPECT_EQ(response.status, 101) << response.body;
        auto socket = std::make_shared<Socket>(desk.house.clock, desk.house.io->get_executor());
        if (!response.websocket) return socket;
        run(response.websocket(socket));
        return socket;
    }
    void run(boost::asio::awaitable<void> task)
    {
        boost::asio::co_spawn(*desk.house.io, std::move(task), [this](const std::exception_ptr& error) {
            ended = true;
            if (error) std::rethrow_exception(error);
        });
        settle();
    }
    /// Lets everything that is ready run, without turning the clock.
    void settle() { desk.house.run_for(0s); }
    void note(std::int64_t about, const std::string& text)
    {
        ASSERT_EQ(desk.post("/v1/tickets/" + std::to_string(about) + "/notes", anna, {{"text", text}}, "cause of " + text).status, 201);
        settle();
    }
    static std::vector<json> logged(const std::vector<json>& frames)
    {
        std::vector<json> found;
        for (const auto& frame : frames) {
            if (frame.at("seq") != 0) found.push_back(frame);
        }
        return found;
    }

    Desk desk;
    Person anna = desk.person(domain::Role::agent, "anna");
    std::int64_t ticket = desk.stored_ticket("mara", "no line");
    bool ended = false;
};

TEST_F(Live, ASocketHearsOfEachChangeOnceAndInOrder)
{
    const auto socket = connect(anna);
    ASSERT_FALSE(socket->frames.empty());
    EXPECT_EQ(socket->frames.front().at("type"), "hello");
    for (int n = 0; n < 5; ++n) note(ticket, std::to_string(n));
    const auto events = logged(socket->frames);
    ASSERT_EQ(events.size(), 5U);
    for (std::size_t at = 0; at < events.size(); ++at) {
        EXPECT_EQ(events[at].at("ticket"), ticket);
        EXPECT_EQ(events[at].at("actor"), anna.id);
        EXPECT_EQ(events[at].at("cause"), "cause of " + std::to_string(at));
        if (at > 0) { EXPECT_GT(events[at].at("seq"), events[at - 1].at("seq")); }
    }
    socket->close(1000);
}

TEST_F(Live, ResumingFromAnyNumberGivesEachLaterEventOnce)
{
    for (int n = 0; n < 4; ++n) note(ticket, std::to_string(n));
    const auto page = body_of(desk.get("/v1/events", anna));
    const auto& all = page.at("items");
    ASSERT_EQ(all.size(), 4U);
    for (std::size_t from = 0; from <= all.size(); ++from) {
        const auto since = from == 0 ? json(0) : all[from - 1].at("seq");
        const auto socket = connect(anna, "?since=" + since.dump());
        note(ticket, "while open " + std::to_string(from));
        const auto events = logged(socket->frames);
        const auto expected = body_of(desk.get("/v1/events?since=" + since.dump(), anna)).at("items");
        EXPECT_EQ(json(events), expected);
        socket->close(1000);
        settle();
    }
}

TEST_F(Live, ANumberFromAnotherLogIsAnsweredWithReset)
{
    const auto socket = connect(anna, "?since=999999");
    ASSERT_GE(socket->frames.size(), 2U);
    EXPECT_EQ(socket->frames[1].at("type"), "reset");
    note(ticket, "after");
    EXPECT_EQ(logged(socket->frames).size(), 1U);
    socket->close(1000);
}

TEST_F(Live, TheLineIsKeptAliveEveryTwentySeconds)
{
    const auto socket = connect(anna);
    desk.house.run_for(61s);
    std::size_t beats = 0;
    for (const auto& frame : socket->frames) beats += frame.at("type") == "heartbeat";
    EXPECT_EQ(beats, 3U);
    socket->close(1000);
}

TEST_F(Live, LoggingOutClosesTheSocketAtOnce)
{
    const auto socket = connect(anna);
    ASSERT_EQ(desk.del("/v1/session", anna).status, 204);
    settle();
    EXPECT_EQ(socket->code, 4401);
    EXPECT_TRUE(ended);
}

/// What another process (the command line, another server) does to a right is seen in the database only.
TEST_F(Live, ARightWithdrawnElsewhereIsGoneFromStreamsAndSessionsWithinASecond)
{
    const std::pair<const char*, std::function<void(domain::Agent&)>> withdrawals[] = {
        {"disabled", [](domain::Agent& agent) { agent.disabled = true; }},
        {"role", [](domain::Agent& agent) { agent.role = domain::Role::phone; }},
        {"brand", [](domain::Agent& agent) { agent.brands = {"other"}; }},
    };
    int number = 0;
    for (const auto& [what, withdraw] : withdrawals) {
        const auto who = desk.person(domain::Role::agent, "who" + std::to_string(++number));
        const auto socket = connect(who);
        desk.house.run_for(5s);
        ASSERT_EQ(socket->code, 0) << what;
        auto change = [&, &withdraw = withdraw](storage::Transaction& tx) -> base::Result<void> {
            auto agent = storage::find_agent(tx, domain::AgentId{who.id}).value();
            withdraw(agent);
            return storage::save_agent(tx, agent);
        };
        ASSERT_TRUE(desk.house.db->write_now(change));
        desk.house.run_for(1s);
        const auto heard = logged(socket->frames).size();
        note(ticket, "after " + std::to_string(number));
        EXPECT_EQ(logged(socket->frames).size(), heard) << what << ": nothing more is heard";
        if (std::string_view(what) != "brand") { EXPECT_EQ(socket->code, 4401) << what; }
        EXPECT_NE(desk.get("/v1/tickets/" + std::to_string(ticket), who).status, 200) << what;
        socket->close(1000);
        settle();
    }
}

TEST_F(Live, AnEndedSessionOrRevokedTokenEndsItsStreamsAtOnce)
{
    const auto admin = desk.person(domain::Role::admin, "admin");
    const auto socket = connect(anna);
    ASSERT_EQ(desk.del("/v1/agents/" + std::to_string(anna.id) + "/sessions", admin).status, 204);
    settle();
    EXPECT_EQ(socket->code, 4401);
}

class FewStreams : public Live {
protected:
    FewStreams() : Live({.automatic_assignment = false}, few()) {}
    static api::Options few()
    {
        api::Options options;
        options.streams_each = 2;
        return options;
    }
    int status(const Person& who, bool socket)
    {
        auto request = Desk::request(Method::get, socket ? "/v1/live" : "/v1/events", &who);
        if (socket) request.headers.add("Upgrade", "websocket");
        else request.headers.add("Accept", "text/event-stream");
        return desk.send(request).status;
    }
};

TEST_F(FewStreams, OfOneLogInAndNoMoreUntilOneIsClosed)
{
    const auto bruno = desk.person(domain::Role::agent, "bruno");
    const auto first = connect(anna);
    const auto second = connect(anna);
    EXPECT_EQ(status(anna, true), 429);
    EXPECT_EQ(status(anna, false), 429);
    EXPECT_EQ(status(bruno, false), 200) << "others have their own";
    EXPECT_EQ(desk.get("/v1/events", anna).status, 200) << "a page of the log is no stream";
    first->close(1000);
    desk.house.run_for(21s); // the end is noticed at the next sign of life at the latest
    EXPECT_EQ(status(anna, false), 200);
    EXPECT_EQ(status(anna, true), 101) << "a stream that was never begun holds no place";
    second->close(1000);
}

TEST_F(Live, AnotherBrandsEventsAreNotHeard)
{
    const auto stranger = desk.person(domain::Role::agent, "stranger", {"other"});
    const auto socket = connect(stranger, "?since=0");
    note(ticket, "not for strangers");
    EXPECT_TRUE(logged(socket->frames).empty());
    EXPECT_TRUE(body_of(desk.get("/v1/events", stranger)).at("items").empty());
    socket->close(1000);
}

TEST_F(Live, AnEventStreamResumesFromTheLastId)
{
    note(ticket, "one");
    note(ticket, "two");
    const auto first = body_of(desk.get("/v1/events?limit=1", anna));
    EXPECT_FALSE(first.at("next_cursor").is_null());
    auto request = Desk::request(Method::get, "/v1/events?since=0", &anna);
    request.headers.add("Accept", "text/event-stream");
    request.headers.add("Last-Event-ID", first.at("last_seq").dump());
    const auto response = desk.send(request);
    ASSERT_TRUE(response.stream);
    Listener listener;
    run(response.stream(listener));
    EXPECT_EQ(listener.heard.find("cause of one"), std::string::npos);
    EXPECT_NE(listener.heard.find("cause of two"), std::string::npos);
    note(ticket, "three");
    EXPECT_NE(listener.heard.find("cause of three"), std::string::npos);
    EXPECT_NE(listener.heard.find("event: note.added\n"), std::string::npos);
    desk.house.run_for(21s);
    EXPECT_NE(listener.heard.find(": still here"), std::string::npos);
    EXPECT_FALSE(ended);
    listener.leave();
    settle();
    EXPECT_TRUE(ended);
}

TEST_F(Live, AnEventWithoutATicketIsHeardWhereItsBrandIsServed)
{
    const auto stranger = desk.person(domain::Role::agent, "stranger", {"other"});
    const auto sara = desk.person(domain::Role::supervisor, "sara");
    ASSERT_EQ(desk.post("/v1/canned-replies", sara, {{"brand", "tim"}, {"language", "it"}, {"name", "Saluti"}, {"text", "Ciao"}}).status,
              201);
    ASSERT_EQ(desk.post("/v1/channels/tim-x/pause", sara).status, 200);
    EXPECT_EQ(body_of(desk.get("/v1/events", stranger)).at("items").size(), 0U);
    EXPECT_EQ(body_of(desk.get("/v1/events", anna)).at("items").size(), 2U);
}

TEST_F(Live, ALongPollWaitsForWhatItsCallerMaySeeAndNoLonger)
{
    const auto stranger = desk.person(domain::Role::agent, "stranger", {"other"});
    std::optional<http::Response> heard;
    std::optional<http::Response> unheard;
    const auto poll = [&](const Person& who, std::optional<http::Response>& answer) {
        auto request = std::make_shared<http::Request>(Desk::request(Method::get, "/v1/events?since=0&wait=30", &who));
        boost::asio::co_spawn(*desk.house.io, desk.handler(*request),
                              [&answer, request](const std::exception_ptr&, http::Response response) { answer = std::move(response); });
    };
    poll(anna, heard);
    poll(stranger, unheard);
    desk.house.run_for(5s);
    EXPECT_FALSE(heard);
    note(ticket, "now");
    desk.house.run_for(1s);
    ASSERT_TRUE(heard);
    EXPECT_EQ(body_of(*heard).at("items").size(), 1U);
    EXPECT_FALSE(unheard);
    desk.house.run_for(30s);
    ASSERT_TRUE(unheard);
    EXPECT_EQ(body_of(*unheard).at("items").size(), 0U);
    EXPECT_EQ(body_of(*unheard).at("last_seq"), body_of(*heard).at("last_seq"));
    EXPECT_EQ(desk.get("/v1/events?wait=31", anna).status, 400);
}

TEST_F(Live, WhoIsWhereIsToldAsItChangesAndNeverStored)
{
    const auto bruno = desk.person(domain::Role::agent, "bruno");
    const auto stranger = desk.person(domain::Role::agent, "stranger", {"other"});
    const auto hers = connect(anna);
    const auto his = connect(bruno);
    const auto theirs = connect(stranger);
    const auto before = test::state_of(*desk.house.db);
    const auto place = [&](const char* state) { return json{{"type", "presence"}, {"ticket", ticket}, {"state", state}}.dump(); };
    hers->say(place("viewing"));
    settle();
    ASSERT_EQ(his->of_type("presence").size(), 1U);
    const auto first = his->of_type("presence").back();
    EXPECT_EQ(first.at("seq"), 0);
    EXPECT_EQ(first.at("ticket"), ticket);
    EXPECT_EQ(first.at("data").at("people"), json::array({{{"agent", anna.id}, {"name", "Name of anna"}, {"state", "viewing"}}}));
    hers->say(place("writing"));
    settle();
    EXPECT_EQ(his->of_type("presence").back().at("data").at("people").at(0).at("state"), "writing");
    EXPECT_EQ(body_of(desk.get("/v1/tickets/" + std::to_string(ticket) + "/presence", bruno)).at("people").at(0).at("state"), "writing");
    desk.house.run_for(11s);
    EXPECT_EQ(his->of_type("presence").back().at("data").at("people").at(0).at("state"), "viewing") << "ten seconds after the last key";
    EXPECT_EQ(items_of(desk.get("/v1/presence", bruno)).size(), 1U);
    EXPECT_EQ(items_of(desk.get("/v1/presence", stranger)).size(), 0U);
    EXPECT_TRUE(theirs->of_type("presence").empty());
    theirs->say(place("viewing"));
    settle();
    EXPECT_EQ(theirs->of_type("error").size(), 1U) << "who may not see it is not there";
    const auto late = connect(bruno);
    EXPECT_EQ(late->of_type("presence").size(), 1U) << "who comes later hears it too";
    hers->close(1000);
    settle();
    EXPECT_TRUE(his->of_type("presence").back().at("data").at("people").empty());
    EXPECT_EQ(test::state_of(*desk.house.db), before);
    for (const auto& socket : {his, late, theirs}) socket->close(1000);
}

TEST_F(Live, AProgramSaysWhereItIsForAMinute)
{
    const auto address = "/v1/tickets/" + std::to_string(ticket) + "/presence";
    EXPECT_EQ(body_of(desk.put(address, anna, {{"state", "viewing"}})).at("people").size(), 1U);
    desk.house.run_for(61s);
    EXPECT_EQ(body_of(desk.get(address, anna)).at("people").size(), 0U);
    EXPECT_EQ(desk.put(address, anna, {{"state", "asleep"}}).status, 422);
    EXPECT_EQ(desk.put(address, anna, {{"state", "writing"}}).status, 200);
    EXPECT_EQ(desk.del(address, anna).status, 204);
    EXPECT_EQ(body_of(desk.get(address, anna)).at("people").size(), 0U);
    EXPECT_EQ(desk.put("/v1/tickets/" + std::to_string(ticket) + "/lease", anna, json::object()).status, 409) << "not exclusive here";
}

TEST_F(Live, WhoSaysTooMuchIsCutAndNonsenseIsAnswered)
{
    const auto socket = connect(anna);
    for (const char* nonsense : {"", "[]", "{", R"({"type":"presence"})", R"({"type":"presence","ticket":1,"state":"asleep"})"}) {
        socket->say(nonsense);
        settle();
    }
    EXPECT_EQ(socket->of_type("error").size(), 5U);
    EXPECT_EQ(socket->code, 0);
    for (int n = 0; n < 100; ++n) socket->say("{}");
    settle();
    EXPECT_EQ(socket->code, 1008);
}

/// Where only one answers at a time.
class ExclusiveLive : public Live {
protected:
    static test::HouseOptions exclusive()
    {
        test::HouseOptions options{.automatic_assignment = false};
        options.settings = [](engine::Settings& settings) { settings.answering.exclusive = true; };
        return options;
    }
    ExclusiveLive() : Live(exclusive()) {}
    Person bruno = desk.person(domain::Role::agent, "bruno");
    Person sara = desk.person(domain::Role::supervisor, "sara");
    std::int64_t matter = desk.ticket_from_x("luca", "@TIM_Sportello no line");
    std::string address = "/v1/tickets/" + std::to_string(matter);
    const json answer{{"text", "Buongiorno"}, {"visibility", "public"}};
    const json writing{{"state", "writing"}};
};

TEST_F(ExclusiveLive, TheOthersAreRefusedWithWhoHoldsIt)
{
    const auto socket = connect(bruno);
    EXPECT_EQ(body_of(desk.put(address + "/presence", anna, writing)).at("lease").at("agent"), anna.id);
    EXPECT_EQ(socket->of_type("presence").back().at("data").at("lease").at("name"), "Name of anna");
    const auto refused = desk.post(address + "/replies", bruno, answer);
    EXPECT_EQ(refused.status, 423);
    EXPECT_EQ(body_of(refused).at("code"), "locked");
    EXPECT_NE(body_of(refused).at("detail").get<std::string>().find("Name of anna"), std::string::npos);
    EXPECT_EQ(refused.headers.find("Retry-After").value_or(""), "120");
    EXPECT_EQ(desk.put(address + "/lease", bruno, json::object()).status, 423);
    EXPECT_EQ(desk.del(address + "/lease", bruno).status, 423);
    desk.house.run_for(100s);
    EXPECT_EQ(desk.put(address + "/presence", anna, writing).status, 200) << "renewed while she writes";
    desk.house.run_for(100s);
    EXPECT_EQ(desk.post(address + "/replies", bruno, answer).status, 423);
    EXPECT_EQ(desk.post(address + "/replies", anna, answer).status, 202);
    EXPECT_TRUE(body_of(desk.get(address + "/presence", bruno)).at("lease").is_null()) << "given back with the answer";
    socket->close(1000);
}

TEST_F(ExclusiveLive, AMacroThatAnswersIsRefusedTooAndOneThatDoesNotIsNot)
{
    const auto canned = body_of(desk.post("/v1/canned-replies", sara, {{"name", "Saluti"}, {"text", "Buongiorno"}})).at("id");
    const auto made = [&](const json& macro) { return "/v1/macros/" + body_of(desk.post("/v1/macros", sara, macro)).at("id").dump(); };
    const auto answers = made({{"name", "Risponde"}, {"canned_reply", canned}, {"visibility", "public"}});
    const auto silent = made({{"name", "Urgente"}, {"priority", "urgent"}});
    const json on{{"ticket", matter}};
    EXPECT_EQ(desk.put(address + "/lease", anna, json::object()).status, 200);
    const auto refused = desk.post(answers + "/apply", bruno, on);
    EXPECT_EQ(refused.status, 423) << refused.body;
    EXPECT_EQ(body_of(refused).at("code"), "locked");
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM reply"), 0);
    EXPECT_EQ(desk.post(silent + "/apply", bruno, on).status, 200);
    EXPECT_EQ(desk.post(answers + "/apply", anna, on).status, 200);
    EXPECT_TRUE(body_of(desk.get(address + "/presence", bruno)).at("lease").is_null()) << "given back with the answer";
}

TEST_F(ExclusiveLive, ItEndsByItselfAndASupervisorEndsItBefore)
{
    const auto socket = connect(bruno);
    EXPECT_EQ(desk.put(address + "/lease", anna, json::object()).status, 200);
    desk.house.run_for(121s);
    EXPECT_TRUE(socket->of_type("presence").back().at("data").at("lease").is_null());
    EXPECT_EQ(desk.put(address + "/lease", bruno, json::object()).status, 200);
    EXPECT_EQ(desk.del(address + "/lease", sara).status, 204);
    settle();
    EXPECT_EQ(socket->of_type("presence").back().at("data").at("broken_by").at("name"), "Name of sara");
    EXPECT_EQ(desk.post(address + "/replies", anna, answer).status, 202);
    socket->close(1000);
}

TEST_F(Live, WithoutAnUpgradeThePageIsToldWhere)
{
    EXPECT_EQ(desk.get("/v1/live", anna).status, 426);
}

} // namespace
} // namespace sportello
