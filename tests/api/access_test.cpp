// Who may use which route, and on whose things: a matrix of route x role x own or foreign, made from the router. A route
// without a row fails, and says what to write.
#include "authorize.hpp"
#include "desk.hpp"
#include "scopes.hpp"
#include "support/test_database.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/alerts.hpp>
#include <sportello/storage/links.hpp>
#include <sportello/storage/notifications.hpp>
#include <sportello/storage/sessions.hpp>

#include <algorithm>
#include <filesystem>
#include <map>

namespace sportello {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::Desk;
using test::HouseOptions;
using test::json;
using test::Person;

/// Whose the thing is that a route names by {id}.
enum class Whose {
    brands,     ///< of a brand's people: for all others there is no such thing
    authors,    ///< theirs to see, and to act on for its author and for supervisors: other agents get 403
    supervised, ///< of one person and of who supervises the brand: not there for other agents
    persons,    ///< of one person: not there for anybody else
    everybodys
};

struct Example {
    std::string target;
    std::string body = {};
    Whose whose = Whose::brands;
    std::string type = "application/json";
};

/// A picture's first bytes.
std::string small_picture()
{
    return std::string("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x28\0\0\0\x1e\x08\x02\0\0\0", 29);
}

/// One well-formed request for each route: {method, pattern}, {target, body}. Number 1 of each kind is the brand tim's
/// (World below); name it where the pattern has {id}. Where an order ends its thing, another order has another number.
const std::map<std::pair<Method, std::string>, Example> examples{
    {{Method::post, "/v1/session"}, {"/v1/session", R"({"login":"nobody","password":"wrong"})"}},
    {{Method::del, "/v1/session"}, {"/v1/session"}},
    {{Method::get, "/v1/me"}, {"/v1/me"}},
    {{Method::post, "/v1/session/second-factor"}, {"/v1/session/second-factor", R"({"code":"123456"})"}},
    {{Method::post, "/v1/access-links/inspect"}, {"/v1/access-links/inspect", R"({"token":"guessed"})"}},
    {{Method::post, "/v1/access-links/redeem"}, {"/v1/access-links/redeem", R"({"token":"guessed","password":"long enough"})"}},
    {{Method::put, "/v1/me/password"}, {"/v1/me/password", R"({"new_password":"long enough"})"}},
    {{Method::get, "/v1/me/second-factor"}, {"/v1/me/second-factor"}},
    {{Method::post, "/v1/me/second-factor"}, {"/v1/me/second-factor", "{}"}},
    {{Method::post, "/v1/me/second-factor/confirm"}, {"/v1/me/second-factor/confirm", R"({"code":"123456"})"}},
    {{Method::post, "/v1/me/second-factor/recovery-codes"}, {"/v1/me/second-factor/recovery-codes", R"({"code":"123456"})"}},
    {{Method::post, "/v1/me/second-factor/disable"}, {"/v1/me/second-factor/disable", R"({"code":"123456"})"}},
    {{Method::del, "/v1/agents/{id}/second-factor"}, {"/v1/agents/1/second-factor"}},
    {{Method::post, "/v1/agents/{id}/access-link"}, {"/v1/agents/1/access-link"}},
    {{Method::del, "/v1/agents/{id}/access-link"}, {"/v1/agents/1/access-link"}},
    {{Method::get, "/v1/sign-in"}, {"/v1/sign-in"}},
    {{Method::get, "/v1/oidc/start"}, {"/v1/oidc/start"}},
    {{Method::get, "/v1/oidc/callback"}, {"/v1/oidc/callback?state=x&code=y"}},
    {{Method::get, "/v1/me/identities"}, {"/v1/me/identities"}},
    {{Method::post, "/v1/me/identities"}, {"/v1/me/identities"}},
    {{Method::del, "/v1/me/identities/{id}"}, {"/v1/me/identities/1", "", Whose::persons}},
    {{Method::get, "/v1/agents/{id}/access"}, {"/v1/agents/1/access"}},
    {{Method::del, "/v1/agents/{id}/identities/{identity}"}, {"/v1/agents/2/identities/2"}},
    {{Method::get, "/v1/me/sessions"}, {"/v1/me/sessions"}},
    {{Method::del, "/v1/me/sessions"}, {"/v1/me/sessions"}},
    {{Method::del, "/v1/me/sessions/{session}"}, {"/v1/me/sessions/fedcba9876543210", "", Whose::persons}},
    {{Method::get, "/v1/agents/{id}/sessions"}, {"/v1/agents/1/sessions"}},
    {{Method::del, "/v1/agents/{id}/sessions"}, {"/v1/agents/1/sessions"}},
    {{Method::del, "/v1/agents/{id}/sessions/{session}"}, {"/v1/agents/1/sessions/0123456789abcdef"}},
    {{Method::put, "/v1/me/availability"}, {"/v1/me/availability", R"({"available":true})"}},
    {{Method::get, "/v1/bootstrap"}, {"/v1/bootstrap"}},
    {{Method::post, "/v1/practice/messages"}, {"/v1/practice/messages", R"({"count":1})"}},
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
    {{Method::del, "/v1/reminders/{id}"}, {"/v1/reminders/1", "", Whose::persons}},
    {{Method::post, "/v1/tickets/bulk"}, {"/v1/tickets/bulk", R"({"items":[{"ticket":1}],"change":{"priority":"high"}})"}},
    {{Method::post, "/v1/tickets/{id}/continue-in-private"}, {"/v1/tickets/1/continue-in-private"}},
    {{Method::post, "/v1/messages/{id}/like"}, {"/v1/messages/1/like"}},
    {{Method::post, "/v1/messages/{id}/unlike"}, {"/v1/messages/1/unlike"}},
    {{Method::del, "/v1/messages/{id}"}, {"/v1/messages/1"}},
    {{Method::post, "/v1/replies/{id}/withdraw"}, {"/v1/replies/1/withdraw", "", Whose::authors}},
    {{Method::get, "/v1/customers"}, {"/v1/customers"}},
    {{Method::patch, "/v1/customers/{id}"}, {"/v1/customers/1", R"({"contract_reference":"TIM-1"})"}},
    {{Method::get, "/v1/customers/{id}/notes"}, {"/v1/customers/1/notes"}},
    {{Method::post, "/v1/customers/{id}/notes"}, {"/v1/customers/1/notes", R"({"text":"a note"})"}},
    {{Method::del, "/v1/customers/{id}/notes/{note}"}, {"/v1/customers/1/notes/1", "", Whose::authors}},
    {{Method::get, "/v1/labels"}, {"/v1/labels"}},
    {{Method::post, "/v1/labels"}, {"/v1/labels", R"({"name":"guasto"})"}},
    {{Method::get, "/v1/labels/{name}"}, {"/v1/labels/linea", "", Whose::everybodys}},
    {{Method::patch, "/v1/labels/{name}"}, {"/v1/labels/linea", R"({"retired":true})", Whose::everybodys}},
    {{Method::del, "/v1/labels/{name}"}, {"/v1/labels/linea", "", Whose::everybodys}},
    {{Method::get, "/v1/views"}, {"/v1/views"}},
    {{Method::post, "/v1/views"}, {"/v1/views", R"({"name":"Mine","filters":{"assignee":"me"}})"}},
    {{Method::get, "/v1/views/{id}"}, {"/v1/views/1", "", Whose::persons}},
    {{Method::patch, "/v1/views/{id}"}, {"/v1/views/1", R"({"name":"canaria 2"})", Whose::persons}},
    {{Method::del, "/v1/views/{id}"}, {"/v1/views/1", "", Whose::persons}},
    {{Method::get, "/v1/broadcasts"}, {"/v1/broadcasts"}},
    {{Method::post, "/v1/broadcasts"}, {"/v1/broadcasts", R"({"tickets":[1],"text":"Ciao"})"}},
    {{Method::post, "/v1/broadcasts/preview"}, {"/v1/broadcasts/preview", R"({"tickets":[1]})"}},
    {{Method::get, "/v1/broadcasts/{id}"}, {"/v1/broadcasts/1", "", Whose::supervised}},
    {{Method::post, "/v1/broadcasts/{id}/stop"}, {"/v1/broadcasts/1/stop", "", Whose::supervised}},
    {{Method::get, "/v1/settings/rules"}, {"/v1/settings/rules"}},
    {{Method::get, "/v1/settings/targets"}, {"/v1/settings/targets"}},
    {{Method::get, "/v1/settings/calendars"}, {"/v1/settings/calendars"}},
    {{Method::get, "/docs"}, {"/docs"}},
    {{Method::get, "/docs/style.css"}, {"/docs/style.css"}},
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
    {{Method::get, "/v1/reports/ratings"}, {"/v1/reports/ratings?agent=me"}},
    {{Method::get, "/v1/reports/volume"}, {"/v1/reports/volume?agent=me"}},
    {{Method::get, "/v1/reports/first-response"}, {"/v1/reports/first-response?agent=me"}},
    {{Method::get, "/v1/reports/targets"}, {"/v1/reports/targets?agent=me"}},
    {{Method::get, "/v1/reports/agents"}, {"/v1/reports/agents?agent=me"}},
    {{Method::get, "/v1/reports/incidents"}, {"/v1/reports/incidents?agent=me"}},
    {{Method::get, "/v1/reports/per-person"}, {"/v1/reports/per-person"}},
    {{Method::put, "/v1/reports/per-person"}, {"/v1/reports/per-person", R"({"enabled":true})"}},
    {{Method::get, "/v1/search"}, {"/v1/search?q=linea"}},
    {{Method::get, "/v1/replies"}, {"/v1/replies"}},
    {{Method::get, "/v1/replies/{id}"}, {"/v1/replies/1"}},
    {{Method::del, "/v1/replies/{id}"}, {"/v1/replies/1"}},
    {{Method::post, "/v1/replies/{id}/now"}, {"/v1/replies/1/now"}},
    {{Method::post, "/v1/replies/{id}/retry"}, {"/v1/replies/1/retry"}},
    {{Method::post, "/v1/replies/{id}/decision"}, {"/v1/replies/1/decision", R"({"decision":"discard"})"}},
    {{Method::post, "/v1/messages/{id}/reveal"}, {"/v1/messages/1/reveal", "", Whose::authors}},
    {{Method::post, "/v1/messages/{id}/personal-data/{number}/release"}, {"/v1/messages/1/personal-data/1/release", "", Whose::authors}},
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
    {{Method::get, "/v1/presence"}, {"/v1/presence"}},
    {{Method::get, "/v1/tickets/{id}/presence"}, {"/v1/tickets/1/presence"}},
    {{Method::put, "/v1/tickets/{id}/presence"}, {"/v1/tickets/1/presence", R"({"state":"viewing"})"}},
    {{Method::del, "/v1/tickets/{id}/presence"}, {"/v1/tickets/1/presence"}},
    {{Method::put, "/v1/tickets/{id}/lease"}, {"/v1/tickets/1/lease", "{}"}},
    {{Method::del, "/v1/tickets/{id}/lease"}, {"/v1/tickets/1/lease"}},
    {{Method::get, "/v1/drafts"}, {"/v1/drafts"}},
    {{Method::get, "/v1/tickets/{id}/drafts/{mode}"}, {"/v1/tickets/1/drafts/reply", "", Whose::persons}},
    {{Method::put, "/v1/tickets/{id}/drafts/{mode}"}, {"/v1/tickets/1/drafts/note", R"({"text":"x"})"}},
    {{Method::del, "/v1/tickets/{id}/drafts/{mode}"}, {"/v1/tickets/1/drafts/reply"}},
    {{Method::get, "/v1/approvals"}, {"/v1/approvals"}},
    {{Method::get, "/v1/approvals/{id}"}, {"/v1/approvals/1"}},
    {{Method::post, "/v1/approvals/{id}/approve"}, {"/v1/approvals/1/approve", "{}"}},
    {{Method::post, "/v1/approvals/{id}/change"}, {"/v1/approvals/2/change", R"({"text":"x"})"}},
    {{Method::post, "/v1/approvals/{id}/return"}, {"/v1/approvals/3/return", R"({"note":"x"})"}},
    {{Method::post, "/v1/approvals/{id}/withdraw"}, {"/v1/approvals/4/withdraw", "", Whose::authors}},
    {{Method::get, "/v1/notifications"}, {"/v1/notifications"}},
    {{Method::post, "/v1/notifications/read"}, {"/v1/notifications/read", R"({"until":1})"}},
    {{Method::post, "/v1/notifications/{id}/read"}, {"/v1/notifications/1/read", "", Whose::persons}},
    {{Method::post, "/v1/channels/{id}/connect"}, {"/v1/channels/tim-x/connect", "{}"}},
    {{Method::get, "/channels/signed-in"}, {"/channels/signed-in"}},
    {{Method::get, "/v1/alerts"}, {"/v1/alerts"}},
    {{Method::post, "/v1/alerts/{id}/acknowledge"}, {"/v1/alerts/1/acknowledge", "{}"}},
    {{Method::get, "/alerts/{token}"}, {"/alerts/first-link", "", Whose::everybodys}},
    {{Method::post, "/alerts/{token}"}, {"/alerts/second-link", "", Whose::everybodys}},
    {{Method::get, "/v1/tokens"}, {"/v1/tokens"}},
    {{Method::post, "/v1/tokens"}, {"/v1/tokens", R"({"name":"robot"})"}},
    {{Method::del, "/v1/tokens/{id}"}, {"/v1/tokens/1", "", Whose::persons}},
    {{Method::get, "/v1/webhooks"}, {"/v1/webhooks"}},
    {{Method::post, "/v1/webhooks"}, {"/v1/webhooks", R"({"name":"x","url":"https://hooks.example/"})"}},
    {{Method::get, "/v1/webhooks/{id}"}, {"/v1/webhooks/1"}},
    {{Method::patch, "/v1/webhooks/{id}"}, {"/v1/webhooks/1", R"({"name":"y"})"}},
    {{Method::del, "/v1/webhooks/{id}"}, {"/v1/webhooks/1"}},
    {{Method::post, "/v1/webhooks/{id}/secret"}, {"/v1/webhooks/1/secret"}},
    {{Method::post, "/v1/webhooks/{id}/replay"}, {"/v1/webhooks/1/replay", R"({"since":0})"}},
    {{Method::post, "/v1/webhooks/{id}/test"}, {"/v1/webhooks/1/test"}},
    {{Method::get, "/v1/webhooks/{id}/deliveries"}, {"/v1/webhooks/1/deliveries"}},
    {{Method::get, "/v1/audit"}, {"/v1/audit"}},
    {{Method::post, "/v1/tickets/{id}/uploads"}, {"/v1/tickets/1/uploads", small_picture(), Whose::brands, "application/octet-stream"}},
    {{Method::get, "/v1/attachments/{id}/content"}, {"/v1/attachments/1/content"}},
    {{Method::get, "/v1/uploads/{id}/content"}, {"/v1/uploads/1/content"}},
    {{Method::get, "/v1/customers/{id}/export"}, {"/v1/customers/1/export"}},
    {{Method::del, "/v1/customers/{id}"}, {"/v1/customers/1", R"({"reason":"x"})"}},
    {{Method::get, "/healthz"}, {"/healthz"}},
    {{Method::get, "/readyz"}, {"/readyz"}},
    {{Method::get, "/metrics"}, {"/metrics"}},
    {{Method::get, "/openapi.json"}, {"/openapi.json"}},
    // Signed instead of logged in (hooks_test.cpp). Here they are off: there is nothing at all.
    {{Method::get, "/hooks/facebook/{channel}"}, {"/hooks/facebook/tim-facebook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x"}},
    {{Method::post, "/hooks/facebook/{channel}"}, {"/hooks/facebook/tim-facebook", "{}"}},
    {{Method::get, "/hooks/twitter/{channel}"}, {"/hooks/twitter/tim-x?crc_token=x"}},
    {{Method::post, "/hooks/twitter/{channel}"}, {"/hooks/twitter/tim-x", "{}"}},
    // Told by browsers by themselves (policy_reports_test.cpp). Here it is not even its kind of body.
    {{Method::post, "/hooks/page-policy"}, {"/hooks/page-policy", "{}"}},
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
    if (found == examples.end()) {
        throw std::runtime_error("The access matrix has no row for " + shown(method, pattern) +
                                 ". Add one to `examples` in tests/api/access_test.cpp: {{Method::..., \"" + pattern +
                                 "\"}, {target, body}}, a well-formed request about number 1 (if World does not make one of that "
                                 "kind, make it there). Nothing else is needed when the route reads through visible_ticket(), "
                                 "workable_ticket() or Actor::may_see().");
    }
    auto request = Desk::request(method, found->second.target, who, found->second.body);
    if (!found->second.body.empty()) request.headers.set("Content-Type", found->second.type);
    request.remote_address = "192.0.2.7"; // metrics are open to this machine only
    return request;
}

/// Hooks are signed instead, by a platform.
bool names_a_thing(const std::string& pattern)
{
    return pattern.find('{') != std::string::npos && !pattern.starts_with("/hooks/");
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
        EXPECT_LE(examples.size(), routes.size()) << "`examples` has a row for a route that is gone";
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

/// Takes whatever is sent to it: other systems, and the simulator that people practise with.
class AgreeableWorld final : public engine::Courier, public http::Transport {
public:
    boost::asio::awaitable<base::Result<engine::CourierAnswer>> post(std::string, std::vector<std::pair<std::string, std::string>>,
                                                                     std::string) override
    {
        engine::CourierAnswer answer{.status = 204};
        co_return answer;
    }
    boost::asio::awaitable<http::Exchange> send(http::ClientRequest) override
    {
        http::Exchange exchange;
        exchange.response = http::Response::json(201, "{}");
        co_return exchange;
    }
};

/// A counter with one of everything, number 1, all of the brand tim, and a brand "other" with nothing. `owner` made what
/// belongs to a person. What a customer wrote and what colleagues called things holds the canary.
class World {
public:
    /// With a `visitor` of this role, who serves one brand.
    World(domain::Role role, const std::string& brand) : desk(house_of(folder_, outside_), wiring(outside_))
    {
        owner = desk.person(domain::Role::admin, "owner", {"tim"});
        make_tickets();
        make_aids();
        make_office();
        make_approvals();
        store_the_rest();
        visitor = desk.person(role, "visitor", {brand});
    }
    ~World()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

private:
    AgreeableWorld outside_;
    std::filesystem::path folder_ = fresh_folder();

public:
    Desk desk;
    Person owner;
    Person visitor;

private:
    static std::filesystem::path fresh_folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "sportello-world-XXXXXX").string();
        return mkdtemp(name.data());
    }

    static HouseOptions house_of(const std::filesystem::path& folder, AgreeableWorld& outside)
    {
        HouseOptions given{.automatic_assignment = false};
        given.courier = &outside;
        given.settings = [folder](engine::Settings& settings) {
            auto other = settings.brands.front();
            other.id = "other";
            other.name = "Other";
            settings.brands.push_back(std::move(other));
            engine::TeamSettings phone;
            phone.id = "phone";
            phone.name = "Phone desk";
            phone.calendar = std::make_shared<const domain::Calendar>(domain::Calendar::always_open());
            phone.slots = 4;
            settings.teams.push_back(std::move(phone));
            settings.attachments.folder = folder;
            settings.attachments.most_bytes = 1 << 20;
        };
        return given;
    }

    static api::Options wiring(AgreeableWorld& outside)
    {
        api::Options options;
        options.practice = api::Practice{.simulator = "http://127.0.0.1:8090", .transport = &outside};
        return options;
    }

    void make(const std::string& target, const json& body = nullptr) { make_as(owner, target, body); }
    void make_as(const Person& who, const std::string& target, const json& body)
    {
        const auto made = desk.post(target, who, body);
        EXPECT_LT(made.status, 300) << target << " " << made.body;
    }

    void make_tickets()
    {
        simulator::NewItem item;
        item.platform = test::House::handle.first;
        item.account = test::House::handle.second;
        item.kind = simulator::Kind::mention;
        item.author = "canaria";
        item.text = "canaria: niente ADSL a Bologna, chiamate 333 1234567";
        item.media.push_back({"image", "https://pbs.twimg.com/media/canaria.png", "canaria.png"});
        EXPECT_TRUE(desk.house.simulator.write(item));
        EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
        desk.ticket_from_x("canaria2", "canaria: fattura sbagliata");
        desk.ticket_from_x("canaria3", "canaria: modem guasto");
        make("/v1/tickets/1/take");
        make("/v1/tickets/1/replies", {{"text", "canaria, ci pensiamo"}, {"visibility", "public"}, {"undo_seconds", 60}});
        make("/v1/tickets/1/notes", {{"text", "canaria"}});
        make("/v1/tickets/1/reminders", {{"at", base::to_rfc3339(desk.house.clock.now() + 1h)}});
        make("/v1/tickets/2/handover", {{"callback_number", "06 1234567"}, {"note", "canaria"}});
        make("/v1/customers/1/notes", {{"text", "canaria"}});
        for (const auto* mode : {"reply", "note"}) {
            json draft{{"text", "canaria"}};
            if (mode == std::string("reply")) draft["visibility"] = "public";
            EXPECT_EQ(desk.put(std::string("/v1/tickets/1/drafts/") + mode, owner, draft).status, 200);
        }
        auto picture = Desk::request(Method::post, "/v1/tickets/1/uploads?name=canaria.png", &owner, small_picture());
        picture.headers.set("Content-Type", "application/octet-stream");
        EXPECT_EQ(desk.send(picture).status, 201);
    }

    void make_aids()
    {
        make("/v1/canned-replies", {{"name", "canaria"}, {"text", "canaria"}, {"brand", "tim"}});
        make("/v1/macros", {{"name", "canaria"}, {"status", "solved"}, {"brand", "tim"}});
        make("/v1/labels", {{"name", "linea"}});
        make("/v1/views", {{"name", "canaria"}, {"filters", {{"assignee", "me"}}}});
        make("/v1/tokens", {{"name", "canaria"}});
        make("/v1/webhooks", {{"name", "canaria"}, {"url", "https://hooks.example/canaria"}, {"brands", {"tim"}}});
    }

    void make_office()
    {
        make("/v1/incidents", {{"service", "internet"}, {"places", {"Bologna"}}, {"text", "canaria"}});
        make("/v1/incidents/1/members", {{"ticket", 1}});
        make("/v1/office-hours/exceptions", {{"date", "2026-12-24"}, {"hours", json::array()}, {"brand", "tim"}});
        make("/v1/broadcasts", {{"tickets", {2}}, {"text", "canaria"}});
    }

    /// One for each way it can end.
    void make_approvals()
    {
        const auto novice = desk.person(domain::Role::agent, "novice", {"tim"});
        EXPECT_EQ(desk.patch("/v1/agents/" + std::to_string(novice.id), owner, {{"needs_approval", true}}).status, 200);
        for (const auto* word : {"uno", "due", "tre", "quattro"}) {
            make_as(novice, "/v1/tickets/3/replies", {{"text", std::string("canaria ") + word}, {"visibility", "public"}});
        }
    }

    /// What comes about by time, by platforms or by a provider.
    void store_the_rest()
    {
        const auto now = desk.house.clock.now();
        const domain::AgentId me{owner.id};
        const domain::AgentId colleague{1};
        const domain::AgentId other_colleague{2};
        auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
            tx.run("UPDATE agent SET brands = 'tim' WHERE id IN (1, 2)");
            for (const auto& [agent, subject] : {std::pair(me, "canaria-1"), std::pair(other_colleague, "canaria-2")}) {
                storage::OutsideIdentity identity;
                identity.issuer = "https://login.example";
                identity.subject = subject;
                identity.agent = agent;
                identity.linked_at = now;
                EXPECT_TRUE(storage::insert_outside_identity(tx, identity));
            }
            for (const auto& [agent, id] : {std::pair(me, "fedcba9876543210"), std::pair(colleague, "0123456789abcdef")}) {
                storage::insert_session(tx, {.token_hash = id + std::string(48, '0'),
                                             .agent = agent,
                                             .csrf_token = "canaria",
                                             .created_at = now,
                                             .last_seen_at = now,
                                             .expires_at = now + 12h});
            }
            storage::LinkProposal proposal;
            proposal.identity_a = domain::IdentityId{1};
            proposal.identity_b = domain::IdentityId{2};
            proposal.kind = "phone";
            proposal.shown = "canaria";
            proposal.brand_a = proposal.brand_b = "tim";
            proposal.at = now;
            EXPECT_EQ(storage::insert_proposal(tx, proposal), 1);
            storage::Notification told;
            told.agent = me;
            told.kind = "mention";
            told.ticket = domain::TicketId{1};
            told.item = 1;
            told.actor = colleague;
            told.at = now;
            EXPECT_EQ(storage::insert_notification(tx, told), 1);
            store_alert(tx, "canaria", "");
            store_alert(tx, "first", "first-link"); // a link opens its alert to whoever was sent it
            store_alert(tx, "second", "second-link");
            return {};
        };
        EXPECT_TRUE(desk.house.db->write_now(unit));
    }

    void store_alert(storage::Transaction& tx, const std::string& key, const std::string& link) const
    {
        storage::Alert alert;
        alert.cause.kind = domain::AlertKind::access;
        alert.cause.key = key;
        alert.cause.brand = "tim";
        alert.cause.text = "The access is dead: " + key;
        alert.begun_at = desk.house.clock.now();
        const auto id = storage::insert_alert(tx, alert);
        if (link.empty()) return;
        storage::AlertNoticeRow notice;
        notice.alert = id;
        notice.route = "ops";
        notice.kind = "raised";
        notice.recipient = "mailto:ops@example.it";
        notice.at = alert.begun_at;
        storage::queue_notice(tx, notice);
        storage::set_notice_link(tx, storage::notices_of(tx, id, 1).front().id, base::sha256_hex(link));
    }
};

/// Reading first and deleting last, what lies deeper before what it lies in, so that one world does for all.
int turn(const http::Router::Entry& route)
{
    if (route.pattern == "/v1/customers/{id}" && route.method == Method::del) return 1000; // erases the person of it all
    return route.method == Method::get ? 0 : route.method == Method::del ? 500 - static_cast<int>(route.pattern.size()) : 1;
}

std::vector<http::Router::Entry> routes_in_turn(const Desk& desk)
{
    auto routes = desk.api->routes().entries();
    std::ranges::stable_sort(routes, {}, turn);
    return routes;
}

TEST(Access, WhatIsOfAnotherBrandOrPersonIsNotThereForAnyRole)
{
    using domain::Role;
    for (const auto role : {Role::phone, Role::agent, Role::supervisor, Role::admin}) {
        World world(role, "other");
        for (const auto& [method, pattern] : world.desk.api->routes().entries()) {
            if (pattern == "/v1/session" || pattern == "/v1/live") continue;
            auto request = example(method, pattern, &world.visitor);
            const auto response = world.desk.send(request);
            const auto place = shown(method, pattern) + " by a foreign " + std::string(domain::to_string(role)) + ": " + response.body;
            EXPECT_EQ(response.body.find("canaria"), std::string::npos) << place;
            EXPECT_LT(response.status, 500) << place;
            const auto whose = examples.at({method, pattern}).whose;
            if (!names_a_thing(pattern) || whose == Whose::everybodys) continue;
            const auto refusal = expected_refusal(world.desk.api->access(method, pattern), role);
            EXPECT_EQ(response.status, refusal != 0 ? refusal : 404) << place;
        }
    }
}

TEST(Access, WhatIsNotThereIsNotFoundByAnybody)
{
    using domain::Role;
    for (const auto role : {Role::agent, Role::supervisor, Role::admin}) {
        Desk desk; // an empty house: nothing is there but people and channels
        const auto who = desk.person(role, "visitor");
        for (const auto& [method, pattern] : desk.api->routes().entries()) {
            const bool is_there = pattern.starts_with("/v1/agents/{id}") || pattern.starts_with("/v1/channels/");
            if (!names_a_thing(pattern) || is_there || pattern == "/v1/tickets/{id}/uploads") continue; // it keeps no files either
            const auto response = desk.send(example(method, pattern, &who));
            const auto refusal = expected_refusal(desk.api->access(method, pattern), role);
            EXPECT_EQ(response.status, refusal != 0 ? refusal : 404)
                << shown(method, pattern) << " by " << domain::to_string(role) << ": " << response.body;
        }
    }
}

TEST(Access, WhatIsOnesOwnIsThere)
{
    World world(domain::Role::agent, "tim");
    for (const auto& [method, pattern] : routes_in_turn(world.desk)) {
        if (!names_a_thing(pattern)) continue;
        auto request = example(method, pattern, &world.owner);
        const auto response = world.desk.send(request);
        const auto place = shown(method, pattern) + " by its owner: " + std::to_string(response.status) + " " + response.body;
        EXPECT_NE(response.status, 404) << place;
        EXPECT_NE(response.status, 403) << place;
        EXPECT_LT(response.status, 500) << place;
    }
}

TEST(Access, WhatIsOfOnesBrandIsThereForTheRoleThatItTakesAndWhatIsAColleaguesIsNot)
{
    using domain::Role;
    for (const auto role : {Role::agent, Role::supervisor, Role::admin}) {
        World world(role, "tim");
        for (const auto& [method, pattern] : routes_in_turn(world.desk)) {
            if (!names_a_thing(pattern)) continue;
            auto request = example(method, pattern, &world.visitor);
            const auto response = world.desk.send(request);
            const auto place = shown(method, pattern) + " by a colleague who is " + std::string(domain::to_string(role)) + ": " +
                               std::to_string(response.status) + " " + response.body;
            EXPECT_LT(response.status, 500) << place;
            const auto refusal = expected_refusal(world.desk.api->access(method, pattern), role);
            const auto whose = examples.at({method, pattern}).whose;
            const bool is_agent = role == Role::agent;
            if (refusal != 0) {
                EXPECT_EQ(response.status, refusal) << place;
            } else if (whose == Whose::persons || (whose == Whose::supervised && is_agent)) {
                EXPECT_EQ(response.status, 404) << place;
            } else if (whose == Whose::authors && is_agent) {
                EXPECT_EQ(response.status, 403) << place;
            } else {
                EXPECT_NE(response.status, 404) << place;
                EXPECT_NE(response.status, 403) << place;
            }
        }
    }
}

/// How many rows each table has, and how often tickets were changed. Reports keep what they have worked out of the log.
std::map<std::string, std::int64_t> sizes_of(Desk& desk)
{
    std::vector<std::string> tables;
    auto names = [&](storage::Transaction& tx) -> base::Result<void> {
        for (std::string& table : test::tables_in(tx)) {
            const bool kept_of_log = table.starts_with("report") || table == "reader_place";
            if (!kept_of_log && table.find("_fts") == std::string::npos) tables.push_back(std::move(table));
        }
        return {};
    };
    EXPECT_TRUE(desk.house.read(names));
    std::map<std::string, std::int64_t> sizes{{"revisions of tickets", desk.house.count("SELECT sum(revision) FROM ticket")}};
    for (const auto& table : tables) sizes[table] = desk.house.count("SELECT count(*) FROM " + table);
    return sizes;
}

/// A picture, a link or another site's page makes a browser GET: that must do nothing.
TEST(Access, ReadingChangesNothing)
{
    World world(domain::Role::agent, "tim");
    for (const auto& [method, pattern] : world.desk.api->routes().entries()) {
        if (method != Method::get) continue;
        if (pattern == "/v1/customers/{id}/export") continue; // who takes a person's data is written into the audit
        const auto before = sizes_of(world.desk);
        auto request = example(method, pattern, &world.owner);
        const auto response = world.desk.send(request);
        for (const auto& [table, size] : sizes_of(world.desk)) {
            EXPECT_EQ(size, before.at(table)) << table << " by " << shown(method, pattern) << " " << response.status;
        }
    }
}

/// Every route belongs to an area of scopes, and a token opens exactly its own.
TEST(Access, ATokenOpensWhatItsScopesName)
{
    World world(domain::Role::agent, "tim");
    const auto token_with = [&](const json& scopes) {
        const auto made = world.desk.post("/v1/tokens", world.owner, {{"name", "limited"}, {"scopes", scopes}});
        EXPECT_EQ(made.status, 201) << made.body;
        return test::body_of(made).at("token").get<std::string>();
    };
    const auto nothing = token_with({"audit:read"});
    const auto all = token_with(api::all_scopes());
    for (const auto& [method, pattern] : world.desk.api->routes().entries()) {
        const auto access = world.desk.api->access(method, pattern);
        if (access == api::Access::public_ || access == api::Access::local || pattern == "/v1/live") continue;
        const auto scope = api::scope_of(method, pattern);
        EXPECT_NE(scope, "?") << "No area of scopes has " << pattern << ": add the word after /v1/ to `areas` in src/api/scopes.cpp.";
        const auto ask = [&](const std::string& token) {
            auto request = example(method, pattern, nullptr);
            request.headers.add("Authorization", "Bearer " + token);
            return world.desk.send(request);
        };
        const bool closed = api::is_for_people_only(pattern);
        const auto refused = ask(nothing);
        if (closed || !(scope.empty() || scope == "audit:read")) {
            EXPECT_EQ(refused.status, 403) << shown(method, pattern);
            const auto code = test::body_of(refused).at("code");
            EXPECT_EQ(code, closed ? "forbidden" : "scope_missing") << shown(method, pattern);
        }
        if (method != Method::get) continue; // what changes things is seen by one example, below
        const auto opened = ask(all);
        EXPECT_EQ(opened.status == 403, closed) << shown(method, pattern) << opened.body;
    }
    const auto reads = token_with({"tickets:read"});
    const auto writes = token_with({"tickets:write"});
    const auto as = [&](const std::string& token, Method method, const std::string& target, const std::string& body = "") {
        auto request = Desk::request(method, target, nullptr, body);
        request.headers.add("Authorization", "Bearer " + token);
        return world.desk.send(request).status;
    };
    EXPECT_EQ(as(reads, Method::get, "/v1/tickets/1"), 200);
    EXPECT_EQ(as(reads, Method::post, "/v1/tickets/1/notes", R"({"text":"x"})"), 403);
    EXPECT_EQ(as(writes, Method::get, "/v1/tickets/1"), 200) << "who may write may read";
    EXPECT_EQ(as(writes, Method::post, "/v1/tickets/1/notes", R"({"text":"x"})"), 201);
    EXPECT_EQ(as(writes, Method::get, "/v1/agents"), 403);
    EXPECT_EQ(as(reads, Method::get, "/v1/me"), 200) << "who am I is open to all";
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
