#include "office_json.hpp"

#include <sportello/domain/access_warning.hpp>
#include <sportello/domain/text_budget.hpp>
#include <sportello/engine/mean.hpp>
#include <sportello/storage/channel_history.hpp>
#include <sportello/storage/queue.hpp>
#include <sportello/storage/replies.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <span>
#include <vector>

namespace sportello::api {
namespace {

using engine::Actor;
using engine::BrandSettings;
using engine::ChannelSettings;
using engine::Settings;
using storage::FallingDue;
using storage::QueueFigures;
using storage::Transaction;

constexpr std::array<std::string_view, 7> weekdays{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

std::int64_t whole_seconds(base::Duration duration)
{
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

void write_figures(JsonWriter& json, const QueueFigures& figures, const FallingDue& falling, base::Duration promised,
                   std::optional<base::Instant> due)
{
    json.member("waiting", figures.waiting)
        .member("due_before_closing", falling.all)
        .member("mine_due_before_closing", falling.mine)
        .member("oldest_at", figures.oldest_waiting_since)
        .key("mean_first_response_today_seconds");
    if (figures.answered == 0) json.value(nullptr);
    else json.value(static_cast<double>(figures.answered_office_seconds) / static_cast<double>(figures.answered));
    json.member("answered_today", figures.answered)
        .key("promised")
        .open_object()
        .member("seconds", whole_seconds(promised))
        .member("at", due)
        .close_object();
}

void write_maybe_seconds(JsonWriter& json, std::string_view name, const std::optional<base::Duration>& duration)
{
    json.key(name);
    if (duration) json.value(whole_seconds(*duration));
    else json.value(nullptr);
}

void write_control(JsonWriter& json, std::string_view name, const domain::MeanControl& control)
{
    json.key(name).open_object();
    write_maybe_seconds(json, "mean_seconds", control.mean);
    json.member("budget_seconds", whole_seconds(control.budget));
    write_maybe_seconds(json, "budget_each_seconds", control.budget_each);
    write_maybe_seconds(json, "projected_mean_seconds", control.projected);
    json.member("projected_answered", control.projected_answered)
        .member("projected_waiting", control.projected_waiting)
        .member("why", control.why)
        .close_object();
}

/// How the mean stands, what may still be spent, how the day will end; with the members of incidents and without them.
void write_mean(JsonWriter& json, Transaction& tx, const Settings& settings, std::span<const BrandSettings* const> brands,
                base::Duration promised, base::Instant now)
{
    const auto today = engine::mean_today(tx, settings, brands, promised, now);
    write_control(json, "control", today.all);
    write_control(json, "control_without_incidents", today.without_incidents);
}

void add(QueueFigures& all, const QueueFigures& one)
{
    all.waiting += one.waiting;
    all.answered += one.answered;
    all.answered_office_seconds += one.answered_office_seconds;
    const bool older = one.oldest_waiting_since && (!all.oldest_waiting_since || *one.oldest_waiting_since < *all.oldest_waiting_since);
    if (older) all.oldest_waiting_since = one.oldest_waiting_since;
}

/// What falls due before the office closes; nothing while it is closed.
FallingDue due_before_closing(Transaction& tx, const BrandSettings& brand, const Actor& actor, base::Instant now)
{
    const auto calendar = brand.calendar.current();
    const auto closing = calendar->is_open(now) ? calendar->next_close(now) : std::nullopt;
    return closing ? storage::falling_due(tx, brand.id, actor.id, now, *closing) : FallingDue{};
}

/// The figures of one brand; "today" is the day of its own time zone. Brands of one zone share a reading.
class FiguresByDay {
public:
    FiguresByDay(Transaction& tx, base::Instant now) : tx_(tx), now_(now) {}

    QueueFigures of(const BrandSettings& brand)
    {
        const auto day_start = brand.calendar->local_day(now_).opens;
        const auto [place, is_new] = read_.try_emplace(day_start);
        if (is_new) place->second = storage::queue_figures(tx_, day_start);
        for (const auto& figures : place->second) {
            if (figures.brand == brand.id) return figures;
        }
        QueueFigures nothing;
        nothing.brand = brand.id;
        return nothing;
    }

private:
    Transaction& tx_;
    base::Instant now_;
    std::map<base::Instant, std::vector<QueueFigures>> read_;
};

void write_limit(JsonWriter& json, std::string_view name, const domain::TextBudget& budget)
{
    json.key(name)
        .open_object()
        .member("counts", budget.unit == domain::TextUnit::weighted ? "weighted" : "code_points")
        .member("limit", budget.limit)
        .member("over", budget.splittable ? "split" : "refuse")
        .close_object();
}

double dollars(domain::MicroDollars amount)
{
    return static_cast<double>(amount) / 1e6;
}

void write_cap(JsonWriter& json, std::string_view name, std::optional<domain::MicroDollars> cap)
{
    json.key(name);
    if (cap) json.value(dollars(*cap));
    else json.value(nullptr);
}

void write_budget(JsonWriter& json, Transaction& tx, const ChannelSettings& channel, const std::string& quotas, base::Instant now)
{
    const auto spent = storage::load_spending(tx, channel.id, std::chrono::floor<std::chrono::days>(now));
    json.key("budget")
        .open_object()
        .member("calls_today", spent.calls)
        .member("usd_today", dollars(spent.today))
        .member("usd_this_month", dollars(spent.month));
    write_cap(json, "usd_a_day", channel.money.a_day);
    write_cap(json, "usd_a_month", channel.money.a_month);
    json.key("quotas").raw(quotas).close_object();
}

constexpr std::int64_t most_entered_shown = 100;

void write_windows(JsonWriter& json, std::string_view name, const std::vector<domain::Window>& windows)
{
    json.key(name).open_array();
    for (const auto& window : windows) json.value(domain::to_string(window));
    json.close_array();
}

/// Those of the file and the holidays together, sorted; what is open all the same is not among them.
std::vector<std::chrono::year_month_day> closed_dates(const domain::CalendarSpec& spec)
{
    std::vector<std::chrono::year_month_day> dates = spec.closed_dates;
    for (const auto& holiday : spec.holidays) dates.push_back(holiday.date);
    for (const auto& exception : spec.open) std::erase(dates, exception.date);
    std::ranges::sort(dates);
    const auto twice = std::ranges::unique(dates);
    dates.erase(twice.begin(), twice.end());
    return dates;
}

} // namespace

void write_calendar(JsonWriter& json, Transaction& tx, const BrandSettings& brand, base::Instant now)
{
    const auto calendar = brand.calendar.current();
    const domain::CalendarSpec& spec = calendar->spec();
    json.open_object().member("time_zone", spec.time_zone).key("weekly").open_object();
    for (std::size_t day = 0; day < weekdays.size(); ++day) write_windows(json, weekdays[day], spec.weekly[day]);
    json.close_object().key("closed_dates").open_array();
    for (const auto& date : closed_dates(spec)) json.value(domain::to_string(date));
    json.close_array().key("open_dates").open_array();
    for (const auto& [date, windows] : spec.open) {
        json.open_object().member("date", domain::to_string(date));
        write_windows(json, "hours", windows);
        json.close_object();
    }
    json.close_array().key("holidays").open_array();
    const auto today = calendar->local_date(now);
    for (const auto& [date, name] : spec.holidays) {
        if (date.year() < today.year() || date.year() > today.year() + std::chrono::years(1)) continue;
        json.open_object().member("date", domain::to_string(date)).member("name", name).close_object();
    }
    json.close_array().key("entered").open_array();
    for (const auto& exception : storage::office_exceptions(tx, brand.id, today, most_entered_shown)) write_exception(json, exception);
    json.close_array().close_object();
}

void write_exception(JsonWriter& json, const storage::OfficeException& exception)
{
    json.open_object().member("id", exception.id).member("brand", exception.brand).member("date", domain::to_string(exception.hours.date));
    write_windows(json, "hours", exception.hours.windows);
    json.member("note", exception.note).member("author", exception.author.value).member("at", exception.created_at).close_object();
}

void write_brand(JsonWriter& json, Transaction& tx, const BrandSettings& brand, base::Instant now)
{
    json.open_object()
        .member("id", brand.id)
        .member("name", brand.name)
        .member("signature", brand.signature)
        .member("language", brand.language)
        .key("calendar");
    write_calendar(json, tx, brand, now);
    json.member("first_response_seconds", whole_seconds(brand.first_response))
        .member("next_response_seconds", whole_seconds(brand.next_response))
        .member("resolution_seconds", whole_seconds(brand.resolution))
        .close_object();
}

void write_brand_office(JsonWriter& json, const BrandSettings& brand, base::Instant now)
{
    json.open_object()
        .member("brand", brand.id)
        .member("open", brand.calendar->is_open(now))
        .member("next_open", brand.calendar->next_open(now))
        .member("next_close", brand.calendar->next_close(now))
        .close_object();
}

void write_queue(JsonWriter& json, Transaction& tx, const Settings& settings, const Actor& actor, base::Instant now)
{
    FiguresByDay figures(tx, now);
    QueueFigures all;
    FallingDue all_falling;
    std::optional<base::Instant> latest_due;
    std::vector<const BrandSettings*> seen;
    std::string brands;
    JsonWriter list(brands);
    list.open_array();
    for (const auto& brand : settings.brands) {
        if (!actor.may_see(brand.id)) continue;
        const auto of_brand = figures.of(brand);
        const auto due = brand.calendar->add(now, brand.first_response);
        const auto falling = due_before_closing(tx, brand, actor, now);
        add(all, of_brand);
        all_falling.all += falling.all;
        all_falling.mine += falling.mine;
        if (due && (!latest_due || *due > *latest_due)) latest_due = due;
        list.open_object().member("brand", brand.id);
        write_figures(list, of_brand, falling, brand.first_response, due);
        const std::array one{&brand};
        write_mean(list, tx, settings, one, brand.first_response, now);
        seen.push_back(&brand);
        list.close_object();
    }
    list.close_array();
    json.open_object();
    write_figures(json, all, all_falling, settings.promised_first_response, latest_due);
    write_mean(json, tx, settings, seen, settings.promised_first_response, now);
    json.key("brands").raw(brands).close_object();
}

void write_channel(JsonWriter& json, Transaction& tx, const ChannelSettings& channel, base::Instant now)
{
    using domain::Visibility;
    const storage::ChannelState state = storage::load_channel(tx, channel.id);
    json.open_object()
        .member("id", channel.id)
        .member("brand", channel.brand)
        .member("platform", domain::to_string(channel.platform))
        .member("account", channel.account)
        .member("state", state.state)
        .member("paused", state.reading_paused || state.publishing_paused)
        .member("reading_paused", state.reading_paused)
        .member("publishing_paused", state.publishing_paused)
        .member("publish", channel.publish)
        .member("replies_held", storage::held_reply_count(tx, channel.id))
        .member("start_at", channel.start_at ? channel.start_at : state.connected_at)
        .text_or_null("reason", state.reason)
        .member("not_before", state.not_before)
        .member("last_poll_at", state.last_poll_at)
        .member("last_item_at", state.last_item_at)
        .member("lag_seconds", state.last_lag_seconds)
        .text_or_null("quiet", state.quiet)
        .text_or_null("behind", state.behind)
        .key("access")
        .open_object()
        .member("ends_at", state.access_ends_at)
        .text_or_null("lacks", state.access_lacks)
        .text_or_null("warning", domain::access_warning(channel.id, state.access_ends_at, state.access_lacks, now))
        .close_object();
    write_budget(json, tx, channel, state.quotas, now);
    json.key("limits").open_object();
    write_limit(json, "public", domain::budget_for(channel.platform, Visibility::public_, channel.public_limit));
    write_limit(json, "private", domain::budget_for(channel.platform, Visibility::private_, channel.public_limit));
    json.close_object().close_object();
}

void write_channels(JsonWriter& json, Transaction& tx, const Settings& settings, const Actor& actor, base::Instant now)
{
    json.open_array();
    for (const auto& channel : settings.channels) {
        if (actor.may_see(channel.brand)) write_channel(json, tx, channel, now);
    }
    json.close_array();
}

} // namespace sportello::api
