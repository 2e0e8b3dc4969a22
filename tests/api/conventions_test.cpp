// What every route has alike: keys that make a repeat harmless, tags, packing, spreadsheets, pages.
#include "desk.hpp"
#include "schema.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/domain/csv.hpp>
#include <sportello/storage/sessions.hpp>

#include <set>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::Desk;
using test::items_of;
using test::json;
using test::Person;

class Collected final : public http::BodyStream {
public:
    boost::asio::awaitable<bool> write(std::string_view chunk) override
    {
        text += chunk;
        ++chunks;
        if (after_chunk) after_chunk();
        co_return true;
    }
    [[nodiscard]] bool closed() const override { return false; }
    void on_close(std::function<void()>) override {}

    std::string text;
    int chunks = 0;
    std::function<void()> after_chunk;
};

class Conventions : public testing::Test {
protected:
    Desk desk;
    Person anna = desk.person(domain::Role::agent, "anna");
    Person vera = desk.person(domain::Role::supervisor, "vera");
    Person ada = desk.person(domain::Role::admin, "ada");

    static std::string address(std::int64_t ticket) { return "/v1/tickets/" + std::to_string(ticket); }

    http::Response get_with(const std::string& target, const Person& who, const std::string& name, const std::string& value)
    {
        auto request = Desk::request(http::Method::get, target, &who);
        request.headers.add(name, value);
        return desk.send(request);
    }

    /// The whole text of an answer that may be a stream. @return whether it came to its end.
    bool read(http::Response& response, Collected& out)
    {
        if (!response.stream) {
            out.text = response.body;
            return true;
        }
        std::exception_ptr failure;
        boost::asio::co_spawn(*desk.house.io, response.stream(out), [&](const std::exception_ptr& error) { failure = error; });
        desk.house.io->restart();
        desk.house.io->run_for(5s);
        return failure == nullptr;
    }

    std::vector<std::vector<std::string>> lines_of(http::Response response)
    {
        Collected out;
        EXPECT_TRUE(read(response, out));
        const auto lines = domain::parse_csv(out.text);
        EXPECT_TRUE(lines);
        return *lines;
    }
};

TEST_F(Conventions, ARepeatUnderTheSameKeyGetsTheFirstAnswerWordForWord)
{
    const auto ticket = desk.stored_ticket("mara", "No line");
    const auto first = desk.post(address(ticket) + "/notes", anna, {{"text", "Called"}}, "k-1");
    ASSERT_EQ(first.status, 201);
    desk.house.clock.set(desk.house.clock.now() + 1min);
    const auto again = desk.post(address(ticket) + "/notes", anna, {{"text", "Called"}}, "k-1");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.headers.find("ETag"), first.headers.find("ETag"));
    EXPECT_EQ(again.headers.find("Idempotent-Replayed"), "true");
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM note"), 1);

    const auto other = desk.post(address(ticket) + "/notes", anna, {{"text", "Called twice"}}, "k-1");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(body_of(other).at("code"), "idempotency_mismatch");
    EXPECT_EQ(desk.post(address(ticket) + "/notes", vera, {{"text", "Called"}}, "k-1").status, 201) << "keys are each person's own";
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM note"), 2);
}

TEST_F(Conventions, AFailureIsNotKept)
{
    const auto ticket = desk.stored_ticket("mara", "No line");
    EXPECT_EQ(desk.post(address(ticket) + "/notes", anna, {{"text", ""}}, "k-1").status, 422);
    EXPECT_EQ(desk.post(address(ticket) + "/notes", anna, {{"text", "Called"}}, "k-1").status, 201);
}

TEST_F(Conventions, ASecondRequestUnderAKeyThatIsAtWorkWaits)
{
    const auto ticket = desk.stored_ticket("mara", "No line");
    auto one = Desk::request(http::Method::post, address(ticket) + "/notes", &anna, json{{"text", "Called"}}.dump());
    one.headers.add("Idempotency-Key", "k-1");
    auto two = one;
    std::vector<http::Response> answers;
    for (auto* request : {&one, &two}) {
        boost::asio::co_spawn(*desk.house.io, desk.handler(*request),
                              [&](const std::exception_ptr&, http::Response answer) { answers.push_back(std::move(answer)); });
    }
    desk.house.io->restart();
    desk.house.io->run_for(1s);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM note"), 1);
    for (const auto& answer : answers) EXPECT_TRUE(answer.status == 201 || answer.headers.find("Retry-After") == "1") << answer.body;
}

TEST_F(Conventions, ASecretIsNotKeptForARepeat)
{
    const auto made = desk.post("/v1/tokens", anna, {{"name", "nightly"}}, "k-1");
    ASSERT_EQ(made.status, 201);
    EXPECT_EQ(desk.post("/v1/tokens", anna, {{"name", "nightly"}}, "k-1").status, 409);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM api_token"), 1);
    const auto secret = body_of(made).at("token").get<std::string>();
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM idempotency_key WHERE body LIKE '%" + secret + "%'"), 0);
}

TEST_F(Conventions, WhatIsUnchangedIsNotSentAgain)
{
    const auto ticket = desk.stored_ticket("mara", "No line");
    for (const auto& target : {std::string("/v1/tickets"), address(ticket), std::string("/v1/brands"), std::string("/openapi.json")}) {
        const auto tag = std::string(desk.get(target, anna).headers.find("ETag").value());
        const auto same = get_with(target, anna, "If-None-Match", "\"other\", W/" + tag);
        EXPECT_EQ(same.status, 304) << target;
        EXPECT_TRUE(same.body.empty());
        EXPECT_EQ(same.headers.find("ETag"), tag);
        EXPECT_EQ(get_with(target, anna, "If-None-Match", "\"other\"").status, 200);
    }
    const auto tag = std::string(desk.get(address(ticket), anna).headers.find("ETag").value());
    EXPECT_EQ(desk.patch(address(ticket), anna, {{"subject", "Dead line"}}, tag).status, 200);
    EXPECT_EQ(get_with(address(ticket), anna, "If-None-Match", tag).status, 200);
    EXPECT_EQ(desk.patch(address(ticket), anna, {{"subject", "Line"}}, tag).status, 412);
}

TEST_F(Conventions, WhatHasNoRevisionIsComparedAsItIsShown)
{
    const auto tag = std::string(desk.get("/v1/shifts", vera).headers.find("ETag").value());
    const json rota{
        {"items", json::array({json{{"agent", "anna"},
                                    {"entries", json::array({json{{"day", "monday"}, {"kind", "shift"}, {"hours", "09:00-13:00"}}})}}})}};
    const auto put = [&](const std::string& wanted) {
        auto request = Desk::request(http::Method::put, "/v1/shifts", &vera, rota.dump());
        request.headers.add("If-Match", wanted);
        return desk.send(request).status;
    };
    EXPECT_EQ(put("\"of yesterday\""), 412);
    EXPECT_EQ(put(tag), 204);
    EXPECT_EQ(put(tag), 412);
    EXPECT_EQ(put("*"), 204);
}

TEST_F(Conventions, TextIsPackedForWhoeverTakesItAndSecretsAreNot)
{
    for (int n = 0; n < 20; ++n) desk.stored_ticket("mara" + std::to_string(n), "No line");
    auto request = Desk::request(http::Method::get, "/v1/tickets", &anna);
    request.headers.add("Accept-Encoding", "br, gzip;q=0.8");
    std::optional<http::Response> packed;
    boost::asio::co_spawn(*desk.house.io, desk.handler(request),
                          [&](const std::exception_ptr&, http::Response answer) { packed = std::move(answer); });
    desk.house.io->restart();
    desk.house.io->run_for(1s);
    ASSERT_TRUE(packed);
    EXPECT_EQ(packed->headers.find("Content-Encoding"), "gzip");
    EXPECT_TRUE(packed->body.starts_with("\x1f\x8b"));
    EXPECT_LT(packed->body.size() * 4, desk.get("/v1/tickets", anna).body.size());
    EXPECT_FALSE(get_with("/v1/bootstrap", anna, "Accept-Encoding", "gzip").headers.has("Content-Encoding"));
}

TEST_F(Conventions, AListIsASpreadsheetOfAllItsPages)
{
    for (int n = 0; n < 230; ++n) desk.stored_ticket("p" + std::to_string(n), "=HYPERLINK(\"http://evil\")");
    auto response = desk.get("/v1/tickets?format=csv", anna);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.find("Content-Disposition"), "attachment; filename=\"tickets.csv\"");
    Collected out;
    ASSERT_TRUE(read(response, out));
    EXPECT_EQ(out.chunks, 3);
    EXPECT_TRUE(out.text.starts_with("\xEF\xBB\xBFid,brand,channel,"));
    EXPECT_NE(out.text.find(",customer.id,customer.name,"), std::string::npos);
    EXPECT_NE(out.text.find(",\"'=HYPERLINK(\"\"http://evil\"\")\","), std::string::npos);
    EXPECT_EQ(out.text.find(",=HYPERLINK"), std::string::npos);
    const auto lines = domain::parse_csv(out.text);
    ASSERT_TRUE(lines);
    EXPECT_EQ(lines->size(), 231U);
    std::set<std::string> ids;
    for (const auto& line : *lines) ids.insert(line.front());
    EXPECT_EQ(ids.size(), 231U);

    EXPECT_EQ(lines_of(get_with("/v1/tickets?limit=10", anna, "Accept", "text/csv")).size(), 11U);
    EXPECT_EQ(desk.get("/v1/tickets?format=xml", anna).status, 400);
    EXPECT_EQ(desk.get("/v1/tickets?format=csv&sort=odd", anna).status, 400);
    EXPECT_EQ(desk.get("/v1/tickets?format=json", anna).status, 200);
}

TEST_F(Conventions, AnExportEndsWithTheRightToIt)
{
    for (int n = 0; n < 230; ++n) desk.stored_ticket("p" + std::to_string(n), "No line");
    auto response = desk.get("/v1/tickets?format=csv", anna);
    Collected out;
    out.after_chunk = [&] {
        if (out.chunks > 1) return;
        const auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            storage::delete_session(tx, base::sha256_hex(anna.cookie));
            return {};
        };
        EXPECT_TRUE(desk.house.db->write_now(unit));
        desk.house.clock.set(desk.house.clock.now() + 2s);
    };
    EXPECT_FALSE(read(response, out)) << "a stream that breaks off is not closed as if it were whole";
    EXPECT_EQ(out.chunks, 1);
}

/// Every list that the contract names and that needs no id.
TEST_F(Conventions, EveryListOfTheContractIsASpreadsheetToo)
{
    desk.ticket_from_x("mara", "@TIM_Sportello no line");
    ASSERT_EQ(desk.send(test::Desk::request(http::Method::put, "/v1/reports/per-person", &ada, R"({"enabled":true})")).status, 200);
    int lists = 0;
    for (const auto& [path, item] : test::contract().at("paths").items()) {
        if (path.find('{') != std::string::npos || !item.contains("get")) continue;
        const auto* schema = test::answer_schema("get", path, 200, "text/csv");
        if (schema == nullptr) continue;
        const bool asks = path == "/v1/reports/staffing" || path == "/v1/handovers/slots" || path == "/v1/search";
        auto response = desk.get(path + "?format=csv", ada);
        if (asks && response.status == 400) continue;
        ASSERT_EQ(response.status, 200) << path << response.body;
        EXPECT_TRUE(response.headers.find("Content-Type").value().starts_with("text/csv")) << path;
        const auto accepted = get_with(path, ada, "Accept", "text/csv");
        EXPECT_TRUE(accepted.headers.find("Content-Type").value().starts_with("text/csv")) << path << " by Accept";
        EXPECT_EQ(accepted.headers.find("Vary").value_or("").find("Accept"), 0U) << path << " by Accept";
        const auto json_wanted = get_with(path, ada, "Accept", "application/json");
        EXPECT_TRUE(json_wanted.headers.find("Content-Type").value().starts_with("application/json")) << path;
        ++lists;
    }
    EXPECT_GT(lists, 12);
}

/// A misspelt filter that is passed over would answer everything.
TEST_F(Conventions, NoRouteTakesAParameterThatItDoesNotDeclare)
{
    for (const auto* target :
         {"/v1/me?x=1", "/v1/bootstrap?x=1", "/v1/agents?x=1", "/v1/tickets?x=1", "/v1/tickets/1?x=1", "/v1/drafts?x=1"}) {
        const auto refused = desk.get(target, ada);
        EXPECT_EQ(refused.status, 400) << target;
        EXPECT_EQ(body_of(refused).at("errors").at(0).at("pointer"), "query:x") << target;
    }
    EXPECT_EQ(desk.post("/v1/tickets/next?x=1", ada).status, 400);
    EXPECT_EQ(desk.get("/v1/me", ada).status, 200);
    EXPECT_EQ(desk.send(test::Desk::request(http::Method::get, "/healthz?x=1")).status, 200) << "a monitor's own";
}

TEST_F(Conventions, AWalkToTheEndShowsEveryTicketThoughTheyMove)
{
    std::vector<std::int64_t> tickets;
    for (int n = 0; n < 30; ++n) {
        tickets.push_back(desk.stored_ticket("p" + std::to_string(n), "No line"));
        desk.house.clock.set(desk.house.clock.now() + 1s);
    }
    std::set<std::int64_t> seen;
    std::string cursor;
    int pages = 0;
    // While the first pages are read, the very tickets that would have come last move to the head.
    for (; pages < 40; ++pages) {
        const auto page = body_of(desk.get("/v1/tickets?limit=5" + (cursor.empty() ? "" : "&cursor=" + cursor), anna));
        for (const auto& item : page.at("items")) seen.insert(item.at("id").get<std::int64_t>());
        if (page.at("next_cursor").is_null()) break;
        cursor = page.at("next_cursor").get<std::string>();
        desk.house.clock.set(desk.house.clock.now() + 1s);
        if (pages < 6) {
            EXPECT_EQ(desk.patch(address(tickets[static_cast<std::size_t>(pages)]), vera, {{"priority", "high"}}).status, 200);
        }
    }
    EXPECT_EQ(seen.size(), tickets.size());
    EXPECT_LT(pages, 12);
    EXPECT_EQ(desk.get("/v1/tickets?cursor=updated.1.1", anna).status, 400);
}

} // namespace
} // namespace sportello
