#include "timeline_json.hpp"

#include <sportello/domain/automatic_answer.hpp>

namespace sportello::api {
namespace {

using storage::TimelineItem;
using storage::TimelineKind;

std::string_view author_kind(const TimelineItem& item)
{
    switch (item.kind) {
    case TimelineKind::message:
        return item.direction == "inbound" ? "customer" : "company";
    case TimelineKind::event:
        return item.agent ? "agent" : "system";
    default:
        return "agent";
    }
}

void write_author(JsonWriter& json, std::string_view kind, std::optional<domain::AgentId> agent, std::string_view name)
{
    json.open_object().member("kind", kind).key("id");
    if (agent) json.value(agent->value);
    else json.value(nullptr);
    json.member("name", name).close_object();
}

void write_message_members(JsonWriter& json, std::string_view permalink, std::string_view parent, std::optional<base::Instant> edited_at,
                           bool deleted)
{
    json.text_or_null("permalink", permalink).text_or_null("in_reply_to", parent).member("edited_at", edited_at).member("deleted", deleted);
}

} // namespace

void write_delivery(JsonWriter& json, std::string_view state, std::string_view platform_id, std::string_view reason)
{
    json.open_object().member("state", state);
    if (!platform_id.empty()) json.member("platform_id", platform_id);
    if (!reason.empty()) json.member("reason", reason);
    json.close_object();
}

void write_author_of_reply(JsonWriter& json, domain::AgentId author, std::string_view name)
{
    if (author == domain::counter_itself) write_author(json, "system", std::nullopt, "");
    else write_author(json, "agent", author, name);
}

void write_timeline_item(JsonWriter& json, const TimelineItem& item)
{
    const bool spoken = item.kind == TimelineKind::message || item.kind == TimelineKind::reply;
    const bool is_event = item.kind == TimelineKind::event;
    json.open_object()
        .member("kind", storage::to_string(item.kind))
        .member("id", item.id)
        .text_or_null("platform_id", item.platform_id)
        .member("at", item.at);
    json.key("author");
    if (item.kind == TimelineKind::reply && item.agent) write_author_of_reply(json, *item.agent, item.author_name);
    else write_author(json, author_kind(item), item.agent, item.author_name);
    json.member("text", is_event ? std::string_view() : item.text)
        .member("visibility", spoken ? item.visibility : std::string_view("internal"))
        .key("delivery");
    if (item.kind == TimelineKind::reply) write_delivery(json, item.delivery, item.platform_id, item.reason);
    else json.value(nullptr);
    json.member("direction", spoken ? item.direction : std::string_view("internal"));
    if (spoken) write_message_members(json, item.permalink, item.parent_id, item.edited_at, item.deleted_at.has_value());
    if (item.kind == TimelineKind::handover) { json.member("reference", item.type).member("callback_number", item.callback_number); }
    if (is_event) json.member("type", item.type).key("data").raw(item.text.empty() ? "{}" : item.text);
    json.close_object();
}

} // namespace sportello::api
