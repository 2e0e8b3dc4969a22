#include "ids.hpp"
#include "paging.hpp"
#include "text_list.hpp"
#include "x_api.hpp"
#include "x_media.hpp"

namespace sportello::simulator {
namespace {

constexpr auto depth = std::chrono::hours(24 * 30);
constexpr std::string_view next_events_mark = "18LAA5FFPEKJA52G0G00";
constexpr std::string_view previous_events_mark = "18LAA5FFPEKJA52G0P00";

const std::set<std::string> known_fields{"attachments", "created_at",      "dm_conversation_id", "entities",  "event_type",
                                         "id",          "participant_ids", "referenced_tweets",  "sender_id", "text"};

std::set<std::string> read_fields(const XCall& call)
{
    std::set<std::string> fields;
    for (const auto& name : split_list(call.query("dm_event.fields"))) {
        if (!known_fields.contains(name)) {
            if (call.house.x.ignore_unknown_fields) continue;
            throw x_bad_parameter("dm_event.fields", name, "The `dm_event.fields` query parameter value [" + name + "] is not known");
        }
        fields.insert(name);
    }
    return fields;
}

ordered_json render_event(const XCall& call, const Item& message, const std::set<std::string>& fields)
{
    auto wire = to_wire(message.now().text, handles_of(call.world()));
    add_media_link(wire, message);
    ordered_json out{{"id", message.id}, {"event_type", "MessageCreate"}, {"text", wire.text}};
    const auto add = [&](const char* field, ordered_json value) {
        if (fields.contains(field)) out[field] = std::move(value);
    };
    add("sender_id", message.author_id);
    add("dm_conversation_id", message.conversation);
    add("created_at", x_time(message.at));
    if (!wire.entities.empty()) add("entities", wire.entities);
    if (!message.media.empty()) {
        ordered_json keys = ordered_json::array();
        for (std::size_t i = 0; i < message.media.size(); ++i) keys.push_back(x_media_row(message, i).key);
        add("attachments", {{"media_keys", std::move(keys)}});
    }
    if (const auto* post = quoted_by(call.world(), message)) { add("referenced_tweets", ordered_json::array({{{"id", post->now().id}}})); }
    return out;
}

ordered_json senders(const XCall& call, const std::vector<const Item*>& rows, const XFields& fields)
{
    std::set<std::string> seen;
    ordered_json users = ordered_json::array();
    for (const auto* row : rows) {
        const auto user = x_user_by_id(call.world(), row->author_id);
        if (user && seen.insert(user->id).second) users.push_back(render_x_user(*user, fields.user));
    }
    return users;
}

/// What the expansions of a page of messages lead to.
ordered_json includes_of(const XCall& call, const std::vector<const Item*>& rows)
{
    const auto expansions = split_list(call.query("expansions"));
    const auto wants = [&](const char* expansion) { return std::ranges::find(expansions, expansion) != expansions.end(); };
    http::Request plain = http::Request();
    for (const auto& [name, value] : call.request.query) {
        if (name != "expansions") plain.query.add(name, value);
    }
    const XCall reading{call.house, plain, {}, call.caller};
    const auto fields = XFields::read(reading);
    ordered_json includes = ordered_json::object();
    if (wants("sender_id")) includes["users"] = senders(call, rows, fields);
    ordered_json media = ordered_json::array();
    XTweets posts(call.house, fields);
    for (const auto* row : rows) {
        for (std::size_t i = 0; i < row->media.size(); ++i) media.push_back(select_media(x_media_row(*row, i).body, fields.media));
        if (const auto* post = quoted_by(call.world(), *row); post && !post->deleted) posts.add(*post);
    }
    if (wants("attachments.media_keys") && !media.empty()) includes["media"] = std::move(media);
    if (auto shown = posts.take(false); wants("referenced_tweets.id") && shown.contains("data"))
        includes["tweets"] = std::move(shown["data"]);
    return includes;
}

const Item* marked_row(const XCall& call, std::string_view mark)
{
    const auto token = call.query("pagination_token");
    if (token.empty()) return nullptr;
    if (!token.starts_with(next_events_mark) && !token.starts_with(previous_events_mark)) {
        throw x_bad_parameter("pagination_token", token, "The `pagination_token` query parameter value [" + token + "] is not valid");
    }
    return token.starts_with(mark) ? call.world().find(Platform::twitter, token.substr(mark.size())) : nullptr;
}

XAnswer page_of_events(const XCall& call, const std::vector<const Thread*>& threads)
{
    const auto limit = x_number(call, "max_results", 100, 1, 100);
    const auto types = split_list(call.query("event_types"));
    const auto oldest = call.house.clock.now() - depth;
    std::vector<const Item*> rows;
    if (types.empty() || std::ranges::find(types, "MessageCreate") != types.end()) {
        for (const auto* thread : threads) {
            for (const auto* message : thread->messages) {
                if (!message->deleted && message->at >= oldest) rows.push_back(message);
            }
        }
    }
    std::ranges::sort(rows, World::Later());
    const auto page = cut_stretch(rows, marked_row(call, next_events_mark), marked_row(call, previous_events_mark), limit, World::Later());

    const auto fields = read_fields(call);
    ordered_json data = ordered_json::array();
    for (const auto* row : page.rows) data.push_back(render_event(call, *row, fields));
    ordered_json body = ordered_json::object();
    if (!data.empty()) body["data"] = std::move(data);
    if (auto includes = includes_of(call, page.rows); !page.rows.empty() && !includes.empty()) body["includes"] = std::move(includes);
    body["meta"]["result_count"] = page.rows.size();
    if (page.more_after && !page.rows.empty()) body["meta"]["next_token"] = std::string(next_events_mark) + page.rows.back()->id;
    if (page.more_before && !page.rows.empty()) { body["meta"]["previous_token"] = std::string(previous_events_mark) + page.rows.front()->id; }
    return {200, std::move(body)};
}

XAnswer events_with(const XCall& call, const std::string& person)
{
    const auto* thread = call.world().thread_with(call.account(), person);
    return page_of_events(call, thread ? std::vector{thread} : std::vector<const Thread*>());
}

} // namespace

XAnswer x_dm_events(const XCall& call)
{
    return page_of_events(call, call.world().threads(call.account()));
}

XAnswer x_dm_events_with(const XCall& call)
{
    return events_with(call, call.path.at(2));
}

XAnswer x_dm_events_of_conversation(const XCall& call)
{
    const auto& own = call.world().accounts()[call.account()].id;
    if (const auto group = call.house.x.groups.find(call.path.at(1)); group != call.house.x.groups.end()) {
        auto events = ordered_json::parse(group->second);
        const auto count = events.size();
        return {200, {{"data", std::move(events)}, {"meta", {{"result_count", count}}}}};
    }
    const auto ids = split_list(call.path.at(1), '-');
    if (ids.size() != 2 || (ids[0] != own && ids[1] != own)) return page_of_events(call, {});
    return events_with(call, ids[0] == own ? ids[1] : ids[0]);
}

XAnswer x_dm_event(const XCall& call)
{
    const auto* message = call.world().find(Platform::twitter, call.path.at(1));
    const bool seen = message && !message->deleted && message->kind == Kind::direct_message && message->account == call.account();
    if (!seen) return {200, {{"errors", ordered_json::array({x_not_found("dm_event", "event_id", call.path.at(1))})}}};
    ordered_json body{{"data", render_event(call, *message, read_fields(call))}};
    if (auto includes = includes_of(call, {message}); !includes.empty()) body["includes"] = std::move(includes);
    return {200, std::move(body)};
}

} // namespace sportello::simulator
