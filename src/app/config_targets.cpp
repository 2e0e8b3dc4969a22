#include "config_targets.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration shortest = 1min;
constexpr base::Duration longest = 1000h;
constexpr std::size_t longest_text = 1000;

void read_share(TableReader& reader, double& share)
{
    const toml::node* node = reader.find("warn_at");
    if (!node) return;
    const auto given = node->value<double>();
    if (given && *given > 0 && *given <= 1) share = *given;
    else reader.problem("warn_at", "expected a share of the target above 0, at most 1, like 0.75");
}

/// The keys of one table of times. `resolution` may be "0s": none.
void read_times(TableReader& reader, domain::TargetTimes& times)
{
    reader.duration("first_response", shortest, longest, times.first_response);
    reader.duration("next_response", shortest, longest, times.next_response);
    reader.duration("resolution", 0s, longest, times.resolution);
    read_share(reader, times.warn_at);
}

/// What differs from `usual` is what the table says.
domain::TargetOverride read_override(TableReader& reader, std::string channel, std::optional<domain::Priority> priority)
{
    domain::TargetOverride rule;
    rule.channel = std::move(channel);
    rule.priority = priority;
    domain::TargetTimes times;
    const bool first = reader.node().contains("first_response");
    const bool next = reader.node().contains("next_response");
    const bool resolution = reader.node().contains("resolution");
    const bool warn = reader.node().contains("warn_at");
    read_times(reader, times);
    if (first) rule.first_response = times.first_response;
    if (next) rule.next_response = times.next_response;
    if (resolution) rule.resolution = times.resolution;
    if (warn) rule.warn_at = times.warn_at;
    return rule;
}

/// [….low], [….normal], [….high], [….urgent]
void read_priorities(TableReader& reader, const std::string& channel, domain::TargetPlan& plan)
{
    for (const auto priority : {domain::Priority::low, domain::Priority::normal, domain::Priority::high, domain::Priority::urgent}) {
        const toml::table* table = reader.table(to_string(priority));
        if (!table) continue;
        TableReader own(*table, reader.name() + "." + std::string(to_string(priority)), reader.problems());
        plan.overrides.push_back(read_override(own, channel, priority));
        own.end();
    }
}

domain::TargetPlan read_plan(TableReader& reader)
{
    domain::TargetPlan plan;
    read_times(reader, plan.usual);
    read_priorities(reader, "", plan);
    const toml::table* channels = reader.table("channel");
    if (!channels) return plan;
    for (auto&& [name, node] : *channels) {
        const std::string channel(name.str());
        const toml::table* table = node.as_table();
        if (!table) {
            reader.problems().add(node, reader.name() + ".channel." + channel + ": expected a table of times");
            continue;
        }
        TableReader own(*table, reader.name() + ".channel." + channel, reader.problems());
        plan.overrides.push_back(read_override(own, channel, std::nullopt));
        read_priorities(own, channel, plan);
        own.end();
    }
    return plan;
}

void read_acknowledgement_texts(TableReader& reader, std::string_view key, engine::AcknowledgementSettings::Texts& texts)
{
    const toml::table* table = reader.table(key);
    if (!table) return;
    TableReader own(*table, reader.name() + "." + std::string(key), reader.problems());
    for (const char* language : {"it", "en"}) {
        std::string text;
        own.text(language, text);
        if (text.size() > longest_text) own.problem(language, "expected at most 1000 characters");
        else if (!text.empty()) texts[language] = text;
    }
    own.end();
}

/// `promise`: true for all brands, or a list of brands. @return their ids
std::vector<std::string> read_promising(TableReader& reader, const engine::Settings& settings)
{
    std::vector<std::string> brands;
    const toml::node* node = reader.find("promise");
    if (!node) return brands;
    if (const auto all = node->value<bool>()) {
        for (const engine::BrandSettings& brand : settings.brands) {
            if (*all) brands.push_back(brand.id);
        }
        return brands;
    }
    reader.texts("promise", brands);
    for (const std::string& brand : brands) {
        if (!settings.brand(brand)) reader.problem("promise", "there is no [[brand]] with id \"" + brand + "\"");
    }
    return brands;
}

} // namespace

TargetPlans read_targets(TableReader& root)
{
    TargetPlans plans{{"default", {}}};
    const toml::table* table = root.table("targets");
    if (!table) return plans;
    for (auto&& [name, node] : *table) {
        const toml::table* inner = node.as_table();
        if (!inner) {
            root.problems().add(node, "targets: expected tables, as [targets.default]");
            continue;
        }
        TableReader reader(*inner, "targets." + std::string(name.str()), root.problems());
        plans.insert_or_assign(std::string(name.str()), read_plan(reader));
        reader.end();
    }
    return plans;
}

void check_target_channels(TableReader& root, const engine::Settings& settings)
{
    const toml::table* table = root.table("targets");
    if (!table) return;
    for (auto&& [name, node] : *table) {
        const toml::table* inner = node.as_table();
        const toml::table* channels = inner ? (*inner)["channel"].as_table() : nullptr;
        if (!channels) continue;
        for (auto&& [channel, times] : *channels) {
            if (domain::parse_platform(channel.str()) || settings.channel(channel.str())) continue;
            root.problems().add(times,
                                "targets." + std::string(name.str()) + ".channel." + std::string(channel.str()) +
                                    ": there is no [[channel]] with that id; \"facebook\" and \"twitter\" stand for all of a platform");
        }
    }
}

void read_acknowledgement(TableReader& root, engine::Settings& settings)
{
    const toml::table* table = root.table("acknowledgement");
    if (!table) return;
    TableReader reader(*table, "acknowledgement", root.problems());
    engine::AcknowledgementSettings all;
    read_acknowledgement_texts(reader, "texts", all.texts);
    read_acknowledgement_texts(reader, "promise_texts", all.promise_texts);
    const std::vector<std::string> promising = read_promising(reader, settings);
    if (!promising.empty() && all.promise_texts.empty()) {
        reader.problem("promise", "promises are told by [acknowledgement.promise_texts]: there are none");
    }
    for (const auto& [language, text] : all.promise_texts) {
        if (text.find("{promise}") == std::string::npos) reader.problem("promise_texts", "expected {promise} in the text of " + language);
    }
    reader.end();
    for (engine::BrandSettings& brand : settings.brands) {
        brand.acknowledgement = all;
        brand.acknowledgement.promise = std::find(promising.begin(), promising.end(), brand.id) != promising.end();
    }
}

} // namespace sportello::app
