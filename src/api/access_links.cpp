// One-time links: for the first admin, for somebody new, for somebody who forgot the password. Whoever may manage the
// person makes the link and hands it over; it goes by mail only where mail is set up.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "people_at_hand.hpp"
#include "session_json.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/sessions.hpp>

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::AgentId;
using http::Method;
using storage::AccessLink;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration invitation_life = 24h * 7;
constexpr base::Duration reset_life = 1h * 24;

Error not_good()
{
    return Error(ErrorKind::not_found, "This link is not good, or not any more: each works once and for a while. Ask for another.");
}

/// The link of a token that is good now.
Result<AccessLink> good_link(Transaction& tx, std::string_view token, base::Instant now)
{
    auto link = storage::find_access_link(tx, base::sha256_hex(token));
    if (!link || link->expires_at <= now) return not_good();
    return std::move(*link);
}

/// Guessing 256 bits is hopeless, but it costs us.
std::optional<http::Response> links_slowed_down(Context& context, Call& call)
{
    const auto wait = context.sessions.throttle().attempt("link", call.request.remote_address, context.clock.since_boot());
    if (wait <= base::Duration::zero()) return std::nullopt;
    return too_many_attempts(call, wait, "links");
}

struct Handed {
    domain::Agent agent;
    std::string kind;
    std::string email;
};

std::string letter(const Handed& handed, const std::string& url, bool italian)
{
    if (italian) {
        return "Buongiorno " + handed.agent.name + ",\n\n" +
               (handed.kind == "invitation" ? "con questo collegamento entra in Sportello per la prima volta"
                                            : "con questo collegamento sceglie una nuova password per Sportello") +
               " (nome utente: " + handed.agent.login + "):\n\n" + url + "\n\nVale una sola volta e per un tempo limitato.\n";
    }
    return "Hello " + handed.agent.name + ",\n\n" +
           (handed.kind == "invitation" ? "this link lets you into Sportello for the first time"
                                        : "this link lets you choose a new password for Sportello") +
           " (your login: " + handed.agent.login + "):\n\n" + url + "\n\nIt works once and for a limited time.\n";
}

/// POST /v1/agents/{id}/access-link
awaitable<Answer> make_link(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    Fields fields(call.request.body);
    const bool by_mail = fields.maybe_flag("by_mail").value_or(false);
    if (by_mail && !context.options.mail) fields.wrong_value("by_mail", "no mail is set up here: hand the link over yourself");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);

    const AgentId agent{*id};
    const auto now = context.clock.now();
    const auto token = context.random.token();
    AccessLink link{.token_hash = base::sha256_hex(token), .kind = {}, .agent = agent, .created_at = now, .expires_at = {}};
    auto store = [&](Transaction& tx) -> Result<Handed> {
        const auto person = person_at_hand(tx, agent, *call.caller);
        if (!person) return person.error();
        if (person->disabled) return Error(ErrorKind::conflict, "This person is disabled.");
        const auto credentials = storage::find_agent_by_login(tx, person->login);
        Handed handed{.agent = *person,
                      .kind = credentials && credentials->password_hash.empty() ? "invitation" : "reset",
                      .email = storage::access_of(tx, agent).email};
        if (by_mail && handed.email.empty()) {
            return Error(ErrorKind::invalid_input, "We have no e-mail address of this person.", {{"/by_mail", "no address is known"}});
        }
        link.kind = handed.kind;
        link.expires_at = now + (handed.kind == "invitation" ? invitation_life : reset_life);
        storage::replace_access_link(tx, link);
        tell_of_person(tx, "agent.link_made", call, call.caller->agent, agent, now, nullptr, {{"kind", link.kind}});
        return handed;
    };
    const auto handed = co_await context.db.write(store);
    if (!handed) co_return handed.error();

    // Behind '#', a browser keeps it to itself: it is in no log and in no Referer.
    const auto url = own_origin(call.request, context.options.public_url) + "/access#" + token;
    if (by_mail) {
        const bool italian = handed->agent.language != "en";
        const auto sent = co_await context.options.mail(handed->email, "Sportello", letter(*handed, url, italian));
        if (!sent) co_return sent.error();
    }
    std::string body;
    JsonWriter json(body);
    json.open_object().member("kind", link.kind).member("expires_at", link.expires_at).member("mailed", by_mail).key("url");
    if (by_mail) json.value(nullptr); // whoever sent it by mail need not see it
    else json.value(url);
    json.close_object();
    co_return json_response(201, std::move(body));
}

/// DELETE /v1/agents/{id}/access-link
awaitable<Answer> take_link_back(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    const auto now = context.clock.now();
    auto take = [&](Transaction& tx) -> Result<void> {
        const auto person = person_at_hand(tx, AgentId{*id}, *call.caller);
        if (!person) return person.error();
        storage::delete_access_links(tx, AgentId{*id});
        tell_of_person(tx, "agent.link_taken_back", call, call.caller->agent, AgentId{*id}, now);
        return {};
    };
    const auto taken = co_await context.db.write(take);
    if (!taken) co_return taken.error();
    co_return http::Response::empty(204);
}

/// POST /v1/access-links/inspect
awaitable<Answer> inspect_link(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto token = fields.text("token", {1, 100});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (auto slow = links_slowed_down(context, call)) co_return std::move(*slow);
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto link = good_link(tx, token, now);
        if (!link) return link.error();
        std::string body;
        JsonWriter json(body);
        json.open_object().member("kind", link->kind).member("expires_at", link->expires_at);
        if (link->agent) {
            const auto agent = storage::find_agent(tx, *link->agent);
            if (!agent || agent->disabled) return not_good();
            json.member("login", agent->login).member("name", agent->name);
        } else {
            json.member("login", nullptr).member("name", nullptr);
        }
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    context.sessions.throttle().succeeded("link", call.request.remote_address);
    co_return json_response(200, std::move(*body));
}

struct Redeemed {
    std::string password_hash;
    std::string login;
    std::string name;
};

/// The first admin: a new person, or one of the configuration's admins who has no password yet.
Result<domain::Agent> make_first_admin(Transaction& tx, const Redeemed& given, base::Instant now)
{
    if (storage::has_admin(tx)) return not_good();
    auto known = storage::find_agent_by_login(tx, given.login);
    if (known && (known->agent.role != domain::Role::admin || known->agent.disabled)) {
        return Error(ErrorKind::conflict, "Somebody has this login already, and is no admin: choose another.",
                     {{"/login", "belongs to somebody else"}});
    }
    if (known) {
        if (const auto set = storage::set_password(tx, known->agent.id, given.password_hash); !set) return set.error();
        return known->agent;
    }
    domain::Agent admin;
    admin.login = given.login;
    admin.name = given.name;
    admin.role = domain::Role::admin;
    const auto id = storage::insert_agent(tx, admin, given.password_hash, now);
    if (!id) return id.error();
    admin.id = *id;
    return admin;
}

/// A new password; the sessions end. A second factor stays: the link takes the place of the password only.
Result<domain::Agent> let_in(Transaction& tx, AgentId id, const Redeemed& given)
{
    auto agent = storage::find_agent(tx, id);
    if (!agent || agent->disabled) return not_good();
    if (const auto set = storage::set_password(tx, id, given.password_hash); !set) return set.error();
    storage::delete_sessions_of(tx, id, "");
    return agent;
}

/// POST /v1/access-links/redeem
awaitable<Answer> redeem_link(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto token = fields.text("token", {1, 100});
    const auto password = fields.text("password", {10, 1000});
    Redeemed given;
    given.login = fields.maybe_text("login", {1, 200}).value_or("");
    given.name = fields.maybe_text("name", {1, 200}).value_or(given.login);
    if (!given.login.empty() && !is_login(given.login)) fields.wrong_value("login", "small letters, digits and . _ @ - expected");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (auto slow = links_slowed_down(context, call)) co_return std::move(*slow);

    // Looked at before the hash is made: strangers get no work done.
    const auto now = context.clock.now();
    auto look = [&](Transaction& tx) -> Result<AccessLink> { return good_link(tx, token, now); };
    const auto seen = co_await context.db.read(look);
    if (!seen) co_return seen.error();
    if (!seen->agent && given.login.empty()) {
        co_return call.refuse({.status = 422,
                               .code = "invalid_input",
                               .detail = "Choose a login for the first admin.",
                               .errors = {{"/login", "a login expected"}}});
    }
    given.password_hash = co_await context.sessions.hash_password(password);
    auto redeem = [&](Transaction& tx) -> Result<std::string> {
        const auto link = good_link(tx, token, now);
        if (!link) return link.error();
        Result<domain::Agent> agent = link->agent ? let_in(tx, *link->agent, given) : make_first_admin(tx, given, now);
        if (!agent) return agent.error();
        storage::delete_access_links(tx, link->agent);
        tell_of_person(tx, link->agent ? "agent.link_redeemed" : "agent.first_admin", call, *agent, agent->id, now);
        std::string body;
        JsonWriter json(body);
        json.open_object().member("login", agent->login).close_object();
        return body;
    };
    auto body = co_await context.db.write(redeem);
    if (!body) co_return body.error();
    context.sessions.throttle().succeeded("link", call.request.remote_address);
    context.sessions.rights_changed();
    context.feed.wake_all();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> access_link_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/agents/{id}/access-link", Access::supervisor, make_link, {.answers_secret = true}},
        {Method::del, "/v1/agents/{id}/access-link", Access::supervisor, take_link_back},
        {Method::post, "/v1/access-links/inspect", Access::public_, inspect_link},
        {Method::post, "/v1/access-links/redeem", Access::public_, redeem_link, {.answers_secret = true}},
    };
    return routes;
}

} // namespace sportello::api
