#include "channel_connect.hpp"
#include "commands.hpp"
#include "database.hpp"
#include "token_store.hpp"

#include <sportello/connectors/examine.hpp>
#include <sportello/domain/access_warning.hpp>
#include <sportello/http/client.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/credentials.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace sportello::app {
namespace {

namespace asio = boost::asio;
using base::Result;
using connectors::Finding;
using Json = nlohmann::ordered_json;

const connectors::ChannelSettings* find_channel(const Config& config, const std::string& id)
{
    const auto found = std::find_if(config.connectors.begin(), config.connectors.end(), [&](const auto& one) { return one.id == id; });
    if (found != config.connectors.end()) return &*found;
    std::cerr << "sportello: the configuration has no channel '" << id << "'; it has";
    for (const auto& one : config.connectors) std::cerr << " " << one.id;
    std::cerr << "\n";
    return nullptr;
}

std::vector<Finding> look(const connectors::ChannelSettings& settings, base::Clock& clock, base::Random& random)
{
    asio::io_context io(1);
    http::Client client(io.get_executor(), {});
    std::vector<Finding> findings;
    std::exception_ptr failure;
    asio::co_spawn(io, connectors::examine(settings, client, clock, random),
                   [&](const std::exception_ptr& error, std::vector<Finding> found) {
                       failure = error;
                       findings = std::move(found);
                       io.stop();
                   });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return findings;
}

Json as_json(const Finding& finding)
{
    return {{"weight", to_string(finding.weight)}, {"topic", finding.topic}, {"text", finding.text}};
}

void print(const connectors::ChannelSettings& settings, const std::vector<Finding>& findings, bool well, bool json)
{
    if (json) {
        Json all = Json::array();
        for (const Finding& finding : findings) all.push_back(as_json(finding));
        const Json body{{"channel", settings.id},
                        {"platform", domain::to_string(settings.platform)},
                        {"account", settings.account},
                        {"ok", well},
                        {"findings", all}};
        std::cout << body.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
        return;
    }
    std::cout << settings.id << " (" << domain::to_string(settings.platform) << " " << settings.account << ")\n";
    for (const Finding& finding : findings) {
        std::string head = finding.topic;
        head.resize(std::max<std::size_t>(12, head.size() + 1), ' ');
        const bool loud = finding.weight == Finding::Weight::problem || finding.weight == Finding::Weight::warning;
        std::string mark = loud ? std::string(to_string(finding.weight)) : finding.weight == Finding::Weight::good ? "ok" : "";
        mark.resize(9, ' ');
        std::cout << "  " << mark << head << finding.text << "\n";
    }
    std::cout << (well ? "Nothing stands in the way.\n" : "This channel cannot work as it is: see the problems above.\n");
}

int check(const CommandLine& line, const Config& config, connectors::ChannelSettings settings)
{
    base::SystemClock clock;
    base::SystemRandom random;
    std::vector<Finding> findings;
    // Only a channel whose tokens are in there needs the database.
    std::unique_ptr<storage::Database> db;
    std::optional<StoredTokens> store;
    if (config.stored.contains(settings.id)) {
        db = open_database(config, clock, true);
        if (!db) return 1;
        store.emplace(*db, config, clock, random);
        std::vector<connectors::ChannelSettings> one{settings};
        for (const std::string& complaint : store->attach(config, one)) findings.push_back({Finding::Weight::problem, "token", complaint});
        settings = std::move(one.front());
    }
    if (findings.empty()) findings = look(settings, clock, random);
    const bool well = std::none_of(findings.begin(), findings.end(), [](const Finding& f) { return f.weight == Finding::Weight::problem; });
    print(settings, findings, well, line.json);
    return well ? 0 : 1;
}

/// A channel as `list` shows it.
struct Row {
    std::string id, platform, account, tokens, state, warning;
};

Result<std::vector<Row>> rows_of(storage::Database& db, const Config& config, base::Instant now)
{
    auto unit = [&](storage::Transaction& tx) -> Result<std::vector<Row>> {
        std::vector<Row> rows;
        for (const auto& channel : config.connectors) {
            const storage::ChannelState state = storage::load_channel(tx, channel.id);
            Row row{channel.id, std::string(domain::to_string(channel.platform)), channel.account, "configured", state.state, ""};
            if (config.stored.contains(channel.id)) {
                const auto stored = storage::find_credential(tx, channel.id);
                row.tokens = stored ? "stored since " + base::to_rfc3339(stored->updated_at) : "not connected";
            }
            if (!state.last_poll_at && state.state == "ok") row.state = "never read";
            row.warning =
                state.reason.empty() ? domain::access_warning(channel.id, state.access_ends_at, state.access_lacks, now) : state.reason;
            rows.push_back(std::move(row));
        }
        return rows;
    };
    return db.read_now(unit);
}

int list(const CommandLine& line, const Config& config)
{
    base::SystemClock clock;
    const base::SystemRandom libsodium_is_ready;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    const auto rows = rows_of(*db, config, clock.now());
    if (!rows) {
        std::cerr << "sportello: " << rows.error().what() << "\n";
        return 1;
    }
    if (line.json) {
        Json all = Json::array();
        for (const Row& row : *rows) {
            all.push_back({{"id", row.id},
                           {"platform", row.platform},
                           {"account", row.account},
                           {"tokens", row.tokens},
                           {"state", row.state},
                           {"warning", row.warning}});
        }
        std::cout << all.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
        return 0;
    }
    std::size_t widest = 0;
    for (const Row& row : *rows) widest = std::max(widest, row.id.size());
    for (const Row& row : *rows) {
        std::string id = row.id;
        id.resize(widest + 2, ' ');
        std::cout << id << row.platform << " " << row.account << ", tokens " << row.tokens << ", " << row.state
                  << (row.warning.empty() ? "" : ": " + row.warning) << "\n";
    }
    return 0;
}

} // namespace

int channel(const CommandLine& line, const Config& config)
{
    const std::string action = line.words.empty() ? "" : line.words[0];
    if (action == "list" && line.words.size() == 1) return list(line, config);
    if (line.words.size() != 2 || (action != "connect" && action != "check")) {
        std::cerr << manual("channel");
        return 2;
    }
    const connectors::ChannelSettings* settings = find_channel(config, line.words[1]);
    if (settings == nullptr) return 2;
    return action == "connect" ? connect_channel(line, config, *settings) : check(line, config, *settings);
}

} // namespace sportello::app
