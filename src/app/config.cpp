#include "config.hpp"

#include "config_access.hpp"
#include "config_alerts.hpp"
#include "config_answering.hpp"
#include "config_calendar.hpp"
#include "config_dashboard.hpp"
#include "config_outages.hpp"
#include "config_outbound.hpp"
#include "config_rules.hpp"
#include "config_staff.hpp"
#include "config_targets.hpp"
#include "config_threading.hpp"
#include "toml_reader.hpp"

#include <sportello/base/log.hpp>
#include <sportello/base/text.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/http/url.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

struct Polling {
    base::Duration open = 20s;
    base::Duration closed = 4min; // an access that dies at night is told of within five
    base::Duration recheck = 1min;
};

struct Platforms {
    std::string facebook_api = "https://graph.facebook.com";
    std::string facebook_version = "v25.0";
    std::string twitter_api = "https://api.x.com";
};

bool is_id(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
}

/// The id of a [[table]]: there, well formed and not used twice.
bool read_id(TableReader& reader, std::set<std::string>& used, std::string& id, std::string_view key = "id")
{
    if (!reader.required_text(key, id)) return false;
    if (!is_id(id)) reader.problem(key, "expected letters, digits, '-', '_' and '.', at most 64");
    else if (!used.insert(id).second) reader.problem(key, "'" + id + "' stands here a second time");
    return true;
}

/// An origin, in the form in which browsers send Host and Origin.
void read_public_url(TableReader& reader, std::string& public_url)
{
    reader.text("public_url", public_url);
    if (public_url.empty()) return;
    const auto url = http::parse_url(public_url);
    if (!url || url->target != "/") {
        reader.problem("public_url", "expected scheme and host without a path, like \"https://sportello.example.com\"");
        return;
    }
    public_url = url->scheme + "://" + http::host_header(*url);
}

void read_server(TableReader& root, Config& config)
{
    const toml::table* table = root.table("server");
    if (!table) return;
    TableReader reader(*table, "server", root.problems());
    std::string listen = config.server.address + ":8080";
    reader.text("listen", listen);
    const std::size_t colon = listen.rfind(':');
    const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
    const bool number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (!number || std::stoul(port) > 65535) {
        reader.problem("listen", "expected an address and a port like \"127.0.0.1:8080\"");
    } else {
        config.server.address = listen.substr(0, colon);
        config.server.port = static_cast<std::uint16_t>(std::stoul(port));
    }
    reader.text("certificate", config.server.certificate_file);
    reader.text("key", config.server.key_file);
    if (config.server.certificate_file.empty() != config.server.key_file.empty()) {
        reader.problem("certificate", "certificate and key go together: give both, or none for plain HTTP on loopback");
    }
    read_public_url(reader, config.public_url);
    reader.texts("trusted_proxies", config.server.trusted_proxies);
    std::string dashboard = config.dashboard.string();
    reader.text("dashboard", dashboard);
    config.dashboard = dashboard;
    std::int64_t body = static_cast<std::int64_t>(config.server.body_limit_bytes);
    reader.number("body_limit_bytes", 1024, 64 * 1024 * 1024, body);
    config.server.body_limit_bytes = static_cast<std::size_t>(body);
    std::int64_t connections = static_cast<std::int64_t>(config.server.connection_limit);
    reader.number("connection_limit", 16, 100'000, connections);
    config.server.connection_limit = static_cast<std::size_t>(connections);
    std::int64_t streams = static_cast<std::int64_t>(config.streams_each);
    reader.number("stream_limit", 1, 100'000, streams);
    config.streams_each = static_cast<std::size_t>(streams);
    reader.duration("drain", 0s, 10min, config.drain);
    reader.end();
    const bool loopback = config.server.address == "127.0.0.1" || config.server.address == "::1" || config.server.address == "localhost";
    if (!loopback && config.server.certificate_file.empty() && config.server.trusted_proxies.empty()) {
        reader.problem("listen", "plain HTTP on an address that others can reach would send passwords in the clear: give certificate "
                                 "and key, or trusted_proxies of a proxy that speaks TLS, or listen on 127.0.0.1");
    }
}

/// Whether the address of a PostgreSQL names a password, which does not belong into a file that many read.
bool holds_password(std::string_view url)
{
    const std::string_view authority = url.substr(url.find("://") + 3, url.find_first_of("/?", url.find("://") + 3) - url.find("://") - 3);
    const auto at = authority.rfind('@');
    const bool in_front = at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
    return in_front || url.find("password=") != std::string_view::npos;
}

void check_database_url(TableReader& reader, const Config& config)
{
    const bool postgresql = config.database_url.starts_with("postgresql://");
    if (!postgresql && !config.database_url.starts_with("sqlite:")) {
        reader.problem("url", "expected \"sqlite:PATH\" or \"postgresql://HOST,HOST/NAME?target_session_attrs=read-write\"");
    } else if (postgresql && holds_password(config.database_url)) {
        reader.problem("url", "a password does not belong here: put it in the environment as PGPASSWORD, or in the file that "
                              "passfile=PATH names in the address");
    } else if (!postgresql && config.database_pooled) {
        reader.problem("pooled", "is about a pooler before PostgreSQL; SQLite has none");
    }
    const std::string& listen = config.database_listen_url;
    if (listen.empty()) return;
    if (!listen.starts_with("postgresql://")) {
        reader.problem("listen_url", "expected \"postgresql://HOST,HOST/NAME?target_session_attrs=read-write\", past the pooler");
    } else if (holds_password(listen)) {
        reader.problem("listen_url", "a password does not belong here, see url");
    } else if (!config.database_pooled) {
        reader.problem("listen_url", "is the way past a pooler: give pooled = true too, or leave it out");
    }
}

void read_storage(TableReader& root, Config& config)
{
    if (const toml::table* table = root.table("storage")) {
        TableReader reader(*table, "storage", root.problems());
        reader.text("url", config.database_url);
        std::string migrations;
        reader.text("migrations", migrations);
        if (!migrations.empty()) config.migrations = migrations;
        reader.boolean("pooled", config.database_pooled);
        reader.text("listen_url", config.database_listen_url);
        reader.duration("lease", 2s, 5min, config.lease);
        check_database_url(reader, config);
        reader.end();
    }
    if (const toml::table* table = root.table("log")) {
        TableReader reader(*table, "log", root.problems());
        const auto parse = [](std::string_view word) -> std::optional<std::string> {
            for (const std::string_view known : {"trace", "debug", "info", "warn", "error", "off"}) {
                if (word == known) return std::string(word);
            }
            return std::nullopt;
        };
        reader.word("level", "one of trace, debug, info, warn, error, off", parse, config.log_level);
        const auto parse_format = [](std::string_view word) -> std::optional<bool> {
            return word == "text" ? std::optional(false) : word == "json" ? std::optional(true) : std::nullopt;
        };
        reader.word("format", "\"text\" or \"json\"", parse_format, config.log_json);
        reader.end();
    }
}

/// Beside the database's file; nothing for one in memory.
std::filesystem::path lineage_file_of(std::string_view url)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (!url.starts_with(sqlite) || url.ends_with(":memory:")) return {};
    return std::string(url.substr(sqlite.size())) + ".lineage";
}

/// @param practice  the simulator's address: then both platforms are there, and nothing else is accepted
Platforms read_platforms(TableReader& root, const std::string& practice)
{
    Platforms platforms;
    if (!practice.empty()) platforms.facebook_api = platforms.twitter_api = practice;
    const toml::table* table = root.table("platform");
    if (!table) return platforms;
    TableReader reader(*table, "platform", root.problems());
    const auto read_api = [&](std::string_view name, std::string& api, std::string* version) {
        const toml::table* inner = reader.table(name);
        if (!inner) return;
        TableReader platform(*inner, "platform." + std::string(name), root.problems());
        platform.text("api", api);
        if (version) platform.text("version", *version);
        if (!api.starts_with("https://") && !api.starts_with("http://")) {
            platform.problem("api", "expected an address like \"https://graph.facebook.com\"");
        }
        while (api.ends_with('/')) api.pop_back();
        if (!practice.empty() && api != practice) {
            platform.problem("api",
                             "with [practice] both platforms are the simulator at " + practice + ": leave it out, or take [practice] out");
        }
        platform.end();
    };
    read_api("facebook", platforms.facebook_api, &platforms.facebook_version);
    read_api("twitter", platforms.twitter_api, nullptr);
    reader.end();
    return platforms;
}

Calendars read_calendars(TableReader& root, base::Instant now)
{
    Calendars calendars;
    const toml::table* table = root.table("calendar");
    if (!table) return calendars;
    for (auto&& [name, node] : *table) {
        const toml::table* inner = node.as_table();
        if (!inner) {
            root.problems().add(node,
                                "calendar." + std::string(name.str()) + ": expected a table [calendar." + std::string(name.str()) + "]");
            continue;
        }
        TableReader reader(*inner, "calendar." + std::string(name.str()), root.problems());
        if (auto calendar = read_calendar(reader, now)) calendars.emplace(name.str(), std::move(calendar));
    }
    return calendars;
}

void set_targets(engine::BrandSettings& brand, const domain::TargetPlan& plan)
{
    brand.first_response = plan.usual.first_response;
    brand.next_response = plan.usual.next_response;
    brand.resolution = plan.usual.resolution;
    brand.warn_at = plan.usual.warn_at;
    brand.target_overrides = plan.overrides;
}

void read_brands(TableReader& root, const Calendars& calendars, Config& config)
{
    const auto targets = read_targets(root);
    const auto threading = read_threading(root);
    const auto ratings = read_ratings(root);
    config.engine.promised_first_response = targets.at("default").usual.first_response;
    std::set<std::string> used;
    for (const toml::table* table : root.tables("brand")) {
        TableReader reader(*table, "brand", root.problems());
        engine::BrandSettings brand;
        read_id(reader, used, brand.id);
        brand.name = brand.id;
        reader.text("name", brand.name);
        reader.text("signature", brand.signature);
        const auto language = [](std::string_view word) {
            return word == "it" || word == "en" ? std::optional(std::string(word)) : std::nullopt;
        };
        reader.word("language", "\"it\" or \"en\"", language, brand.language);
        std::string calendar = "office";
        reader.text("calendar", calendar);
        if (const auto found = calendars.find(calendar); found != calendars.end()) brand.calendar = found->second;
        else reader.problem("calendar", "there is no [calendar." + calendar + "] (or it has mistakes)");
        std::string target = "default";
        reader.text("targets", target);
        if (const auto found = targets.find(target); found != targets.end()) set_targets(brand, found->second);
        else reader.problem("targets", "there is no [targets." + target + "]");
        read_policies(reader, threading, ratings, brand);
        reader.end();
        config.engine.brands.push_back(std::move(brand));
    }
    if (config.engine.brands.empty()) root.problem("brand", "no [[brand]] is given; at least one is needed");
}

Polling read_polling(TableReader& root)
{
    Polling polling;
    const toml::table* table = root.table("polling");
    if (!table) return polling;
    TableReader reader(*table, "polling", root.problems());
    reader.duration("open", 200ms, 24h, polling.open);
    reader.duration("closed", 200ms, 24h, polling.closed);
    reader.duration("recheck", 200ms, 24h, polling.recheck);
    reader.end();
    return polling;
}

/// The secret behind "env:NAME" or "file:PATH". @return in words what to do when there is none.
base::Result<std::string> secret_behind(const std::string& source, const Environment& environment)
{
    const auto missing = [](std::string what) { return base::Error(base::ErrorKind::invalid_input, std::move(what)); };
    std::string secret;
    if (source.starts_with("env:")) {
        const std::string name = source.substr(4);
        const auto value = environment(name);
        if (!value || value->empty()) {
            return missing("the environment variable " + name + " is not set; set it to the secret, or write \"file:PATH\"");
        }
        secret = *value;
    } else if (source.starts_with("file:")) {
        std::ifstream file(source.substr(5));
        if (!std::getline(file, secret) || secret.empty()) {
            return missing("the file " + source.substr(5) + " cannot be read or is empty; it must hold the secret on its first line");
        }
    } else {
        return missing("expected \"env:NAME\" or \"file:PATH\"; secrets never stand in this file");
    }
    secret = std::string(base::trim(secret));
    base::hide_in_logs(secret);
    return secret;
}

std::string read_secret(TableReader& reader, std::string_view key, const Environment& environment)
{
    std::string source;
    reader.text(key, source);
    if (source.empty()) return {};
    auto secret = secret_behind(source, environment);
    if (secret) return std::move(*secret);
    reader.problem(key, secret.error().what());
    return {};
}

/// Something that is no secret but often stands beside one: as it is, or behind "env:NAME" or "file:PATH".
std::string read_public_or_secret(TableReader& reader, std::string_view key, const Environment& environment)
{
    std::string text;
    reader.text(key, text);
    if (!text.starts_with("env:") && !text.starts_with("file:")) return text;
    return read_secret(reader, key, environment);
}

/// What seals the tokens in the database.
void read_sealing(TableReader& root, const Environment& environment, Config& config)
{
    const toml::table* table = root.table("sealing");
    if (!table) return;
    TableReader reader(*table, "sealing", root.problems());
    if (const std::string text = read_secret(reader, "key", environment); !text.empty()) {
        if (auto key = base::SealingKey::parse(text)) config.sealing_key = *key;
        else reader.problem("key", key.error().what());
    }
    std::vector<std::string> old_keys;
    reader.texts("old_keys", old_keys);
    for (const std::string& source : old_keys) {
        const auto text = secret_behind(source, environment);
        const auto key = text ? base::SealingKey::parse(*text) : base::Result<base::SealingKey>(text.error());
        if (key) config.old_sealing_keys.push_back(*key);
        else reader.problem("old_keys", key.error().what());
    }
    reader.end();
}

/// What a channel signs in with, and where its tokens are.
void read_access(TableReader& reader, const Environment& environment, connectors::ChannelSettings& reach, Config& config)
{
    connectors::Credentials& secrets = reach.credentials;
    std::string source = "stored";
    reader.text("credentials", source);
    const bool stored = source.empty() || source == "stored";
    if (stored) config.stored.insert(reach.id);
    else secrets.access_token = read_secret(reader, "credentials", environment);
    secrets.access_token_secret = read_secret(reader, "token_secret", environment);
    secrets.consumer_key = read_secret(reader, "consumer_key", environment);
    secrets.consumer_secret = read_secret(reader, "consumer_secret", environment);
    secrets.client_id = read_public_or_secret(reader, "client_id", environment);
    secrets.client_secret = read_secret(reader, "client_secret", environment);
    secrets.app_id = read_public_or_secret(reader, "app_id", environment);
    secrets.app_secret = read_secret(reader, "app_secret", environment);
    if (!secrets.app_id.empty() && secrets.app_id.find_first_not_of("0123456789") != std::string::npos) {
        reader.problem("app_id", "expected the app's number, as its dashboard shows it");
    }
    const bool twitter = reach.platform == domain::Platform::twitter;
    if (stored && twitter && secrets.client_id.empty() && secrets.consumer_key.empty()) {
        reader.problem("credentials", "tokens in the database need the app's `client_id` (OAuth 2.0), or its `consumer_key` and "
                                      "`consumer_secret` (OAuth 1.0a); or name the token: \"env:NAME\" or \"file:PATH\"");
    }
    if (secrets.consumer_key.empty() != secrets.consumer_secret.empty()) {
        reader.problem("consumer_key", "consumer_key and consumer_secret go together");
    }

    api::WebhookSecrets hook;
    hook.secret = read_secret(reader, "webhook_secret", environment);
    if (hook.secret.empty()) hook.secret = twitter ? secrets.consumer_secret : secrets.app_secret;
    hook.old_secret = read_secret(reader, "old_webhook_secret", environment);
    hook.verify_token = read_secret(reader, "verify_token", environment);
    if (!hook.verify_token.empty() && twitter) reader.problem("verify_token", "only Facebook asks for one");
    else if (hook.secret.empty() && (!hook.old_secret.empty() || !hook.verify_token.empty())) {
        reader.problem("webhook_secret", "deliveries cannot be checked without the secret that signs them: give it, or `" +
                                             std::string(twitter ? "consumer_secret" : "app_secret") + "`");
    }
    if (!hook.secret.empty()) config.webhooks.emplace(reach.id, std::move(hook));
}

void read_channel(TableReader& reader, const Polling& polling, const Platforms& platforms, const Environment& environment,
                  std::set<std::string>& used, Config& config)
{
    engine::ChannelSettings channel;
    connectors::ChannelSettings reach;
    read_id(reader, used, channel.id);
    if (reader.required_text("brand", channel.brand) && !config.engine.brand(channel.brand)) {
        reader.problem("brand", "there is no [[brand]] with id \"" + channel.brand + "\"");
    }
    if (!reader.find("platform")) reader.problem("platform", "is missing: \"facebook\" or \"twitter\"");
    reader.word("platform", "\"facebook\" or \"twitter\"", domain::parse_platform, channel.platform);
    if (reader.required_text("account", channel.account) && channel.account.starts_with('@')) {
        reader.problem("account", "write the handle without '@'");
    }
    channel.poll_open = polling.open;
    channel.poll_closed = polling.closed;
    channel.recheck = polling.recheck;
    if (const toml::table* poll = reader.table("poll")) {
        TableReader own(*poll, "channel.poll", reader.problems());
        own.duration("open", 200ms, 24h, channel.poll_open);
        own.duration("closed", 200ms, 24h, channel.poll_closed);
        own.duration("recheck", 200ms, 24h, channel.recheck);
        own.end();
    }
    if (const toml::table* budget = reader.table("budget")) {
        TableReader own(*budget, "channel.budget", reader.problems());
        own.dollars("usd_a_day", channel.money.a_day);
        own.dollars("usd_a_month", channel.money.a_month);
        own.boolean("owned_reads", reach.owned_reads);
        own.end();
    }
    reach.money = channel.money;
    std::int64_t limit = 280;
    reader.number("public_limit", 280, 25'000, limit);
    channel.public_limit = static_cast<std::size_t>(limit);
    reader.instant("start_at", channel.start_at);
    reader.boolean("publish", channel.publish);
    reader.word("reply_rule", "\"mentioned\" or \"none\" (an Enterprise account)", domain::parse_reply_rule, channel.reply_rule);
    reader.boolean("resend_unseen", channel.resend_unseen);
    reader.text("private_link", channel.private_link);
    if (!channel.private_link.empty() && !http::parse_url(channel.private_link)) {
        reader.problem("private_link", "expected an address like \"https://m.me/yourpage\"");
    }

    reach.id = channel.id;
    reach.brand = channel.brand;
    reach.platform = channel.platform;
    reach.account = channel.account;
    reach.api_base = channel.platform == domain::Platform::facebook ? platforms.facebook_api + "/" + platforms.facebook_version
                                                                    : platforms.twitter_api + "/2";
    read_access(reader, environment, reach, config);
    reader.boolean("human_agent", reach.human_agent);
    channel.human_agent = reach.human_agent;
    reader.duration("overlap", 0s, 48h, reach.overlap);
    reader.end();
    config.engine.channels.push_back(std::move(channel));
    config.connectors.push_back(std::move(reach));
}

void read_channels(TableReader& root, const Environment& environment, Config& config)
{
    const Polling polling = read_polling(root);
    config.practice = read_practice(root);
    const Platforms platforms = read_platforms(root, config.practice);
    std::set<std::string> used;
    for (const toml::table* table : root.tables("channel")) {
        TableReader reader(*table, "channel", root.problems());
        read_channel(reader, polling, platforms, environment, used, config);
    }
}

void read_agents(TableReader& root, Config& config)
{
    std::set<std::string> used;
    for (const toml::table* table : root.tables("agent")) {
        TableReader reader(*table, "agent", root.problems());
        AgentConfig agent;
        read_id(reader, used, agent.login, "login");
        agent.name = agent.login;
        reader.text("name", agent.name);
        reader.word("role", "\"agent\", \"phone\", \"supervisor\" or \"admin\"", domain::parse_role, agent.role);
        reader.texts("brands", agent.brands);
        for (const std::string& brand : agent.brands) {
            if (!config.engine.brand(brand)) reader.problem("brands", "there is no [[brand]] with id \"" + brand + "\"");
        }
        std::int64_t capacity = agent.capacity;
        reader.number("capacity", 0, 10'000, capacity);
        agent.capacity = static_cast<std::int32_t>(capacity);
        reader.boolean("available", agent.available);
        read_abilities(reader, config.engine, agent);
        const auto language = [](std::string_view word) {
            return word == "it" || word == "en" ? std::optional(std::string(word)) : std::nullopt;
        };
        reader.word("language", "\"it\" or \"en\"", language, agent.language);
        reader.end();
        config.agents.push_back(std::move(agent));
    }
}

/// What `cmake --install` put beside the program: PREFIX/share/sportello/NAME for PREFIX/bin/sportello, wherever that is.
std::optional<std::filesystem::path> installed(std::string_view name)
{
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (failed) return std::nullopt;
    const auto folder = program.parent_path().parent_path() / "share" / "sportello" / name;
    return std::filesystem::is_directory(folder, failed) ? std::optional(folder) : std::nullopt;
}

} // namespace

LoadedConfig load_config(const std::filesystem::path& file, const Environment& environment, base::Instant now)
{
    Problems problems;
    LoadedConfig loaded;
    if (const auto table = read_toml(file, problems)) {
        TableReader root(*table, "", problems);
        Config config;
        config.migrations = installed("migrations").value_or(SPORTELLO_MIGRATIONS);
        config.dashboard = installed("dashboard").value_or("");
        read_server(root, config);
        read_storage(root, config);
        read_sealing(root, environment, config);
        config.engine.lineage_file = lineage_file_of(config.database_url);
        const Calendars calendars = read_calendars(root, now);
        read_brands(root, calendars, config);
        const auto secret = [&](TableReader& reader, std::string_view key) { return read_secret(reader, key, environment); };
        read_teams(root, calendars, secret, config.engine.teams);
        read_channels(root, environment, config);
        read_assignment(root, config.engine.assignment);
        config.engine.answering = read_answering(root);
        read_outages(root, config.engine.outages);
        check_target_channels(root, config.engine);
        read_acknowledgement(root, config.engine);
        read_agents(root, config);
        read_access(root, secret, config);
        read_rota(root, config.agents, config.engine.rota);
        read_rules(root, config);
        read_personal_data(root, config);
        read_outbound(root, config);
        read_files(root, config);
        read_crm_links(root, config);
        read_alerts(
            root, [&](const std::string& source) { return secret_behind(source, environment); }, config);
        root.end();
        loaded.config = std::move(config);
    }
    loaded.warnings = std::move(problems.warnings);
    loaded.problems = std::move(problems.found);
    if (!loaded.problems.empty()) loaded.config.reset();
    return loaded;
}

std::optional<std::string> process_environment(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

} // namespace sportello::app
