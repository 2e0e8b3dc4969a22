#include <sportello/engine/mean.hpp>

#include "promises.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/queue.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

namespace sportello::engine {
namespace {

using storage::Transaction;

// Of a flood, as many as a day's projection can use.
constexpr std::int64_t most_waiting_first = 20'000;

struct Figures {
    domain::DayFigures all;
    domain::DayFigures without;
};

void add(Figures& figures, Transaction& tx, const BrandSettings& brand, base::Instant now)
{
    const auto calendar = brand.calendar;
    const auto day = calendar->local_day(now);
    for (const storage::QueueFigures& of_brand : storage::queue_figures(tx, day.opens)) {
        if (of_brand.brand != brand.id) continue;
        figures.all.answered += of_brand.answered;
        figures.all.answered_in += std::chrono::seconds(of_brand.answered_office_seconds);
        figures.without.answered += of_brand.answered - of_brand.answered_in_incidents;
        figures.without.answered_in += std::chrono::seconds(of_brand.answered_office_seconds - of_brand.incident_office_seconds);
    }
    for (const storage::WaitingFirst& waiting : storage::waiting_for_first_response(tx, brand.id, most_waiting_first)) {
        const base::Duration waited = std::max(base::Duration{}, calendar->between(waiting.since, now));
        figures.all.waiting.push_back(waited);
        if (!waiting.incident) figures.without.waiting.push_back(waited);
    }
    const bool open = calendar->is_open(now);
    const auto left = open ? calendar->between(now, day.closes) : base::Duration{};
    figures.all.until_closing = std::max(figures.all.until_closing, left);
    figures.all.since_opening = std::max(figures.all.since_opening, calendar->between(day.opens, now));
}

std::int64_t people_at_work(Transaction& tx, std::span<const BrandSettings* const> brands)
{
    std::int64_t count = 0;
    for (const domain::Agent& agent : storage::all_agents(tx)) {
        const bool serves = agent.brands.empty() || std::ranges::any_of(brands, [&](const BrandSettings* brand) {
                                return std::ranges::find(agent.brands, brand->id) != agent.brands.end();
                            });
        count += agent.available && !agent.disabled && agent.role == domain::Role::agent && serves;
    }
    return count;
}

} // namespace

MeanToday mean_today(Transaction& tx, const Settings& settings, std::span<const BrandSettings* const> brands, base::Duration promised,
                     base::Instant now)
{
    Figures figures;
    for (const BrandSettings* brand : brands) add(figures, tx, *brand, now);
    figures.without.until_closing = figures.all.until_closing;
    figures.without.since_opening = figures.all.since_opening;
    const auto people = people_at_work(tx, brands);
    const auto handling = handling_time(tx, settings, now);
    for (domain::DayFigures* day : {&figures.all, &figures.without}) {
        day->people = people;
        day->handling = handling;
        day->promised = promised;
        day->arrived = day->answered + static_cast<std::int64_t>(day->waiting.size());
    }
    return {domain::control_mean(figures.all), domain::control_mean(figures.without)};
}

} // namespace sportello::engine
