#include "config_alerts.hpp"

#include <sportello/http/url.hpp>

#include <algorithm>
#include <set>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;
using engine::AlertRecipient;

constexpr std::size_t most_recipients = 20;
constexpr std::size_t most_steps = 10;

/// Whether it names a mail server. @param host, tls  of it
bool read_mail_server(const std::string& server, std::string& host, bool& by_tls)
{
    const bool plain = server.starts_with("smtp://");
    by_tls = server.starts_with("smtps://");
    if (!plain && !by_tls) return false;
    host = server.substr(server.find("://") + 3);
    if (const auto colon = host.rfind(':'); colon != std::string::npos && host.find(']', colon) == std::string::npos) {
        const std::string port = host.substr(colon + 1);
        if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos) return false;
        host.resize(colon);
    }
    return !host.empty() && host.find_first_of("/@ ") == std::string::npos;
}

void read_mail(TableReader& root, const SecretBehind& secret, MailSettings& mail)
{
    const toml::table* table = root.table("mail");
    if (!table) return;
    TableReader reader(*table, "mail", root.problems());
    std::string host, password;
    bool by_tls = false;
    if (reader.required_text("server", mail.server) && !read_mail_server(mail.server, host, by_tls)) {
        reader.problem("server", "expected \"smtp://HOST:587\" or \"smtps://HOST\"");
    }
    reader.text("user", mail.user);
    reader.text("password", password);
    if (!password.empty()) {
        if (auto found = secret(password)) mail.password = std::move(*found);
        else reader.problem("password", found.error().what());
    }
    if (reader.required_text("from", mail.from) && !is_mail_address(mail.from)) {
        reader.problem("from", "expected an address like \"sportello@example.it\"");
    }
    reader.boolean("tls", mail.tls);
    if (!mail.tls && !by_tls && !mail.user.empty() && !http::is_loopback(host)) {
        reader.problem("tls", "the password would cross the network in the clear: leave tls on, or use a server of this machine");
    }
    reader.end();
}

/// "mailto:…", "https://…", or one of those behind "env:" or "file:".
std::optional<AlertRecipient> read_recipient(std::string text, const SecretBehind& secret, const http::OutboundOptions& outbound,
                                             std::string& complaint)
{
    AlertRecipient recipient;
    if (text.starts_with("env:") || text.starts_with("file:")) {
        auto found = secret(text);
        if (!found) {
            complaint = found.error().what();
            return std::nullopt;
        }
        text = std::move(*found);
    }
    if (text.starts_with("mailto:")) {
        recipient.address = text.substr(7);
        recipient.label = text;
        if (is_mail_address(recipient.address)) return recipient;
        complaint = "expected one address, like \"mailto:ops@example.it\"";
        return std::nullopt;
    }
    const auto url = http::parse_url(text);
    if (!url) {
        complaint = "expected \"mailto:ADDRESS\", \"https://…\", or one of these behind \"env:NAME\" or \"file:PATH\"";
        return std::nullopt;
    }
    complaint = http::outbound_obstacle(outbound, text);
    if (!complaint.empty()) return std::nullopt;
    recipient.way = AlertRecipient::Way::webhook;
    recipient.address = text;
    recipient.label = url->scheme + "://" + http::host_header(*url); // paths of webhooks are secrets
    return recipient;
}

std::vector<AlertRecipient> read_recipients(TableReader& reader, const SecretBehind& secret, const std::string& signing,
                                            const http::OutboundOptions& outbound)
{
    std::vector<std::string> texts;
    reader.texts("to", texts);
    std::vector<AlertRecipient> recipients;
    if (texts.empty()) reader.problem("to", "is missing: whom to tell, like [\"mailto:ops@example.it\"]");
    if (texts.size() > most_recipients) reader.problem("to", "at most " + std::to_string(most_recipients) + " are told at once");
    for (std::string& text : texts) {
        std::string complaint;
        if (auto recipient = read_recipient(std::move(text), secret, outbound, complaint)) {
            recipient->secret = signing;
            recipients.push_back(std::move(*recipient));
        } else {
            reader.problem("to", complaint);
        }
    }
    return recipients;
}

void read_kinds(TableReader& reader, domain::AlertRoute& route)
{
    std::vector<std::string> kinds;
    reader.texts("kinds", kinds);
    for (const std::string& word : kinds) {
        if (const auto kind = domain::parse_alert_kind(word)) {
            route.kinds.push_back(*kind);
            continue;
        }
        std::string known;
        for (const domain::AlertKind kind : domain::alert_kinds()) known += (known.empty() ? "" : ", ") + std::string(to_string(kind));
        reader.problem("kinds", "there is no kind \"" + word + "\"; there are " + known);
    }
}

void read_alert(TableReader& reader, const SecretBehind& secret, std::set<std::string>& used, Config& config)
{
    engine::AlertRouteSettings alert;
    domain::AlertRoute& route = alert.route;
    if (reader.required_text("name", route.name)) {
        if (route.name.size() > 100) reader.problem("name", "at most 100 bytes");
        else if (!used.insert(route.name).second) reader.problem("name", "'" + route.name + "' stands here a second time");
    }
    read_kinds(reader, route);
    reader.texts("brands", route.brands);
    for (const std::string& brand : route.brands) {
        if (!config.engine.brand(brand)) reader.problem("brands", "there is no [[brand]] with id \"" + brand + "\"");
    }
    reader.word("when", "\"always\", \"open\" or \"closed\"", domain::parse_alert_hours, route.hours);
    reader.duration("repeat", 0s, 24h * 7, route.repeat);
    if (route.repeat > 0s && route.repeat < 1min) reader.problem("repeat", "expected a minute at least, or \"0s\" for never");
    std::string source, signing;
    reader.text("secret", source);
    if (!source.empty()) {
        if (auto found = secret(source)) signing = std::move(*found);
        else reader.problem("secret", found.error().what());
    }
    alert.steps.push_back(read_recipients(reader, secret, signing, config.outbound));
    if (reader.find("escalate")) {
        for (const toml::table* table : reader.tables("escalate")) {
            TableReader step(*table, "alert.escalate", reader.problems());
            base::Duration after{};
            if (!step.find("after")) step.problem("after", "is missing: after how long without an acknowledgement, like \"15m\"");
            step.duration("after", 1min, 24h * 7, after);
            if (after < route.steps.back())
                step.problem("after", "steps are told one after the other: expected no less than the one before");
            route.steps.push_back(after);
            alert.steps.push_back(read_recipients(step, secret, signing, config.outbound));
            step.end();
        }
        if (route.steps.size() > most_steps) reader.problem("escalate", "at most " + std::to_string(most_steps - 1) + " steps");
    }
    reader.end();
    config.alerts.routes.push_back(std::move(alert));
}

void read_watching(TableReader& root, engine::AlertSettings& alerts)
{
    const toml::table* table = root.table("alerts");
    if (!table) return;
    TableReader reader(*table, "alerts", root.problems());
    reader.duration("unknown_for", 1min, 24h, alerts.unknown_for);
    std::int64_t mib = alerts.disk_free_bytes >> 20;
    reader.number("disk_free_mib", 16, 1 << 24, mib);
    alerts.disk_free_bytes = mib << 20;
    reader.duration("kept_for", 24h, 24h * 3650, alerts.kept_for);
    reader.end();
}

void read_backup(TableReader& root, Config& config)
{
    const toml::table* table = root.table("backup");
    if (!table) return;
    TableReader reader(*table, "backup", root.problems());
    std::string folder;
    reader.text("directory", folder);
    config.backup.directory = folder;
    reader.number("keep", 1, 10'000, config.backup.keep);
    reader.duration("max_age", 1min, 24h * 365, config.alerts.backup_age);
    reader.end();
}

} // namespace

void read_alerts(TableReader& root, const SecretBehind& secret, Config& config)
{
    read_mail(root, secret, config.mail);
    read_backup(root, config);
    read_watching(root, config.alerts);
    config.alerts.public_url = config.public_url;
    std::set<std::string> used;
    for (const toml::table* table : root.tables("alert")) {
        TableReader reader(*table, "alert", root.problems());
        read_alert(reader, secret, used, config);
    }
    const bool mails = std::any_of(config.alerts.routes.begin(), config.alerts.routes.end(), [](const engine::AlertRouteSettings& alert) {
        return std::any_of(alert.steps.begin(), alert.steps.end(), [](const auto& step) {
            return std::any_of(step.begin(), step.end(), [](const AlertRecipient& one) { return one.way == AlertRecipient::Way::mail; });
        });
    });
    if (mails && config.mail.server.empty()) root.problem("alert", "mail is to be sent: give [mail] with `server` and `from`");
}

} // namespace sportello::app
