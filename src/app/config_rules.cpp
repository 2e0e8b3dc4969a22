#include "config_rules.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/calendar.hpp>

#include <algorithm>
#include <charconv>
#include <set>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;
using domain::TriageRule;
using domain::TriageTrigger;

constexpr std::size_t most_rules = 500;

/// `"a"` or `["a", "b"]`, each with the place where it stands.
std::vector<std::pair<std::string, const toml::node*>> one_or_more(TableReader& reader, std::string_view key)
{
    std::vector<std::pair<std::string, const toml::node*>> values;
    const toml::node* node = reader.find(key);
    if (!node) return values;
    if (auto text = node->value_exact<std::string>()) {
        values.emplace_back(std::move(*text), node);
        return values;
    }
    const toml::array* list = node->as_array();
    const bool texts = list && !list->empty() && std::all_of(list->begin(), list->end(), [](const toml::node& n) { return n.is_string(); });
    if (!texts) {
        reader.problem(key, "expected a text in quotes, or a list of them");
        return values;
    }
    for (const toml::node& element : *list) values.emplace_back(*element.value<std::string>(), &element);
    return values;
}

/// Words of a closed list.
template <class Parse, class Value>
void words(TableReader& reader, std::string_view key, std::string_view expected, Parse parse, std::vector<Value>& values)
{
    for (const auto& [word, node] : one_or_more(reader, key)) {
        if (const auto value = parse(word)) values.push_back(*value);
        else reader.problems().add(*node, reader.name() + "." + std::string(key) + ": expected " + std::string(expected));
    }
}

template <class Parse, class Value>
void maybe_word(TableReader& reader, std::string_view key, std::string_view expected, Parse parse, std::optional<Value>& value)
{
    Value given{};
    const bool there = reader.find(key) != nullptr;
    const std::size_t before = reader.problems().found.size();
    reader.word(key, expected, parse, given);
    if (there && reader.problems().found.size() == before) value = given;
}

void texts(TableReader& reader, std::string_view key, std::vector<std::string>& values)
{
    for (auto& [text, node] : one_or_more(reader, key)) values.push_back(std::move(text));
}

void read_customers(TableReader& reader, domain::TriageCondition& when)
{
    for (const auto& [text, node] : one_or_more(reader, "customer")) {
        if (text == "new" || text == "known") when.known_customer = text == "known";
        else when.customers.push_back(base::fold(text.starts_with('@') ? text.substr(1) : text));
    }
}

/// Hours of the day hold in the time zone of each brand.
void read_hours(TableReader& reader, const Config& config, domain::TriageCondition& when)
{
    std::vector<domain::Window> windows;
    for (const auto& [text, node] : one_or_more(reader, "hours")) {
        const auto window = domain::parse_window(text);
        if (window) windows.push_back(*window);
        else reader.problems().add(*node, reader.name() + ".hours: " + window.error().what());
    }
    if (windows.empty()) return;
    for (const engine::BrandSettings& brand : config.engine.brands) {
        if (!brand.calendar) continue;
        domain::CalendarSpec spec;
        spec.time_zone = brand.calendar->spec().time_zone;
        for (auto& day : spec.weekly) day = windows;
        if (auto calendar = domain::Calendar::make(spec)) {
            when.hours.try_emplace(spec.time_zone, std::make_shared<const domain::Calendar>(std::move(*calendar)));
        }
    }
}

void read_places(TableReader& reader, const Config& config, domain::TriageCondition& when)
{
    for (const auto& [text, node] : one_or_more(reader, "brand")) {
        if (!config.engine.brand(text))
            reader.problems().add(*node, reader.name() + ".brand: there is no [[brand]] with id \"" + text + "\"");
        when.brands.push_back(text);
    }
    for (const auto& [text, node] : one_or_more(reader, "channel")) {
        if (!config.engine.channel(text))
            reader.problems().add(*node, reader.name() + ".channel: there is no [[channel]] with id \"" + text + "\"");
        when.channels.push_back(text);
    }
    maybe_word(reader, "platform", "\"facebook\" or \"twitter\"", domain::parse_platform, when.platform);
    maybe_word(reader, "visibility", "\"public\" or \"private\"", domain::parse_visibility, when.visibility);
}

void read_condition(TableReader& reader, const Config& config, TriageRule& rule)
{
    domain::TriageCondition& when = rule.when;
    std::string text;
    reader.text("text", text);
    if (reader.find("text")) {
        if (auto pattern = domain::TextPattern::compile(text)) when.text = std::move(*pattern);
        else reader.problem("text", pattern.error().what());
    }
    read_places(reader, config, when);
    words(reader, "kind", "post, comment, mention, direct_message", domain::parse_message_kind, when.kinds);
    texts(reader, "language", when.languages);
    texts(reader, "label", when.labels);
    read_customers(reader, when);
    words(reader, "status", "new, open, pending, on_hold, solved, closed", domain::parse_ticket_status, when.statuses);
    words(reader, "priority", "low, normal, high, urgent", domain::parse_priority, when.priorities);
    if (reader.find("assigned")) {
        bool assigned = false;
        reader.boolean("assigned", assigned);
        when.assigned = assigned;
    }
    const auto office = [](std::string_view word) {
        return word == "open" ? std::optional(true) : word == "closed" ? std::optional(false) : std::nullopt;
    };
    maybe_word(reader, "office", "\"open\" or \"closed\"", office, when.office_open);
    read_hours(reader, config, when);
    words(reader, "delivery", "queued, published, failed, cancelled, unknown, needs_decision", domain::parse_delivery, when.deliveries);
    reader.duration("after", 1min, 1000h, when.after);
    reader.word("since", "received, answered, assigned, created", domain::parse_triage_clock, when.since);
    const bool timed = rule.trigger == TriageTrigger::time;
    if (timed && !reader.find("after")) reader.problem("after", "a rule of time needs it: so much office time, like \"30m\"");
    if (!timed && reader.find("after")) reader.problem("after", "only rules with on = \"time\" wait");
    if (!timed && reader.find("since")) reader.problem("since", "only rules with on = \"time\" wait");
    if (rule.trigger != TriageTrigger::delivery && reader.find("delivery"))
        reader.problem("delivery", "only rules with on = \"delivery\" see one");
    reader.end();
}

void read_action(TableReader& reader, domain::TriageAction& then)
{
    const std::size_t mistakes_before = reader.problems().found.size();
    for (const auto& [label, node] : one_or_more(reader, "label")) {
        const bool sound = !label.empty() && base::count_code_points(label) <= 50 && label.find_first_of("\r\n") == std::string::npos;
        if (!sound) reader.problems().add(*node, reader.name() + ".label: expected one line of 1 to 50 characters");
        then.labels.push_back(label);
    }
    maybe_word(reader, "priority", "low, normal, high, urgent", domain::parse_priority, then.priority);
    std::string team;
    reader.text("team", team);
    if (reader.find("team")) then.team = team;
    reader.boolean("hold", then.hold);
    const auto aside = [](std::string_view word) {
        return word == "spam" || word == "noise" ? std::optional(std::string(word)) : std::nullopt;
    };
    reader.word("aside", "\"spam\" or \"noise\"", aside, then.aside);
    reader.text("propose", then.proposal);
    reader.text("note", then.note);
    reader.end();
    const bool nothing = then.labels.empty() && !then.priority && !then.team && !then.hold && then.aside.empty() && then.proposal.empty() &&
                         then.note.empty();
    if (nothing && reader.problems().found.size() == mistakes_before)
        reader.problems().add(reader.node(),
                              reader.name() + ": the rule does nothing; give label, priority, team, hold, aside, propose or note");
}

void read_rule(TableReader& reader, std::set<std::string>& used, Config& config)
{
    TriageRule rule;
    if (reader.required_text("name", rule.name)) {
        if (base::count_code_points(rule.name) > 100) reader.problem("name", "expected at most 100 characters");
        else if (!used.insert(rule.name).second) reader.problem("name", "'" + rule.name + "' stands here a second time");
    }
    reader.word("on", "\"message\", \"change\", \"delivery\" or \"time\"", domain::parse_triage_trigger, rule.trigger);
    reader.boolean("stop", rule.stop);
    if (const toml::table* when = reader.table("when")) {
        TableReader inner(*when, "rule.when", reader.problems());
        read_condition(inner, config, rule);
    } else if (rule.trigger == TriageTrigger::time) {
        reader.problem("when", "a rule of time needs when = { after = \"30m\" }");
    }
    if (const toml::table* then = reader.table("then")) {
        TableReader inner(*then, "rule.then", reader.problems());
        read_action(inner, rule.then);
    } else if (!reader.find("then")) {
        reader.problem("then", "is missing: what the rule does");
    }
    reader.end();
    config.engine.rules.push_back(std::move(rule));
}

} // namespace

void read_rules(TableReader& root, Config& config)
{
    if (const toml::table* table = root.table("triage")) {
        TableReader reader(*table, "triage", root.problems());
        reader.boolean("set_noise_aside", config.engine.set_noise_aside);
        reader.end();
    }
    if (const toml::table* table = root.table("tickets")) {
        TableReader reader(*table, "tickets", root.problems());
        reader.boolean("require_reason", config.require_reason);
        reader.end();
    }
    std::set<std::string> used;
    for (const toml::table* table : root.tables("rule")) {
        TableReader reader(*table, "rule", root.problems());
        read_rule(reader, used, config);
    }
    if (config.engine.rules.size() > most_rules) root.problem("rule", "at most 500 rules");
}

void read_personal_data(TableReader& root, Config& config)
{
    const toml::table* table = root.table("personal_data");
    if (!table) return;
    TableReader reader(*table, "personal_data", root.problems());
    domain::PersonalDataSettings settings;
    reader.texts("allow", settings.allow);
    reader.texts("contract_patterns", settings.contract_patterns);
    reader.end();
    auto finder = domain::PersonalDataFinder::make(settings);
    if (finder) {
        config.engine.personal_data = std::move(*finder);
        return;
    }
    const std::string pointer = finder.error().fields().at(0).pointer;
    std::size_t number = 0;
    std::from_chars(pointer.data() + pointer.rfind('/') + 1, pointer.data() + pointer.size(), number);
    const toml::node* wrong = table->get("contract_patterns")->as_array()->get(number);
    root.problems().add(*wrong, "personal_data.contract_patterns: " + finder.error().what());
}

} // namespace sportello::app
