#include "ids.hpp"
#include "x_api.hpp"
#include "x_media.hpp"
#include <sportello/base/text.hpp>

#include <array>

namespace sportello::simulator {
using nlohmann::json;
namespace {

XFailure forbidden(const std::string& detail)
{
    return x_problem(403, "Forbidden", detail);
}

json read_body(const XCall& call)
{
    auto body = json::parse(call.request.body, nullptr, false);
    if (!body.is_object()) throw x_problem(400, "Invalid Request", "The request body is not a JSON object.", "invalid-request");
    return body;
}

/// What X would drop before counting: the mentions it puts in front of an answer itself.
std::string_view without_leading_mentions(std::string_view text)
{
    while (text.starts_with('@')) {
        std::size_t end = 1;
        while (end < text.size() && is_handle(text.substr(end, 1))) ++end;
        if (end == 1 || end == text.size() || text[end] != ' ') return text;
        text.remove_prefix(end + 1);
    }
    return text;
}

bool may_answer(const XCall& call, const Item& parent, std::size_t account)
{
    if (call.house.options.reply_rule == ReplyRule::none) return true;
    // That an answer in a thread names its author by itself does not count: the customer must have written the name, or
    // quoted a post of the account.
    const auto* quoted = quoted_by(call.world(), parent);
    return parent.author_id == call.world().accounts()[account].id || call.world().names(parent, account) ||
           (parent.addressed && parent.account == account && parent.in_reply_to.empty()) ||
           (quoted && quoted->own && quoted->account == account);
}

bool repeats_itself(const XCall& call, std::size_t account, const std::string& text, const std::string& parent)
{
    const auto since = call.house.clock.now() - call.house.options.duplicate_window;
    for (const auto* own : call.world().posts(account)) {
        if (own->now().at < since) return false;
        if (own->now().text == text && own->in_reply_to == parent) return true;
    }
    return false;
}

std::string parent_of(const XCall& call, const json& body, std::size_t account)
{
    const auto reply = body.find("reply");
    if (reply == body.end()) return {};
    if (!reply->is_object() || !reply->contains("in_reply_to_tweet_id") || !(*reply)["in_reply_to_tweet_id"].is_string()) {
        throw x_bad_parameter("reply.in_reply_to_tweet_id", reply->dump(), "$.reply.in_reply_to_tweet_id: string expected");
    }
    const auto id = (*reply)["in_reply_to_tweet_id"].get<std::string>();
    const auto* parent = call.world().find(Platform::twitter, id);
    if (!parent || parent->deleted || parent->kind == Kind::direct_message) {
        throw forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.");
    }
    if (!may_answer(call, *parent, account)) {
        throw forbidden("You can only reply to or quote posts where you are mentioned or are the author.");
    }
    return id;
}

void check_members(const json& body)
{
    constexpr std::array known{"text",
                               "reply",
                               "media",
                               "quote_tweet_id",
                               "poll",
                               "reply_settings",
                               "edit_options",
                               "made_with_ai",
                               "paid_partnership",
                               "nullcast",
                               "geo",
                               "community_id",
                               "card_uri",
                               "direct_message_deep_link",
                               "share_with_followers",
                               "for_super_followers_only"};
    for (const auto& [name, value] : body.items()) {
        if (std::ranges::find(known, name) == known.end()) {
            throw x_bad_parameter(name, value.dump(),
                                  "$." + name + ": is not defined in the schema and the schema does not allow additional properties");
        }
    }
}

/// @param optional  there is a file: the text may be missing
std::string read_text(const json& body, bool optional)
{
    const auto text = body.find("text");
    if (optional && text == body.end()) return {};
    if (text == body.end() || !text->is_string() || base::trim(text->get_ref<const std::string&>()).empty()) {
        throw x_bad_parameter("text", text == body.end() ? "" : text->dump(), "$.text: a text is expected");
    }
    return base::clean_utf8(text->get<std::string>());
}

/// Ids in a list of the body, at most four of them.
std::vector<std::string> read_ids(const json& list, const std::string& name)
{
    std::vector<std::string> ids;
    for (const auto& one : list.is_array() ? list : json::array()) {
        if (!one.is_string() || !is_numeric_id(one.get<std::string>()))
            throw x_bad_parameter(name, one.dump(), "$." + name + ": ids expected");
        ids.push_back(one.get<std::string>());
    }
    if (ids.empty() || ids.size() > 4) throw x_bad_parameter(name, list.dump(), "$." + name + ": 1 to 4 ids expected");
    return ids;
}

std::vector<Media> media_of_post(const XCall& call, const json& body)
{
    const auto media = body.find("media");
    if (media == body.end()) return {};
    return take_x_media(call, read_ids(media->is_object() ? media->value("media_ids", json()) : json(), "media.media_ids"), false);
}

std::vector<Media> media_of_message(const XCall& call, const json& body)
{
    const auto list = body.find("attachments");
    if (list == body.end()) return {};
    json ids = json::array();
    for (const auto& one : list->is_array() ? *list : json::array())
        ids.push_back(one.is_object() ? one.value("media_id", json()) : json());
    if (ids.size() != 1) throw x_bad_parameter("attachments", list->dump(), "$.attachments: exactly one is expected");
    return take_x_media(call, read_ids(ids, "attachments.media_id"), true);
}

/// "$AAPL": X takes one of these a post from apps.
int cashtags_in(std::string_view text)
{
    int count = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const bool letter = (text[i + 1] >= 'A' && text[i + 1] <= 'Z') || (text[i + 1] >= 'a' && text[i + 1] <= 'z');
        if (text[i] == '$' && letter && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n')) ++count;
    }
    return count;
}

NewItem by_account(const XCall& call, std::size_t account, Kind kind, std::string text)
{
    NewItem item;
    item.platform = Platform::twitter;
    item.account = item.author = call.world().accounts()[account].account;
    item.kind = kind;
    item.text = std::move(text);
    item.by_app = true;
    return item;
}

std::string write(const XCall& call, const NewItem& item)
{
    const auto id = call.world().write(item, call.house.clock.now());
    if (!id) throw x_problem(400, "Invalid Request", id.error().what(), "invalid-request");
    return *id;
}

XAnswer send_dm(const XCall& call, const std::string& person)
{
    const auto account = call.account();
    const auto body = read_body(call);
    auto media = media_of_message(call, body);
    auto text = read_text(body, !media.empty());
    constexpr std::size_t limit = 10'000;
    if (base::count_code_points(text) > limit) throw x_bad_parameter("text", "…", "$.text: at most 10000 characters");
    if (!call.world().find_person(Platform::twitter, person)) {
        throw forbidden("You do not have permission to DM one or more participants.");
    }
    auto item = by_account(call, account, Kind::direct_message, std::move(text));
    item.recipient_id = person;
    item.media = std::move(media);
    const auto id = write(call, item);
    const auto& conversation = call.world().find(Platform::twitter, id)->conversation;
    return {201, {{"data", {{"dm_conversation_id", conversation}, {"dm_event_id", id}}}}};
}

} // namespace

XAnswer x_create_tweet(const XCall& call)
{
    const auto account = call.account();
    const auto body = read_body(call);
    check_members(body);
    if (body.contains("quote_tweet_id")) throw forbidden("Quoting posts through the API is not available at this access level.");
    auto media = media_of_post(call, body);
    const auto text = read_text(body, !media.empty());
    if (cashtags_in(text) > 1) throw forbidden("Posts through the API may hold one cashtag.");
    const auto parent = parent_of(call, body, account);
    if (weighted_length(parent.empty() ? std::string_view(text) : without_leading_mentions(text)) > tweet_limit) {
        throw x_problem(400, "Bad Request",
                        "Your Tweet text is too long. For more information on how Twitter determines text "
                        "length see https://github.com/twitter/twitter-text.");
    }
    if (media.empty() && repeats_itself(call, account, text, parent)) {
        throw forbidden("You are not allowed to create a Tweet with duplicate content.");
    }
    auto item = by_account(call, account, Kind::post, text);
    item.in_reply_to = parent;
    item.media = std::move(media);
    const auto id = write(call, item);
    const auto& made = *call.world().find(Platform::twitter, id);
    auto wire = to_wire(shown_text(call.house, made, made.now()), handles_of(call.world()));
    add_media_link(wire, made);
    return {201, {{"data", {{"id", id}, {"text", wire.text}, {"edit_history_tweet_ids", ordered_json::array({id})}}}}};
}

XAnswer x_delete_tweet(const XCall& call)
{
    const auto account = call.account();
    const auto* item = call.world().find(Platform::twitter, call.path.at(1));
    if (!item || item->kind == Kind::direct_message) {
        throw x_problem(404, "Not Found Error", "Could not find the requested resource.", "resource-not-found");
    }
    if (!item->own || item->account != account) throw forbidden("You are not authorized to delete this Tweet.");
    if (!item->deleted) (void)call.world().erase(item->id, call.house.clock.now());
    return {200, {{"data", {{"deleted", true}}}}};
}

XAnswer x_hide(const XCall& call)
{
    const auto account = call.account();
    const auto body = read_body(call);
    if (!body.contains("hidden") || !body["hidden"].is_boolean()) throw x_bad_parameter("hidden", "", "$.hidden: boolean expected");
    const auto* item = call.world().find(Platform::twitter, call.path.at(1));
    if (!item || item->deleted || item->kind == Kind::direct_message) {
        throw x_problem(404, "Not Found Error", "Could not find the requested resource.", "resource-not-found");
    }
    const auto* root = call.world().find(Platform::twitter, item->conversation);
    const bool ours = root && root->own && root->account == account && root != item && !item->own;
    if (!ours) throw forbidden("You may hide replies only in conversations that you started.");
    call.world().keep("x/hidden/" + item->id, body["hidden"].get<bool>() ? "1" : "");
    return {200, {{"data", {{"hidden", body["hidden"].get<bool>()}}}}};
}

XAnswer x_like(const XCall&)
{
    throw forbidden("Likes are not available at this access level.");
}

XAnswer x_delete_dm(const XCall& call)
{
    const auto account = call.account();
    const auto* item = call.world().find(Platform::twitter, call.path.at(1));
    if (!item || item->kind != Kind::direct_message || item->deleted || item->account != account) {
        throw x_problem(404, "Not Found Error", "Could not find the requested resource.", "resource-not-found");
    }
    if (!item->own) throw forbidden("You may delete only events that you own.");
    (void)call.world().erase(item->id, call.house.clock.now());
    return {200, {{"data", {{"deleted", true}}}}};
}

/// A group's conversation lives as long as the simulator: nobody but the app writes there.
XAnswer x_create_group(const XCall& call)
{
    const auto& own = call.world().accounts()[call.account()].id;
    const auto body = read_body(call);
    const auto people = body.value("participant_ids", json::array());
    if (body.value("conversation_type", "") != "Group" || !people.is_array() || people.size() < 2 || people.size() > 49) {
        throw x_bad_parameter("participant_ids", people.dump(), "$.participant_ids: 2 to 49 ids of a Group expected");
    }
    for (const auto& person : people) {
        if (person.is_string() && x_user_by_id(call.world(), person.get<std::string>())) continue;
        throw forbidden("You do not have permission to DM one or more participants.");
    }
    const auto text = read_text(body.value("message", json::object()), false);
    const auto now = call.house.clock.now();
    const auto conversation = snowflake(now, call.house.random.below(1 << 22));
    const auto id = snowflake(now, call.house.random.below(1 << 22));
    const ordered_json event{{"id", id},         {"event_type", "MessageCreate"},      {"text", text},
                             {"sender_id", own}, {"dm_conversation_id", conversation}, {"created_at", x_time(now)}};
    call.house.x.groups[conversation] = ordered_json::array({event}).dump();
    return {201, {{"data", {{"dm_conversation_id", conversation}, {"dm_event_id", id}}}}};
}

XAnswer x_send_dm_with(const XCall& call)
{
    return send_dm(call, call.path.at(2));
}

XAnswer x_send_dm_to_conversation(const XCall& call)
{
    // "A-B" in either order; the one that is not the caller is written to.
    const auto& conversation = call.path.at(1);
    const auto& own = call.world().accounts()[call.account()].id;
    const auto dash = conversation.find('-');
    const auto first = conversation.substr(0, dash);
    const auto second = dash == std::string::npos ? std::string() : conversation.substr(dash + 1);
    if (first != own && second != own) throw forbidden("You do not have permission to DM one or more participants.");
    return send_dm(call, first == own ? second : first);
}

} // namespace sportello::simulator
