// Brands, hours, the queue, and channels: what the office is made of.
#include "context.hpp"
#include "fields.hpp"
#include "office_json.hpp"
#include "query.hpp"

#include <sportello/engine/office_hours.hpp>

#include <algorithm>
#include <chrono>
#include <span>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Transaction;

constexpr std::int64_t last_day = 2'932'896; // 9999-12-31

/// GET /v1/brands
awaitable<Answer> list_brands(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& brand : context.engine.settings().brands) {
            if (actor.may_see(brand.id)) write_brand(json, tx, brand, now);
        }
        json.close_array().member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// GET /v1/queue
awaitable<Answer> get_queue(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    const auto now = context.clock.now();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_queue(json, tx, context.engine.settings(), actor, now);
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

const engine::BrandSettings* asked_brand(Query& query, const engine::Settings& settings, const engine::Actor& actor)
{
    const auto id = query.text("brand");
    for (const auto& brand : settings.brands) {
        if (actor.may_see(brand.id) && (!id || brand.id == *id)) return &brand;
    }
    return nullptr;
}

/// GET /v1/office-hours
awaitable<Answer> get_office_hours(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto* brand = asked_brand(query, context.engine.settings(), call.caller->actor());
    const auto now = context.clock.now();
    const auto at = query.time("at").value_or(now);
    const auto plus = query.duration("plus");
    const auto until = query.time("until");
    const auto horizon = domain::Calendar::horizon; // the answer costs by the day
    if (until && (*until - at > horizon || at - *until > horizon)) query.wrong("until", "within ten years of `at` expected");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (brand == nullptr) co_return Error(ErrorKind::not_found, "There is no such brand.");

    const auto calendar = brand->calendar.current();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object()
            .member("open", calendar->is_open(at))
            .member("next_open", calendar->next_open(at))
            .member("next_close", calendar->next_close(at))
            .member("due", plus ? calendar->add(at, *plus) : std::nullopt)
            .key("office_seconds_until");
        if (until) json.value(std::chrono::duration<double>(calendar->between(at, *until)).count());
        else json.value(nullptr);
        json.key("calendar");
        write_calendar(json, tx, *brand, now);
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// Of one brand, or without any of all that the caller may see.
std::vector<std::string> chosen_brands(const engine::Settings& settings, const engine::Actor& actor, std::optional<std::string_view> one)
{
    std::vector<std::string> chosen;
    for (const auto& brand : settings.brands) {
        if (actor.may_see(brand.id) && (!one || brand.id == *one)) chosen.push_back(brand.id);
    }
    return chosen;
}

/// What was entered for these brands from a date on, or from today there, behind `after` (day and id), by date.
std::vector<storage::OfficeException> entered_for(Transaction& tx, const Context& context, const std::vector<std::string>& brands,
                                                  std::optional<std::chrono::year_month_day> from,
                                                  const std::optional<std::vector<std::int64_t>>& after, std::int64_t limit)
{
    const auto place = [](const storage::OfficeException& one) {
        return std::vector<std::int64_t>{std::chrono::sys_days(one.hours.date).time_since_epoch().count(), one.id};
    };
    std::vector<storage::OfficeException> found;
    for (const std::string& brand : brands) {
        std::chrono::year_month_day first =
            from.value_or(context.engine.settings().brand(brand)->calendar->local_date(context.clock.now()));
        if (after) first = std::chrono::sys_days(std::chrono::days(after->front()));
        for (auto& one : storage::office_exceptions(tx, brand, first, limit + 1)) { // one a date: one at most is not behind
            if (!after || place(one) > *after) found.push_back(std::move(one));
        }
    }
    std::ranges::sort(found, {}, place);
    return found;
}

/// GET /v1/office-hours/exceptions
awaitable<Answer> list_exceptions(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto brands = chosen_brands(context.engine.settings(), call.caller->actor(), query.text("brand"));
    const auto limit = query.limit();
    const auto cursor_text = query.text("cursor");
    const auto cursor = cursor_text ? read_cursor(*cursor_text, "date", 2) : std::nullopt;
    if (cursor_text && (!cursor || cursor->front() < 0 || cursor->front() > last_day)) query.wrong("cursor", "not a cursor of this list");
    std::optional<std::chrono::year_month_day> from;
    if (const auto text = query.text("from")) {
        const auto date = domain::parse_date(*text);
        if (date) from = *date;
        else query.wrong("from", "expected a date like 2026-12-24");
    }
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (brands.empty()) co_return Error(ErrorKind::not_found, "There is no such brand.");

    auto read = [&](Transaction& tx) -> Result<std::string> {
        const auto found = entered_for(tx, context, brands, from, cursor, limit + 1);
        const auto shown = std::span(found).first(std::min(found.size(), static_cast<std::size_t>(limit)));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& exception : shown) write_exception(json, exception);
        json.close_array().key("next_cursor");
        if (found.size() > shown.size()) {
            const auto& last = shown.back();
            json.value(write_cursor("date", {std::chrono::sys_days(last.hours.date).time_since_epoch().count(), last.id}));
        } else {
            json.value(nullptr);
        }
        json.close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/office-hours/exceptions
awaitable<Answer> add_exception(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto brand = fields.maybe_text("brand", {1, 64});
    const auto date_text = fields.text("date", {1, 40});
    const auto hours = fields.maybe_texts("hours", 12, {1, 40});
    engine::HoursDraft draft;
    draft.note = fields.maybe_text("note", {0, 500}).value_or("");
    const auto date = domain::parse_date(date_text);
    if (!date && !date_text.empty()) fields.wrong_value("date", "a date like 2026-12-24 expected");
    if (!hours && !fields.has("hours")) fields.missing("hours");
    for (const auto& text : hours.value_or(std::vector<std::string>())) {
        if (auto window = domain::parse_window(text)) draft.hours.windows.push_back(*window);
        else fields.wrong_value("hours", window.error().what());
    }
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    draft.hours.date = *date;
    auto order = command(call);
    draft.brands = chosen_brands(context.engine.settings(), order.actor, brand);
    if (draft.brands.empty()) co_return Error(ErrorKind::not_found, "There is no such brand.");
    const auto entered = co_await context.engine.office_hours().add(std::move(draft), std::move(order));
    if (!entered) co_return entered.error();
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (const auto& exception : *entered) write_exception(json, exception);
    json.close_array().member("next_cursor", nullptr).close_object();
    co_return json_response(201, std::move(body));
}

/// DELETE /v1/office-hours/exceptions/{id}
awaitable<Answer> remove_exception(Context& context, Call& call)
{
    const auto id = path_id(call);
    if (!id) co_return id.error();
    auto order = command(call);
    const auto removed = co_await context.engine.office_hours().remove(*id, std::move(order));
    if (!removed) co_return removed.error();
    co_return http::Response::empty(204);
}

/// GET /v1/channels
awaitable<Answer> list_channels(Context& context, Call& call)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items");
        write_channels(json, tx, context.engine.settings(), actor, context.clock.now());
        json.member("next_cursor", nullptr).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

std::optional<engine::Pausing> parse_pausing(std::string_view word)
{
    if (word == "all") return engine::Pausing{};
    if (word == "reading") return engine::Pausing{.reading = true, .publishing = false};
    if (word == "publishing") return engine::Pausing{.reading = false, .publishing = true};
    return std::nullopt;
}

awaitable<Answer> set_paused(Context& context, Call& call, bool paused)
{
    Fields fields(call.request.body);
    const auto what = fields.maybe_word("what", parse_pausing, "all, reading, publishing").value_or(engine::Pausing{});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const std::string id(call.request.path_parameter("id"));
    const auto* channel = context.engine.settings().channel(id);
    if (channel == nullptr || !call.caller->actor().may_see(channel->brand)) {
        co_return Error(ErrorKind::not_found, "There is no such channel.");
    }
    auto order = command(call);
    std::vector<std::string> one{id};
    const auto done = co_await context.engine.pause_channels(std::move(one), what, paused, std::move(order));
    if (!done) co_return done.error();
    auto read = [&](Transaction& tx) -> Result<std::string> {
        std::string body;
        JsonWriter json(body);
        write_channel(json, tx, *channel, context.clock.now());
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

/// POST /v1/channels/{id}/pause
awaitable<Answer> pause_channel(Context& context, Call& call)
{
    co_return co_await set_paused(context, call, true);
}

/// POST /v1/channels/{id}/resume
awaitable<Answer> resume_channel(Context& context, Call& call)
{
    co_return co_await set_paused(context, call, false);
}

/// All channels that the caller may see, in one transaction.
awaitable<Answer> set_all_paused(Context& context, Call& call, bool paused)
{
    Fields fields(call.request.body);
    const auto what = fields.maybe_word("what", parse_pausing, "all, reading, publishing").value_or(engine::Pausing{});
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto actor = call.caller->actor();
    std::vector<std::string> channels;
    for (const auto& channel : context.engine.settings().channels) {
        if (actor.may_see(channel.brand)) channels.push_back(channel.id);
    }
    auto order = command(call);
    const auto done = co_await context.engine.pause_channels(std::move(channels), what, paused, std::move(order));
    if (!done) co_return done.error();
    co_return co_await list_channels(context, call);
}

/// POST /v1/channels/pause
awaitable<Answer> pause_all_channels(Context& context, Call& call)
{
    co_return co_await set_all_paused(context, call, true);
}

/// POST /v1/channels/resume
awaitable<Answer> resume_all_channels(Context& context, Call& call)
{
    co_return co_await set_all_paused(context, call, false);
}

} // namespace

std::span<const Route> office_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/brands", Access::agent, list_brands},
        {Method::get, "/v1/queue", Access::agent, get_queue},
        {Method::get, "/v1/office-hours", Access::agent, get_office_hours},
        {Method::get, "/v1/office-hours/exceptions", Access::agent, list_exceptions},
        {Method::post, "/v1/office-hours/exceptions", Access::supervisor, add_exception},
        {Method::del, "/v1/office-hours/exceptions/{id}", Access::supervisor, remove_exception},
        {Method::get, "/v1/channels", Access::agent, list_channels},
        {Method::post, "/v1/channels/pause", Access::supervisor, pause_all_channels},
        {Method::post, "/v1/channels/resume", Access::supervisor, resume_all_channels},
        {Method::post, "/v1/channels/{id}/pause", Access::supervisor, pause_channel},
        {Method::post, "/v1/channels/{id}/resume", Access::supervisor, resume_channel},
    };
    return routes;
}

} // namespace sportello::api
