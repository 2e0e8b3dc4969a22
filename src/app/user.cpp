#include "ask.hpp"
#include "commands.hpp"
#include "database.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/random.hpp>
#include <sportello/base/text.hpp>
#include <sportello/engine/audit.hpp>
#include <sportello/engine/leaving.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/sessions.hpp>
#include <sportello/storage/tokens.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>

#include <unistd.h>

namespace sportello::app {
namespace {

constexpr std::size_t shortest_password = 8;
constexpr std::size_t longest_password = 1000;

std::optional<std::string> read_password(const CommandLine& line)
{
    const std::string password = ask_hidden("Password: ");
    if (!line.password_from_stdin && isatty(STDIN_FILENO) && ask_hidden("Once more: ") != password) {
        std::cerr << "sportello: the two passwords differ; nothing was changed\n";
        return std::nullopt;
    }
    if (password.size() < shortest_password || password.size() > longest_password) {
        std::cerr << "sportello: a password has from 8 to 1000 bytes; nothing was changed\n";
        return std::nullopt;
    }
    return password;
}

/// As people reach the server, as far as the configuration tells.
std::string origin_of(const Config& config)
{
    if (!config.public_url.empty()) return config.public_url;
    const bool v6 = config.server.address.find(':') != std::string::npos;
    return (config.server.certificate_file.empty() ? "http://" : "https://") +
           (v6 ? "[" + config.server.address + "]" : config.server.address) + ":" + std::to_string(config.server.port);
}

int report(const base::Result<void>& result, const std::string& done)
{
    if (!result) {
        std::cerr << "sportello: " << result.error().what() << "\n";
        return 1;
    }
    std::cout << done << "\n";
    return 0;
}

/// In the audit, as what an admin does in the dashboard is.
void keep_in_audit(storage::Transaction& tx, std::string action, domain::AgentId id, const nlohmann::json& before,
                   const nlohmann::json& after, base::Instant now)
{
    engine::audit_console(tx, {.action = std::move(action), .object = "agent", .object_id = std::to_string(id.value)}, before, after, now);
}

int add(const CommandLine& line, const std::string& login, storage::Database& db, base::Clock& clock)
{
    const auto role = domain::parse_role(line.role);
    if (!role) {
        std::cerr << "sportello: --role: expected phone, agent, supervisor or admin\n";
        return 2;
    }
    const auto password = read_password(line);
    if (!password) return 1;
    domain::Agent agent;
    agent.login = login;
    agent.name = base::clean_utf8(line.name.empty() ? login : line.name);
    agent.role = *role;
    const std::string hash = base::hash_password(*password);
    const auto added = db.write_now([&](storage::Transaction& tx) -> base::Result<void> {
        const base::Instant now = clock.now();
        const auto id = storage::insert_agent(tx, agent, hash, now);
        if (!id) return id.error();
        keep_in_audit(tx, "agent.added", *id, nullptr, {{"login", agent.login}, {"name", agent.name}, {"role", to_string(agent.role)}},
                      now);
        return {};
    });
    return report(added, login + " was added as " + std::string(to_string(*role)));
}

/// Changes a person who must be there, and ends the person's sessions.
template <class Change> base::Result<void> change(storage::Database& db, const std::string& login, Change&& change_agent)
{
    return db.write_now([&](storage::Transaction& tx) -> base::Result<void> {
        auto found = storage::find_agent_by_login(tx, login);
        if (!found) return base::Error(base::ErrorKind::not_found, "there is no '" + login + "'; `sportello user add` makes one");
        if (const auto changed = change_agent(tx, found->agent); !changed) return changed.error();
        storage::delete_sessions_of(tx, found->agent.id, "");
        return {};
    });
}

/// Takes the person's work off them; what they sent stays theirs, and is sent.
int disable(storage::Database& db, const std::string& login, base::Instant now)
{
    std::size_t tickets = 0;
    const auto disabled = change(db, login, [&](storage::Transaction& tx, domain::Agent& agent) -> base::Result<void> {
        agent.disabled = true;
        agent.available = false;
        storage::delete_tokens_of(tx, agent.id);
        keep_in_audit(tx, "agent.disabled", agent.id, {{"disabled", false}}, {{"disabled", true}}, now);
        tickets = engine::give_back_work(tx, agent.id, "taken back: " + agent.name + " no longer works here", now);
        return storage::save_agent(tx, agent);
    });
    return report(disabled, login + " can log in no more; " + std::to_string(tickets) + " tickets went back to the queue");
}

/// A link that lets the person in once, for whoever hands it over.
int invite(storage::Database& db, const std::string& login, const std::string& origin, base::Instant now)
{
    base::SystemRandom random;
    const std::string token = random.token();
    const auto made = db.write_now([&](storage::Transaction& tx) -> base::Result<void> {
        const auto found = storage::find_agent_by_login(tx, login);
        if (!found) return base::Error(base::ErrorKind::not_found, "there is no '" + login + "'; `sportello user add` makes one");
        if (found->agent.disabled) return base::Error(base::ErrorKind::conflict, login + " is disabled");
        const bool is_new = found->password_hash.empty();
        storage::replace_access_link(tx, {.token_hash = base::sha256_hex(token),
                                          .kind = is_new ? "invitation" : "reset",
                                          .agent = found->agent.id,
                                          .created_at = now,
                                          .expires_at = now + std::chrono::hours(24) * (is_new ? 7 : 1)});
        keep_in_audit(tx, "agent.link_made", found->agent.id, nullptr, {{"kind", is_new ? "invitation" : "reset"}}, now);
        return {};
    });
    return report(made, origin + "/access#" + token);
}

int forget_second_factor(storage::Database& db, const std::string& login, base::Instant now)
{
    const auto forgotten = change(db, login, [&](storage::Transaction& tx, const domain::Agent& agent) -> base::Result<void> {
        auto access = storage::access_of(tx, agent.id);
        access.totp_secret.clear();
        access.totp_confirmed_at.reset();
        storage::replace_recovery_codes(tx, agent.id, {});
        keep_in_audit(tx, "agent.second_factor_off", agent.id, nullptr, nullptr, now);
        return storage::save_access(tx, agent.id, access);
    });
    return report(forgotten, login + " has no second factor any more");
}

} // namespace

int user(const CommandLine& line, const Config& config)
{
    if (line.words.size() != 2) {
        std::cerr << manual("user");
        return 2;
    }
    const std::string& action = line.words[0];
    const std::string& login = line.words[1];
    constexpr std::array<std::string_view, 5> actions{"add", "passwd", "disable", "invite", "no-second-factor"};
    if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
        std::cerr << "sportello: there is no 'user " << action << "'; it is add, passwd, disable, invite or no-second-factor\n";
        return 2;
    }
    const base::SystemRandom libsodium_is_ready;
    base::SystemClock clock;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    if (action == "add") return add(line, login, *db, clock);
    if (action == "disable") return disable(*db, login, clock.now());
    if (action == "invite") return invite(*db, login, origin_of(config), clock.now());
    if (action == "no-second-factor") return forget_second_factor(*db, login, clock.now());
    const auto password = read_password(line);
    if (!password) return 1;
    const std::string hash = base::hash_password(*password);
    const auto set = change(*db, login, [&](storage::Transaction& tx, domain::Agent& agent) {
        keep_in_audit(tx, "agent.changed", agent.id, nullptr, {{"password", "changed"}}, clock.now());
        return storage::set_password(tx, agent.id, hash);
    });
    return report(set, login + " has a new password");
}

} // namespace sportello::app
