#include <sportello/engine/rota.hpp>

#include "facts.hpp"
#include "staff.hpp"

#include <sportello/storage/agents.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Agent;
using domain::ShiftEntry;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration look_at_cover_every = 1h;
constexpr base::Duration friday_morning = 9h; // after local midnight
constexpr std::size_t most_entries = 400;     // of one person

bool may_answer(const Agent& agent, std::string_view brand)
{
    return agent.brands.empty() || std::ranges::find(agent.brands, brand) != agent.brands.end();
}

bool shares_a_brand(const Actor& actor, const Agent& agent)
{
    if (actor.brands.empty() || agent.brands.empty()) return true;
    return std::ranges::any_of(actor.brands, [&](const std::string& brand) { return may_answer(agent, brand); });
}

/// That a colleague is ill, or why they are away, is theirs and the supervisor's.
void keep_private(std::vector<ShiftEntry>& entries)
{
    for (ShiftEntry& entry : entries) {
        if (entry.kind == domain::ShiftKind::sickness) entry.kind = domain::ShiftKind::leave;
        entry.note.clear();
    }
}

domain::Calendar closed_calendar(const std::string& time_zone)
{
    domain::CalendarSpec spec;
    spec.time_zone = time_zone;
    return domain::Calendar::make(std::move(spec)).value(); // the configuration was checked
}

nlohmann::json gaps_json(const std::vector<BrandGap>& gaps)
{
    nlohmann::json all = nlohmann::json::array();
    for (const auto& [brand, gap] : gaps) {
        all.push_back({{"brand", brand}, {"from", base::to_rfc3339(gap.from)}, {"until", base::to_rfc3339(gap.until)}});
    }
    return all;
}

} // namespace

Rota::Rota(storage::Database& db, const Settings& settings, base::Clock& clock)
    : db_(db), settings_(settings), clock_(clock), zone_(closed_calendar(settings.rota.time_zone))
{
}

asio::awaitable<Result<std::vector<PersonRota>>> Rota::read(std::chrono::year_month_day from, Actor actor)
{
    auto unit = [&](Transaction& tx) -> Result<std::vector<PersonRota>> {
        const auto agents = storage::all_agents(tx);
        auto rota = rota_of(tx, settings_, agents, domain::to_string(from));
        std::vector<PersonRota> people;
        for (const Agent& agent : agents) {
            const auto entries = rota.find(agent.id);
            if (entries == rota.end() || agent.disabled || !shares_a_brand(actor, agent)) continue;
            if (actor.role < domain::Role::supervisor && agent.id != actor.id) keep_private(entries->second);
            std::erase_if(entries->second, [&](const ShiftEntry& entry) {
                const auto date = domain::parse_date(entry.day);
                return date && *date < from;
            });
            people.push_back({agent.id, agent.login, agent.name, std::move(entries->second)});
        }
        return people;
    };
    co_return co_await db_.read(unit);
}

asio::awaitable<Result<void>> Rota::replace(std::vector<domain::NamedRota> people, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        nlohmann::json changed = nlohmann::json::array();
        std::string names;
        for (std::size_t i = 0; i < people.size(); ++i) {
            const std::string pointer = "/items/" + std::to_string(i);
            const auto found = storage::find_agent_by_login(tx, people[i].login);
            if (!found || !shares_a_brand(command.actor, found->agent)) {
                return Error(ErrorKind::invalid_input, "there is no agent " + people[i].login,
                             {{pointer + "/agent", "is no agent's login"}});
            }
            if (people[i].entries.size() > most_entries) {
                return Error(ErrorKind::invalid_input, "a person's rota has 400 lines at most", {{pointer, "at most 400 lines"}});
            }
            const auto plan = domain::ShiftPlan::make(people[i].entries, settings_.rota.time_zone);
            if (!plan) return plan.error();
            std::vector<storage::ShiftRow> rows;
            for (const ShiftEntry& entry : people[i].entries) {
                rows.push_back(
                    {found->agent.id, entry.day, std::string(to_string(entry.kind)), domain::hours_in_words(entry.hours), entry.note});
            }
            storage::replace_shifts(tx, found->agent.id, rows);
            changed.push_back(found->agent.id.value);
            names.append(names.empty() ? "" : ", ").append(found->agent.name);
        }
        if (changed.empty()) return {};
        tell(tx, "rota.changed", now, std::nullopt, &command, {{"agents", changed}, {"why", "the rota of " + names + " was written anew"}});
        for (const Instant t : {now, zone_.local_day(domain::local_week(zone_, now).closes).opens}) {
            const WeekCoverage week = coverage_in(tx, t, nullptr);
            tell_gaps(tx, week, week.monday, &command, now);
        }
        return {};
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<WeekCoverage>> Rota::coverage(Instant t, Actor actor)
{
    auto unit = [&](Transaction& tx) -> Result<WeekCoverage> { return coverage_in(tx, t, &actor); };
    co_return co_await db_.read(unit);
}

WeekCoverage Rota::coverage_in(Transaction& tx, Instant t, const Actor* actor) const
{
    WeekCoverage coverage;
    coverage.week = domain::local_week(zone_, t);
    coverage.monday = domain::to_string(zone_.local_date(coverage.week.opens));
    const auto staff = staff_of(tx, settings_, coverage.week.opens);
    for (const BrandSettings& brand : settings_.brands) {
        if (actor && !actor->may_see(brand.id)) continue;
        std::vector<const domain::ShiftPlan*> plans;
        for (const StaffMember& member : staff) {
            const bool counts = member.plan && !member.agent.disabled && member.agent.role == domain::Role::agent;
            if (counts && may_answer(member.agent, brand.id)) plans.push_back(&*member.plan);
        }
        if (plans.empty()) coverage.unknown.push_back(brand.id);
        for (const domain::CoverageGap& gap : domain::coverage_gaps(*brand.calendar, plans, coverage.week.opens, coverage.week.closes)) {
            coverage.gaps.push_back({brand.id, gap});
        }
    }
    return coverage;
}

void Rota::tell_gaps(Transaction& tx, const WeekCoverage& coverage, const std::string& key, const Command* command, Instant now) const
{
    // What is over cannot be covered any more.
    auto gaps = coverage.gaps;
    std::erase_if(gaps, [&](const BrandGap& gap) { return gap.gap.until <= now; });
    const nlohmann::json listed = gaps_json(gaps);
    const bool known = storage::note_coverage(tx, key, listed.dump(), now);
    if (known || gaps.empty()) return;
    const std::string why = "nobody is on shift for " + std::to_string(gaps.size()) + (gaps.size() == 1 ? " stretch" : " stretches") +
                            " of the office hours in the week of " + coverage.monday;
    tell(tx, "rota.uncovered", now, std::nullopt, command, {{"week", coverage.monday}, {"gaps", listed}, {"why", why}});
}

asio::awaitable<Result<std::optional<Instant>>> Rota::look()
{
    const Instant now = clock_.now();
    const std::optional<Instant> next = now + look_at_cover_every;
    const auto weekday = std::chrono::weekday(std::chrono::sys_days(zone_.local_date(now)));
    if (weekday != std::chrono::Friday || now - zone_.local_day(now).opens < friday_morning) co_return next;
    auto find = [&](Transaction& tx) -> Result<WeekCoverage> { return coverage_in(tx, domain::local_week(zone_, now).closes, nullptr); };
    const auto coverage = co_await db_.read(find);
    if (!coverage) co_return coverage.error();
    if (coverage->gaps.empty()) co_return next;
    auto note = [&](Transaction& tx) -> Result<void> {
        tell_gaps(tx, *coverage, "friday before " + coverage->monday, nullptr, now);
        return {};
    };
    const auto noted = co_await db_.write(note);
    if (!noted) co_return noted.error();
    co_return next;
}

} // namespace sportello::engine
