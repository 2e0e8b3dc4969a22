#include <sportello/engine/staffing.hpp>

#include "staffing_history.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace sportello::engine {

namespace asio = boost::asio;
using base::Duration;
using base::Error;
using base::ErrorKind;
using base::Instant;
using namespace std::chrono_literals;

namespace {

constexpr int most_agents = 100;
constexpr int most_weeks = 26;
constexpr double most_played = 60'000; // arrivals of all weeks together: seconds, not minutes
constexpr int most_plans_waiting = 4;
constexpr auto longest_history = std::chrono::days(26 * 7);

/// What is asked, in values.
struct Plan {
    std::shared_ptr<const domain::Calendar> calendar; ///< in force now: the history's
    std::optional<domain::Calendar> other_hours;
    std::optional<domain::StaffingOutage> outage;
    Duration target{};
    domain::StaffingGoal goal;
    Instant from{};
    Instant until{};
    Instant now{};

    [[nodiscard]] const domain::Calendar& hours() const { return other_hours ? *other_hours : *calendar; }
};

Error bad(const char* parameter, const std::string& detail)
{
    return Error(ErrorKind::invalid_input, detail, {{std::string("query:") + parameter, detail}});
}

/// One staff is played in one week against one promise.
bool share_a_week(const BrandSettings& one, const BrandSettings& other)
{
    const auto& a = one.calendar.current()->spec();
    const auto& b = other.calendar.current()->spec();
    return a.weekly == b.weekly && a.time_zone == b.time_zone && one.first_response == other.first_response;
}

Result<Plan> make_plan(const Settings& settings, const StaffingQuestion& question, Instant now)
{
    const BrandSettings* first = nullptr;
    for (const std::string& id : question.brands) {
        const BrandSettings* brand = settings.brand(id);
        if (brand == nullptr) return Error(ErrorKind::not_found, "there is no brand " + id);
        if (first == nullptr) first = brand;
        else if (!share_a_week(*first, *brand)) {
            return bad("brand",
                       first->id + " and " + id + " differ in weekly hours or in the first response's target: ask for one brand alone");
        }
    }
    if (first == nullptr) return Error(ErrorKind::not_found, "there is no brand to plan for");
    Plan plan;
    plan.calendar = first->calendar.current();
    plan.target = first->first_response;
    plan.goal = {question.mean.value_or(settings.promised_first_response), question.inside};
    plan.now = now;
    plan.until = question.until.value_or(now);
    plan.from = question.from.value_or(plan.until - std::chrono::days(56));
    if (plan.from >= plan.until) return bad("from", "the span begins after it ends");
    if (plan.until - plan.from > longest_history) return bad("from", "at most 26 weeks of history are looked at");
    if (!question.outage.empty()) {
        const auto outage = domain::parse_outage(question.outage);
        if (!outage) return bad("outage", outage.error().what());
        plan.outage = *outage;
    }
    if (!question.hours.empty()) {
        auto spec = plan.calendar->spec();
        const auto week = domain::parse_week(question.hours, spec.weekly);
        if (!week) return bad("hours", week.error().what());
        spec.weekly = *week;
        plan.other_hours = domain::Calendar::make(std::move(spec)).value();
    }
    return plan;
}

/// So many a day, evenly from seven to eleven in the evening, on each day of the week.
domain::WeekTable<double> assumed_arrivals(double a_day)
{
    domain::WeekTable<double> arrivals{};
    for (auto& day : arrivals) std::fill(day.begin() + 14, day.begin() + 46, a_day / 32);
    return arrivals;
}

double seconds_of(Duration duration)
{
    return static_cast<double>(duration.count()) / 1e6;
}

double mean_handling(const domain::StaffingDemand& demand)
{
    if (demand.handling.empty()) return seconds_of(demand.mean_handling);
    double sum = 0;
    for (const auto time : demand.handling) sum += seconds_of(time);
    return sum / static_cast<double>(demand.handling.size());
}

/// The next Monday's first instant there, so that whole weeks are played.
Instant next_monday(const domain::Calendar& calendar, Instant now)
{
    std::chrono::sys_days date = calendar.local_date(now);
    do date += std::chrono::days(1);
    while (std::chrono::weekday(date) != std::chrono::Monday);
    return calendar.instant_of(date, 0min);
}

/// Answers one question by playing: the weeks are drawn once, each number of people is played once.
class StaffingPlayer {
public:
    StaffingPlayer(const Plan& plan, const StaffingQuestion& question, const domain::StaffingDemand& demand, int weeks)
        : plan_(plan), demand_(demand), growth_(question.growth), from_(next_monday(plan.hours(), plan.now)),
          until_(from_ + std::chrono::days(7) * weeks),
          ordinary_(domain::draw_arrivals(plan.hours(), demand, question.growth, std::nullopt, from_, weeks, question.seed))
    {
        if (plan.outage) {
            // Each week has one: eight weeks say enough.
            const int some = std::min(weeks, 8);
            loud_ = domain::draw_arrivals(plan.hours(), demand, question.growth, plan.outage, from_, some, question.seed);
        }
    }

    const StaffingRow& row(int agents)
    {
        const auto [place, is_new] = rows_.try_emplace(agents);
        if (is_new) place->second = played({.agents = agents}, true);
        return place->second;
    }

    StaffingRow played(const domain::StaffingPeople& people, bool with_outage) const
    {
        StaffingRow row;
        row.agents = people.agents;
        const auto outcomes = domain::play(plan_.hours(), plan_.target, ordinary_, people);
        row.figures = domain::figures_of(plan_.hours(), plan_.target, ordinary_, outcomes, people, from_, until_);
        row.meets = plan_.goal.is_met(row.figures);
        if (with_outage && plan_.outage) {
            const auto loud = domain::play(plan_.hours(), plan_.target, loud_, people);
            row.outage_day = domain::figures_of(plan_.hours(), plan_.target, loud_, loud, people, from_, until_, true);
        }
        return row;
    }

    /// The fewest who meet the goal.
    std::optional<int> needed(int fewest)
    {
        for (int agents = std::max(1, fewest); agents <= most_agents; ++agents) {
            if (played_without_outage(agents)) return agents;
        }
        return std::nullopt;
    }

    /// The leanest hours by the square-root rule that still meet the goal with at most `agents` at once.
    std::optional<StaffingHours> hours(int agents) const
    {
        std::optional<StaffingHours> best;
        double low = 0;
        double high = 4;
        for (int step = 0; step < 8; ++step) {
            const double b = step == 0 ? high : (low + high) / 2;
            auto tried = with_hours(agents, b);
            const bool meets = tried.row.meets;
            if (step == 0 && !meets) return std::nullopt;
            if (meets) {
                high = b;
                best = std::move(tried);
            } else {
                low = b;
            }
        }
        return best;
    }

    [[nodiscard]] double arrivals_a_week() const
    {
        return static_cast<double>(ordinary_.size()) / static_cast<double>((until_ - from_) / std::chrono::days(7));
    }
    [[nodiscard]] std::vector<StaffingRow> rows() const
    {
        std::vector<StaffingRow> all;
        for (const auto& [agents, row] : rows_) all.push_back(row);
        return all;
    }

private:
    bool played_without_outage(int agents)
    {
        if (const auto known = rows_.find(agents); known != rows_.end()) return known->second.meets;
        return played({.agents = agents}, false).meets;
    }

    [[nodiscard]] StaffingHours with_hours(int agents, double b) const
    {
        StaffingHours hours;
        hours.on_duty = domain::square_root_staffing(plan_.hours(), demand_, growth_, plan_.target, b);
        for (auto& day : hours.on_duty) {
            for (int& number : day) number = std::min(number, agents);
        }
        for (const auto& day : hours.on_duty) {
            for (const int number : day) hours.people_hours += 0.5 * number;
        }
        hours.row = played({.agents = agents, .on_duty = hours.on_duty}, false);
        return hours;
    }

    const Plan& plan_;
    const domain::StaffingDemand& demand_;
    double growth_;
    Instant from_;
    Instant until_;
    std::vector<domain::StaffingArrival> ordinary_;
    std::vector<domain::StaffingArrival> loud_;
    std::map<int, StaffingRow> rows_;
};

std::string in_minutes(double seconds)
{
    if (seconds < 600) {
        const auto tenths = static_cast<std::int64_t>(std::llround(seconds / 6));
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " min";
    }
    return std::to_string(std::llround(seconds / 60)) + " min";
}

std::string percent(double share)
{
    return std::to_string(std::llround(100 * share)) + " %";
}

std::string figures_in_words(const StaffingRow& row)
{
    return in_minutes(row.figures.mean_seconds) + " of office time on average, " + percent(row.figures.inside_target) +
           " inside the target";
}

std::string people(int number)
{
    return std::to_string(number) + (number == 1 ? " person" : " people");
}

std::string conclusion(const StaffingAnswer& answer, StaffingPlayer& player)
{
    std::string says;
    if (!answer.needed) says = "Not even " + people(most_agents) + " meet the goal in these hours.";
    else {
        says = people(*answer.needed) + (*answer.needed == 1 ? " is" : " are") +
               " enough: " + figures_in_words(player.row(*answer.needed)) + ".";
    }
    if (answer.agents_now > 0 && answer.agents_now != answer.needed) {
        says += " With the " + people(answer.agents_now) +
                " of now: " + figures_in_words(player.row(std::min(answer.agents_now, most_agents))) + ".";
    }
    return says;
}

Result<StaffingAnswer> work_out(const Plan& plan, const StaffingQuestion& question, KnownOffice known)
{
    StaffingAnswer answer;
    answer.history = known.history;
    answer.agents_now = known.agents;
    answer.target = plan.target;
    answer.goal = plan.goal;
    domain::StaffingDemand demand = std::move(known.demand);
    if (question.assume_messages) demand.arrivals = assumed_arrivals(*question.assume_messages);
    if (question.assume_handling) {
        demand.handling.clear();
        demand.mean_handling = *question.assume_handling;
    }
    const bool assumed = question.assume_messages && question.assume_handling;
    if (!known.history.enough && !assumed) {
        answer.says = known.history.note + " Give messages a day and the time that an answer takes, to plan with assumed figures.";
        return answer;
    }
    double a_week = 0;
    for (const auto& day : demand.arrivals) {
        for (const double rate : day) a_week += rate * (1 + question.growth);
    }
    if (a_week > most_played) return bad("growth", "more than 60000 messages a week are too many to be played: ask for one brand alone");
    answer.weeks = std::clamp(static_cast<int>(most_played / std::max(1.0, a_week)), 1, most_weeks);
    answer.mean_handling_seconds = mean_handling(demand);
    const Instant monday = next_monday(plan.hours(), plan.now);
    const auto open = plan.hours().between(monday, monday + std::chrono::days(7) * answer.weeks);
    answer.open_hours = seconds_of(open) / 3600 / answer.weeks;
    if (open <= Duration::zero()) return bad("hours", "in these hours the office never opens");

    StaffingPlayer player(plan, question, demand, answer.weeks);
    answer.messages_a_week = player.arrivals_a_week();
    const double load = answer.messages_a_week * answer.mean_handling_seconds / (answer.open_hours * 3600);
    if (load >= most_agents) return bad("growth", "that is work for more than a hundred people: ask for one brand alone");
    answer.needed = player.needed(static_cast<int>(std::ceil(load)));
    if (question.agents) player.row(*question.agents);
    if (known.agents > 0) player.row(std::min(known.agents, most_agents));
    if (answer.needed) {
        for (int around = -2; around <= 2; ++around) {
            if (const int agents = *answer.needed + around; agents >= 1 && agents <= most_agents) player.row(agents);
        }
        answer.hours = player.hours(*answer.needed + 1);
    }
    answer.says = conclusion(answer, player);
    answer.rows = player.rows();
    answer.answered = true;
    return answer;
}

} // namespace

struct Staffing::Impl {
    Impl(storage::Database& given_db, const Settings& given_settings, base::Clock& given_clock)
        : db(given_db), settings(given_settings), clock(given_clock)
    {
    }

    storage::Database& db;
    const Settings& settings;
    base::Clock& clock;
    int waiting = 0;
    asio::thread_pool thread{1};
};

Staffing::Staffing(storage::Database& db, const Settings& settings, base::Clock& clock) : impl_(std::make_unique<Impl>(db, settings, clock))
{
}

Staffing::~Staffing() = default;

asio::awaitable<Result<StaffingAnswer>> Staffing::answer(StaffingQuestion question)
{
    struct Waiting {
        int& count;
        explicit Waiting(int& counter) : count(counter) { ++count; }
        ~Waiting() { --count; }
    };
    if (impl_->waiting >= most_plans_waiting)
        co_return Error(ErrorKind::too_many, "others wait for a plan already; ask again in a few seconds");
    const Waiting waiting(impl_->waiting);
    const auto plan = make_plan(impl_->settings, question, impl_->clock.now());
    if (!plan) co_return plan.error();
    auto read = [&](storage::Transaction& tx) -> Result<KnownOffice> {
        return known_office(tx, question.brands, *plan->calendar, plan->from, plan->until);
    };
    auto known = co_await impl_->db.read(read);
    if (!known) co_return known.error();
    auto work = [&]() -> asio::awaitable<Result<StaffingAnswer>> { co_return work_out(*plan, question, std::move(*known)); };
    co_return co_await asio::co_spawn(impl_->thread, work(), asio::use_awaitable);
}

Result<StaffingAnswer> Staffing::answer_now(const StaffingQuestion& question)
{
    const auto plan = make_plan(impl_->settings, question, impl_->clock.now());
    if (!plan) return plan.error();
    auto known = impl_->db.read_now([&](storage::Transaction& tx) -> Result<KnownOffice> {
        return known_office(tx, question.brands, *plan->calendar, plan->from, plan->until);
    });
    if (!known) return known.error();
    return work_out(*plan, question, std::move(*known));
}

} // namespace sportello::engine
