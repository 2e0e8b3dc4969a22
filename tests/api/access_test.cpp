// Who may use which route. The tables have a row for every route of the router, or the test fails.
#include "desk.hpp"

#include <map>

namespace sportello {
namespace {

using http::Method;
using test::Desk;
using test::json;
using test::Person;

struct Example {
    std::string target;
    std::string body = {};
};

/// One well-formed request for each route.
const std::map<std::pair<Method, std::string>, Example> examples{
    {{Method::post, "/v1/session"}, {"/v1/session", R"({"login":"nobody","password":"wrong"})"}},
    {{Method::del, "/v1/session"}, {"/v1/session"}},
    {{Method::get, "/v1/me"}, {"/v1/me"}},
    {{Method::put, "/v1/me/availability"}, {"/v1/me/availability", R"({"available":true})"}},
    {{Method::get, "/v1/bootstrap"}, {"/v1/bootstrap"}},
    {{Method::get, "/v1/tickets"}, {"/v1/tickets"}},
    {{Method::get, "/v1/tickets/next"}, {"/v1/tickets/next"}},
    {{Method::post, "/v1/tickets/next"}, {"/v1/tickets/next"}},
    {{Method::get, "/v1/tickets/{id}"}, {"/v1/tickets/1"}},
    {{Method::patch, "/v1/tickets/{id}"}, {"/v1/tickets/1", R"({"priority":"high"})"}},
    {{Method::get, "/v1/tickets/{id}/timeline"}, {"/v1/tickets/1/timeline"}},
    {{Method::post, "/v1/tickets/{id}/replies"}, {"/v1/tickets/1/replies", R"({"text":"Ciao","visibility":"public"})"}},
    {{Method::post, "/v1/tickets/{id}/notes"}, {"/v1/tickets/1/notes", R"({"text":"a note"})"}},
    {{Method::post, "/v1/tickets/{id}/take"}, {"/v1/tickets/1/take"}},
    {{Method::post, "/v1/tickets/{id}/handover"}, {"/v1/tickets/1/handover", R"({"callback_number":"06 1234567","note":"calls"})"}},
    {{Method::post, "/v1/tickets/{id}/handover/ask"}, {"/v1/tickets/1/handover/ask"}},
    {{Method::get, "/v1/handovers"}, {"/v1/handovers"}},
    {{Method::get, "/v1/handovers/slots"}, {"/v1/handovers/slots"}},
    {{Method::post, "/v1/handovers/{id}/outcome"}, {"/v1/handovers/1/outcome", R"({"outcome":"solved"})"}},
    {{Method::get, "/v1/shifts"}, {"/v1/shifts"}},
    {{Method::put, "/v1/shifts"}, {"/v1/shifts", R"({"items":[]})"}},
    {{Method::get, "/v1/shifts/coverage"}, {"/v1/shifts/coverage"}},
    {{Method::get, "/v1/tickets/{id}/routes"}, {"/v1/tickets/1/routes"}},
    {{Method::post, "/v1/tickets/{id}/by-hand"}, {"/v1/tickets/1/by-hand", R"({"text":"Ciao"})"}},
    {{Method::post, "/v1/tickets/{id}/by-hand/keep"}, {"/v1/tickets/1/by-hand/keep"}},
    {{Method::del, "/v1/tickets/{id}/by-hand"}, {"/v1/tickets/1/by-hand"}},
    {{Method::post, "/v1/tickets/{id}/merge"}, {"/v1/tickets/1/merge", R"({"into":2})"}},
    {{Method::del, "/v1/tickets/{id}/merge"}, {"/v1/tickets/1/merge"}},
    {{Method::post, "/v1/tickets/{id}/split"}, {"/v1/tickets/1/split", R"({"messages":[1]})"}},
    {{Method::del, "/v1/tickets/{id}/split"}, {"/v1/tickets/1/split"}},
    {{Method::post, "/v1/tickets/{id}/reminders"}, {"/v1/tickets/1/reminders", R"({"at":"2026-03-02T10:00:00Z"})"}},
    {{Method::get, "/v1/reminders"}, {"/v1/reminders"}},
    {{Method::del, "/v1/reminders/{id}"}, {"/v1/reminders/1"}},
    {{Method::get, "/v1/customers/{id}"}, {"/v1/customers/1"}},
    {{Method::post, "/v1/customers/{id}/merge"}, {"/v1/customers/1/merge", R"({"into":2})"}},
    {{Method::del, "/v1/customers/{id}/merge"}, {"/v1/customers/1/merge"}},
    {{Method::get, "/v1/link-proposals"}, {"/v1/link-proposals"}},
    {{Method::post, "/v1/link-proposals/{id}/decision"}, {"/v1/link-proposals/1/decision", R"({"decision":"dismiss"})"}},
    {{Method::del, "/v1/link-proposals/{id}/decision"}, {"/v1/link-proposals/1/decision"}},
    {{Method::get, "/v1/canned-replies"}, {"/v1/canned-replies"}},
    {{Method::post, "/v1/canned-replies"}, {"/v1/canned-replies", R"({"name":"Saluti","text":"Ciao"})"}},
    {{Method::get, "/v1/canned-replies/{id}"}, {"/v1/canned-replies/1"}},
    {{Method::patch, "/v1/canned-replies/{id}"}, {"/v1/canned-replies/1", R"({"text":"Ciao"})"}},
    {{Method::del, "/v1/canned-replies/{id}"}, {"/v1/canned-replies/1"}},
    {{Method::post, "/v1/canned-replies/{id}/expand"}, {"/v1/canned-replies/1/expand", R"({"ticket":1})"}},
    {{Method::get, "/v1/macros"}, {"/v1/macros"}},
    {{Method::post, "/v1/macros"}, {"/v1/macros", R"({"name":"Risolto","status":"solved"})"}},
    {{Method::get, "/v1/macros/{id}"}, {"/v1/macros/1"}},
    {{Method::patch, "/v1/macros/{id}"}, {"/v1/macros/1", R"({"status":"open"})"}},
    {{Method::del, "/v1/macros/{id}"}, {"/v1/macros/1"}},
    {{Method::post, "/v1/macros/{id}/apply"}, {"/v1/macros/1/apply", R"({"ticket":1})"}},
    {{Method::get, "/v1/reports/ratings"}, {"/v1/reports/ratings"}},
    {{Method::get, "/v1/replies"}, {"/v1/replies"}},
    {{Method::get, "/v1/replies/{id}"}, {"/v1/replies/1"}},
    {{Method::del, "/v1/replies/{id}"}, {"/v1/replies/1"}},
    {{Method::post, "/v1/replies/{id}/now"}, {"/v1/replies/1/now"}},
    {{Method::post, "/v1/replies/{id}/decision"}, {"/v1/replies/1/decision", R"({"decision":"discard"})"}},
    {{Method::post, "/v1/messages/{id}/reveal"}, {"/v1/messages/1/reveal"}},
    {{Method::post, "/v1/messages/{id}/personal-data/{number}/release"}, {"/v1/messages/1/personal-data/1/release"}},
    {{Method::post, "/v1/messages/{id}/hide"}, {"/v1/messages/1/hide"}},
    {{Method::post, "/v1/messages/{id}/unhide"}, {"/v1/messages/1/unhide"}},
    {{Method::post, "/v1/compose/preview"}, {"/v1/compose/preview", R"({"platform":"twitter","text":"Ciao"})"}},
    {{Method::get, "/v1/agents"}, {"/v1/agents"}},
    {{Method::post, "/v1/agents"}, {"/v1/agents", R"({"login":"x","name":"X","password":"long enough"})"}},
    {{Method::patch, "/v1/agents/{id}"}, {"/v1/agents/1", R"({"capacity":7})"}},
    {{Method::get, "/v1/brands"}, {"/v1/brands"}},
    {{Method::get, "/v1/queue"}, {"/v1/queue"}},
    {{Method::get, "/v1/queue/closing-routes"}, {"/v1/queue/closing-routes"}},
    {{Method::get, "/v1/reports/promises"}, {"/v1/reports/promises"}},
    {{Method::get, "/v1/office-hours"}, {"/v1/office-hours"}},
    {{Method::get, "/v1/office-hours/exceptions"}, {"/v1/office-hours/exceptions"}},
    {{Method::post, "/v1/office-hours/exceptions"}, {"/v1/office-hours/exceptions", R"({"date":"2026-12-24","hours":[]})"}},
    {{Method::del, "/v1/office-hours/exceptions/{id}"}, {"/v1/office-hours/exceptions/1"}},
    {{Method::get, "/v1/channels"}, {"/v1/channels"}},
    {{Method::post, "/v1/channels/pause"}, {"/v1/channels/pause", R"({"what":"publishing"})"}},
    {{Method::post, "/v1/channels/resume"}, {"/v1/channels/resume"}},
    {{Method::post, "/v1/channels/{id}/pause"}, {"/v1/channels/tim-x/pause"}},
    {{Method::post, "/v1/channels/{id}/resume"}, {"/v1/channels/tim-x/resume"}},
    {{Method::get, "/v1/incidents"}, {"/v1/incidents"}},
    {{Method::post, "/v1/incidents"}, {"/v1/incidents", R"({"service":"internet","places":["Bologna"]})"}},
    {{Method::get, "/v1/incidents/{id}"}, {"/v1/incidents/1"}},
    {{Method::patch, "/v1/incidents/{id}"}, {"/v1/incidents/1", R"({"text":"x"})"}},
    {{Method::get, "/v1/incidents/{id}/members"}, {"/v1/incidents/1/members"}},
    {{Method::post, "/v1/incidents/{id}/members"}, {"/v1/incidents/1/members", R"({"ticket":1})"}},
    {{Method::del, "/v1/incidents/{id}/members/{ticket}"}, {"/v1/incidents/1/members/1"}},
    {{Method::post, "/v1/incidents/{id}/confirm"}, {"/v1/incidents/1/confirm"}},
    {{Method::post, "/v1/incidents/{id}/dismiss"}, {"/v1/incidents/1/dismiss"}},
    {{Method::post, "/v1/incidents/{id}/close"}, {"/v1/incidents/1/close"}},
    {{Method::post, "/v1/incidents/{id}/status-post"}, {"/v1/incidents/1/status-post", R"({"text":"x"})"}},
    {{Method::post, "/v1/incidents/{id}/status-post/decision"},
     {"/v1/incidents/1/status-post/decision", R"({"post":1,"decision":"discard"})"}},
    {{Method::get, "/v1/incidents/{id}/broadcast/preview"}, {"/v1/incidents/1/broadcast/preview"}},
    {{Method::post, "/v1/incidents/{id}/broadcast"}, {"/v1/incidents/1/broadcast", R"({"text":"x"})"}},
    {{Method::post, "/v1/incidents/{id}/broadcast/stop"}, {"/v1/incidents/1/broadcast/stop"}},
    {{Method::get, "/v1/reports/staffing"}, {"/v1/reports/staffing"}},
    {{Method::get, "/v1/events"}, {"/v1/events"}},
    {{Method::get, "/v1/live"}, {"/v1/live"}},
    {{Method::get, "/v1/tokens"}, {"/v1/tokens"}},
    {{Method::post, "/v1/tokens"}, {"/v1/tokens", R"({"name":"robot"})"}},
    {{Method::del, "/v1/tokens/{id}"}, {"/v1/tokens/1"}},
    {{Method::get, "/healthz"}, {"/healthz"}},
    {{Method::get, "/readyz"}, {"/readyz"}},
    {{Method::get, "/metrics"}, {"/metrics"}},
    {{Method::get, "/openapi.json"}, {"/openapi.json"}},
    // Signed instead of logged in (hooks_test.cpp). Here they are off: there is nothing at all.
    {{Method::get, "/hooks/facebook/{channel}"}, {"/hooks/facebook/tim-facebook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x"}},
    {{Method::post, "/hooks/facebook/{channel}"}, {"/hooks/facebook/tim-facebook", "{}"}},
    {{Method::get, "/hooks/twitter/{channel}"}, {"/hooks/twitter/tim-x?crc_token=x"}},
    {{Method::post, "/hooks/twitter/{channel}"}, {"/hooks/twitter/tim-x", "{}"}},
};

std::string shown(Method method, const std::string& pattern)
{
    return std::string(to_string(method)) + " " + pattern;
}

bool writes(Method method)
{
    return method != Method::get;
}

http::Request example(Method method, const std::string& pattern, const Person* who)
{
    const auto found = examples.find({method, pattern});
    if (found == examples.end()) throw std::runtime_error("no example for " + shown(method, pattern));
    auto request = Desk::request(method, found->second.target, who, found->second.body);
    request.remote_address = "192.0.2.7"; // metrics are open to this machine only
    return request;
}

int expected_refusal(api::Access access, std::optional<domain::Role> role)
{
    if (access == api::Access::public_) return 0;
    if (!role) return 401;
    const auto needed = access == api::Access::supervisor ? domain::Role::supervisor
                        : access == api::Access::admin    ? domain::Role::admin
                        : access == api::Access::phone    ? domain::Role::phone
                                                          : domain::Role::agent;
    return *role < needed ? 403 : 0;
}

TEST(Access, EveryRouteAsksForItsRoleAndNoLess)
{
    using domain::Role;
    for (const std::optional<Role> role : {std::optional<Role>(), std::optional(Role::phone), std::optional(Role::agent),
                                           std::optional(Role::supervisor), std::optional(Role::admin)}) {
        Desk desk;
        const auto routes = desk.api->routes().entries();
        EXPECT_EQ(routes.size(), examples.size());
        for (const auto& [method, pattern] : routes) {
            const auto who =
                role ? std::optional(desk.person(*role, "p" + std::to_string(&pattern - &routes.front().pattern))) : std::nullopt;
            const auto response = desk.send(example(method, pattern, who ? &*who : nullptr));
            const auto refusal = expected_refusal(desk.api->access(method, pattern), role);
            const auto place =
                shown(method, pattern) + " by " + (role ? std::string(domain::to_string(*role)) : "nobody") + ": " + response.body;
            if (refusal != 0) {
                EXPECT_EQ(response.status, refusal) << place;
            } else {
                EXPECT_NE(response.status, 403) << place;
                EXPECT_LT(response.status, 500) << place;
                if (pattern != "/v1/session") { EXPECT_NE(response.status, 401) << place; }
            }
        }
    }
}

TEST(Access, AWriteByCookieNeedsTheSessionsToken)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::admin, "anna");
    const auto other = desk.person(domain::Role::admin, "other");
    for (const auto& [method, pattern] : desk.api->routes().entries()) {
        if (!writes(method) || desk.api->access(method, pattern) == api::Access::public_) continue;
        for (const auto& token : {std::string(), std::string("guessed"), other.csrf}) {
            auto request = example(method, pattern, &anna);
            request.headers.set("X-CSRF-Token", token);
            const auto response = desk.send(request);
            EXPECT_EQ(response.status, 403) << shown(method, pattern);
            EXPECT_EQ(test::body_of(response).at("code"), "csrf") << shown(method, pattern);
        }
    }
}

TEST(Access, OnlyMonitorsMayAskUnderAnotherName)
{
    api::Options options;
    options.public_url = "https://sportello.example";
    Desk desk({.automatic_assignment = false}, options);
    const auto anna = desk.person(domain::Role::admin, "anna");
    for (const auto& [method, pattern] : desk.api->routes().entries()) {
        const bool machines = pattern == "/healthz" || pattern == "/readyz" || pattern == "/metrics";
        for (const char* host : {"127.0.0.1:8080", "evil.example", "sportello.example:81", "sportello.example."}) {
            auto request = example(method, pattern, &anna);
            request.headers.set("Host", host);
            EXPECT_EQ(desk.send(request).status == 421, !machines) << shown(method, pattern) << " as " << host;
        }
    }
    auto page = Desk::request(Method::get, "/", nullptr);
    page.headers.set("Host", "evil.example");
    EXPECT_EQ(desk.send(page).status, 421);
    auto right = Desk::request(Method::get, "/v1/me", &anna);
    right.headers.set("Host", "sportello.example");
    EXPECT_EQ(desk.send(right).status, 200);
}

TEST(Access, AWriteFromAnotherSitesPageIsRefusedEvenWithTheToken)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::admin, "anna");
    const std::pair<const char*, const char*> signs[] = {{"Origin", "http://evil.example"},
                                                         {"Origin", "null"},
                                                         {"Origin", "https://127.0.0.1:8080"},
                                                         {"Sec-Fetch-Site", "cross-site"},
                                                         {"Sec-Fetch-Site", "same-site"}};
    for (const auto& [method, pattern] : desk.api->routes().entries()) {
        const bool socket = pattern == "/v1/live";
        if (!writes(method) && !socket) continue;
        for (const auto& [name, value] : signs) {
            auto request = example(method, pattern, &anna);
            request.headers.add(name, value);
            EXPECT_EQ(desk.send(request).status, 403) << shown(method, pattern) << " with " << name << ": " << value;
        }
    }
    auto own = Desk::request(Method::post, "/v1/tokens", &anna, R"({"name":"mine"})");
    own.headers.add("Origin", "http://127.0.0.1:8080");
    own.headers.add("Sec-Fetch-Site", "same-origin");
    EXPECT_EQ(desk.send(own).status, 201);
}

TEST(Access, NothingIsToldToAStrangerAboutWhatExists)
{
    Desk desk;
    const auto id = desk.stored_ticket("mara", "no line");
    const auto there = desk.send(Desk::request(Method::get, "/v1/tickets/" + std::to_string(id)));
    const auto absent = desk.send(Desk::request(Method::get, "/v1/tickets/999"));
    EXPECT_EQ(there.status, 401);
    EXPECT_EQ(test::body_of(there).at("detail"), test::body_of(absent).at("detail"));
}

TEST(Access, AnotherBrandsTicketsDoNotExist)
{
    Desk desk;
    const auto id = std::to_string(desk.stored_ticket("mara", "no line"));
    const auto stranger = desk.person(domain::Role::agent, "stranger", {"other"});
    const auto t = "/v1/tickets/" + id;
    EXPECT_EQ(desk.get(t, stranger).status, 404);
    EXPECT_EQ(desk.get(t + "/timeline", stranger).status, 404);
    EXPECT_EQ(desk.patch(t, stranger, {{"priority", "high"}}).status, 404);
    EXPECT_EQ(desk.post(t + "/take", stranger).status, 404);
    EXPECT_EQ(desk.post(t + "/notes", stranger, {{"text", "x"}}).status, 404);
    EXPECT_EQ(desk.post(t + "/replies", stranger, {{"text", "x"}, {"visibility", "public"}}).status, 404);
    EXPECT_EQ(desk.post(t + "/handover", stranger, {{"callback_number", "061234567"}, {"note", "x"}}).status, 404);
    EXPECT_EQ(desk.get("/v1/tickets/next", stranger).status, 204);
    EXPECT_TRUE(test::body_of(desk.get("/v1/tickets", stranger)).at("items").empty());
    EXPECT_TRUE(test::body_of(desk.get("/v1/tickets?sort=due", stranger)).at("items").empty());
    const auto first = test::body_of(desk.get("/v1/bootstrap", stranger));
    EXPECT_TRUE(first.at("tickets").at("items").empty());
    EXPECT_TRUE(first.at("brands").empty());
    EXPECT_EQ(first.at("queue").at("waiting"), 0);
}

TEST(Access, MetricsAreOpenToThisMachineOnly)
{
    Desk desk;
    auto near = Desk::request(Method::get, "/metrics");
    const auto response = desk.send(near);
    EXPECT_EQ(response.status, 200);
    EXPECT_NE(response.body.find("sportello_login_failures_total 0"), std::string::npos);
    auto far = Desk::request(Method::get, "/metrics");
    far.remote_address = "192.0.2.7";
    EXPECT_EQ(desk.send(far).status, 401);
}

TEST(Pipeline, TellsWhatAnAddressTakes)
{
    Desk desk;
    const auto wrong_method = desk.send(Desk::request(Method::del, "/v1/tickets"));
    EXPECT_EQ(wrong_method.status, 405);
    EXPECT_EQ(wrong_method.headers.find("Allow"), "GET");
    EXPECT_EQ(desk.send(Desk::request(Method::get, "/v1/nothing")).status, 404);
}

TEST(Pipeline, PutsTheSecurityHeadersOnEveryAnswer)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::agent, "anna");
    for (const auto* target : {"/v1/me", "/v1/nothing", "/v1/tickets/77", "/healthz", "/login"}) {
        const auto response = desk.get(target, anna);
        for (const auto* name :
             {"X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy", "X-Frame-Options", "Cross-Origin-Opener-Policy",
              "Permissions-Policy", "Content-Security-Policy", "Cache-Control", "X-Request-Id"}) {
            EXPECT_TRUE(response.headers.has(name)) << target << " " << name;
        }
        EXPECT_FALSE(response.headers.has("Server")) << target;
        EXPECT_FALSE(response.headers.has("Strict-Transport-Security")) << target;
    }
}

TEST(Pipeline, TakesNothingButJsonForABody)
{
    Desk desk;
    const auto anna = desk.person(domain::Role::agent, "anna");
    auto form = Desk::request(Method::post, "/v1/tokens", &anna, "name=x");
    form.headers.set("Content-Type", "application/x-www-form-urlencoded");
    EXPECT_EQ(desk.send(form).status, 415);
}

} // namespace
} // namespace sportello
