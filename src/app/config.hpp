#pragma once

#include "mailer.hpp"

#include <sportello/api/api.hpp>
#include <sportello/base/clock.hpp>
#include <sportello/base/seal.hpp>
#include <sportello/connectors/factory.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/engine/alerts.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/http/outbound.hpp>
#include <sportello/http/server.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sportello::app {

/// A mistake in a configuration file: where it stands and what was expected there.
struct ConfigProblem {
    std::string file;
    unsigned line = 0; ///< 0: the file as a whole
    unsigned column = 0;
    std::string message;
    /// "config/demo.toml:12:3: …", the form that editors jump to.
    [[nodiscard]] std::string to_string() const;
};

/// A member of the pool as ops name it; the password is set on the console.
struct AgentConfig {
    std::string login;
    std::string name;
    domain::Role role = domain::Role::agent;
    std::vector<std::string> brands;
    std::int32_t capacity = 20;
    bool available = false;
    std::string language = "it";
    std::vector<std::string> skills;
    std::vector<std::string> languages; ///< of customers; empty: all
    std::vector<std::string> teams;
};

/// How people get in.
struct AccessConfig {
    std::chrono::minutes session_idle{30};
    std::chrono::minutes session_longest{12 * 60};
    std::vector<domain::Role> second_factor_for;
    std::optional<api::OidcProvider> oidc;
};

/// [backup]: where `sportello backup` puts copies of the database.
struct BackupSettings {
    std::filesystem::path directory; ///< empty: none is expected
    std::int64_t keep = 7;           ///< the newest ones
};

/// Everything the configuration says, in typed values with their defaults.
struct Config {
    http::ServerOptions server;
    std::size_t streams_each = 50; ///< live streams that one session or token may have open
    http::OutboundOptions outbound;
    http::OutboundOptions media;     ///< the same, and what else files of the platforms are fetched from
    std::string public_url;          ///< as people reach it; empty: from the listening address
    std::filesystem::path dashboard; ///< folder of the built dashboard; empty: none is served
    std::string database_url = "sqlite:var/sportello.db";
    bool database_pooled = false;                    ///< PostgreSQL behind a pooler that hands each transaction another session
    std::string database_listen_url;                 ///< past the pooler; empty: nodes look every second for each other's events
    base::Duration lease = std::chrono::seconds(15); ///< a node that was silent for so long loses what it does
    std::filesystem::path migrations;
    std::string log_level = "info";
    bool log_json = false;
    base::Duration drain{}; ///< at a stop: between /readyz saying so and the last request
    engine::Settings engine;
    std::vector<connectors::ChannelSettings> connectors;              ///< one for each channel of `engine`
    std::set<std::string, std::less<>> stored;                        ///< channels whose tokens are in the database
    std::map<std::string, api::WebhookSecrets, std::less<>> webhooks; ///< by channel; without an entry its hook is off
    std::optional<base::SealingKey> sealing_key;                      ///< nothing: the one in a file beside the database
    std::vector<base::SealingKey> old_sealing_keys;
    std::vector<AgentConfig> agents;
    AccessConfig access;
    engine::AlertSettings alerts;
    MailSettings mail;
    BackupSettings backup;
    std::vector<api::CrmLink> crm_links;
    std::string practice;        ///< the simulator's address where this house is for practice; empty: it is a real one
    bool require_reason = false; ///< who solves a ticket says why
};

struct LoadedConfig {
    std::optional<Config> config; ///< only without problems
    std::vector<ConfigProblem> problems;
    std::vector<ConfigProblem> warnings;
};

/// Reads a secret by its environment name; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads `file` and what it includes. Reports every mistake at once, each with file, line and column.
/// @param environment  where "env:NAME" credentials come from.
/// @param now  what holiday files are laid out from, and looked at for being out of date
[[nodiscard]] LoadedConfig load_config(const std::filesystem::path& file, const Environment& environment,
                                       base::Instant now = base::SystemClock().now());

/// The environment of this process.
[[nodiscard]] std::optional<std::string> process_environment(const std::string& name);

} // namespace sportello::app
