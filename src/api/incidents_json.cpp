#include "incidents_json.hpp"

#include "timeline_json.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/own_posts.hpp>
#include <sportello/storage/people.hpp>

#include <chrono>

namespace sportello::api {
namespace {

using storage::Transaction;

constexpr std::int64_t broadcasts_shown = 20;

void write_person(JsonWriter& json, Transaction& tx, std::string_view name, std::optional<domain::AgentId> id)
{
    json.key(name);
    if (!id) {
        json.value(nullptr);
        return;
    }
    const auto agent = storage::find_agent(tx, *id);
    json.open_object().member("id", id->value).member("name", agent ? agent->name : std::string()).close_object();
}

void write_fields(JsonWriter& json, Transaction& tx, const domain::Incident& incident, const engine::Settings& settings)
{
    const domain::Gazetteer& places = settings.outages.words().places();
    json.member("id", incident.id.value)
        .member("state", domain::to_string(incident.state))
        .member("origin", domain::to_string(incident.origin))
        .text_or_null("service", incident.pattern.service)
        .key("places")
        .open_array();
    for (const std::string& key : incident.pattern.places) {
        const domain::Place* place = places.by_key(key);
        json.open_object()
            .member("key", key)
            .member("name", place ? place->name : key)
            .member("province", domain::province_of(key))
            .close_object();
    }
    json.close_array().member("title", domain::in_words(incident.pattern, places)).key("brands").open_array();
    for (const std::string& brand : incident.brands) json.value(brand);
    json.close_array()
        .member("text", incident.text)
        .text_or_null("confidence", incident.confidence)
        .text_or_null("why", incident.why)
        .member("from", incident.began_at)
        .member("expected_end", incident.expected_end)
        .member("created_at", incident.created_at);
    write_person(json, tx, "created_by", incident.created_by);
    json.member("confirmed_at", incident.confirmed_at);
    write_person(json, tx, "confirmed_by", incident.confirmed_by);
    json.member("ended_at", incident.ended_at)
        .member("quiet_until", incident.quiet_until)
        .member("members", incident.members)
        .member("aside", storage::count_aside(tx, incident.id))
        .member("last_member_at", incident.last_member_at)
        .member("updated_at", incident.updated_at)
        .member("revision", incident.revision);
}

void write_status_post(JsonWriter& json, Transaction& tx, const storage::OwnPost& post)
{
    json.open_object().member("id", post.id).member("brand", post.brand).member("channel", post.channel).key("steps").open_array();
    for (const storage::OwnPostStep& step : storage::steps_of(tx, post.id)) {
        json.open_object().member("kind", step.kind).member("text", step.text).member("created_at", step.created_at);
        write_person(json, tx, "author", step.agent);
        json.key("delivery");
        write_delivery(json, domain::to_string(step.state), step.platform_id, step.reason);
        json.close_object();
    }
    json.close_array().close_object();
}

double in_seconds(base::Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

void write_cost(JsonWriter& json, std::string_view name, std::optional<std::int64_t> micro_dollars)
{
    json.key(name);
    if (micro_dollars) json.value(static_cast<double>(*micro_dollars) / 1e6);
    else json.value(nullptr);
}

} // namespace

void write_incident_summary(JsonWriter& json, Transaction& tx, const domain::Incident& incident, const engine::Settings& settings)
{
    json.open_object();
    write_fields(json, tx, incident, settings);
    json.close_object();
}

void write_incident(JsonWriter& json, Transaction& tx, const domain::Incident& incident, const engine::Settings& settings,
                    const engine::Actor& actor)
{
    json.open_object();
    write_fields(json, tx, incident, settings);
    json.key("status_posts").open_array();
    for (const storage::OwnPost& post : storage::own_posts_of(tx, incident.id)) {
        if (actor.may_see(post.brand)) write_status_post(json, tx, post);
    }
    json.close_array().key("broadcasts").open_array();
    for (const storage::Broadcast& broadcast : storage::broadcasts_of(tx, incident.id, broadcasts_shown))
        write_broadcast(json, tx, broadcast);
    json.close_array().close_object();
}

void write_incident_member(JsonWriter& json, Transaction& tx, const storage::IncidentTicket& member, const domain::Ticket& ticket)
{
    const auto person = storage::find_identity(tx, ticket.identity);
    json.open_object()
        .member("ticket", member.ticket.value)
        .member("brand", ticket.brand)
        .member("channel", ticket.channel)
        .member("customer_name", person ? person->name : std::string())
        .member("subject", ticket.subject)
        .member("status", domain::to_string(ticket.status))
        .member("priority", domain::to_string(ticket.priority))
        .member("joined_at", member.joined_at)
        .member("how", member.how)
        .member("why", member.why)
        .text_or_null("other_matter", member.other_matter)
        .member("aside", ticket.aside == domain::aside_for_incident)
        .member("first_response_at", ticket.first_response_at)
        .close_object();
}

void write_broadcast(JsonWriter& json, Transaction& tx, const storage::Broadcast& broadcast)
{
    const auto texts = engine::texts_from_json(broadcast.texts);
    const auto figures = storage::figures_of(tx, broadcast.id);
    json.open_object()
        .member("id", broadcast.id)
        .member("incident", broadcast.incident.value == 0 ? std::nullopt : std::optional(broadcast.incident.value))
        .member("kind", broadcast.kind)
        .member("state", broadcast.state)
        .member("text", texts.text)
        .key("variants")
        .open_object();
    for (const auto& [key, text] : texts.variants) json.member(key, text);
    json.close_object();
    write_person(json, tx, "author", broadcast.agent);
    json.member("created_at", broadcast.created_at)
        .member("ended_at", broadcast.ended_at)
        .member("waiting", figures.waiting)
        .member("sent", figures.sent)
        .member("published", figures.published)
        .member("failed", figures.failed)
        .member("skipped", figures.skipped)
        .key("skip_reasons")
        .open_array();
    for (const auto& [why, count] : storage::skip_reasons(tx, broadcast.id)) {
        json.open_object().member("why", why).member("count", count).close_object();
    }
    json.close_array().close_object();
}

void write_broadcast_preview(JsonWriter& json, const engine::BroadcastPreview& preview)
{
    json.open_object()
        .member("members", preview.members)
        .member("eligible", preview.eligible)
        .member("takes_seconds", in_seconds(preview.takes))
        .key("channels")
        .open_array();
    for (const auto& channel : preview.channels) {
        json.open_object()
            .member("channel", channel.channel)
            .member("brand", channel.brand)
            .member("eligible", channel.eligible)
            .member("takes_seconds", in_seconds(channel.takes));
        write_cost(json, "usd", channel.micro_dollars);
        write_cost(json, "usd_with_link", channel.micro_dollars_with_url);
        json.close_object();
    }
    json.close_array().key("not_eligible").open_array();
    for (const auto& [why, count] : preview.not_eligible) json.open_object().member("why", why).member("count", count).close_object();
    json.close_array().close_object();
}

} // namespace sportello::api
