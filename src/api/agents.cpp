// The pool.
#include "context.hpp"
#include "fields.hpp"
#include "people_at_hand.hpp"
#include "people_json.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/engine/leaving.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/idempotency.hpp>
#include <sportello/storage/sessions.hpp>
#include <sportello/storage/tickets.hpp>
#include <sportello/storage/tokens.hpp>

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

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

Error above_own_role()
{
    return Error(ErrorKind::forbidden, "Nobody can give, change or take away a role above their own.");
}

Error beyond_own_brands()
{
    return Error(ErrorKind::forbidden, "Nobody can give brands that they do not answer for themselves; name those of yours.",
                 {{"/brands", "only your own"}});
}

/// An e-mail address as we compare it, or a complaint. Whether it works is seen when it is written to.
std::optional<std::string> read_email(Fields& fields)
{
    auto email = fields.maybe_text("email", {0, 254});
    if (!email) return std::nullopt;
    for (char& c : *email) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto at = email->find('@');
    const bool plain = std::none_of(email->begin(), email->end(), [](char c) { return c <= ' ' || c == '<' || c == '>' || c == ','; });
    const bool good = email->empty() || (plain && at != std::string::npos && at > 0 && at + 1 < email->size() && at == email->rfind('@'));
    if (!good) fields.wrong_value("email", "an address like anna@example.com expected; empty: none");
    return email;
}

/// What the audit tells of a person at the counter.
nlohmann::json facts_of(const Agent& agent)
{
    return {{"login", agent.login},
            {"name", agent.name},
            {"role", to_string(agent.role)},
            {"capacity", agent.capacity},
            {"available", agent.available},
            {"disabled", agent.disabled},
            {"needs_approval", agent.needs_approval},
            {"brands", agent.brands},
            {"skills", agent.skills},
            {"languages", agent.languages},
            {"teams", agent.teams}};
}

void keep_differences(nlohmann::json& before, nlohmann::json& after)
{
    const nlohmann::json same = before;
    for (const auto& [name, value] : same.items()) {
        if (after.at(name) != value) continue;
        before.erase(name);
        after.erase(name);
    }
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
    const auto password = fields.maybe_text("password", {10, 1000});
    const auto email = read_email(fields);
    agent.role = fields.maybe_word("role", domain::parse_role, role_words).value_or(domain::Role::agent);
    agent.capacity = static_cast<std::int32_t>(fields.maybe_number("capacity", 0, 1000).value_or(20));
    auto brands = fields.maybe_texts("brands", 100, {1, 100});
    check_brands(fields, brands, context.engine.settings());
    agent.brands = std::move(brands).value_or(std::vector<std::string>());
    auto abilities = read_abilities(fields, context.engine.settings());
    agent.skills = std::move(abilities.skills).value_or(std::vector<std::string>());
    agent.languages = std::move(abilities.languages).value_or(std::vector<std::string>());
    agent.teams = std::move(abilities.teams).value_or(std::vector<std::string>());
    agent.needs_approval = fields.maybe_flag("needs_approval").value_or(false);
    if (!is_login(agent.login)) fields.wrong_value("login", "small letters, digits and . _ @ - expected");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (agent.role > call.caller->agent.role) co_return above_own_role();
    if (!answers_for(call.caller->agent, agent.brands)) co_return beyond_own_brands();

    // Without a password the person gets in by an invitation (POST /v1/agents/{id}/access-link).
    std::string hash;
    if (password) hash = co_await context.sessions.hash_password(*password);
    const auto order = command(call);
    const auto now = context.clock.now();
    auto add = [&](Transaction& tx) -> Result<std::string> {
        return once(tx, order, now, [&]() -> Result<std::string> {
            const auto id = storage::insert_agent(tx, agent, hash, now);
            if (!id) return id.error();
            auto added = agent;
            added.id = *id;
            if (email) {
                storage::AgentAccess access;
                access.email = *email;
                if (const auto saved = storage::save_access(tx, *id, access); !saved) return saved.error();
            }
            tell_of_person(tx, "agent.added", call, call.caller->agent, *id, now, nullptr, facts_of(added));
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
    std::optional<std::string> email;
    std::optional<bool> second_factor_required;
    std::optional<domain::Role> role;
    std::optional<bool> available;
    std::optional<bool> disabled;
    std::optional<bool> needs_approval;
    std::optional<std::int64_t> capacity;
    std::optional<std::vector<std::string>> brands;
    Abilities abilities;

    /// What of the change takes a right away or may do so.
    [[nodiscard]] bool touches_rights() const
    {
        return password || role || disabled || brands || abilities.teams || second_factor_required;
    }
};

AgentChange read_change(Fields& fields, const engine::Settings& settings)
{
    AgentChange change;
    change.name = fields.maybe_text("name", {1, 200});
    change.password = fields.maybe_text("password", {10, 1000});
    change.email = read_email(fields);
    change.second_factor_required = fields.maybe_flag("second_factor_required");
    change.role = fields.maybe_word("role", domain::parse_role, role_words);
    change.available = fields.maybe_flag("available");
    change.disabled = fields.maybe_flag("disabled");
    change.needs_approval = fields.maybe_flag("needs_approval");
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
    if (change.needs_approval) agent.needs_approval = *change.needs_approval;
    if (change.disabled.value_or(false)) agent.available = false;
    if (change.capacity) agent.capacity = static_cast<std::int32_t>(*change.capacity);
    if (change.brands) agent.brands = *change.brands;
    if (change.abilities.skills) agent.skills = *change.abilities.skills;
    if (change.abilities.languages) agent.languages = *change.abilities.languages;
    if (change.abilities.teams) agent.teams = *change.abilities.teams;
}

Result<void> save_way_in(Transaction& tx, const AgentChange& change, AgentId id)
{
    if (!change.email && !change.second_factor_required) return {};
    auto access = storage::access_of(tx, id);
    if (change.email) access.email = *change.email;
    if (change.second_factor_required) access.second_factor_required = *change.second_factor_required;
    return storage::save_access(tx, id, access);
}

/// A new password, role or `disabled` ends the person's sessions and one-time links; tokens end with the person only.
void end_sessions(Transaction& tx, const AgentChange& change, const Caller& caller, AgentId id)
{
    if (!change.password && !change.role && !change.disabled.value_or(false)) return;
    const bool own = id == caller.agent.id && caller.by_cookie;
    storage::delete_sessions_of(tx, id, own ? std::string_view(caller.credential) : std::string_view());
    storage::delete_access_links(tx, id);
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
    if (own && change.needs_approval) fields.wrong_value("needs_approval", "nobody can change their own");
    if (own && (change.role || change.disabled)) fields.wrong_value(change.role ? "role" : "disabled", "nobody can change their own");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    if (change.second_factor_required && call.caller->agent.role < domain::Role::admin) {
        co_return Error(ErrorKind::forbidden, "Only admins say who must have a second factor.");
    }
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
        auto agent = person_at_hand(tx, id, *call.caller);
        if (!agent) return agent.error();
        if (change.brands && !answers_for(call.caller->agent, *change.brands)) return beyond_own_brands();
        const bool leaves = change.disabled.value_or(false) && !agent->disabled;
        auto before = facts_of(*agent);
        apply(change, *agent);
        if (const auto saved = storage::save_agent(tx, *agent); !saved) return saved.error();
        if (!hash.empty()) {
            if (const auto saved = storage::set_password(tx, id, hash); !saved) return saved.error();
        }
        if (const auto saved = save_way_in(tx, change, id); !saved) return saved.error();
        end_sessions(tx, change, *call.caller, id);
        if (leaves) engine::give_back_work(tx, id, "taken back: " + agent->name + " no longer works here", now);
        auto after = facts_of(*agent);
        keep_differences(before, after);
        if (change.password) after["password"] = "changed";
        if (change.email) after["email"] = "changed";
        if (change.second_factor_required) after["second_factor_required"] = *change.second_factor_required;
        tell_of_person(tx, leaves ? "agent.disabled" : "agent.changed", call, call.caller->agent, id, now, before, after);
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
    if (change.disabled.value_or(false)) {
        const auto handed_out = co_await context.engine.ticketing().assign_waiting();
        if (!handed_out) spdlog::warn("hand out what a disabled person had: {}", handed_out.error().what());
    }
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> agent_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/agents", Access::agent, list_agents},
        {Method::post, "/v1/agents", Access::supervisor, add_agent},
        {Method::patch, "/v1/agents/{id}", Access::supervisor, change_agent},
    };
    return routes;
}

} // namespace sportello::api
