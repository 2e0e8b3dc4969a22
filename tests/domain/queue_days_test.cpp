// The order of the queue against first come, first served, over the same days: same messages, same people, same handling.
// SPORTELLO_DAYS=1000 plays more of them, SPORTELLO_SEED others.
#include <sportello/domain/calendar.hpp>
#include <sportello/domain/queue_order.hpp>
#include <sportello/domain/targets.hpp>
#include <sportello/domain/ticket_rules.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <queue>
#include <random>
#include <vector>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise)
{
    const char* given = std::getenv(variable);
    return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

/// One message that waits, with its place before and after its target is missed.
struct Waiting {
    Instant since;
    Instant due;
    Duration handling;
    bool first = false; ///< a first response; else the customer wrote again
    std::int64_t by_age = 0;
    std::int64_t by_order = 0;
    std::int64_t by_order_missed = 0;
};

struct Outcome {
    std::int64_t answered = 0;
    std::int64_t breaches = 0;
    std::int64_t first_responses = 0;
    Duration first_response_sum{};
    [[nodiscard]] double mean_minutes() const
    {
        return std::chrono::duration<double, std::ratio<60>>(first_response_sum).count() / static_cast<double>(first_responses);
    }
};

class Days {
public:
    explicit Days(std::uint64_t seed) : random_(seed) {}

    /// What comes in from one closing to the next, and who is there: quiet days, busy ones, and some that are too much.
    void draw()
    {
        people_ = 2 + static_cast<int>(below(8));
        const double busy = 0.5 + 0.7 * unit();
        const auto count = static_cast<int>(busy * people_ * 9 * 60 / 6);
        messages_.clear();
        for (int i = 0; i < count; ++i) messages_.push_back(message(opening_ + arrival()));
        std::ranges::sort(messages_, {}, &Waiting::since);
    }

    [[nodiscard]] Outcome play(bool by_order) const
    {
        Outcome outcome;
        std::vector<const Waiting*> waiting;
        std::priority_queue<Instant, std::vector<Instant>, std::greater<>> free_at;
        for (int i = 0; i < people_; ++i) free_at.push(opening_);
        auto next = messages_.begin();
        while (next != messages_.end() || !waiting.empty()) {
            Instant now = free_at.top();
            if (waiting.empty()) now = std::max(now, next->since);
            if (!calendar_.is_open(now)) now = calendar_.next_open(now).value();
            for (; next != messages_.end() && next->since <= now; ++next) waiting.push_back(&*next);
            const auto place = [&](const Waiting* w) { return !by_order ? w->by_age : w->due <= now ? w->by_order_missed : w->by_order; };
            const auto chosen = std::ranges::min_element(waiting, {}, place);
            const Instant done = now + (*chosen)->handling;
            free_at.pop();
            free_at.push(done);
            count(outcome, **chosen, done);
            waiting.erase(chosen);
        }
        return outcome;
    }

private:
    double unit() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    /// A third comes while the office is closed, the rest over the nine hours, more in the morning.
    Duration arrival()
    {
        if (unit() < 0.3) return -Duration(std::chrono::seconds(below(15 * 3600)));
        const double morning = std::min(unit(), unit() + 0.2);
        return Duration(std::chrono::seconds(static_cast<std::int64_t>(std::min(morning, 0.999) * 9 * 3600)));
    }

    Waiting message(Instant since)
    {
        const double u = unit();
        const Priority priority = u < 0.03 ? Priority::urgent : u < 0.15 ? Priority::high : u < 0.90 ? Priority::normal : Priority::low;
        const TargetTimes times = target_times(plan_, "tim-x", Platform::twitter, priority);
        const ServiceTarget target{&calendar_, times.first_response, times.next_response, times.resolution, times.warn_at};
        Message written;
        written.at = since;
        Ticket ticket = open_ticket(written, target, since);
        ticket.priority = priority;
        const bool first = unit() < 0.6;
        if (!first) ticket.first_response_at = since - 1h;
        if (unit() < 0.2) ticket.route_ends_at = since + 24h - 1min; // Messenger
        replan(ticket, target);
        Waiting waiting{
            .since = since,
            .due = *ticket.due_at,
            .handling = std::chrono::seconds(static_cast<std::int64_t>(std::clamp(std::exp(5.7 + 0.6 * normal_(random_)), 60.0, 3600.0))),
            .first = first,
            .by_age = base::to_micros(since),
            .by_order = *queue_number(ticket)};
        ticket.breached_at = ticket.due_at;
        waiting.by_order_missed = *queue_number(ticket);
        return waiting;
    }

    void count(Outcome& outcome, const Waiting& message, Instant done) const
    {
        ++outcome.answered;
        outcome.breaches += done > message.due;
        if (!message.first) return;
        ++outcome.first_responses;
        outcome.first_response_sum += calendar_.between(message.since, done);
    }

    static Calendar office()
    {
        CalendarSpec spec;
        spec.time_zone = "UTC";
        spec.weekly.fill(parse_windows("09:00-18:00").value());
        return Calendar::make(std::move(spec)).value();
    }
    static TargetPlan plan()
    {
        TargetPlan plan;
        const auto add = [&](Priority priority, Duration first) {
            TargetOverride rule;
            rule.priority = priority;
            rule.first_response = first;
            plan.overrides.push_back(rule);
        };
        add(Priority::urgent, 15min);
        add(Priority::high, 30min);
        add(Priority::low, 4h);
        return plan;
    }

    std::mt19937_64 random_;
    std::normal_distribution<double> normal_;
    const Calendar calendar_ = office();
    const TargetPlan plan_ = plan();
    const Instant opening_ = base::parse_rfc3339("2026-03-03T09:00:00Z").value();
    int people_ = 1;
    std::vector<Waiting> messages_;
};

void add(Outcome& sum, const Outcome& day)
{
    sum.answered += day.answered;
    sum.breaches += day.breaches;
    sum.first_responses += day.first_responses;
    sum.first_response_sum += day.first_response_sum;
}

void print(const char* order, const Outcome& outcome, std::uint64_t days)
{
    std::printf("%s: %llu days, %lld answers, %lld targets missed (%.2f %%), mean first response %.2f min\n", order,
                static_cast<unsigned long long>(days), static_cast<long long>(outcome.answered), static_cast<long long>(outcome.breaches),
                100.0 * static_cast<double>(outcome.breaches) / static_cast<double>(outcome.answered), outcome.mean_minutes());
}

TEST(QueueDays, TheOrderMissesFewerTargetsThanFirstComeFirstServed)
{
    const std::uint64_t days = number_from("SPORTELLO_DAYS", 12);
    const std::uint64_t seed = number_from("SPORTELLO_SEED", 1);
    Outcome fifo;
    Outcome order;
    for (std::uint64_t day = 0; day < days; ++day) {
        Days simulated(seed * 1'000'003 + day);
        simulated.draw();
        add(fifo, simulated.play(false));
        add(order, simulated.play(true));
    }
    print("first come, first served", fifo, days);
    print("order of the queue", order, days);
    ASSERT_EQ(fifo.answered, order.answered);
    EXPECT_LT(order.breaches, fifo.breaches);
    EXPECT_LE(order.mean_minutes(), 1.01 * fifo.mean_minutes());
}

} // namespace
} // namespace sportello::domain
