#include <sportello/domain/staffing.hpp>

#include <sportello/domain/assignment.hpp>
#include <sportello/domain/queue_order.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <set>
#include <utility>

namespace sportello::domain {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

/// SplitMix64: the same numbers on every system, which the standard's distributions do not promise.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    /// In (0, 1].
    double part() { return (static_cast<double>(next() >> 11) + 1.0) * 0x1p-53; }
    double exponential() { return -std::log(part()); }
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

private:
    std::uint64_t next()
    {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }

    std::uint64_t state_;
};

Duration some_handling(const StaffingDemand& demand, Chance& chance)
{
    if (!demand.handling.empty()) return demand.handling[chance.below(demand.handling.size())];
    return Duration(std::llround(chance.exponential() * static_cast<double>(demand.mean_handling.count())));
}

std::size_t weekday_of(sys_days date)
{
    return std::chrono::weekday(date).iso_encoding() - 1;
}

double seconds_of(Duration duration)
{
    return static_cast<double>(duration.count()) / 1e6;
}

/// After the last arrival the office is played on for so long, to see when that is answered.
constexpr auto overtime = days(56);

/// The office while it is played.
class Play {
public:
    Play(const Calendar& calendar, Duration target, const std::vector<StaffingArrival>& arrivals, const StaffingPeople& people)
        : calendar_(calendar), target_(target), arrivals_(arrivals), people_(people), outcomes_(arrivals.size()),
          agents_(static_cast<std::size_t>(std::max(0, people.agents)))
    {
    }

    std::vector<StaffingOutcome> run()
    {
        if (arrivals_.empty() || agents_.empty()) return std::move(outcomes_);
        now_ = arrivals_.front().at;
        open_ = calendar_.is_open(now_);
        plan_change();
        change_duty();
        while (next_arrival_ < arrivals_.size() || !busy_.empty() || unanswered_ > 0) {
            const auto next = next_event();
            if (!next || *next > arrivals_.back().at + overtime) break; // it hardly opens, or nobody is ever there
            now_ = *next;
            while (!busy_.empty() && busy_.top().first <= now_) finish();
            if (change_at_ && *change_at_ <= now_) {
                open_ = calendar_.is_open(now_);
                plan_change();
                change_duty();
            }
            while (next_arrival_ < arrivals_.size() && arrivals_[next_arrival_].at <= now_) receive(next_arrival_++);
            if (open_) hand_out();
        }
        return std::move(outcomes_);
    }

private:
    /// The queue's order (domain/queue_order.hpp), then what came first.
    using Place = std::pair<std::int64_t, std::size_t>;

    struct Agent {
        bool on_duty = false;
        bool busy = false;
        std::set<Place> own; ///< handed to them and not begun
    };

    [[nodiscard]] std::optional<Instant> next_event() const
    {
        std::optional<Instant> next = change_at_;
        const auto sooner = [&next](Instant t) {
            if (!next || t < *next) next = t;
        };
        if (next_arrival_ < arrivals_.size()) sooner(arrivals_[next_arrival_].at);
        if (!busy_.empty()) sooner(busy_.top().first);
        return next;
    }

    /// When the office next opens or closes, or another number of people is on duty.
    void plan_change()
    {
        change_at_ = open_ ? calendar_.next_close(now_) : calendar_.next_open(now_);
        if (!open_ || !people_.on_duty) return;
        const auto slot = calendar_.local_time(now_) / minutes(30) + 1;
        const auto next = calendar_.instant_of(calendar_.local_date(now_), minutes(30) * slot);
        // Where the clock goes back, the half hour that follows is shown again: look once it is over.
        const auto later = next > now_ ? next : now_ + minutes(30);
        if (!change_at_ || later < *change_at_) change_at_ = later;
    }

    [[nodiscard]] std::size_t number_on_duty() const
    {
        if (!open_) return 0;
        if (!people_.on_duty) return agents_.size();
        const auto slot = static_cast<std::size_t>(calendar_.local_time(now_) / minutes(30));
        const int number = (*people_.on_duty)[weekday_of(calendar_.local_date(now_))][slot];
        return std::min(agents_.size(), static_cast<std::size_t>(std::max(0, number)));
    }

    void change_duty()
    {
        const std::size_t number = number_on_duty();
        for (std::size_t i = 0; i < agents_.size(); ++i) {
            Agent& agent = agents_[i];
            agent.on_duty = i < number;
            if (agent.on_duty) continue;
            waiting_.merge(agent.own);
            agent.own.clear();
        }
    }

    void receive(std::size_t arrival)
    {
        Ticket ticket;
        ticket.status = TicketStatus::open;
        ticket.waiting_since = arrivals_[arrival].at;
        ticket.due_at = calendar_.add(arrivals_[arrival].at, target_);
        waiting_.insert({queue_number(ticket).value_or(0), arrival});
        ++unanswered_;
    }

    void finish()
    {
        const auto [at, index] = busy_.top();
        busy_.pop();
        Agent& agent = agents_[index];
        agent.busy = false;
        --unanswered_;
        if (agent.on_duty && calendar_.is_open(at)) begin_next(index, at);
    }

    void begin_next(std::size_t index, Instant at)
    {
        Agent& agent = agents_[index];
        if (agent.busy || agent.own.empty()) return;
        const std::size_t arrival = agent.own.begin()->second;
        agent.own.erase(agent.own.begin());
        agent.busy = true;
        outcomes_[arrival].begun = at;
        outcomes_[arrival].answered = at + arrivals_[arrival].handling;
        busy_.push({at + arrivals_[arrival].handling, index});
    }

    [[nodiscard]] std::int32_t open_tickets(const Agent& agent) const
    {
        return static_cast<std::int32_t>(agent.own.size()) + (agent.busy ? 1 : 0);
    }

    /// As the counter does it: the queue in its order, to whom the distributor says.
    void hand_out()
    {
        if (waiting_.empty()) return;
        std::vector<PoolMember> members;
        for (std::size_t i = 0; i < agents_.size(); ++i) {
            if (!agents_[i].on_duty || open_tickets(agents_[i]) >= people_.capacity) continue;
            PoolMember member;
            member.agent = AgentId{static_cast<std::int64_t>(i)};
            member.capacity = people_.capacity;
            member.open_tickets = open_tickets(agents_[i]);
            members.push_back(member);
        }
        if (members.empty()) return;
        Distributor distributor(members);
        while (!waiting_.empty()) {
            WaitingTicket ticket;
            ticket.ticket = TicketId{static_cast<std::int64_t>(waiting_.begin()->second)};
            ticket.brand = "";
            const auto assignment = distributor.assign(ticket);
            if (!assignment) break;
            const auto index = static_cast<std::size_t>(assignment->agent.value);
            agents_[index].own.insert(waiting_.extract(waiting_.begin()));
        }
        for (std::size_t i = 0; i < agents_.size(); ++i) {
            if (agents_[i].on_duty) begin_next(i, now_);
        }
    }

    const Calendar& calendar_;
    Duration target_;
    const std::vector<StaffingArrival>& arrivals_;
    const StaffingPeople& people_;
    std::vector<StaffingOutcome> outcomes_;
    std::vector<Agent> agents_;
    using Busy = std::pair<Instant, std::size_t>;
    std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy_;
    std::set<Place> waiting_;
    std::size_t next_arrival_ = 0;
    std::size_t unanswered_ = 0;
    Instant now_{};
    bool open_ = false;
    std::optional<Instant> change_at_;
};

/// A quantile of sorted numbers; 0 of none.
double quantile(const std::vector<double>& sorted, double part)
{
    if (sorted.empty()) return 0;
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

/// People's time: with all on duty whenever it is open, else half hour by half hour.
double staffed_seconds(const Calendar& calendar, const StaffingPeople& people, Instant from, Instant until)
{
    if (!people.on_duty) return seconds_of(calendar.between(from, until)) * people.agents;
    double total = 0;
    for (sys_days date = calendar.local_date(from); date <= sys_days(calendar.local_date(until)); date += days(1)) {
        for (std::size_t slot = 0; slot < 48; ++slot) {
            const int number = std::min(people.agents, (*people.on_duty)[weekday_of(date)][slot]);
            if (number <= 0) continue;
            const auto begins = calendar.instant_of(date, minutes(30) * static_cast<int>(slot));
            const auto ends = calendar.instant_of(date, minutes(30) * static_cast<int>(slot + 1));
            if (begins < ends) total += seconds_of(calendar.between(begins, ends)) * number;
        }
    }
    return total;
}

} // namespace

std::vector<StaffingArrival> draw_arrivals(const Calendar& calendar, const StaffingDemand& demand, double growth,
                                           const std::optional<StaffingOutage>& outage, Instant from, int weeks, std::uint64_t seed)
{
    Chance chance(seed);
    std::vector<StaffingArrival> arrivals;
    const sys_days first = calendar.local_date(from);
    for (sys_days date = first; date < first + days(7) * weeks; date += days(1)) {
        const std::size_t weekday = weekday_of(date);
        for (std::size_t slot = 0; slot < 48; ++slot) {
            const double rate = demand.arrivals[weekday][slot] * (1 + growth);
            if (rate <= 0) continue;
            const auto begins = calendar.instant_of(date, minutes(30) * static_cast<int>(slot));
            for (double t = chance.exponential() / rate; t < 1; t += chance.exponential() / rate) {
                StaffingArrival arrival;
                arrival.at = begins + Duration(static_cast<std::int64_t>(t * 1.8e9));
                arrival.handling = some_handling(demand, chance);
                arrivals.push_back(arrival);
            }
        }
        if (!outage || outage->weekday != weekday) continue;
        const auto begins = calendar.instant_of(date, outage->at);
        for (std::int64_t i = 0; i < outage->messages; ++i) {
            StaffingArrival arrival;
            arrival.at = begins + Duration(outage->within) * i / std::max<std::int64_t>(1, outage->messages);
            arrival.handling = some_handling(demand, chance);
            arrival.outage = true;
            arrivals.push_back(arrival);
        }
        for (auto& arrival : arrivals) {
            if (arrival.at >= begins && arrival.at < begins + days(1)) arrival.outage_day = true;
        }
    }
    std::ranges::stable_sort(arrivals, {}, &StaffingArrival::at);
    return arrivals;
}

std::vector<StaffingOutcome> play(const Calendar& calendar, Duration target, const std::vector<StaffingArrival>& arrivals,
                                  const StaffingPeople& people)
{
    return Play(calendar, target, arrivals, people).run();
}

StaffingFigures figures_of(const Calendar& calendar, Duration target, const std::vector<StaffingArrival>& arrivals,
                           const std::vector<StaffingOutcome>& outcomes, const StaffingPeople& people, Instant from, Instant until,
                           bool outage_days_only)
{
    StaffingFigures figures;
    std::vector<double> responses;
    double sum = 0;
    double waits = 0;
    double work = 0;
    std::int64_t inside = 0;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        if (outage_days_only && !arrivals[i].outage_day) continue;
        ++figures.arrivals;
        if (!outcomes[i].answered) continue;
        const auto response = calendar.between(arrivals[i].at, *outcomes[i].answered);
        responses.push_back(seconds_of(response));
        sum += responses.back();
        waits += seconds_of(calendar.between(arrivals[i].at, *outcomes[i].begun));
        work += seconds_of(arrivals[i].handling);
        inside += response <= target ? 1 : 0;
    }
    figures.answered = static_cast<std::int64_t>(responses.size());
    if (figures.arrivals > 0) figures.inside_target = static_cast<double>(inside) / static_cast<double>(figures.arrivals);
    if (responses.empty()) return figures;
    std::ranges::sort(responses);
    figures.mean_seconds = sum / static_cast<double>(responses.size());
    figures.mean_wait_seconds = waits / static_cast<double>(responses.size());
    figures.median_seconds = quantile(responses, 0.5);
    figures.ninety_seconds = quantile(responses, 0.9);
    const double there = staffed_seconds(calendar, people, from, until);
    if (!outage_days_only && there > 0) figures.occupancy = work / there;
    return figures;
}

double erlang_c(double offered, int agents)
{
    if (offered <= 0) return 0;
    if (agents <= 0 || offered >= agents) return 1;
    double blocked = 1; // Erlang B, by its recursion
    for (int n = 1; n <= agents; ++n) blocked = offered * blocked / (n + offered * blocked);
    return blocked / (1 - offered / agents * (1 - blocked));
}

double erlang_mean_wait(double offered, int agents)
{
    if (offered >= agents) return std::numeric_limits<double>::infinity();
    return erlang_c(offered, agents) / (agents - offered);
}

bool StaffingGoal::is_met(const StaffingFigures& figures) const
{
    return figures.arrivals == 0 || (figures.answered > 0 && figures.mean_seconds <= seconds_of(mean) && figures.inside_target >= inside);
}

WeekTable<int> square_root_staffing(const Calendar& calendar, const StaffingDemand& demand, double growth, Duration target, double b)
{
    WeekTable<double> work{}; // arrivals that are to be answered in each half hour
    WeekTable<bool> open{};
    const auto& weekly = calendar.spec().weekly;
    for (std::size_t weekday = 0; weekday < 7; ++weekday) {
        for (const Window& window : weekly[weekday]) {
            for (auto t = window.opens / minutes(30); minutes(30) * t < window.closes; ++t) {
                open[(weekday + static_cast<std::size_t>(t) / 48) % 7][static_cast<std::size_t>(t) % 48] = true;
            }
        }
    }
    const auto in_target = std::max<std::size_t>(1, static_cast<std::size_t>(target / minutes(30)));
    for (std::size_t at = 0; at < 7 * 48; ++at) {
        const double arrivals = demand.arrivals[at / 48][at % 48] * (1 + growth);
        std::size_t due = at;
        for (std::size_t ahead = 0; ahead < 7 * 48 && !open[due / 48][due % 48]; ++ahead) due = (due + 1) % (7 * 48);
        const std::size_t spread = due == at ? 1 : in_target;
        for (std::size_t i = 0; i < spread; ++i) {
            const std::size_t slot = (due + i) % (7 * 48);
            work[slot / 48][slot % 48] += arrivals / static_cast<double>(spread);
        }
    }
    double mean = seconds_of(demand.mean_handling);
    if (!demand.handling.empty()) {
        mean = 0;
        for (const auto handling : demand.handling) mean += seconds_of(handling) / static_cast<double>(demand.handling.size());
    }
    WeekTable<int> people{};
    for (std::size_t at = 0; at < 7 * 48; ++at) {
        if (!open[at / 48][at % 48]) continue;
        const double load = work[at / 48][at % 48] * mean / 1800;
        people[at / 48][at % 48] = std::max(1, static_cast<int>(std::ceil(load + b * std::sqrt(load) - 1e-9)));
    }
    return people;
}

} // namespace sportello::domain
