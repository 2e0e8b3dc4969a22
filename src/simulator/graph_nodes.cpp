#include "graph_nodes.hpp"

#include "graph_failures.hpp"
#include "graph_media.hpp"
#include "ids.hpp"
#include <sportello/base/text.hpp>

#include <set>

namespace sportello::simulator {
namespace {

using Fields = std::vector<GraphField>;

const Fields& or_default(const Fields& fields, const Fields& defaults)
{
    return fields.empty() ? defaults : fields;
}

const Fields id_and_name = parse_graph_fields("id,name");
const Fields post_defaults = parse_graph_fields("created_time,message,id");
const Fields comment_defaults = parse_graph_fields("created_time,from,message,id");
const Fields thread_defaults = parse_graph_fields("id,updated_time");
const Fields message_defaults = parse_graph_fields("id,created_time");

/// Renders one field of a node into `out`; false when the node has no such field.
using RenderField = std::function<bool(const GraphField&, ordered_json& out)>;

ordered_json render_fields(const std::string& id, const Fields& fields, const RenderField& render)
{
    ordered_json out = ordered_json::object();
    for (const auto& field : fields) {
        if (field.name == "id") {
            out["id"] = id;
        } else if (!render(field, out)) {
            throw GraphFailure{400, 100, "(#100) Unknown fields: " + field.name + "."};
        }
    }
    if (!out.contains("id")) out["id"] = id;
    return out;
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

ordered_json edge_of(const GraphView& view, const std::string& id, const GraphField& field)
{
    return render_edge(view, id, field.name, field.arguments, field.fields, field.fields_text);
}

std::string author_name(const GraphView& view, const Item& item)
{
    if (item.own) return view.house.world.accounts().at(item.account).name;
    const auto* person = view.house.world.find_person(Platform::facebook, item.author_id);
    return person ? person->name : item.author;
}

void add_from(const GraphView& view, const Item& item, ordered_json& out, const std::string& name)
{
    // Without the Page's own token Facebook does not tell who wrote.
    if (item.undisclosed || view.page != item.account) return;
    if (!item.own && lacks(view, "pages_read_user_content")) return;
    out[name] = {{"name", author_name(view, item)}, {"id", item.author_id}};
}

std::string permalink(const GraphView& view, const Item& item)
{
    const auto& page = view.house.world.accounts().at(item.account);
    const auto& post = item.conversation;
    auto link = "https://www.facebook.com/" + page.id + "/posts/" + post.substr(post.find('_') + 1) + "/";
    if (item.kind != Kind::comment) return link;
    const auto number = [](const std::string& id) { return id.substr(id.rfind('_') + 1); };
    const bool answer = item.in_reply_to != item.conversation;
    link += "?comment_id=" + number(answer ? item.in_reply_to : item.id);
    return answer ? link + "&reply_comment_id=" + number(item.id) : link;
}

int count_comments(const GraphView& view, const Item& item)
{
    int count = 0;
    for (const auto* below : view.house.world.thread_of(Platform::facebook, item.conversation)) {
        if (!below->deleted && (item.kind != Kind::comment || below->in_reply_to == item.id)) ++count;
    }
    return count;
}

bool render_common(const GraphView& view, const Item& item, const GraphField& field, ordered_json& out)
{
    const auto& shown = field.shown_as();
    if (field.name == "message") {
        out[shown] = item.now().text;
    } else if (field.name == "created_time") {
        out[shown] = graph_time(item.at);
    } else if (field.name == "from") {
        add_from(view, item, out, shown);
    } else if (field.name == "permalink_url") {
        out[shown] = permalink(view, item);
    } else if (field.name == "is_hidden") {
        out[shown] = item.hidden;
    } else if (field.name == "can_reply_privately") {
        const bool in_time = view.house.clock.now() - item.at <= std::chrono::hours(24 * 7);
        out[shown] = !item.own && in_time && !answered_privately(view.house.world, item);
    } else if (one_of(field.name, {"comments", "likes"})) {
        out[shown] = edge_of(view, item.id, field);
    } else {
        return field.name == "message_tags"; // there are none: left out
    }
    return true;
}

bool render_post_field(const GraphView& view, const Item& post, const GraphField& field, ordered_json& out)
{
    const auto& shown = field.shown_as();
    if (field.name == "updated_time") {
        out[shown] = graph_time(post.changed);
    } else if (field.name == "to") {
        const auto& page = view.house.world.accounts().at(post.account);
        if (!post.own) out[shown] = {{"data", {{{"name", page.name}, {"id", page.id}}}}};
    } else if (field.name == "status_type") {
        out[shown] = post.own ? "mobile_status_update" : "wall_post";
    } else if (field.name == "is_published") {
        out[shown] = true;
    } else if (field.name == "attachments") {
        if (auto attachments = post_attachments(post, field.fields)) out[shown] = std::move(*attachments);
    } else if (field.name == "full_picture") {
        if (!post.media.empty() && post.media[0].type == "image") out[shown] = post.media[0].url;
    } else if (!render_common(view, post, field, out)) {
        return one_of(field.name, {"story", "parent_id", "shares", "picture"});
    }
    return true;
}

bool render_comment_field(const GraphView& view, const Item& comment, const GraphField& field, ordered_json& out)
{
    const auto& shown = field.shown_as();
    const auto& world = view.house.world;
    if (field.name == "parent") {
        if (comment.in_reply_to == comment.conversation) return true; // a top comment has none
        out[shown] = render_node(view, comment.in_reply_to, or_default(field.fields, comment_defaults));
    } else if (field.name == "object") {
        const auto* post = world.find(Platform::facebook, comment.conversation);
        out[shown] = render_node(view, post->id, or_default(field.fields, post_defaults));
    } else if (field.name == "comment_count") {
        out[shown] = count_comments(view, comment);
    } else if (field.name == "like_count") {
        out[shown] = comment.liked ? 1 : 0;
    } else if (field.name == "user_likes") {
        out[shown] = comment.liked;
    } else if (field.name == "is_private") {
        out[shown] = false;
    } else if (field.name == "attachment") {
        if (auto attachment = comment_attachment(comment)) out[shown] = std::move(*attachment);
    } else if (field.name == "private_reply_conversation") {
        if (const auto* answer = answered_privately(world, comment)) {
            out[shown] = {{"id", answer->conversation},
                          {"link", "/" + world.accounts().at(comment.account).id + "/inbox/" + answer->conversation.substr(2) + "/"}};
        }
    } else if (one_of(field.name, {"can_comment", "can_like", "can_remove"})) {
        out[shown] = true;
    } else if (field.name == "can_hide") {
        out[shown] = !comment.own;
    } else if (field.name == "application") {
        if (comment.by_app) out[shown] = {{"name", "Sportello"}, {"id", "100000000000001"}};
    } else if (!render_common(view, comment, field, out)) {
        return one_of(field.name, {"admin_creator", "live_broadcast_timestamp"});
    }
    return true;
}

ordered_json contact(const std::string& name, const std::string& id)
{
    return {{"name", name}, {"email", id + "@facebook.com"}, {"id", id}};
}

ordered_json contacts_of(const GraphView& view, const Thread& thread)
{
    const auto& world = view.house.world;
    const auto& page = world.accounts().at(thread.account);
    const auto* person = world.find_person(Platform::facebook, thread.person_id);
    return {{"data", {contact(person ? person->name : "", thread.person_id), contact(page.name, page.id)}}};
}

std::vector<const Item*> shown_messages(const Thread& thread)
{
    std::vector<const Item*> shown;
    for (const auto* message : thread.messages) {
        if (!message->deleted) shown.push_back(message);
    }
    return shown;
}

bool render_thread_field(const GraphView& view, const Thread& thread, const GraphField& field, ordered_json& out)
{
    const auto& shown = field.shown_as();
    const auto messages = shown_messages(thread);
    const auto* last = messages.empty() ? nullptr : messages.back();
    if (field.name == "updated_time") {
        out[shown] = graph_time(thread.messages.back()->changed);
    } else if (field.name == "link") {
        out[shown] = "/" + view.house.world.accounts().at(thread.account).id + "/inbox/" + thread.id.substr(2) + "/";
    } else if (field.name == "message_count") {
        out[shown] = messages.size();
    } else if (field.name == "unread_count") {
        out[shown] = std::ranges::count_if(messages, [](const Item* message) { return !message->own; });
    } else if (field.name == "snippet") {
        if (last) out[shown] = last->now().text;
    } else if (one_of(field.name, {"participants", "senders"})) {
        out[shown] = contacts_of(view, thread);
    } else if (field.name == "former_participants") {
        out[shown] = {{"data", ordered_json::array()}};
    } else if (one_of(field.name, {"can_reply", "is_subscribed"})) {
        out[shown] = true;
    } else if (field.name == "scoped_thread_key") {
        out[shown] = thread.id;
    } else if (field.name == "folder") {
        out[shown] = "inbox";
    } else if (field.name == "messages") {
        out[shown] = edge_of(view, thread.id, field);
    } else {
        return one_of(field.name, {"is_owner", "name", "wallpaper"});
    }
    return true;
}

/// Of a conversation only the twenty newest messages are told in full.
bool is_beyond_details(const World& world, const Item& message)
{
    constexpr std::size_t told = 20;
    const auto shown = shown_messages(*world.find_thread(Platform::facebook, message.conversation));
    const auto newest = shown.end() - static_cast<std::ptrdiff_t>(std::min(told, shown.size()));
    return std::find(newest, shown.end(), &message) == shown.end();
}

bool render_message_field(const GraphView& view, const Item& message, const GraphField& field, ordered_json& out)
{
    const auto& world = view.house.world;
    if (is_beyond_details(world, message) && field.name != "created_time") return true;
    const auto& page = world.accounts().at(message.account);
    const auto* thread = world.find_thread(Platform::facebook, message.conversation);
    const auto* person = world.find_person(Platform::facebook, thread->person_id);
    const auto customer = contact(person ? person->name : "", thread->person_id);
    const auto company = contact(page.name, page.id);
    const auto& shown = field.shown_as();
    if (field.name == "message") {
        out[shown] = message.now().text;
    } else if (field.name == "created_time") {
        out[shown] = graph_time(message.at);
    } else if (field.name == "from") {
        out[shown] = message.own ? company : customer;
    } else if (field.name == "to") {
        out[shown] = {{"data", {message.own ? customer : company}}};
    } else if (field.name == "tags") {
        ordered_json tags = {{{"name", "inbox"}}, {{"name", message.own ? "sent" : "read"}}, {{"name", "source:web"}}};
        out[shown] = {{"data", tags}};
    } else if (field.name == "reply_to") {
        const auto* answered = world.find(Platform::facebook, message.in_reply_to);
        if (answered && answered->kind == Kind::direct_message) {
            out[shown] = {{"mid", answered->id}, {"is_self_reply", answered->own == message.own}};
        }
    } else if (field.name == "attachments") {
        if (auto attachments = message_attachments(view, message)) out[shown] = std::move(*attachments);
    } else if (field.name == "sticker") {
        if (auto sticker = message_sticker(message); !sticker.empty()) out[shown] = std::move(sticker);
    } else if (field.name == "shares") {
        if (auto shares = message_shares(message)) out[shown] = std::move(*shares);
    } else {
        return one_of(field.name, {"reactions", "story"});
    }
    return true;
}

bool render_page_field(const GraphView& view, const Account& page, const GraphField& field, ordered_json& out)
{
    const auto& shown = field.shown_as();
    if (field.name == "name") {
        out[shown] = page.name;
    } else if (field.name == "category") {
        out[shown] = "Telecommunication Company";
    } else if (field.name == "category_list") {
        ordered_json category{{"id", "2253"}, {"name", "Telecommunication Company"}};
        out[shown] = ordered_json::array({category});
    } else if (field.name == "tasks") {
        out[shown] = {"ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE"};
    } else if (field.name == "access_token") {
        // Told to who may manage the Page: itself, or a person who granted it.
        if (!lacks(view, "pages_show_list")) out[shown] = view.page ? view.token : view.house.book.page_token(view.token, page);
    } else if (field.name == "link") {
        out[shown] = "https://www.facebook.com/" + page.id;
    } else if (one_of(field.name, {"feed", "posts", "published_posts", "visitor_posts", "tagged", "conversations"})) {
        out[shown] = edge_of(view, page.id, field);
    } else {
        return one_of(field.name, {"username", "about", "picture", "fan_count", "is_published"});
    }
    return true;
}

bool render_person_field(const Person& person, const GraphField& field, ordered_json& out)
{
    const auto blank = person.name.find(' ');
    const auto& shown = field.shown_as();
    if (field.name == "name") {
        out[shown] = person.name;
    } else if (field.name == "first_name") {
        out[shown] = person.name.substr(0, blank);
    } else if (field.name == "last_name") {
        if (blank != std::string::npos) out[shown] = person.name.substr(blank + 1);
    } else {
        return field.name == "profile_pic";
    }
    return true;
}

template <class Render, class Node>
ordered_json render(const GraphView& view, const Node& node, const std::string& id, const Fields& fields, Render render_field)
{
    return render_fields(id, fields, [&](const GraphField& field, ordered_json& out) { return render_field(view, node, field, out); });
}

} // namespace

const Item* answered_privately(const World& world, const Item& item)
{
    for (const auto* thread : world.threads(item.account)) {
        if (thread->person_id != item.author_id) continue;
        for (const auto* message : thread->messages) {
            if (message->own && message->in_reply_to == item.id) return message;
        }
    }
    return nullptr;
}

ordered_json render_node(const GraphView& view, const std::string& id, const Fields& fields)
{
    const auto& world = view.house.world;
    const auto visible = [&](std::size_t account) { return !view.page || *view.page == account; };
    if (const auto page = world.find_account(Platform::facebook, id)) {
        return render(view, world.accounts()[*page], id, or_default(fields, id_and_name), render_page_field);
    }
    if (const auto* thread = world.find_thread(Platform::facebook, id); thread && visible(thread->account)) {
        return render(view, *thread, thread->id, or_default(fields, thread_defaults), render_thread_field);
    }
    if (const auto* person = world.find_person(Platform::facebook, id)) {
        return render_fields(person->id, or_default(fields, id_and_name),
                             [&](const GraphField& field, ordered_json& out) { return render_person_field(*person, field, out); });
    }
    const auto* item = world.find(Platform::facebook, id);
    if (!item || item->deleted || !visible(item->account)) {
        // A post by its number alone is a form that has been gone since v2.4.
        for (const auto& page : world.accounts()) {
            if (is_numeric_id(id) && world.find(Platform::facebook, page.id + "_" + id)) {
                throw GraphFailure{400, 12, "(#12) singular statuses API is deprecated for versions v2.4 and higher"};
            }
        }
        throw no_such_object(id);
    }
    if (item->kind == Kind::direct_message) {
        return render(view, *item, item->id, or_default(fields, message_defaults), render_message_field);
    }
    if (item->kind == Kind::comment) { return render(view, *item, item->id, or_default(fields, comment_defaults), render_comment_field); }
    return render(view, *item, item->id, or_default(fields, post_defaults), render_post_field);
}

} // namespace sportello::simulator
