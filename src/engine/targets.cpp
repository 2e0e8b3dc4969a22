#include <sportello/engine/targets.hpp>

#include "facts.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/ticket_alarms.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Instant;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr std::int64_t most_due_at_once = 200;
constexpr base::Duration before_closing = 1h;
constexpr std::int64_t most_closing_told = 500;

/// Tells what one ticket's clocks have to tell, and when they have to again.
Result<std::size_t> tell_alarms(Transaction& tx, const Settings& settings, domain::TicketId id, Instant now)
{
    auto ticket = storage::find_ticket(tx, id);
    if (!ticket) return ticket.error();
    const domain::Ticket before = *ticket;
    const auto plan = domain::alarms_of(*ticket, target_of(settings, *ticket), storage::clock_marks_of(tx, id), now);
    for (const domain::ClockMark& mark : plan.marks) storage::save_clock_mark(tx, id, mark);
    ticket->alarm_at = plan.next;
    ticket->breached_at = plan.breached_at;
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
    for (const domain::ClockAlarm& alarm : plan.alarms) {
        tell(tx, alarm.breached ? "ticket.breached" : "ticket.warned", now, id, nullptr,
             {{"clock", to_string(alarm.clock)}, {"due_at", base::to_rfc3339(alarm.due_at)}, {"why", alarm.why}});
    }
    return plan.alarms.size();
}

/// What a person can do about a window that shuts.
std::string what_keeps(const Settings& settings, const domain::Ticket& ticket, const Closing& closing, Instant ends_at)
{
    std::string words = "an answer before " + base::to_rfc3339(std::min(closing.closes_at, ends_at));
    const ChannelSettings* channel = settings.channel(ticket.channel);
    if (channel && channel->platform == domain::Platform::facebook) {
        words += ", which asks them to write again: each message of theirs opens Messenger for 24 hours more";
        if (!channel->human_agent) words += "; the Human Agent feature, if Facebook grants it, for 7 days";
    }
    return words + "; after that only by hand, on the platform itself";
}

} // namespace

base::Duration response_target(const Settings& settings, const domain::Ticket& ticket)
{
    return domain::response_target(ticket, target_of(settings, ticket));
}

std::optional<Closing> next_closing(const domain::Calendar& calendar, Instant now)
{
    const auto closes = calendar.is_open(now) ? calendar.next_close(now) : std::optional(now);
    if (!closes) return std::nullopt;
    const auto opens = calendar.next_open(*closes);
    if (!opens) return std::nullopt;
    return Closing{.closes_at = *closes, .opens_at = *opens};
}

std::vector<ClosingRoute> closing_routes(Transaction& tx, const Settings& settings, std::string_view brand, Instant now,
                                         std::optional<storage::RoutesEnd> after, std::int64_t limit)
{
    std::vector<ClosingRoute> found;
    const BrandSettings* known = settings.brand(brand);
    const auto closing = known ? next_closing(*known->calendar, now) : std::nullopt;
    if (!closing) return found;
    for (const storage::RoutesEnd& end : storage::routes_ending(tx, brand, now, closing->opens_at, after, limit)) {
        auto ticket = storage::find_ticket(tx, end.ticket);
        if (!ticket) continue;
        found.push_back(
            {.ticket = std::move(*ticket), .brand = std::string(brand), .closing = *closing, .route_ends_at = end.at, .keeps = {}});
        found.back().keeps = what_keeps(settings, found.back().ticket, *closing, end.at);
    }
    return found;
}

std::size_t tell_closing_routes(Transaction& tx, const Settings& settings, std::string_view brand, Instant now)
{
    const auto found = closing_routes(tx, settings, brand, now, std::nullopt, most_closing_told);
    for (const ClosingRoute& route : found) {
        tell(tx, "ticket.route_closing", now, route.ticket.id, nullptr,
             {{"route_ends_at", base::to_rfc3339(route.route_ends_at)},
              {"closes_at", base::to_rfc3339(route.closing.closes_at)},
              {"opens_at", base::to_rfc3339(route.closing.opens_at)},
              {"keeps", route.keeps}});
    }
    return found.size();
}

asio::awaitable<Result<std::size_t>> Targets::tell_due()
{
    const Instant now = clock_.now();
    auto look = [&](Transaction& tx) -> Result<bool> { return !storage::alarms_due(tx, now, 1).empty(); };
    auto unit = [&](Transaction& tx) -> Result<std::size_t> {
        const auto due = storage::alarms_due(tx, now, most_due_at_once);
        for (const domain::TicketId id : due) {
            if (const auto told = tell_alarms(tx, settings_, id, now); !told) return told.error();
        }
        return due.size();
    };
    std::size_t told = 0;
    while (true) { // each batch in a transaction of its own: others write in between
        const auto any = co_await db_.read(look);
        if (!any) co_return any.error();
        if (!*any) co_return told;
        const auto batch = co_await db_.write(unit);
        if (!batch) co_return batch.error();
        told += *batch;
    }
}

asio::awaitable<Result<std::optional<Instant>>> Targets::next_due()
{
    auto unit = [](Transaction& tx) -> Result<std::optional<Instant>> { return storage::next_alarm(tx); };
    co_return co_await db_.read(unit);
}

asio::awaitable<Result<std::optional<Instant>>> Targets::tell_closings()
{
    const Instant now = clock_.now();
    std::optional<Instant> next;
    for (const BrandSettings& brand : settings_.brands) {
        const auto closes = brand.calendar->next_close(now);
        if (!closes) continue;
        Instant look = *closes - before_closing;
        if (look <= now) look = *closes;
        if (look == *closes && told_[brand.id] != *closes) {
            auto unit = [&](Transaction& tx) -> Result<std::size_t> {
                if (!brand.calendar->is_open(now) || !storage::note_closing_told(tx, brand.id, *closes)) return std::size_t(0);
                return tell_closing_routes(tx, settings_, brand.id, now);
            };
            const auto told = co_await db_.write(unit);
            if (!told) co_return told.error();
            told_[brand.id] = *closes;
        }
        next = next ? std::min(*next, look) : look;
    }
    co_return next;
}

} // namespace sportello::engine
