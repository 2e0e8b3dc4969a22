// The labels that the counter knows: what they mean, their colour, and whether they are still offered.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "query.hpp"

#include <sportello/engine/labels.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::Method;
using storage::Label;
using storage::Transaction;

constexpr std::size_t longest_name = 50; // as a ticket's labels
constexpr std::size_t longest_description = 500;

void write_label(JsonWriter& json, const Label& label)
{
    json.open_object()
        .member("name", label.name)
        .text_or_null("color", label.color)
        .member("description", label.description)
        .member("retired", label.retired)
        .member("updated_at", label.updated_at)
        .member("revision", label.revision)
        .close_object();
}

http::Response label_response(int status, const Label& label)
{
    std::string body;
    JsonWriter json(body);
    write_label(json, label);
    return json_response(status, std::move(body), label.revision);
}

bool is_color(std::string_view text)
{
    const bool has_shape = text.size() == 7 && text.front() == '#';
    return text.empty() || (has_shape && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos);
}

std::optional<std::string> read_color(Fields& fields)
{
    auto color = fields.maybe_text("color", {0, 7});
    if (color && !is_color(*color)) fields.wrong_value("color", "a colour such as #0a6470 expected, or nothing");
    return color;
}

/// GET /v1/labels
awaitable<Answer> list_labels(Context& context, Call& call)
{
    Query query(call.request.query);
    const auto limit = query.limit(500, 100);
    const auto after = std::string(query.text("cursor").value_or(""));
    if (after.size() > 4 * longest_name) query.wrong("cursor", "a next_cursor of this list expected");
    if (const auto problem = query.refusal()) co_return call.refuse(*problem);
    auto read = [&](Transaction& tx) -> Result<std::vector<Label>> { return storage::labels(tx, after, limit + 1); };
    const auto found = co_await context.db.read(read);
    if (!found) co_return found.error();
    const auto shown = std::min(found->size(), static_cast<std::size_t>(limit));
    std::string body;
    JsonWriter json(body);
    json.open_object().key("items").open_array();
    for (std::size_t at = 0; at < shown; ++at) write_label(json, (*found)[at]);
    json.close_array().text_or_null("next_cursor", found->size() > shown ? (*found)[shown - 1].name : std::string()).close_object();
    co_return json_response(200, std::move(body));
}

/// POST /v1/labels
awaitable<Answer> add_label(Context& context, Call& call)
{
    Fields fields(call.request.body);
    Label label;
    label.name = fields.text("name", {1, longest_name});
    if (label.name.find_first_of("\r\n") != std::string::npos) fields.wrong_value("name", "a label has one line");
    label.color = read_color(fields).value_or("");
    label.description = fields.maybe_text("description", {0, longest_description}).value_or("");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto order = command(call);
    const auto now = context.clock.now();
    auto add = [&](Transaction& tx) { return engine::add_label(tx, label, order, now); };
    const auto added = co_await context.db.write(add);
    if (!added) co_return added.error();
    co_return label_response(201, *added);
}

/// GET /v1/labels/{name}
awaitable<Answer> get_label(Context& context, Call& call)
{
    const auto name = std::string(call.request.path_parameter("name"));
    auto read = [&](Transaction& tx) -> Result<std::optional<Label>> { return storage::find_label(tx, name); };
    const auto found = co_await context.db.read(read);
    if (!found) co_return found.error();
    if (!*found) co_return Error(ErrorKind::not_found, "There is no label \"" + name + "\".");
    co_return label_response(200, **found);
}

/// PATCH /v1/labels/{name}
awaitable<Answer> change_label(Context& context, Call& call)
{
    const auto name = std::string(call.request.path_parameter("name"));
    Fields fields(call.request.body);
    engine::LabelChange change;
    change.color = read_color(fields);
    change.description = fields.maybe_text("description", {0, longest_description});
    change.retired = fields.maybe_flag("retired");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);
    const auto order = command(call);
    const auto now = context.clock.now();
    const auto revision = wanted_revision(call.request);
    std::optional<std::int32_t> present;
    auto write = [&](Transaction& tx) -> Result<Label> {
        if (const auto before = storage::find_label(tx, name)) present = before->revision;
        return engine::change_label(tx, name, change, order, now, revision);
    };
    const auto changed = co_await context.db.write(write);
    if (!changed && revision && present && *present != *revision) co_return refuse_revision(call, "label", *present);
    if (!changed) co_return changed.error();
    co_return label_response(200, *changed);
}

/// DELETE /v1/labels/{name}
awaitable<Answer> remove_label(Context& context, Call& call)
{
    const auto name = std::string(call.request.path_parameter("name"));
    const auto order = command(call);
    const auto now = context.clock.now();
    auto remove = [&](Transaction& tx) { return engine::remove_label(tx, name, order, now); };
    const auto removed = co_await context.db.write(remove);
    if (!removed) co_return removed.error();
    co_return http::Response::empty(204);
}

} // namespace

std::span<const Route> label_routes()
{
    static constexpr Route routes[] = {
        {Method::get, "/v1/labels", Access::agent, list_labels},
        {Method::post, "/v1/labels", Access::supervisor, add_label},
        {Method::get, "/v1/labels/{name}", Access::agent, get_label},
        {Method::patch, "/v1/labels/{name}", Access::supervisor, change_label, {.checks_revision = true}},
        {Method::del, "/v1/labels/{name}", Access::supervisor, remove_label},
    };
    return routes;
}

} // namespace sportello::api
