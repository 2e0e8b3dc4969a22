#include <sportello/engine/office_hours.hpp>

#include "facts.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace sportello::engine {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using storage::OfficeException;
using storage::Transaction;

namespace {

constexpr std::int64_t tickets_planned_at_once = 200;
/// What was entered for dates before that no longer bears on anything that is measured.
constexpr auto remembered = std::chrono::days(800);

std::chrono::year_month_day first_remembered(Instant now)
{
    return std::chrono::floor<std::chrono::days>(now) - remembered;
}

void append(std::string& text, const std::vector<domain::Window>& windows)
{
    for (const auto& window : windows) text += domain::to_string(window) + ",";
    text += ';';
}

/// Targets; what is not set is told apart from zero.
template <class Time, class Share> void append(std::string& text, Time first, Time next, Time resolution, Share warn_at)
{
    const auto add = [&text](std::optional<base::Duration> time) { text += (time ? std::to_string(time->count()) : "-") + ","; };
    add(first);
    add(next);
    add(resolution);
    const std::optional<double> share(warn_at);
    text += (share ? std::to_string(*share) : "-") + ';';
}

/// Tells hours and targets apart: two brands' deadlines are planned alike exactly when this is equal.
std::string digest_of(const BrandSettings& brand)
{
    const auto calendar = brand.calendar.current();
    const domain::CalendarSpec& spec = calendar->spec();
    std::string text = spec.time_zone + ';';
    append(text, brand.first_response, brand.next_response, brand.resolution, brand.warn_at);
    for (const domain::TargetOverride& other : brand.target_overrides) {
        text += other.channel + ':' + (other.priority ? std::string(to_string(*other.priority)) : std::string()) + ':';
        append(text, other.first_response, other.next_response, other.resolution, other.warn_at);
    }
    for (const auto& windows : spec.weekly) append(text, windows);
    std::vector<std::chrono::year_month_day> closed = spec.closed_dates;
    for (const auto& holiday : spec.holidays) closed.push_back(holiday.date);
    std::ranges::sort(closed);
    for (const auto& date : closed) text += domain::to_string(date);
    for (const auto& [date, windows] : spec.open) {
        text += domain::to_string(date);
        append(text, windows);
    }
    return base::sha256_hex(text);
}

nlohmann::json texts_of(const std::vector<domain::Window>& windows)
{
    auto texts = nlohmann::json::array();
    for (const auto& window : windows) texts.push_back(domain::to_string(window));
    return texts;
}

nlohmann::json data_of(const OfficeException& exception)
{
    return {{"exception", exception.id},
            {"brand", exception.brand},
            {"date", domain::to_string(exception.hours.date)},
            {"hours", texts_of(exception.hours.windows)},
            {"note", exception.note}};
}

nlohmann::json maybe_time(const std::optional<Instant>& at)
{
    return at ? nlohmann::json(base::to_rfc3339(*at)) : nlohmann::json();
}

/// One ticket's deadlines by the hours of now. @return whether one of them moved.
base::Result<bool> replan_ticket(Transaction& tx, const Settings& settings, domain::TicketId id, Instant now)
{
    auto ticket = storage::find_ticket(tx, id);
    if (!ticket) return ticket.error();
    const domain::Ticket before = *ticket;
    domain::replan(*ticket, target_of(settings, *ticket));
    if (ticket->due_at == before.due_at && ticket->resolution_due_at == before.resolution_due_at && ticket->alarm_at == before.alarm_at) {
        return false;
    }
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
    tell(tx, "ticket.replanned", now, id, nullptr,
         {{"due_at", maybe_time(ticket->due_at)},
          {"resolution_due_at", maybe_time(ticket->resolution_due_at)},
          {"why", "the office hours have changed"}});
    return true;
}

/// What an earlier request with this key entered: rows of one act share person, time and date.
std::vector<OfficeException> entered_with(Transaction& tx, const std::vector<std::string>& brands, std::int64_t id)
{
    const auto first = storage::find_office_exception(tx, id);
    std::vector<OfficeException> found;
    if (!first) return found;
    for (const std::string& brand : brands) {
        for (auto& exception : storage::office_exceptions(tx, brand, first->hours.date, 1)) {
            const bool same = exception.hours.date == first->hours.date && exception.author == first->author;
            if (same && exception.created_at == first->created_at) found.push_back(std::move(exception));
        }
    }
    return found;
}

} // namespace

void OfficeHours::put_in_force(const std::string& brand, const std::vector<OfficeException>& entered)
{
    const BrandSettings* settings = settings_.brand(brand);
    if (settings == nullptr || !settings->calendar) return;
    std::vector<domain::DatedHours> hours;
    for (const auto& exception : entered) hours.push_back(exception.hours);
    auto calendar = domain::Calendar::make(domain::with_dated_hours(settings->calendar.configured()->spec(), hours));
    if (!calendar) throw std::runtime_error("office hours of " + brand + ": " + calendar.error().what());
    settings->calendar.exchange(std::make_shared<const domain::Calendar>(std::move(*calendar)));
}

void OfficeHours::load()
{
    for (const BrandSettings& brand : settings_.brands) {
        const auto read = [&](Transaction& tx) -> Result<std::vector<OfficeException>> {
            return storage::office_exceptions(tx, brand.id, first_remembered(clock_.now()));
        };
        const auto entered = db_.read_now(read);
        if (!entered) throw std::runtime_error("read the office hours of " + brand.id + ": " + entered.error().what());
        if (!entered->empty()) put_in_force(brand.id, *entered);
    }
}

asio::awaitable<Result<void>> OfficeHours::reload(std::vector<std::string> brands)
{
    for (const std::string& brand : brands) {
        auto read = [&](Transaction& tx) -> Result<std::vector<OfficeException>> {
            return storage::office_exceptions(tx, brand, first_remembered(clock_.now()));
        };
        const auto reading = ++readings_[brand];
        const auto entered = co_await db_.read(read);
        if (!entered) co_return entered.error();
        // Two acts at once: the reading that began last has seen both.
        if (reading == readings_[brand]) put_in_force(brand, *entered);
    }
    if (changed_) changed_();
    co_return Result<void>();
}

asio::awaitable<Result<void>> OfficeHours::refresh()
{
    std::vector<std::string> brands;
    for (const BrandSettings& brand : settings_.brands) brands.push_back(brand.id);
    auto reloading = reload(std::move(brands));
    co_return co_await std::move(reloading);
}

Result<void> OfficeHours::check_date(const BrandSettings& brand, const std::chrono::year_month_day& date) const
{
    const Instant now = clock_.now();
    const auto today = brand.calendar->local_date(now);
    if (date < today) {
        return Error(ErrorKind::invalid_input, "that date is past: what was is not changed any more",
                     {{"/date", "today (" + domain::to_string(today) + ") or later expected"}});
    }
    if (date > brand.calendar->local_date(now + domain::Calendar::horizon)) {
        return Error(ErrorKind::invalid_input, "that date is too far away", {{"/date", "within ten years expected"}});
    }
    return {};
}

std::map<std::string, std::optional<Closing>> OfficeHours::closings_now(const std::vector<std::string>& brands, Instant now) const
{
    std::map<std::string, std::optional<Closing>> closings;
    for (const std::string& brand : brands) closings[brand] = next_closing(*settings_.brand(brand)->calendar.current(), now);
    return closings;
}

asio::awaitable<Result<std::vector<OfficeException>>> OfficeHours::add(HoursDraft draft, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<std::vector<OfficeException>> {
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        if (*before) return entered_with(tx, draft.brands, **before);
        std::vector<OfficeException> entered;
        for (const std::string& id : draft.brands) {
            const BrandSettings* brand = settings_.brand(id);
            if (brand == nullptr) return Error(ErrorKind::not_found, "there is no brand " + id);
            if (const auto good = check_date(*brand, draft.hours.date); !good) return good.error();
            OfficeException exception{0, id, draft.hours, draft.note, command.actor.id, now};
            const auto made = storage::insert_office_exception(tx, exception);
            if (!made) return made.error();
            exception.id = *made;
            tell(tx, "office.exception_added", now, std::nullopt, &command, data_of(exception));
            entered.push_back(std::move(exception));
        }
        if (entered.empty()) return Error(ErrorKind::not_found, "there is no brand to enter hours for");
        if (const auto kept = remember_made(tx, command, entered.front().id, now); !kept) return kept.error();
        return entered;
    };
    auto entered = co_await db_.write(unit);
    if (!entered) co_return entered;
    const auto closings = closings_now(draft.brands, now);
    const auto in_force = co_await reload(draft.brands);
    if (!in_force) co_return in_force.error();
    // The office closes at another time than people thought, or for longer: whose ways to be answered shut meanwhile?
    auto tell_routes = [&](Transaction& tx) -> Result<std::size_t> {
        std::size_t told = 0;
        for (const auto& [brand, before] : closings) {
            const auto calendar = settings_.brand(brand)->calendar.current();
            if (next_closing(*calendar, now) != before) told += tell_closing_routes(tx, settings_, brand, now);
        }
        return told;
    };
    const auto told = co_await db_.write(tell_routes);
    if (!told) co_return told.error();
    co_return entered;
}

asio::awaitable<Result<void>> OfficeHours::remove(std::int64_t id, Command command)
{
    const Instant now = clock_.now();
    std::vector<std::string> brands;
    auto unit = [&](Transaction& tx) -> Result<void> {
        const auto found = storage::find_office_exception(tx, id);
        if (!found || !command.actor.may_see(found->brand)) return Error(ErrorKind::not_found, "there are no such hours");
        brands = {found->brand};
        const BrandSettings* brand = settings_.brand(found->brand);
        if (brand != nullptr && found->hours.date < brand->calendar->local_date(now)) {
            return Error(ErrorKind::conflict, "that date is past: what was is not changed any more");
        }
        storage::delete_office_exception(tx, id);
        tell(tx, "office.exception_removed", now, std::nullopt, &command, data_of(*found));
        return {};
    };
    const auto removed = co_await db_.write(unit);
    if (!removed) co_return removed;
    co_return co_await reload(brands);
}

asio::awaitable<Result<std::size_t>> OfficeHours::replan()
{
    std::size_t moved = 0;
    for (const BrandSettings& brand : settings_.brands) {
        const auto of_brand = co_await replan_brand(brand.id);
        if (!of_brand) co_return of_brand.error();
        moved += *of_brand;
    }
    co_return moved;
}

asio::awaitable<Result<std::size_t>> OfficeHours::replan_brand(std::string brand)
{
    const BrandSettings* settings = settings_.brand(brand);
    const Instant now = clock_.now();
    std::size_t moved = 0;
    bool more = true;
    // Nothing to do is found out by reading: the chore runs often, the hours change rarely.
    auto look = [&](Transaction& tx) -> Result<bool> {
        const auto plan = storage::find_office_plan(tx, brand);
        return !plan || plan->after_ticket || plan->hours != digest_of(*settings);
    };
    const auto needed = co_await db_.read(look);
    if (!needed) co_return needed.error();
    more = *needed;
    while (more) {
        std::size_t moved_now = 0;
        auto unit = [&](Transaction& tx) -> Result<void> {
            moved_now = 0;
            const auto hours = digest_of(*settings);
            auto plan = storage::find_office_plan(tx, brand);
            if (!plan || plan->hours != hours) plan = storage::OfficePlan{hours, domain::TicketId{0}};
            if (plan->after_ticket) {
                const auto tickets = storage::tickets_to_plan(tx, brand, *plan->after_ticket, tickets_planned_at_once);
                for (const auto ticket : tickets) {
                    const auto changed = replan_ticket(tx, settings_, ticket, now);
                    if (!changed) return changed.error();
                    moved_now += *changed ? 1 : 0;
                }
                if (tickets.empty()) plan->after_ticket.reset();
                else plan->after_ticket = tickets.back();
            }
            more = plan->after_ticket.has_value();
            storage::keep_office_plan(tx, brand, *plan);
            return {};
        };
        const auto done = co_await db_.write(unit);
        if (!done) co_return done.error();
        moved += moved_now;
    }
    co_return moved;
}

} // namespace sportello::engine
