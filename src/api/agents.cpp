// The pool.
#include "context.hpp"
#include "fields.hpp"
#include "people_json.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/idempotency.hpp>
#include <sportello/storage/sessions.hpp>
#include <sportello/storage/tickets.hpp>
#include <sportello/storage/tokens.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::Agent;
using domain::AgentId;
using http::Method;
using storage::Transaction;

constexpr std::string_view role_words = "phone, agent, supervisor, admin";

/// GET /v1/agents
awaitable<Answer> list_agents(Context& context, Call&)
{
    auto read = [](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items");
        write_agents(json, tx);
        json.member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

std::string agent_json(const Agent& agent, std::int64_t open_tickets)
{
    std::string body;
    JsonWriter json(body);
    write_agent(json, agent, open_tickets);
    return body;
}

void check_brands(Fields& fields, const std::optional<std::vector<std::string>>& brands, const engine::Settings& settings)
{
    if (!brands) return;
    for (const auto& brand : *brands) {
        if (settings.brand(brand) == nullptr) fields.wrong_value("brands", "there is no brand " + brand);
    }
}

/// What somebody can do, and whose work they do.
struct Abilities {
    std::optional<std::vector<std::string>> skills;
    std::optional<std::vector<std::string>> languages;
    std::optional<std::vector<std::string>> teams;
};

bool is_word(std::string_view word)
{
    return !word.empty() && word.find(',') == std::string_view::npos;
}

Abilities read_abilities(Fields& fields, const engine::Settings& settings)
{
    Abilities abilities;
    abilities.skills = fields.maybe_texts("skills", 50, {1, 50});
    abilities.languages = fields.maybe_texts("languages", 50, {2, 2});
    abilities.teams = fields.maybe_texts("teams", 50, {1, 64});
    for (const auto* words : {&abilities.skills, &abilities.languages}) {
        if (*words && !std::all_of((*words)->begin(), (*words)->end(), is_word)) {
            fields.wrong_value(words == &abilities.skills ? "skills" : "languages", "words without commas expected");
        }
    }
    for (const auto& team : abilities.teams.value_or(std::vector<std::string>())) {
        if (settings.team(team) == nullptr) fields.wrong_value("teams", "there is no team " + team);
    }
    return abilities;
}

bool is_login(std::string_view login)
{
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("._@-").find(c) != std::string_view::npos;
    };
    return std::all_of(login.begin(), login.end(), good);
}

Error above_own_role()
{
    return Error(ErrorKind::forbidden, "Nobody can give, change or take away a role above their own.");
}

void append_agent_event(Transaction& tx, std::string_view type, const Call& call, AgentId agent, base::Instant now)
{
    domain::Event event;
    event.type = type;
    event.at = now;
    event.actor = call.caller->agent.id;
    event.cause = idempotency_key(call);
    JsonWriter json(event.data);
    json.open_object().member("agent", agent.value).close_object();
    storage::append_event(tx, event);
}

/// Runs `make` once for each Idempotency-Key: a repeat gets the answer that the first one got.
template <class Make> Result<std::string> once(Transaction& tx, const engine::Command& order, base::Instant now, Make make)
{
    if (order.idempotency_key.empty()) return make();
    if (const auto kept = storage::find_answer(tx, order.actor.id, order.idempotency_key)) {
        if (kept->request_hash == order.request_hash) return kept->body;
        return Error(ErrorKind::invalid_input, "this Idempotency-Key was used for another request; make a new key for each",
                     {{"header:Idempotency-Key", "already used with another request"}});
    }
    auto body = make();
    if (!body) return body;
    const auto stored = storage::keep_answer(tx, order.actor.id, order.idempotency_key, {order.request_hash, 201, *body}, now);
    if (!stored) return stored.error();
    return body;
}

/// POST /v1/agents
awaitable<Answer> add_agent(Context& context, Call& call)
{
    Fields fields(call.request.body);
    Agent agent;
    agent.login = fields.text("login", {1, 200});
    agent.name = fields.text("name", {1, 200});
    const auto password = fields.text("password", {10, 1000});
    agent.role = fields.maybe_word("role", domain::parse_role, role_words).value_or(domain::Role::agent);
    agent.capacity = static_cast<std::int32_t>(fields.maybe_number("capacity", 0, 1000).value_or(20));
    auto brands = fields.maybe_texts("brands", 100, {1, 100});
    check_brands(fields, brands, context.engine.settings());
    agent.brands = std::move(brands).value_or(std::vector<std::string>());
    auto abilities = read_abilities(fields, context.engine.settings());
    agent.skills = std::move(abilities.skills).value_or(std::vector<std::string>());
    agent.languages = std::move(abilities.languages).value_or(std::vector<std::string>());
    agent.teams = std::move(abilities.teams).value_or(std::vector<std::string>());
    if (!is_login(agent.login)) fields.wrong_value("login", "small letters, digits and . _ @ - expected");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (agent.role > call.caller->agent.role) co_return above_own_role();

    const auto hash = co_await context.sessions.hash_password(password);
    const auto order = command(call);
    const auto now = context.clock.now();
    auto add = [&](Transaction& tx) -> Result<std::string> {
        return once(tx, order, now, [&]() -> Result<std::string> {
            const auto id = storage::insert_agent(tx, agent, hash, now);
            if (!id) return id.error();
            auto added = agent;
            added.id = *id;
            append_agent_event(tx, "agent.added", call, *id, now);
            return agent_json(added, 0);
        });
    };
    auto body = co_await context.db.write(add);
    if (!body) co_return body.error();
    co_return json_response(201, std::move(*body));
}

struct AgentChange {
    std::optional<std::string> name;
    std::optional<std::string> password;
    std::optional<domain::Role> role;
    std::optional<bool> available;
    std::optional<bool> disabled;
    std::optional<std::int64_t> capacity;
    std::optional<std::vector<std::string>> brands;
    Abilities abilities;

    /// What of the change takes a right away or may do so.
    [[nodiscard]] bool touches_rights() const { return password || role || disabled || brands || abilities.teams; }
};

AgentChange read_change(Fields& fields, const engine::Settings& settings)
{
    AgentChange change;
    change.name = fields.maybe_text("name", {1, 200});
    change.password = fields.maybe_text("password", {10, 1000});
    change.role = fields.maybe_word("role", domain::parse_role, role_words);
    change.available = fields.maybe_flag("available");
    change.disabled = fields.maybe_flag("disabled");
    change.capacity = fields.maybe_number("capacity", 0, 1000);
    change.brands = fields.maybe_texts("brands", 100, {1, 100});
    check_brands(fields, change.brands, settings);
    change.abilities = read_abilities(fields, settings);
    return change;
}

void apply(const AgentChange& change, Agent& agent)
{
    if (change.name) agent.name = *change.name;
    if (change.role) agent.role = *change.role;
    if (change.available) agent.available = *change.available;
    if (change.disabled) agent.disabled = *change.disabled;
    if (change.disabled.value_or(false)) agent.available = false;
    if (change.capacity) agent.capacity = static_cast<std::int32_t>(*change.capacity);
    if (change.brands) agent.brands = *change.brands;
    if (change.abilities.skills) agent.skills = *change.abilities.skills;
    if (change.abilities.languages) agent.languages = *change.abilities.languages;
    if (change.abilities.teams) agent.teams = *change.abilities.teams;
}

/// A new password, role or `disabled` ends the person's sessions; tokens end with the person only.
void end_sessions(Transaction& tx, const AgentChange& change, const Caller& caller, AgentId id)
{
    if (!change.password && !change.role && !change.disabled.value_or(false)) return;
    const bool own = id == caller.agent.id && caller.by_cookie;
    storage::delete_sessions_of(tx, id, own ? std::string_view(caller.credential) : std::string_view());
    if (change.disabled.value_or(false)) storage::delete_tokens_of(tx, id);
}

/// PATCH /v1/agents/{id}
awaitable<Answer> change_agent(Context& context, Call& call)
{
    const auto number = path_id(call);
    if (!number) co_return number.error();
    const AgentId id{*number};
    Fields fields(call.request.body);
    const auto change = read_change(fields, context.engine.settings());
    const bool own = id == call.caller->agent.id;
    if (own && (change.role || change.disabled)) fields.wrong_value(change.role ? "role" : "disabled", "nobody can change their own");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (fields.empty()) {
        co_return call.refuse({.status = 422,
                               .code = "invalid_input",
                               .detail = "Send at least one field to change.",
                               .errors = {{"", "at least one field expected"}}});
    }
    const auto own_role = call.caller->agent.role;
    if (change.role && *change.role > own_role) co_return above_own_role();

    std::string hash;
    if (change.password) hash = co_await context.sessions.hash_password(*change.password);
    const auto now = context.clock.now();
    auto save = [&](Transaction& tx) -> Result<std::string> {
        auto agent = storage::find_agent(tx, id);
        if (!agent) return Error(ErrorKind::not_found, "There is no agent " + std::to_string(id.value) + ".");
        if (agent->role > own_role) return above_own_role();
        apply(change, *agent);
        if (const auto saved = storage::save_agent(tx, *agent); !saved) return saved.error();
        if (!hash.empty()) {
            if (const auto saved = storage::set_password(tx, id, hash); !saved) return saved.error();
        }
        end_sessions(tx, change, *call.caller, id);
        append_agent_event(tx, "agent.changed", call, id, now);
        std::int64_t open = 0;
        for (const auto& load : storage::open_load(tx)) {
            if (load.agent == id) open = load.open_tickets;
        }
        return agent_json(*agent, open);
    };
    auto body = co_await context.db.write(save);
    if (!body) co_return body.error();
    context.sessions.rights_changed();
    if (change.touches_rights()) context.feed.wake_all();
    co_return json_response(200, std::move(*body));
}

constexpr Route routes[] = {
    {Method::get, "/v1/agents", Access::agent, list_agents},
    {Method::post, "/v1/agents", Access::supervisor, add_agent},
    {Method::patch, "/v1/agents/{id}", Access::supervisor, change_agent},
};

} // namespace

std::span<const Route> agent_routes()
{
    return routes;
}

} // namespace sportello::api
