// Live streams: every event once, in order; nothing after the right to it ended.
#include "desk.hpp"

#include <boost/asio/detached.hpp>

#include <functional>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::body_of;
using test::Desk;
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
        while (code == 0) co_await closing_.wait_until(clock_.now() + 240h);
        co_return std::nullopt;
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
};

class Live : public testing::Test {
protected:
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

TEST_F(Live, ARightWithdrawnByTheCommandLineClosesItWithinThirtySeconds)
{
    const auto socket = connect(anna);
    auto disable = [&](storage::Transaction& tx) -> base::Result<void> {
        tx.run("UPDATE agent SET disabled = 1 WHERE id = $1", anna.id);
        return {};
    };
    ASSERT_TRUE(desk.house.db->write_now(disable));
    desk.house.run_for(30s);
    EXPECT_EQ(socket->code, 4401);
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

TEST_F(Live, WithoutAnUpgradeThePageIsToldWhere)
{
    EXPECT_EQ(desk.get("/v1/live", anna).status, 426);
}

} // namespace
} // namespace sportello
