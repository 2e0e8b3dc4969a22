#include "config_outbound.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace sportello::app {
namespace {

void read_ports(TableReader& reader, std::vector<std::uint16_t>& ports)
{
    std::vector<std::string> texts;
    const toml::node* node = reader.find("ports");
    if (!node) return;
    const toml::array* list = node->as_array();
    ports.clear();
    bool sound = list && !list->empty();
    for (std::size_t i = 0; sound && i < list->size(); ++i) {
        const auto number = list->get(i)->value<std::int64_t>();
        sound = number && *number > 0 && *number <= 65'535;
        if (sound) ports.push_back(static_cast<std::uint16_t>(*number));
    }
    if (!sound) reader.problem("ports", "expected port numbers, like [443, 8443]");
}

/// An address in the configuration that could never be reached is told now, not by the first notice that is lost.
void check_address(TableReader& reader, std::string_view key, const http::OutboundOptions& outbound)
{
    std::string url;
    reader.text(key, url);
    if (url.empty() || !http::parse_url(url)) return; // told by its own reader
    const std::string why = http::outbound_obstacle(outbound, url);
    if (!why.empty()) reader.problem(key, why);
}

/// Where the platforms' files come from when the platform is a simulator or stands behind something of the company's own.
void read_media_hosts(Config& config, const std::vector<std::string>& allow)
{
    std::vector<std::string> places = allow;
    for (const connectors::ChannelSettings& channel : config.connectors) {
        const auto url = http::parse_url(channel.api_base);
        if (!url || url->host == "graph.facebook.com" || url->host == "api.x.com") continue;
        places.push_back(http::host_header(*url));
        config.engine.attachments.hosts.push_back(url->host);
    }
    config.media = config.outbound;
    if (auto allowed = http::AllowedPlaces::parse(places)) config.media.allowed = std::move(*allowed);
}

std::filesystem::path beside_database(const std::string& url)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (!url.starts_with(sqlite) || url == "sqlite::memory:") return {};
    return url.substr(sqlite.size()) + ".files";
}

} // namespace

void read_files(TableReader& root, Config& config)
{
    using namespace std::chrono_literals;
    engine::AttachmentSettings& files = config.engine.attachments;
    files.folder = beside_database(config.database_url);
    std::vector<std::string> allow;
    if (const toml::table* table = root.table("outbound")) {
        TableReader reader(*table, "outbound", root.problems());
        reader.texts("allow", allow);
    }
    read_media_hosts(config, allow);
    if (const toml::table* table = root.table("attachments")) {
        TableReader reader(*table, "attachments", root.problems());
        std::string folder;
        reader.text("folder", folder);
        if (!folder.empty()) files.folder = folder;
        std::int64_t megabytes = 25;
        reader.number("limit_mb", 1, 512, megabytes);
        files.most_bytes = static_cast<std::size_t>(megabytes) << 20;
        reader.boolean("fetch", files.fetch);
        std::vector<std::string> hosts;
        reader.texts("hosts", hosts);
        files.hosts.insert(files.hosts.end(), hosts.begin(), hosts.end());
        reader.end();
    }
    config.server.upload_limit_bytes = files.most_bytes;
    config.media.response_limit_bytes = files.most_bytes;
    if (const toml::table* table = root.table("retention")) {
        TableReader reader(*table, "retention", root.problems());
        engine::RetentionSettings& kept = config.engine.retention;
        constexpr base::Duration longest = 24h * 366 * 30;
        reader.duration("messages", 0s, longest, kept.messages);
        reader.duration("raw", 0s, longest, kept.raw);
        reader.duration("events", 0s, longest, kept.events);
        reader.duration("attachments", 0s, longest, kept.attachments);
        reader.duration("sessions", 0s, longest, kept.sessions);
        reader.duration("deliveries", 0s, longest, kept.deliveries);
        reader.end();
    }
}

void read_outbound(TableReader& root, Config& config)
{
    if (const toml::table* table = root.table("outbound")) {
        TableReader reader(*table, "outbound", root.problems());
        std::vector<std::string> allow;
        reader.texts("allow", allow);
        auto places = http::AllowedPlaces::parse(allow);
        if (places) config.outbound.allowed = std::move(*places);
        else reader.problem("allow", places.error().what());
        read_ports(reader, config.outbound.ports);
        reader.text("authorities", config.outbound.ca_file);
        reader.end();
    }
    for (const toml::table* table : root.tables("team")) {
        TableReader team(*table, "team", root.problems());
        check_address(team, "webhook", config.outbound);
    }
}

} // namespace sportello::app
