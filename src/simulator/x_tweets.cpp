#include "x_tweets.hpp"

#include "ids.hpp"
#include "text_list.hpp"
#include "x_api.hpp"
#include "x_media.hpp"
#include <sportello/base/text.hpp>

#include <sportello/base/digest.hpp>

#include <array>

namespace sportello::simulator {
namespace {

const std::set<std::string> known_tweet_fields{"article",
                                               "attachments",
                                               "author_id",
                                               "card_uri",
                                               "community_id",
                                               "context_annotations",
                                               "conversation_id",
                                               "created_at",
                                               "display_text_range",
                                               "edit_controls",
                                               "edit_history_tweet_ids",
                                               "entities",
                                               "geo",
                                               "id",
                                               "in_reply_to_user_id",
                                               "lang",
                                               "matched_media_notes",
                                               "media_metadata",
                                               "non_public_metrics",
                                               "note_request_suggestions",
                                               "note_tweet",
                                               "organic_metrics",
                                               "paid_partnership",
                                               "possibly_sensitive",
                                               "promoted_metrics",
                                               "public_metrics",
                                               "referenced_tweets",
                                               "reply_settings",
                                               "scopes",
                                               "source",
                                               "suggested_source_links",
                                               "suggested_source_links_with_counts",
                                               "text",
                                               "withheld"};

const std::set<std::string> known_user_fields{"affiliation",
                                              "connection_status",
                                              "created_at",
                                              "description",
                                              "entities",
                                              "id",
                                              "location",
                                              "most_recent_tweet_id",
                                              "name",
                                              "pinned_tweet_id",
                                              "profile_banner_url",
                                              "profile_image_url",
                                              "protected",
                                              "public_metrics",
                                              "receives_your_dm",
                                              "subscription_type",
                                              "url",
                                              "username",
                                              "verified",
                                              "verified_type",
                                              "withheld"};

const std::set<std::string> known_expansions{"article.cover_media",
                                             "article.media_entities",
                                             "attachments.media_keys",
                                             "attachments.media_source_tweet",
                                             "attachments.poll_ids",
                                             "author_id",
                                             "edit_history_tweet_ids",
                                             "entities.mentions.username",
                                             "entities.note.mentions.username",
                                             "geo.place_id",
                                             "in_reply_to_user_id",
                                             "referenced_tweets.id",
                                             "referenced_tweets.id.author_id",
                                             "referenced_tweets.id.attachments.media_keys"};

const std::set<std::string> known_media_fields{"alt_text",
                                               "duration_ms",
                                               "height",
                                               "media_key",
                                               "non_public_metrics",
                                               "organic_metrics",
                                               "preview_image_url",
                                               "promoted_metrics",
                                               "public_metrics",
                                               "type",
                                               "url",
                                               "variants",
                                               "width"};

void read_names(const XCall& call, const std::string& parameter, const std::set<std::string>& known, std::set<std::string>& into)
{
    for (const auto& name : split_list(call.query(parameter))) {
        if (!known.contains(name)) {
            if (call.house.x.ignore_unknown_fields) continue;
            throw x_bad_parameter(parameter, name,
                                  "The `" + parameter + "` query parameter value [" + name + "] is not one of [" + *known.begin() +
                                      ", …, " + *known.rbegin() + "]");
        }
        into.insert(name);
    }
}

std::string display_language(const House& house, const Item& item)
{
    return house.world.accounts().at(item.account).ageless ? "en" : "it";
}

int answers_to(const World& world, const Item& item)
{
    int count = 0;
    for (const auto* other : world.thread_of(Platform::twitter, item.conversation)) {
        if (!other->deleted && other->in_reply_to == item.id) ++count;
    }
    return count;
}

} // namespace

std::optional<XUser> x_user_by_id(const World& world, const std::string& id)
{
    if (const auto account = world.find_account(Platform::twitter, id); account && world.accounts()[*account].id == id) {
        const auto& found = world.accounts()[*account];
        return XUser{found.id, found.name, found.account, true};
    }
    if (const auto* person = world.find_person(Platform::twitter, id)) return XUser{person->id, person->name, person->handle};
    return std::nullopt;
}

std::optional<XUser> x_user_by_handle(const World& world, const std::string& handle)
{
    if (const auto account = world.find_account(Platform::twitter, handle)) { return x_user_by_id(world, world.accounts()[*account].id); }
    if (const auto* person = world.find_handle(handle)) return x_user_by_id(world, person->id);
    return std::nullopt;
}

XFields XFields::read(const XCall& call)
{
    XFields fields;
    read_names(call, "tweet.fields", known_tweet_fields, fields.tweet);
    read_names(call, "user.fields", known_user_fields, fields.user);
    read_names(call, "media.fields", known_media_fields, fields.media);
    read_names(call, "expansions", known_expansions, fields.expansions);
    return fields;
}

void add_media_link(WireText& wire, const Item& item)
{
    if (item.media.empty()) return;
    const auto link = "https://t.co/" + base::sha256_hex(item.id + "media").substr(0, 10);
    if (!wire.text.empty()) wire.text += " ";
    const auto start = base::count_code_points(wire.text);
    wire.text += link;
    for (std::size_t i = 0; i < item.media.size(); ++i) {
        const auto media = x_media_row(item, i);
        wire.entities["urls"].push_back({{"start", start},
                                         {"end", start + link.size()},
                                         {"url", link},
                                         {"expanded_url", "https://x.com/i/status/" + item.id + "/" +
                                                              media.body["type"].get<std::string>() + "/" + std::to_string(i + 1)},
                                         {"display_url", "pic.x.com/" + link.substr(13)},
                                         {"media_key", media.key}});
    }
}

const Item* quoted_by(const World& world, const Item& item)
{
    const std::string_view text = item.now().text;
    const auto at = text.rfind("/status/");
    if (at == std::string_view::npos) return nullptr;
    const auto start = text.rfind("https://", at);
    const auto host = start == std::string_view::npos ? std::string_view() : text.substr(start + 8, at - start - 8);
    if (!host.starts_with("x.com/") && !host.starts_with("twitter.com/")) return nullptr;
    const auto id = text.substr(at + 8, text.find_first_not_of("0123456789", at + 8) - at - 8);
    const auto* quoted = is_numeric_id(id) ? world.find(Platform::twitter, id) : nullptr;
    return quoted && quoted != &item && quoted->kind != Kind::direct_message ? quoted : nullptr;
}

ordered_json select_media(const ordered_json& media, const std::set<std::string>& fields)
{
    ordered_json shown = ordered_json::object();
    for (const auto& [name, value] : media.items()) {
        if (name == "media_key" || name == "type" || fields.contains(name)) shown[name] = value;
    }
    return shown;
}

FindHandle handles_of(const World& world)
{
    return [&world](std::string_view handle) {
        const auto user = x_user_by_handle(world, std::string(handle));
        return user ? user->id : std::string();
    };
}

std::string shown_text(const House& house, const Item& item, const Version& version)
{
    const auto* parent = house.world.find(Platform::twitter, item.in_reply_to);
    if (!house.options.auto_mention || !item.by_app || !parent || parent->author_id == item.author_id) return version.text;
    const auto author = x_user_by_id(house.world, parent->author_id);
    const auto mention = author ? "@" + author->username : std::string();
    if (mention.empty() || ascii_lower(version.text).starts_with(ascii_lower(mention))) return version.text;
    return mention + " " + version.text;
}

ordered_json render_x_user(const XUser& user, const std::set<std::string>& fields)
{
    ordered_json out{{"id", user.id}, {"name", user.name}, {"username", user.username}};
    const auto add = [&](const char* field, ordered_json value) {
        if (fields.contains(field)) out[field] = std::move(value);
    };
    add("verified", user.company);
    add("protected", false);
    add("created_at", user.company ? "2015-01-13T02:38:37.000Z" : "2019-12-13T00:56:10.000Z");
    add("receives_your_dm", true);
    add("profile_image_url", "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png");
    add("public_metrics",
        {{"followers_count", 0}, {"following_count", 0}, {"tweet_count", 0}, {"listed_count", 0}, {"like_count", 0}, {"media_count", 0}});
    return out;
}

ordered_json XTweets::render(const Item& item, const Version& version) const
{
    const auto& world = house_.world;
    const auto plain = shown_text(house_, item, version);
    const bool is_long = weighted_length(version.text) > tweet_limit;
    const auto find_handle = handles_of(world);
    auto wire = is_long ? to_wire_shortened(plain, version.id, find_handle) : to_wire(plain, find_handle);
    add_media_link(wire, item);

    ordered_json history = ordered_json::array();
    for (const auto& each : item.versions) history.push_back(each.id);
    ordered_json out{{"id", version.id}, {"text", wire.text}, {"edit_history_tweet_ids", history}};
    const auto add = [&](const char* field, ordered_json value) {
        if (fields_.tweet.contains(field)) out[field] = std::move(value);
    };
    add("author_id", item.author_id);
    add("conversation_id", item.conversation);
    add("created_at", x_time(version.at));
    add("lang", display_language(house_, item));
    add("reply_settings", "everyone");
    add("possibly_sensitive", false);
    add("display_text_range", ordered_json::array({0, base::count_code_points(wire.text)}));
    if (!wire.entities.empty()) add("entities", wire.entities);
    if (is_long) {
        auto whole = to_wire(plain, find_handle);
        ordered_json note{{"text", whole.text}};
        if (!whole.entities.empty()) note["entities"] = std::move(whole.entities);
        add("note_tweet", std::move(note));
    }
    ordered_json references = ordered_json::array();
    if (!item.in_reply_to.empty()) references.push_back({{"type", "replied_to"}, {"id", item.in_reply_to}});
    if (const auto* quoted = quoted_by(world, item)) references.push_back({{"type", "quoted"}, {"id", quoted->now().id}});
    if (!references.empty()) add("referenced_tweets", std::move(references));
    if (!item.media.empty()) {
        ordered_json keys = ordered_json::array();
        for (std::size_t i = 0; i < item.media.size(); ++i) keys.push_back(x_media_row(item, i).key);
        add("attachments", {{"media_keys", std::move(keys)}});
    }
    if (!item.in_reply_to.empty()) {
        if (const auto* parent = world.find(Platform::twitter, item.in_reply_to)) add("in_reply_to_user_id", parent->author_id);
    }
    const auto edits = static_cast<int>(item.versions.size()) - 1;
    add("edit_controls", {{"edits_remaining", std::max(0, 5 - edits)},
                          {"is_edit_eligible", item.in_reply_to.empty()},
                          {"editable_until", x_time(item.at + std::chrono::hours(1))}});
    add("public_metrics", {{"retweet_count", 0},
                           {"reply_count", answers_to(world, item)},
                           {"like_count", 0},
                           {"quote_count", 0},
                           {"bookmark_count", 0},
                           {"impression_count", 0}});
    return out;
}

void XTweets::add(const Item& item, const Version& version)
{
    data_.push_back(render(item, version));
    expand(item);
}

void XTweets::add_user(const std::string& id)
{
    if (const auto user = x_user_by_id(house_.world, id)) data_.push_back(render_x_user(*user, fields_.user));
}

void XTweets::include_user(const std::string& id)
{
    const auto user = x_user_by_id(house_.world, id);
    if (user && included_users_.insert(id).second) users_.push_back(render_x_user(*user, fields_.user));
}

void XTweets::expand(const Item& item)
{
    const auto wants = [&](const char* expansion) { return fields_.expansions.contains(expansion); };
    const auto* parent = house_.world.find(Platform::twitter, item.in_reply_to);
    if (wants("author_id")) include_user(item.author_id);
    if (wants("in_reply_to_user_id") && parent) include_user(parent->author_id);
    if (wants("entities.mentions.username")) {
        const auto wire = to_wire(shown_text(house_, item, item.now()), handles_of(house_.world));
        for (const auto& mention : wire.entities.value("mentions", ordered_json::array())) {
            include_user(mention.value("id", std::string()));
        }
    }
    if (wants("attachments.media_keys")) {
        for (std::size_t i = 0; i < item.media.size(); ++i) {
            const auto media = x_media_row(item, i);
            if (included_media_.insert(media.key).second) media_.push_back(select_media(media.body, fields_.media));
        }
    }
    if (const auto* quoted = quoted_by(house_.world, item)) {
        if (wants("referenced_tweets.id.author_id")) include_user(quoted->author_id);
        const bool shown = wants("referenced_tweets.id") || wants("referenced_tweets.id.author_id");
        if (shown && quoted->deleted) errors_.push_back(x_not_found("tweet", "referenced_tweets.id", quoted->id));
        if (shown && !quoted->deleted && included_tweets_.insert(quoted->id).second) tweets_.push_back(render(*quoted, quoted->now()));
    }
    if (item.in_reply_to.empty() || !(wants("referenced_tweets.id") || wants("referenced_tweets.id.author_id"))) return;
    if (!parent || parent->deleted) {
        errors_.push_back(x_not_found("tweet", "referenced_tweets.id", item.in_reply_to));
        return;
    }
    if (wants("referenced_tweets.id.author_id")) include_user(parent->author_id);
    if (included_tweets_.insert(parent->id).second) { tweets_.push_back(render(*parent, parent->now())); }
}

ordered_json XTweets::take(bool single)
{
    ordered_json body = ordered_json::object();
    if (single && !data_.empty()) {
        body["data"] = std::move(data_.front());
    } else if (!data_.empty()) {
        body["data"] = std::move(data_);
    }
    if (!users_.empty()) body["includes"]["users"] = std::move(users_);
    if (!media_.empty()) body["includes"]["media"] = std::move(media_);
    if (!tweets_.empty()) body["includes"]["tweets"] = std::move(tweets_);
    if (!errors_.empty()) body["errors"] = std::move(errors_);
    return body;
}

} // namespace sportello::simulator
