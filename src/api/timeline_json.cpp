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

/// Whether the platform shows it, and what was ordered about that.
void write_hiding(JsonWriter& json, const TimelineItem& item)
{
    json.member("hidden", item.hidden).key("hiding");
    const auto blank = item.action.find(' ');
    if (blank == std::string_view::npos) {
        json.value(nullptr);
        return;
    }
    json.open_object()
        .member("action", item.action.substr(0, blank))
        .member("state", item.action.substr(blank + 1))
        .text_or_null("reason", item.action_reason)
        .close_object();
}

} // namespace

void write_reply_approval(JsonWriter& json, std::int64_t id, std::string_view state, std::optional<domain::AgentId> decider,
                          std::string_view name, std::string_view note)
{
    json.key("approval");
    if (id == 0) {
        json.value(nullptr);
        return;
    }
    json.open_object().member("id", id).member("state", state).key("decided_by");
    if (decider) write_author(json, "agent", decider, name);
    else json.value(nullptr);
    json.text_or_null("note", note).close_object();
}

void write_author_of_reply(JsonWriter& json, domain::AgentId author, std::string_view name)
{
    if (author == domain::counter_itself) write_author(json, "system", std::nullopt, "");
    else write_author(json, "agent", author, name);
}

void write_timeline_item(JsonWriter& json, const TimelineItem& item, const Shielded& shielded, const TicketFiles& files,
                         const TicketDeliveries& deliveries)
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
    const auto shown = is_event ? Shielded::Text() : shielded.show(item.text, spoken && item.visibility == "public", item.agent);
    json.member("text", shown.text).member("visibility", spoken ? item.visibility : std::string_view("internal")).key("delivery");
    if (item.kind == TimelineKind::reply) deliveries.write(json, domain::ReplyId{item.id}, item.delivery, item.platform_id, item.reason);
    else json.value(nullptr);
    json.member("direction", spoken ? item.direction : std::string_view("internal"));
    if (item.kind == TimelineKind::reply) {
        write_reply_approval(json, item.approval, item.approval_state, item.decider, item.decider_name,
                             shielded.plain(item.approval_note, false, item.agent));
    }
    if (spoken) write_message_members(json, item.permalink, item.parent_id, item.edited_at, item.deleted_at.has_value());
    if (item.kind == TimelineKind::message) write_hiding(json, item);
    if (spoken) files.write(json, item.kind == TimelineKind::reply, item.id);
    if (!is_event) {
        json.key("personal_data");
        write_spans(json, shown.spans);
    }
    if (item.kind == TimelineKind::handover) {
        json.member("reference", item.type).member("callback_number", shielded.number(item.callback_number, item.agent));
    }
    if (is_event) json.member("type", item.type).key("data").raw(item.text.empty() ? "{}" : item.text);
    json.close_object();
}

} // namespace sportello::api
