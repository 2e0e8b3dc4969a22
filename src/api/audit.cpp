// Who did what to what, when and from where.
#include "context.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <sportello/domain/csv.hpp>
#include <sportello/storage/audit.hpp>

#include <array>
#include <memory>
#include <stdexcept>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::AuditEntry;
using storage::AuditFilter;
using storage::Transaction;

constexpr std::int64_t csv_page = 500;

void write_entry(JsonWriter& json, const AuditEntry& entry)
{
    json.open_object().member("seq", entry.seq).member("at", entry.at).key("actor");
    if (entry.actor) json.open_object().member("id", entry.actor->value).member("name", entry.actor_name).close_object();
    else json.value(nullptr);
    json.member("action", entry.action)
        .text_or_null("object", entry.object)
        .text_or_null("object_id", entry.object_id)
        .text_or_null("brand", entry.brand)
        .text_or_null("from", entry.from)
        .text_or_null("reason", entry.reason)
        .key("before")
        .raw(entry.before.empty() ? "null" : entry.before)
        .key("after")
        .raw(entry.after.empty() ? "null" : entry.after)
        .member("hash", entry.hash)
        .close_object();
}

std::string csv_of(const AuditEntry& entry)
{
    const std::array<std::string, 12> cells{std::to_string(entry.seq),
                                            base::to_rfc3339(entry.at),
                                            entry.actor ? std::to_string(entry.actor->value) : "",
                                            entry.actor_name,
                                            entry.action,
                                            entry.object,
                                            entry.object_id,
                                            entry.brand,
                                            entry.from,
                                            entry.reason,
                                            entry.before,
                                            entry.after};
    return domain::csv_line(cells);
}

std::string csv_head()
{
    const std::array<std::string, 12> names{"seq",       "at",    "actor_id", "actor",  "action", "object",
                                            "object_id", "brand", "from",     "reason", "before", "after"};
    return domain::csv_line(names);
}

AuditFilter read_filter(Query& query, const engine::Actor& actor)
{
    AuditFilter filter;
    if (const auto number = query.number("actor", 0, INT64_MAX)) filter.actor = domain::AgentId{*number};
    filter.action = query.text("action").value_or("");
    filter.object = query.text("object").value_or("");
    filter.object_id = query.text("object_id").value_or("");
    if (!filter.object_id.empty() && filter.object.empty()) query.wrong("object_id", "say of which object, as object=ticket");
    filter.brands = actor.brands; // what is of no brand is for who has all
    if (const auto brand = query.text("brand")) {
        if (!actor.may_see(*brand)) query.wrong("brand", "not one of your brands");
        filter.brands = {std::string(*brand)};
    }
    filter.since = query.time("from");
    filter.until = query.time("to");
    return filter;
}

/// All of it, a page at a time, as it is written out.
http::Response csv_response(Context& context, AuditFilter filter)
{
    http::Response response;
    response.headers.set("Content-Type", "text/csv; charset=utf-8");
    response.headers.set("Content-Disposition", "attachment; filename=\"audit.csv\"");
    response.stream = [&db = context.db,
                       filter = std::make_shared<AuditFilter>(std::move(filter))](http::BodyStream& out) -> awaitable<void> {
        std::string text = csv_head();
        for (std::int64_t before = 0; true;) {
            auto read = [&](Transaction& tx) -> Result<std::vector<AuditEntry>> {
                return storage::audit_entries(tx, *filter, before, csv_page);
            };
            const auto entries = co_await db.read(read);
            // The connection ends before the last chunk: the reader sees that it is not whole.
            if (!entries) throw std::runtime_error(entries.error().what());
            for (const auto& entry : *entries) text += csv_of(entry);
            const bool written = co_await out.write(text);
            if (!written || std::ssize(*entries) < csv_page) co_return;
            before = entries->back().seq;
            text.clear();
        }
    };
    return response;
}

std::optional<bool> parse_download_format(std::string_view word)
{
    if (word == "json") return false;
    if (word == "csv") return true;
    return std::nullopt;
}

/// GET /v1/audit
awaitable<Answer> list_audit(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit();
    const auto filter = read_filter(query, call.caller->actor());
    const bool csv = query.word("format", parse_download_format, "json, csv").value_or(false);
    const auto given = query.text("cursor");
    const auto from = given ? read_cursor(*given, "audit", 1) : std::optional(std::vector<std::int64_t>{0});
    if (!from) query.wrong("cursor", "not a cursor of this list");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    if (csv) co_return csv_response(context, filter);
    auto read = [&](Transaction& tx) -> Result<std::string> {
        auto found = storage::audit_entries(tx, filter, from->front(), limit + 1);
        const bool more = std::ssize(found) > limit;
        if (more) found.resize(static_cast<std::size_t>(limit));
        std::string body;
        JsonWriter json(body);
        json.open_object().key("items").open_array();
        for (const auto& entry : found) write_entry(json, entry);
        json.close_array().text_or_null("next_cursor", more ? write_cursor("audit", {found.back().seq}) : std::string()).close_object();
        return body;
    };
    auto body = co_await context.db.read(read);
    if (!body) co_return body.error();
    co_return json_response(200, std::move(*body));
}

} // namespace

std::span<const Route> audit_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/audit", Access::supervisor, list_audit},
    };
    return routes;
}

} // namespace sportello::api
