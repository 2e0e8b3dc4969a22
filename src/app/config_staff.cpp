#include "config_staff.hpp"

#include <sportello/http/url.hpp>

#include <algorithm>
#include <set>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

void read_handling(TableReader& reader, std::vector<domain::LabelHandling>& handling)
{
    for (const toml::table* table : reader.tables("handling")) {
        TableReader inner(*table, "assignment.handling", reader.problems());
        domain::LabelHandling entry;
        inner.required_text("label", entry.label);
        inner.duration("time", 10s, 24h, entry.time);
        inner.text("skill", entry.skill);
        if (entry.skill.find(',') != std::string::npos) inner.problem("skill", "expected one word without commas");
        inner.end();
        handling.push_back(std::move(entry));
    }
}

/// text_planned = { it = "…", en = "…" }
void read_texts(TableReader& reader, std::string_view key, std::map<std::string, std::string, std::less<>>& texts)
{
    const toml::table* table = reader.table(key);
    if (!table) return;
    TableReader inner(*table, reader.name() + "." + std::string(key), reader.problems());
    for (auto&& [language, node] : *table) inner.text(language.str(), texts[std::string(language.str())]);
    inner.end();
}

void read_desk(TableReader& reader, const Calendars& calendars, const std::function<std::string(TableReader&, std::string_view)>& secret,
               engine::TeamSettings& team)
{
    std::string calendar;
    reader.text("calendar", calendar);
    const auto found = calendars.find(calendar);
    if (!calendar.empty() && found == calendars.end())
        reader.problem("calendar", "there is no [calendar." + calendar + "] (or it has mistakes)");
    if (found != calendars.end()) team.calendar = found->second;
    std::int64_t slots = 4;
    std::int64_t per_person = 0;
    std::int64_t attempts = team.most_attempts;
    reader.number("slots", 1, 1000, slots);
    reader.number("slots_per_person", 0, 100, per_person);
    reader.number("attempts", 1, 20, attempts);
    team.slots = static_cast<int>(slots);
    team.slots_per_person = static_cast<int>(per_person);
    team.most_attempts = static_cast<int>(attempts);
    reader.duration("notice", 0s, 168h, team.notice);
    reader.text("webhook", team.webhook);
    team.webhook_secret = secret(reader, "webhook_secret");
    if (!team.webhook.empty() && !http::parse_url(team.webhook))
        reader.problem("webhook", "expected an address like \"https://calls.example.com/hook\"");
    if (!team.webhook.empty() && team.webhook_secret.empty()) reader.problem("webhook_secret", "is missing: what is sent must be signed");
    read_texts(reader, "text_planned", team.text_planned);
    read_texts(reader, "text_not_reached", team.text_not_reached);
    read_texts(reader, "text_ask_number", team.text_ask_number);
}

std::vector<domain::ShiftEntry>& entries_of(engine::RotaSettings& rota, const std::string& login)
{
    auto person = std::ranges::find(rota.people, login, &domain::NamedRota::login);
    if (person == rota.people.end()) person = rota.people.insert(rota.people.end(), domain::NamedRota{login, {}});
    return person->entries;
}

std::string joined(TableReader& reader, std::string_view key)
{
    std::vector<std::string> windows;
    reader.texts(key, windows);
    std::string text;
    for (const std::string& window : windows) text += (text.empty() ? "" : ",") + window;
    return text;
}

void add_entry(TableReader& reader, std::string_view key, std::vector<domain::ShiftEntry>& entries, std::string_view day,
               std::string_view kind, std::string_view hours, std::string_view note)
{
    auto entry = domain::read_shift_entry(day, kind, hours, note);
    if (entry) entries.push_back(std::move(*entry));
    else reader.problem(key, entry.error().what());
}

bool read_whose(TableReader& reader, const std::vector<AgentConfig>& agents, std::string& login)
{
    if (!reader.required_text("agent", login)) return false;
    if (std::ranges::find(agents, login, &AgentConfig::login) != agents.end()) return true;
    reader.problem("agent", "there is no [[agent]] with login \"" + login + "\"");
    return false;
}

void read_shift(TableReader& reader, const std::vector<AgentConfig>& agents, engine::RotaSettings& rota)
{
    std::string login;
    std::vector<domain::ShiftEntry> entries;
    const bool known = read_whose(reader, agents, login);
    const std::string breaks = joined(reader, "breaks");
    for (std::size_t day = 0; day < 7; ++day) {
        const auto weekday = domain::weekday_word(day);
        const std::string hours = joined(reader, weekday);
        if (hours.empty()) continue;
        add_entry(reader, weekday, entries, weekday, "shift", hours, "");
        if (!breaks.empty()) add_entry(reader, "breaks", entries, weekday, "break", breaks, "");
    }
    reader.end();
    if (!known) return;
    auto& all = entries_of(rota, login);
    all.insert(all.end(), entries.begin(), entries.end());
}

void read_absence(TableReader& reader, const std::vector<AgentConfig>& agents, engine::RotaSettings& rota)
{
    std::string login;
    std::string date;
    std::string kind = "leave";
    std::string note;
    const bool known = read_whose(reader, agents, login);
    const bool dated = reader.required_text("date", date);
    reader.text("kind", kind);
    reader.text("note", note);
    const std::string hours = joined(reader, "hours");
    std::vector<domain::ShiftEntry> entries;
    if (dated) add_entry(reader, "date", entries, date, kind, hours, note);
    reader.end();
    if (!known) return;
    auto& all = entries_of(rota, login);
    all.insert(all.end(), entries.begin(), entries.end());
}

} // namespace

void read_assignment(TableReader& root, engine::AssignmentSettings& assignment)
{
    assignment.absent_after = 10min;
    const toml::table* table = root.table("assignment");
    if (!table) return;
    TableReader reader(*table, "assignment", root.problems());
    reader.word("policy", "\"balanced\", \"round_robin\" or \"manual\"", domain::parse_assignment_policy, assignment.policy);
    reader.boolean("only_in_office_hours", assignment.only_in_office_hours);
    reader.boolean("sticky", assignment.sticky);
    reader.duration("usual_handling", 10s, 24h, assignment.usual_handling);
    reader.duration("opening_grace", 0s, 2h, assignment.opening_grace);
    reader.duration("absent_after", 0s, 24h, assignment.absent_after);
    if (assignment.absent_after > 0s && assignment.absent_after < 3min) {
        reader.problem("absent_after", "expected \"3m\" or more, or \"0s\" to watch nobody: signs of life are kept to the minute");
    }
    reader.duration("break_limit", 0s, 24h, assignment.break_limit);
    reader.duration("missing_after", 1min, 24h, assignment.missing_after);
    if (reader.find("handling")) read_handling(reader, assignment.handling);
    reader.end();
}

void read_teams(TableReader& root, const Calendars& calendars, const std::function<std::string(TableReader&, std::string_view)>& secret,
                std::vector<engine::TeamSettings>& teams)
{
    for (const toml::table* table : root.tables("team")) {
        TableReader reader(*table, "team", root.problems());
        engine::TeamSettings team;
        if (reader.required_text("id", team.id)) {
            const bool word =
                team.id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == std::string::npos;
            if (!word || team.id.size() > 64) reader.problem("id", "expected letters, digits, '-', '_' and '.', at most 64");
            else if (std::ranges::find(teams, team.id, &engine::TeamSettings::id) != teams.end())
                reader.problem("id", "'" + team.id + "' stands here a second time");
        }
        team.name = team.id;
        reader.text("name", team.name);
        read_desk(reader, calendars, secret, team);
        reader.end();
        teams.push_back(std::move(team));
    }
}

void read_abilities(TableReader& reader, const engine::Settings& settings, AgentConfig& agent)
{
    reader.texts("skills", agent.skills);
    reader.texts("languages", agent.languages);
    reader.texts("teams", agent.teams);
    for (const std::string& team : agent.teams) {
        if (!settings.team(team)) reader.problem("teams", "there is no [[team]] with id \"" + team + "\"");
    }
    const auto has_comma = [](const std::string& word) { return word.empty() || word.find(',') != std::string::npos; };
    if (std::ranges::any_of(agent.skills, has_comma)) reader.problem("skills", "expected words without commas");
    if (std::ranges::any_of(agent.languages, [](const std::string& word) { return word.size() != 2; })) {
        reader.problem("languages", "expected codes of two letters like \"it\"");
    }
}

void read_rota(TableReader& root, const std::vector<AgentConfig>& agents, engine::RotaSettings& rota)
{
    if (const toml::table* table = root.table("rota")) {
        TableReader reader(*table, "rota", root.problems());
        reader.text("time_zone", rota.time_zone);
        domain::CalendarSpec spec;
        spec.time_zone = rota.time_zone;
        if (const auto zone = domain::Calendar::make(std::move(spec)); !zone) {
            reader.problem("time_zone", zone.error().what());
            rota.time_zone = "UTC";
        }
        reader.end();
    }
    for (const toml::table* table : root.tables("shift")) {
        TableReader reader(*table, "shift", root.problems());
        read_shift(reader, agents, rota);
    }
    for (const toml::table* table : root.tables("absence")) {
        TableReader reader(*table, "absence", root.problems());
        read_absence(reader, agents, rota);
    }
}

} // namespace sportello::app
