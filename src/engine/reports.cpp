#include <sportello/engine/reports.hpp>

#include "facts.hpp"
#include "report_facts.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/reports.hpp>
#include <sportello/storage/triage.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Instant;
using base::Result;
using domain::ReportDimension;
using storage::FactKind;
using storage::ReportTicket;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr std::string_view reports_reader = "reports";
constexpr std::string_view persons = "reports.persons";
constexpr std::int64_t events_at_once = 500;
constexpr base::Duration between_batches = 50ms; // other work comes between

/// What is counted and measured in a group.
struct Cell {
    std::array<std::int64_t, 8> facts{}; ///< by FactKind
    std::vector<std::int64_t> office;    ///< seconds of first responses
    std::vector<std::int64_t> clock;
    std::vector<std::int64_t> office_without; ///< those of no incident
    std::vector<std::int64_t> clock_without;
    std::int64_t in_time = 0;
    std::int64_t late = 0;
    std::int64_t made = 0, kept = 0, broken = 0, open = 0, told = 0; ///< promises
    std::array<std::int64_t, 5> scores{};
    std::int64_t asked = 0;

    [[nodiscard]] std::int64_t count(FactKind kind) const { return facts[static_cast<std::size_t>(kind)]; }
};

/// What a fact is grouped by.
struct Place {
    Instant at{};
    const std::string& brand;
    const std::string& channel;
    const ReportTicket& ticket;
    std::optional<domain::AgentId> agent;
};

/// Puts facts into their groups.
class Grouping {
public:
    Grouping(const Settings& settings, const ReportQuestion& question) : settings_(settings), question_(question)
    {
        if (question.group_by.empty()) cells_.try_emplace({});
        for (const std::string& brand : question.brands) {
            const auto& calendar = calendar_of(brand);
            const auto instant = [&](const ReportEnd& end) {
                const auto* at = std::get_if<Instant>(&end);
                return at ? *at : calendar.instant_of(std::get<std::chrono::year_month_day>(end), 0min);
            };
            const auto span = spans_.emplace(brand, std::pair(instant(question.from), instant(question.until))).first->second;
            from_ = std::min(from_.value_or(span.first), span.first);
            until_ = std::max(until_.value_or(span.second), span.second);
        }
    }

    [[nodiscard]] Instant from() const { return from_.value_or(Instant()); }
    [[nodiscard]] Instant until() const { return until_.value_or(Instant()); }

    /// Calls `count(Cell&)` for each group of the place that the question asks for.
    template <class Count> void add(const Place& place, Count count)
    {
        const auto span = spans_.find(place.brand);
        if (span == spans_.end() || place.at < span->second.first || place.at >= span->second.second) return;
        if (question_.channel && place.channel != *question_.channel) return;
        if (question_.agent && place.agent != *question_.agent) return;
        if (question_.outcome && place.ticket.outcome != *question_.outcome) return;
        const auto& labels = place.ticket.labels;
        if (question_.label && std::ranges::find(labels, *question_.label) == labels.end()) return;
        keys_.clear();
        fill(place, 0, count);
    }

    [[nodiscard]] const std::map<std::vector<std::string>, Cell>& cells() const { return cells_; }

private:
    template <class Count> void fill(const Place& place, std::size_t level, Count& count)
    {
        if (level == question_.group_by.size()) {
            count(cells_[keys_]);
            return;
        }
        const auto dimension = question_.group_by[level];
        if (dimension == ReportDimension::label && !place.ticket.labels.empty()) { // under each of them
            for (const std::string& label : place.ticket.labels) descend(label, place, level, count);
        } else {
            descend(key(dimension, place), place, level, count);
        }
    }
    template <class Count> void descend(std::string key, const Place& place, std::size_t level, Count& count)
    {
        keys_.push_back(std::move(key));
        fill(place, level + 1, count);
        keys_.pop_back();
    }

    std::string key(ReportDimension dimension, const Place& place) const
    {
        switch (dimension) {
        case ReportDimension::hour:
        case ReportDimension::day:
        case ReportDimension::week:
            return domain::time_key(dimension, calendar_of(place.brand), place.at);
        case ReportDimension::brand:
            return place.brand;
        case ReportDimension::channel:
            return place.channel;
        case ReportDimension::outcome:
            return std::string(to_string(place.ticket.outcome));
        case ReportDimension::agent:
            return place.agent ? std::to_string(place.agent->value) : std::string();
        case ReportDimension::label:
            break;
        }
        return {};
    }

    const domain::Calendar& calendar_of(std::string_view brand) const
    {
        static const domain::Calendar always = domain::Calendar::always_open();
        const BrandSettings* known = settings_.brand(brand);
        return known ? *known->calendar : always;
    }

    const Settings& settings_;
    const ReportQuestion& question_;
    std::map<std::string, std::pair<Instant, Instant>, std::less<>> spans_;
    std::optional<Instant> from_;
    std::optional<Instant> until_;
    std::vector<std::string> keys_;
    std::map<std::vector<std::string>, Cell> cells_;
};

void count_facts(Transaction& tx, Grouping& groups, bool of_persons)
{
    storage::for_each_fact(tx, groups.from(), groups.until(), [&](const storage::Fact& fact, const ReportTicket& ticket) {
        if (of_persons && !fact.agent) return;
        groups.add({fact.at, ticket.brand, ticket.channel, ticket, fact.agent},
                   [&](Cell& cell) { ++cell.facts[static_cast<std::size_t>(fact.kind)]; });
    });
}

void measure_responses(Transaction& tx, Grouping& groups, bool of_persons)
{
    storage::for_each_first_response(tx, groups.from(), groups.until(), [&](const ReportTicket& ticket) {
        if (ticket.outcome == domain::TicketOutcome::merged) return; // measured where its messages are now
        if (of_persons && !ticket.answered_by) return;
        groups.add({*ticket.answered_at, ticket.brand, ticket.channel, ticket, ticket.answered_by}, [&](Cell& cell) {
            if (ticket.office_seconds) cell.office.push_back(*ticket.office_seconds);
            if (ticket.clock_seconds) cell.clock.push_back(*ticket.clock_seconds);
            if (!ticket.incident && ticket.office_seconds) cell.office_without.push_back(*ticket.office_seconds);
            if (!ticket.incident && ticket.clock_seconds) cell.clock_without.push_back(*ticket.clock_seconds);
            if (ticket.in_target) ++(*ticket.in_target ? cell.in_time : cell.late);
        });
    });
}

void count_promises(Transaction& tx, Grouping& groups, Instant now)
{
    storage::for_each_promise(tx, groups.from(), groups.until(), now, [&](const storage::PromiseFact& promise, const ReportTicket& ticket) {
        groups.add({promise.made_at, promise.brand, ticket.channel, ticket, ticket.answered_by}, [&](Cell& cell) {
            ++cell.made;
            cell.kept += promise.kept;
            cell.broken += promise.broken;
            cell.open += promise.open;
            cell.told += promise.told;
        });
    });
}

void count_ratings(Transaction& tx, Grouping& groups)
{
    storage::for_each_rating(tx, groups.from(), groups.until(), [&](const storage::RatingFact& rating, const ReportTicket& ticket) {
        groups.add({rating.asked_at, rating.brand, rating.channel, ticket, rating.agent}, [&](Cell& cell) {
            ++cell.asked;
            if (rating.score && *rating.score >= 1 && *rating.score <= 5) ++cell.scores[static_cast<std::size_t>(*rating.score - 1)];
        });
    });
}

ReportFigure share(std::int64_t part, std::int64_t whole)
{
    if (whole == 0) return nullptr;
    return static_cast<double>(part) / static_cast<double>(whole);
}

ReportFigure figure(const std::optional<double>& value)
{
    return value ? ReportFigure(*value) : ReportFigure(nullptr);
}

/// Adds mean, median and p90.
void add_durations(std::vector<ReportFigure>& figures, const std::vector<std::int64_t>& seconds)
{
    const auto of = domain::duration_figures(seconds);
    for (const auto& one : {of.mean, of.median, of.p90}) figures.push_back(figure(one));
}

std::int64_t size(const std::vector<std::int64_t>& seconds)
{
    return std::ssize(seconds);
}

/// The names of a report's figures, in the order in which figures_of tells them.
std::vector<std::string_view> names_of(ReportKind kind)
{
    switch (kind) {
    case ReportKind::volume:
        return {"received", "answered", "opened", "solved", "reopened", "handed_over"};
    case ReportKind::first_response:
        return {"answered",           "office_mean_seconds",  "office_median_seconds", "office_p90_seconds",
                "clock_mean_seconds", "clock_median_seconds", "clock_p90_seconds"};
    case ReportKind::targets:
        return {"answered", "in_time", "late", "in_time_rate", "breached_response", "breached_resolution"};
    case ReportKind::agents:
        return {"answered",           "solved",  "handed_over",   "first_responses", "office_mean_seconds", "office_median_seconds",
                "office_p90_seconds", "ratings", "rating_average"};
    case ReportKind::incidents:
        return {"answered",
                "office_mean_seconds",
                "office_median_seconds",
                "office_p90_seconds",
                "clock_mean_seconds",
                "answered_in_incidents",
                "answered_without",
                "office_mean_seconds_without",
                "office_median_seconds_without",
                "office_p90_seconds_without",
                "clock_mean_seconds_without"};
    case ReportKind::promises:
        return {"made", "kept", "broken", "open", "void", "told", "kept_rate"};
    case ReportKind::ratings:
        break;
    }
    return {"asked", "given", "score_1", "score_2", "score_3", "score_4", "score_5", "average"};
}

std::vector<ReportFigure> figures_of(ReportKind kind, const Cell& cell)
{
    std::vector<ReportFigure> figures;
    const auto facts = [&](std::initializer_list<FactKind> kinds) {
        for (const FactKind one : kinds) figures.emplace_back(cell.count(one));
    };
    std::int64_t given = 0;
    std::int64_t points = 0;
    for (std::size_t i = 0; i < cell.scores.size(); ++i) {
        given += cell.scores[i];
        points += cell.scores[i] * static_cast<std::int64_t>(i + 1);
    }
    switch (kind) {
    case ReportKind::volume:
        facts({FactKind::received, FactKind::answered, FactKind::opened, FactKind::solved, FactKind::reopened, FactKind::handed_over});
        break;
    case ReportKind::first_response:
        figures.emplace_back(size(cell.office));
        add_durations(figures, cell.office);
        add_durations(figures, cell.clock);
        break;
    case ReportKind::targets:
        figures.emplace_back(size(cell.office));
        figures.emplace_back(cell.in_time);
        figures.emplace_back(cell.late);
        figures.push_back(share(cell.in_time, cell.in_time + cell.late));
        facts({FactKind::breached_response, FactKind::breached_resolution});
        break;
    case ReportKind::agents:
        facts({FactKind::answered, FactKind::solved, FactKind::handed_over});
        figures.emplace_back(size(cell.office));
        add_durations(figures, cell.office);
        figures.emplace_back(given);
        figures.push_back(share(points, given));
        break;
    case ReportKind::incidents:
        figures.emplace_back(size(cell.office));
        add_durations(figures, cell.office);
        figures.push_back(figure(domain::duration_figures(cell.clock).mean));
        figures.emplace_back(size(cell.office) - size(cell.office_without));
        figures.emplace_back(size(cell.office_without));
        add_durations(figures, cell.office_without);
        figures.push_back(figure(domain::duration_figures(cell.clock_without).mean));
        break;
    case ReportKind::promises:
        for (const auto one : {cell.made, cell.kept, cell.broken, cell.open, cell.made - cell.kept - cell.broken - cell.open, cell.told}) {
            figures.emplace_back(one);
        }
        figures.push_back(share(cell.kept, cell.kept + cell.broken));
        break;
    case ReportKind::ratings:
        figures.emplace_back(cell.asked);
        figures.emplace_back(given);
        for (const std::int64_t score : cell.scores) figures.emplace_back(score);
        figures.push_back(share(points, given));
        break;
    }
    return figures;
}

ReportTable make_table(Transaction& tx, const Settings& settings, const ReportQuestion& question, Instant now)
{
    Grouping groups(settings, question);
    switch (question.kind) {
    case ReportKind::volume:
        count_facts(tx, groups, false);
        break;
    case ReportKind::first_response:
    case ReportKind::incidents:
        measure_responses(tx, groups, false);
        break;
    case ReportKind::targets:
        measure_responses(tx, groups, false);
        count_facts(tx, groups, false);
        break;
    case ReportKind::agents:
        count_facts(tx, groups, true);
        measure_responses(tx, groups, true);
        count_ratings(tx, groups);
        break;
    case ReportKind::promises:
        count_promises(tx, groups, now);
        break;
    case ReportKind::ratings:
        count_ratings(tx, groups);
        break;
    }
    ReportTable table;
    table.dimensions = question.group_by;
    table.figures = names_of(question.kind);
    for (const auto& [keys, cell] : groups.cells()) table.rows.push_back({keys, figures_of(question.kind, cell)});
    for (const domain::Agent& agent : storage::all_agents(tx)) table.agent_names.emplace(std::to_string(agent.id.value), agent.name);
    return table;
}

} // namespace

asio::awaitable<Result<ReportTable>> Reports::answer(ReportQuestion question)
{
    const auto drawn = co_await catch_up();
    if (!drawn) co_return drawn.error();
    const Instant now = clock_.now();
    auto read = [&](Transaction& tx) -> Result<ReportTable> { return make_table(tx, settings_, question, now); };
    co_return co_await db_.read(read);
}

asio::awaitable<Result<bool>> Reports::shows_persons()
{
    auto read = [](Transaction& tx) -> Result<bool> { return storage::is_switched_on(tx, persons, false); };
    co_return co_await db_.read(read);
}

asio::awaitable<Result<void>> Reports::show_persons(bool on, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        if (storage::is_switched_on(tx, persons, false) == on) return {};
        storage::switch_on(tx, persons, on, command.actor.id, now);
        tell(tx, "reports.persons_switched", now, std::nullopt, &command, {{"enabled", on}});
        return {};
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Instant>>> Reports::keep()
{
    const auto more = co_await draw();
    if (!more) co_return more.error();
    // What is asked is drawn at once: this only keeps it from piling up.
    co_return *more ? std::optional(clock_.now() + between_batches) : std::nullopt;
}

asio::awaitable<Result<void>> Reports::catch_up()
{
    for (bool more = true; more;) {
        const auto drawn = co_await draw();
        if (!drawn) co_return drawn.error();
        more = *drawn;
    }
    co_return Result<void>();
}

asio::awaitable<Result<bool>> Reports::draw()
{
    auto look = [](Transaction& tx) -> Result<bool> { return storage::last_seq(tx) > storage::reader_place(tx, reports_reader).value_or(0); };
    const auto any = co_await db_.read(look);
    if (!any) co_return any.error();
    if (!*any) co_return false;
    auto unit = [&](Transaction& tx) -> Result<bool> {
        const std::int64_t place = storage::reader_place(tx, reports_reader).value_or(0);
        std::vector<domain::Event> events;
        storage::events_since(tx, place, events_at_once, [&](const domain::Event& event) { events.push_back(event); });
        if (events.empty()) return false;
        FactReader facts(tx, settings_);
        for (const domain::Event& event : events) facts.read(event);
        facts.refresh_tickets();
        storage::move_reader(tx, reports_reader, events.back().seq);
        return std::ssize(events) == events_at_once;
    };
    co_return co_await db_.write(unit);
}

} // namespace sportello::engine
