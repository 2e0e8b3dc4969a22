// Abuses that no other test of the API tries. src/api/security.md names the test of each.
#include "desk.hpp"
#include "problem.hpp"
#include "schema.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/attachments.hpp>

#include <tuple>

namespace sportello {
namespace {

using http::Method;
using test::body_of;
using test::contract;
using test::Desk;
using test::House;
using test::HouseOptions;
using test::items_of;
using test::json;
using test::Person;

constexpr const char* foreign_word = "canarino";

/// A counter of two brands: `anna` serves impresa only, what is foreign is of tim.
class ForeignIds : public testing::Test {
protected:
    ForeignIds()
    {
        desk.house.customer_writes(House::page, simulator::Kind::direct_message, "mara", std::string("la mia linea: ") + foreign_word);
        EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
        foreign = desk.house.count("SELECT max(id) FROM ticket");
        foreign_message = desk.house.count("SELECT max(id) FROM message");
        foreign_customer = desk.house.count("SELECT max(id) FROM customer");
        own = desk.ticket_from_x("piero", "@TIM_Sportello niente linea");
        auto keep = [&](storage::Transaction& tx) -> base::Result<std::int64_t> {
            storage::Upload upload;
            upload.ticket = domain::TicketId{foreign};
            upload.agent = domain::AgentId{boss.id};
            upload.name = foreign_word;
            upload.at = desk.house.clock.now();
            return storage::insert_upload(tx, upload);
        };
        foreign_upload = desk.house.db->write_now(keep).value();
        canned = made("/v1/canned-replies", {{"name", "Saluti"}, {"text", "Ciao {{customer.name}}"}, {"brand", "impresa"}});
        macro = made("/v1/macros", {{"name", "Urgente"}, {"priority", "high"}, {"brand", "impresa"}});
        incident = made("/v1/incidents", {{"service", "internet"}, {"places", {"Bologna"}}});
        before = foreign_state();
    }

    std::string made(const std::string& target, const json& body)
    {
        const auto response = desk.post(target, anna, body);
        EXPECT_EQ(response.status, 201) << target << " " << response.body;
        return target + "/" + body_of(response).at("id").dump();
    }
    std::string foreign_state()
    {
        const auto ticket = std::to_string(foreign);
        const auto count = [&](const std::string& sql) { return std::to_string(desk.house.count(sql)); };
        return count("SELECT revision FROM ticket WHERE id = " + ticket) + " " +
               count("SELECT count(*) FROM event WHERE ticket_id = " + ticket) + " " +
               count("SELECT count(*) FROM reply WHERE ticket_id = " + ticket) + " " +
               count("SELECT customer_id FROM ticket WHERE id = " + ticket);
    }

    Desk desk{[] {
        HouseOptions options{.automatic_assignment = false};
        options.brand_for_each_channel = true;
        return options;
    }()};
    Person anna = desk.person(domain::Role::supervisor, "anna", {"impresa"});
    Person boss = desk.person(domain::Role::admin, "boss", {"tim"});
    std::int64_t own = 0;
    std::int64_t foreign = 0;
    std::int64_t foreign_message = 0;
    std::int64_t foreign_customer = 0;
    std::int64_t foreign_upload = 0;
    std::string canned;
    std::string macro;
    std::string incident;
    std::string before;
};

/// What the address names is one's own, what the body names is not.
TEST_F(ForeignIds, InABodyAreNotThereEither)
{
    const auto mine = "/v1/tickets/" + std::to_string(own);
    const auto customer =
        "/v1/customers/" + std::to_string(desk.house.count("SELECT customer_id FROM ticket WHERE id = " + std::to_string(own)));
    const std::vector<std::tuple<Method, std::string, json>> orders{
        {Method::post, mine + "/merge", {{"into", foreign}}},
        {Method::post, mine + "/split", {{"messages", {foreign_message}}}},
        {Method::post, mine + "/replies", {{"text", "Ciao"}, {"visibility", "public"}, {"answers", foreign_message}}},
        {Method::post, mine + "/replies", {{"text", "Ciao"}, {"visibility", "public"}, {"attachments", {foreign_upload}}}},
        {Method::post, customer + "/merge", {{"into", foreign_customer}}},
        {Method::post, canned + "/expand", {{"ticket", foreign}}},
        {Method::post, macro + "/apply", {{"ticket", foreign}}},
        {Method::post, incident + "/members", {{"ticket", foreign}}},
        {Method::post, "/v1/broadcasts", {{"tickets", {foreign}}, {"text", "Ciao"}}},
        {Method::post, "/v1/broadcasts", {{"tickets", {own, foreign}}, {"text", "Ciao"}}},
        {Method::post, "/v1/broadcasts/preview", {{"tickets", {own, foreign}}}},
        {Method::patch, mine, {{"assignee", boss.id}}},
        {Method::post, "/v1/canned-replies", {{"name", "x"}, {"text", "x"}, {"brand", "tim"}}},
        {Method::patch, canned, {{"brand", "tim"}}},
        {Method::post, "/v1/macros", {{"name", "x"}, {"status", "solved"}, {"brand", "tim"}}},
        {Method::post, "/v1/office-hours/exceptions", {{"date", "2026-12-24"}, {"hours", json::array()}, {"brand", "tim"}}},
    };
    for (const auto& [method, target, body] : orders) {
        const auto response = desk.send(Desk::request(method, target, &anna, body.dump()));
        const auto place = target + " " + body.dump() + ": " + std::to_string(response.status) + " " + response.body;
        EXPECT_GE(response.status, 400) << place;
        EXPECT_LT(response.status, 500) << place;
        EXPECT_EQ(response.body.find(foreign_word), std::string::npos) << place;
        EXPECT_EQ(foreign_state(), before) << place;
    }
    const auto many =
        desk.post("/v1/tickets/bulk", anna, {{"items", {{{"ticket", own}}, {{"ticket", foreign}}}}, {"change", {{"priority", "high"}}}});
    ASSERT_EQ(many.status, 200) << many.body;
    EXPECT_EQ(items_of(many).at(0).at("status"), 200);
    EXPECT_EQ(items_of(many).at(1).at("status"), 404);
    EXPECT_EQ(foreign_state(), before);
}

/// Nothing that a body could hold beyond what is written down is taken silently: not a role, not an owner, not a time.
TEST(Security, AFieldThatIsNotWrittenDownIsRefused)
{
    Desk desk;
    const auto boss = desk.person(domain::Role::admin, "boss");
    desk.ticket_from_x("mara", "@TIM_Sportello niente linea");
    std::size_t asked = 0;
    for (const auto& [path, item] : contract().at("paths").items()) {
        for (const auto& [word, operation] : item.items()) {
            if (word == "parameters" || !operation.contains("requestBody") || path.starts_with("/hooks/")) continue;
            const auto& given = operation.at("requestBody");
            const auto& holder =
                given.contains("$ref") ? contract().at(json::json_pointer(given.at("$ref").get<std::string>().substr(1))) : given;
            if (!holder.at("content").contains("application/json")) continue;
            auto body = holder.at("content").at("application/json").value("example", json::object());
            body["is_admin_too"] = true;
            auto target = path;
            if (const auto mode = target.find("{mode}"); mode != std::string::npos) target.replace(mode, 6, "note");
            for (auto open = target.find('{'); open != std::string::npos; open = target.find('{')) {
                target.replace(open, target.find('}') - open + 1, "1");
            }
            const auto method = word == "post" ? Method::post : word == "put" ? Method::put : word == "patch" ? Method::patch : Method::del;
            const auto response = desk.send(Desk::request(method, target, &boss, body.dump()));
            ++asked;
            EXPECT_EQ(response.status, 400) << word << " " << target << " " << response.body;
            EXPECT_NE(response.body.find("/is_admin_too"), std::string::npos) << word << " " << target << " " << response.body;
        }
    }
    EXPECT_GT(asked, 50U);
}

TEST(Security, SortsAndFiltersAreWordsAndNeverSql)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::agent, "anna");
    for (const auto* author : {"mara", "piero", "vito"}) desk.stored_ticket(author, "niente linea");
    const std::vector<std::string> texts{"due%3BDROP%20TABLE%20ticket", "id%20DESC--",    "(SELECT%20password_hash%20FROM%20agent)",
                                         "open'%20OR%20'1'%3D'1",       "1%20OR%201%3D1", "%00",
                                         "open%22%20UNION%20SELECT%20", "..%2F..%2Fetc",  "%ff%fe"};
    for (const auto* name : {"sort", "status", "assignee", "priority", "incident", "customer", "overdue", "limit", "cursor", "view"}) {
        for (const auto& text : texts) {
            const auto response = desk.get(std::string("/v1/tickets?") + name + "=" + text, anna);
            EXPECT_EQ(response.status, 400) << name << "=" << text << " " << response.body;
        }
    }
    for (const auto& text : texts) {
        for (const auto* name : {"q", "label", "brand", "channel"}) {
            const auto response = desk.get(std::string("/v1/tickets?") + name + "=" + text, anna);
            if (response.status == 200) {
                EXPECT_TRUE(items_of(response).empty()) << name << "=" << text << " " << response.body;
            } else {
                EXPECT_EQ(response.status, 400) << name << "=" << text << " " << response.body;
            }
        }
    }
    EXPECT_EQ(items_of(desk.get("/v1/tickets", anna)).size(), 3U);
}

TEST(Security, AFailureOfOursTellsNothingOfItself)
{
    using base::Error;
    using base::ErrorKind;
    for (const auto kind : {ErrorKind::internal, ErrorKind::unavailable}) {
        const auto problem = api::problem_of(Error(kind, "near \"canarino\": SQL in /var/lib/sportello.db", {{"/canarino", "canarino"}}));
        const auto answer = api::to_response(problem, "request-7");
        EXPECT_GE(answer.status, 500);
        EXPECT_EQ(answer.body.find("canarino"), std::string::npos) << answer.body;
        EXPECT_EQ(answer.body.find("/var/lib"), std::string::npos) << answer.body;
        EXPECT_EQ(body_of(answer).at("request_id"), "request-7");
    }
}

/// An address is logged, bookmarked and told to other sites.
TEST(Security, ATokenInTheAddressOpensNothing)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::admin, "anna");
    const auto token = body_of(desk.post("/v1/tokens", anna, {{"name", "robot"}})).at("token").get<std::string>();
    for (const auto* name : {"token", "access_token", "api_key", "authorization", "bearer", "sportello", "session"}) {
        for (const auto* target : {"/v1/me", "/v1/tickets", "/v1/events", "/v1/live"}) {
            const auto response = desk.send(Desk::request(Method::get, std::string(target) + "?" + name + "=" + token));
            EXPECT_TRUE(response.status == 401 || response.status == 400) << target << " " << name << " " << response.status;
        }
    }
    auto right = Desk::request(Method::get, "/v1/me");
    right.headers.add("Authorization", "Bearer " + token);
    EXPECT_EQ(desk.send(right).status, 200);
}

TEST(Security, APackedBodyIsNotUnpacked)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::admin, "anna");
    auto packed =
        Desk::request(Method::post, "/v1/tokens", &anna, std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\xabV*K\xccMU\xb2R\xaa\xa8", 21));
    packed.headers.add("Content-Encoding", "gzip");
    EXPECT_EQ(desk.send(packed).status, 400);
}

TEST(Security, LinksLeadToTheConfiguredAddressWhateverTheHeadersSay)
{
    api::Options options;
    options.public_url = "https://sportello.example";
    Desk desk({.automatic_assignment = false}, options);
    const auto boss = desk.person(domain::Role::admin, "boss");
    const auto anna = desk.person(domain::Role::agent, "anna");
    auto request = Desk::request(Method::post, "/v1/agents/" + std::to_string(anna.id) + "/access-link", &boss);
    request.headers.set("Host", "sportello.example");
    for (const auto* name : {"X-Forwarded-Host", "X-Original-Host", "X-Forwarded-Server"}) request.headers.add(name, "evil.example");
    request.headers.add("Forwarded", "host=evil.example;proto=http");
    const auto made = desk.send(request);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_TRUE(body_of(made).at("url").get<std::string>().starts_with("https://sportello.example/access#")) << made.body;
}

} // namespace
} // namespace sportello
