#include <sportello/domain/mean_control.hpp>

#include "duration_words.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <queue>

namespace sportello::domain {
namespace {

using namespace std::chrono_literals;

// Of a flood, as much is played through as one can see the end of.
constexpr std::size_t most_projected = 20'000;

/// Answers in order of age, each taking one of the people for as long as an answer takes.
class Projection {
public:
    explicit Projection(const DayFigures& figures) : figures_(figures)
    {
        for (std::int64_t i = 0; i < std::min<std::int64_t>(figures.people, 1000); ++i) free_at_.push(Duration{});
    }

    /// Somebody who had waited `before` when the projection began, or arrives after `later`.
    void take(Duration before, Duration later)
    {
        const Duration begun = std::max(free_at_.empty() ? figures_.until_closing : free_at_.top(), later);
        const Duration done = begun + figures_.handling;
        if (done > figures_.until_closing) {
            ++waiting;
            return;
        }
        free_at_.pop();
        free_at_.push(done);
        ++answered;
        sum += before + done - later;
    }

    std::int64_t answered = 0;
    std::int64_t waiting = 0;
    Duration sum{};

private:
    const DayFigures& figures_;
    std::priority_queue<Duration, std::vector<Duration>, std::greater<>> free_at_;
};

void project(const DayFigures& figures, MeanControl& control)
{
    Projection projection(figures);
    std::vector<Duration> oldest_first = figures.waiting;
    std::ranges::sort(oldest_first, std::greater());
    if (oldest_first.size() > most_projected) {
        projection.waiting = static_cast<std::int64_t>(oldest_first.size() - most_projected);
        oldest_first.resize(most_projected);
    }
    for (const Duration waited : oldest_first) projection.take(waited, Duration{});
    std::int64_t coming = 0;
    if (figures.since_opening >= 10min && figures.arrived > 0) {
        const double pace = static_cast<double>(figures.arrived) / static_cast<double>(figures.since_opening.count());
        coming = std::min(static_cast<std::int64_t>(pace * static_cast<double>(figures.until_closing.count())),
                          static_cast<std::int64_t>(most_projected));
    }
    for (std::int64_t i = 0; i < coming; ++i) projection.take(Duration{}, figures.until_closing * (2 * i + 1) / (2 * coming));
    control.projected_answered = figures.answered + projection.answered;
    control.projected_waiting = projection.waiting;
    if (control.projected_answered > 0) control.projected = (figures.answered_in + projection.sum) / control.projected_answered;
    control.why = std::to_string(figures.waiting.size()) + " waiting, " + std::to_string(coming) + " more expected until closing in " +
                  in_minutes(figures.until_closing) + ", " + std::to_string(figures.people) + " at work, " + in_minutes(figures.handling) +
                  " an answer";
}

} // namespace

MeanControl control_mean(const DayFigures& figures)
{
    MeanControl control;
    if (figures.answered > 0) control.mean = figures.answered_in / figures.answered;
    const auto waiting = static_cast<std::int64_t>(figures.waiting.size());
    const Duration waited = std::accumulate(figures.waiting.begin(), figures.waiting.end(), Duration{});
    control.budget = figures.promised * (figures.answered + waiting) - figures.answered_in - waited;
    if (waiting > 0) control.budget_each = control.budget / waiting;
    if (figures.until_closing > Duration{}) {
        project(figures, control);
    } else {
        control.projected = control.mean;
        control.projected_answered = figures.answered;
        control.projected_waiting = waiting;
        control.why = "the office is closed";
    }
    return control;
}

} // namespace sportello::domain
