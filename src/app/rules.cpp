#include "commands.hpp"

#include <sportello/engine/rule_play.hpp>
#include <sportello/storage/database.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>

namespace sportello::app {
namespace {

using PlayJson = nlohmann::json;
using namespace std::chrono_literals;

constexpr base::Duration longest_play = 24h * 366;

PlayJson json_of(const engine::RulePlay& play)
{
    PlayJson rules = PlayJson::array();
    for (const engine::PlayedRule& rule : play.rules) {
        PlayJson samples = PlayJson::array();
        for (const engine::PlayedFiring& sample : rule.samples) {
            samples.push_back(
                {{"ticket", sample.ticket.value}, {"at", base::to_rfc3339(sample.at)}, {"text", sample.text}, {"did", sample.did}});
        }
        rules.push_back({{"name", rule.name},
                         {"on", to_string(rule.trigger)},
                         {"when", rule.when},
                         {"fired", rule.fired},
                         {"tickets", rule.tickets},
                         {"samples", std::move(samples)}});
    }
    return {
        {"messages", play.messages}, {"tickets", play.tickets}, {"noise", play.noise}, {"spam", play.spam}, {"rules", std::move(rules)}};
}

void print(const engine::RulePlay& play)
{
    std::cout << play.messages << " messages of customers in " << play.tickets << " tickets; without a question: " << play.noise
              << " noise, " << play.spam << " spam\n";
    if (play.rules.empty()) std::cout << "There is no [[rule]] in the configuration.\n";
    for (const engine::PlayedRule& rule : play.rules) {
        std::cout << "\n"
                  << rule.name << " (" << to_string(rule.trigger) << ": " << rule.when << ")\n  fired " << rule.fired << " times, for "
                  << rule.tickets << " tickets\n";
        for (const engine::PlayedFiring& sample : rule.samples) {
            std::cout << "  #" << sample.ticket.value << " " << base::to_rfc3339(sample.at) << ":";
            for (const std::string& did : sample.did) std::cout << " " << did << ";";
            std::string line = sample.text; // one line each
            for (char& c : line) c = c == '\n' || c == '\r' ? ' ' : c;
            std::cout << " \"" << line << "\"\n";
        }
    }
}

} // namespace

int rules(const CommandLine& line, const Config& config)
{
    if (line.words.size() != 1 || line.words[0] != "test") {
        std::cerr << manual("rules");
        return 2;
    }
    const auto span = base::parse_duration(line.since);
    if (!span || *span <= 0s || *span > longest_play) {
        std::cerr << "sportello: --since: expected a duration like 7d or 12h, at most 366d\n";
        return 2;
    }
    constexpr std::string_view sqlite = "sqlite:";
    if (config.database_url.starts_with(sqlite) && !std::filesystem::exists(config.database_url.substr(sqlite.size()))) {
        return complain(config.database_url + " is not there: nothing to play; `serve` makes it"); // looking must not make one
    }
    base::SystemClock clock;
    const auto db = storage::Database::open({.url = config.database_url,
                                             .migrations = config.migrations,
                                             .readers = 1,
                                             .inline_execution = false,
                                             .pooled = config.database_pooled,
                                             .beside_server = true},
                                            clock);
    if (!db) return complain(db.error().what());
    const base::Instant now = clock.now();
    auto unit = [&](storage::Transaction& tx) -> base::Result<engine::RulePlay> {
        return engine::play_rules(tx, config.engine, now - *span, now);
    };
    const auto play = (*db)->read_now(unit);
    if (!play) return complain(play.error().what());
    if (line.json) std::cout << json_of(*play).dump(2, ' ', false, PlayJson::error_handler_t::replace) << "\n";
    else print(*play);
    return 0;
}

} // namespace sportello::app
