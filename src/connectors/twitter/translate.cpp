#include "translate.hpp"

#include "../flaws.hpp"
#include "../limits.hpp"
#include "ids.hpp"
#include "text.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace sportello::connectors::twitter {
namespace {

using domain::MessageKind;
using domain::PlatformItem;

/// A name of the older dialect, or of the newer one that says "post" for "tweet".
const Json& either(const Json& value, std::string_view older, std::string_view newer)
{
    const Json& found = member(value, older);
    return found.is_null() ? member(value, newer) : found;
}

/// What an answer's items refer to.
struct Includes {
    std::map<std::string, const Json*> users; ///< by id
    std::map<std::string, const Json*> media; ///< by media key
    std::map<std::string, const Json*> posts; ///< by id
    std::map<std::string, const Json*> polls; ///< by id
};

Includes index_includes(const Json& answer)
{
    Includes includes;
    const Json& all = member(answer, "includes");
    for (const Json& user : elements(member(all, "users"))) includes.users.emplace(id_of(member(user, "id")), &user);
    for (const Json& one : elements(member(all, "media"))) includes.media.emplace(id_of(member(one, "media_key")), &one);
    for (const Json& post : elements(either(all, "tweets", "posts"))) includes.posts.emplace(id_of(member(post, "id")), &post);
    for (const Json& poll : elements(member(all, "polls"))) includes.polls.emplace(id_of(member(poll, "id")), &poll);
    return includes;
}

std::string media_url(const Json& media)
{
    std::string url = text_of(member(media, "url"));
    for (const Json& variant : elements(member(media, "variants"))) {
        if (!url.empty()) break;
        if (text_of(member(variant, "content_type")) == "video/mp4") url = text_of(member(variant, "url"));
    }
    return url.empty() ? text_of(member(media, "preview_image_url")) : url;
}

std::vector<domain::Attachment> attachments_of(const Json& value, const Includes& includes)
{
    std::vector<domain::Attachment> attachments;
    for (const Json& key : elements(member(member(value, "attachments"), "media_keys"))) {
        const auto found = includes.media.find(id_of(key));
        if (found == includes.media.end()) continue;
        const Json& media = *found->second;
        const std::string type = text_of(member(media, "type")) == "photo" ? "image" : "video";
        attachments.push_back({type, media_url(media), text_of(member(media, "alt_text"))});
    }
    return attachments;
}

/// The choices of a poll, which are no part of its post's text.
std::string choices_of(const Json& post, const Includes& includes)
{
    std::string choices;
    for (const Json& id : elements(member(member(post, "attachments"), "poll_ids"))) {
        const auto poll = includes.polls.find(id_of(id));
        if (poll == includes.polls.end()) continue;
        for (const Json& option : elements(member(*poll->second, "options"))) choices += "\n- " + text_of(member(option, "label"));
    }
    return choices;
}

void set_author(PlatformItem& item, std::string id, const Includes& includes, const Self& self)
{
    item.author_id = std::move(id);
    item.own = item.author_id == self.id;
    if (const auto found = includes.users.find(item.author_id); found != includes.users.end()) {
        item.author_name = text_of(member(*found->second, "name"));
        item.author_handle = text_of(member(*found->second, "username"));
    }
    if (item.own && item.author_handle.empty()) item.author_handle = self.handle;
}

std::string reference(const Json& post, std::string_view type)
{
    for (const Json& one : elements(either(post, "referenced_tweets", "referenced_posts"))) {
        if (text_of(member(one, "type")) == type) return id_of(member(one, "id"));
    }
    return {};
}

/// The ids this post had before, oldest first; what stands behind its own id is newer than this revision.
std::vector<std::string> earlier_ids(const Json& post, const std::string& id)
{
    std::vector<std::string> earlier;
    for (const Json& one : elements(either(post, "edit_history_tweet_ids", "edit_history_post_ids"))) {
        const std::string other = id_of(one);
        if (other == id) break;
        if (is_id(other) && id_less(other, id)) earlier.push_back(other);
    }
    return earlier;
}

std::string post_text(const Json& post, const Includes& includes)
{
    const auto attached = [&](const std::string& key) { return includes.media.contains(key); };
    const Json& note = either(post, "note_tweet", "note_post");
    if (!text_of(member(note, "text")).empty()) return readable_text(member(note, "text"), member(note, "entities"), attached);
    return readable_text(member(post, "text"), member(post, "entities"), attached);
}

std::string lower(std::string text)
{
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

bool is_self(const Json& mention, const Self& self)
{
    const std::string id = id_of(member(mention, "id"));
    return id.empty() ? lower(text_of(member(mention, "username"))) == lower(self.handle) : id == self.id;
}

bool mentions(const Json& entities, const Self& self)
{
    const Json& all = elements(member(entities, "mentions"));
    return std::any_of(all.begin(), all.end(), [&](const Json& mention) { return is_self(mention, self); });
}

/// In front of an answer X puts the names of those answered by itself: where that run of mentions ends, in code points.
std::int64_t end_of_leading_mentions(const Json& entities)
{
    std::int64_t end = 0;
    int rounds = 0; // mentions come in order; what does not is no reason to go round for ever
    for (bool grown = true; grown && rounds < 50; ++rounds) {
        grown = false;
        for (const Json& mention : elements(member(entities, "mentions"))) {
            const auto start = integer_of(member(mention, "start"));
            const auto stop = integer_of(member(mention, "end"));
            if (!start || !stop || *stop <= end || (*start != end && *start != end + 1)) continue;
            end = *stop;
            grown = true;
        }
    }
    return end;
}

/// Whether the author named our account, or quoted it: only that counts for the reply rule of February 2026, not the
/// mention that X puts in front of an answer to us or to a post with our name.
bool names_us(const Json& post, const Includes& includes, const Self& self)
{
    const auto included = [&](const std::string& id) -> const Json* {
        const auto found = includes.posts.find(id);
        return found == includes.posts.end() ? nullptr : found->second;
    };
    const Json* quoted = included(reference(post, "quoted"));
    if (quoted != nullptr && id_of(member(*quoted, "author_id")) == self.id) return true;

    const Json& note = member(either(post, "note_tweet", "note_post"), "entities");
    const Json& entities = member(note, "mentions").is_array() ? note : member(post, "entities");
    const std::string answered = reference(post, "replied_to");
    if (answered.empty()) return mentions(entities, self);
    const Json* parent = included(answered);
    const bool answers_us = id_of(member(post, "in_reply_to_user_id")) == self.id;
    const bool carried_on = answers_us || (parent != nullptr && mentions(member(*parent, "entities"), self));
    if (!carried_on) return mentions(entities, self);
    const auto own_words = end_of_leading_mentions(entities);
    const Json& all = elements(member(entities, "mentions"));
    return std::any_of(all.begin(), all.end(), [&](const Json& mention) {
        return is_self(mention, self) && integer_of(member(mention, "start")).value_or(0) >= own_words;
    });
}

std::optional<Instant> time_of(const Json& value, const std::string& id)
{
    const auto written = instant_of(member(value, "created_at"));
    return written ? written : time_of_id(id);
}

/// A quoted post as a link with its words, so that one need not leave the house to understand the quote.
void attach_quoted(PlatformItem& item, const Json& post, const Includes& includes)
{
    const std::string id = reference(post, "quoted");
    if (!is_id(id)) return;
    const auto quoted = includes.posts.find(id);
    const Json nothing;
    const Json& shown = quoted == includes.posts.end() ? nothing : *quoted->second;
    const auto author = includes.users.find(id_of(member(shown, "author_id")));
    const std::string handle = author == includes.users.end() ? std::string() : text_of(member(*author->second, "username"));
    const std::string url = "https://x.com/" + (handle.empty() ? "i" : handle) + "/status/" + id;
    item.attachments.push_back({"link", url, shown.is_null() ? std::string() : post_text(shown, includes)});
}

/// @return why the post cannot be taken in; empty when `item` is complete.
std::string fill_post(PlatformItem& item, const Json& post, const Includes& includes, const Self& self)
{
    item.platform_id = id_of(member(post, "id"));
    if (!is_id(item.platform_id)) return "a post without a proper id";
    const auto at = time_of(post, item.platform_id);
    if (!at) return "a post without a time";
    item.at = *at;
    item.earlier_ids = earlier_ids(post, item.platform_id);
    set_author(item, id_of(member(post, "author_id")), includes, self);
    item.parent_id = reference(post, "replied_to");
    item.root_id = id_of(member(post, "conversation_id"));
    if (!is_id(item.root_id)) item.root_id = item.platform_id;
    item.kind = !item.own ? MessageKind::mention : item.parent_id.empty() ? MessageKind::post : MessageKind::comment;
    item.text = post_text(post, includes) + choices_of(post, includes);
    item.attachments = attachments_of(post, includes);
    item.implicit_mention = !item.own && !names_us(post, includes, self);
    attach_quoted(item, post, includes);
    const std::string name = item.author_handle.empty() ? "i" : item.author_handle;
    item.permalink = "https://x.com/" + name + "/status/" + item.platform_id;
    return {};
}

/// @return why the event cannot be taken in; empty when `item` is complete.
std::string fill_direct_message(PlatformItem& item, const Json& event, const Includes& includes, const Self& self)
{
    item.kind = MessageKind::direct_message;
    item.visibility = domain::Visibility::private_;
    item.platform_id = id_of(member(event, "id"));
    if (!is_id(item.platform_id)) return "a direct message without a proper id";
    const auto at = time_of(event, item.platform_id);
    if (!at) return "a direct message without a time";
    item.at = *at;
    set_author(item, id_of(member(event, "sender_id")), includes, self);
    if (item.author_id.empty()) return "a direct message without a sender";
    item.root_id = normal_conversation(id_of(member(event, "dm_conversation_id")));
    if (item.root_id.empty() && !item.own) item.root_id = normal_conversation(item.author_id + "-" + self.id);
    if (item.root_id.empty()) return "a direct message without a conversation";
    item.recipient_id = item.own ? other_member(item.root_id, self.id) : item.author_id;
    const auto attached = [&](const std::string& key) { return includes.media.contains(key); };
    item.text = readable_text(member(event, "text"), member(event, "entities"), attached);
    item.attachments = attachments_of(event, includes);
    for (const Json& one : elements(either(event, "referenced_tweets", "referenced_posts"))) {
        const std::string id = id_of(member(one, "id"));
        if (!is_id(id)) continue;
        const auto post = includes.posts.find(id);
        item.attachments.push_back(
            {"link", "https://x.com/i/status/" + id, post == includes.posts.end() ? std::string() : post_text(*post->second, includes)});
    }
    return {};
}

using Fill = std::string (*)(PlatformItem&, const Json&, const Includes&, const Self&);

/// What is not as it should be in a post or a message, in words.
std::string flaws_of_item(const Json& one)
{
    return flaws_of(one, {{"id", Shape::text},
                          {"text", Shape::text},
                          {"author_id", Shape::text},
                          {"sender_id", Shape::text},
                          {"conversation_id", Shape::text},
                          {"dm_conversation_id", Shape::text},
                          {"created_at", Shape::text},
                          {"event_type", Shape::text},
                          {"entities", Shape::object},
                          {"note_tweet", Shape::object},
                          {"note_post", Shape::object},
                          {"attachments", Shape::object},
                          {"referenced_tweets", Shape::list},
                          {"referenced_posts", Shape::list},
                          {"edit_history_tweet_ids", Shape::list},
                          {"edit_history_post_ids", Shape::list}});
}

Translated translate(const Json& answer, const Self& self, Fill fill, const std::function<bool(const Json&)>& passed_over)
{
    Translated result;
    const Includes includes = index_includes(answer);
    const auto take = [&](const Json& one) {
        if (passed_over(one)) return;
        PlatformItem item;
        std::string reason = fill(item, one, includes, self);
        if (!reason.empty()) {
            result.rejected.push_back({item.platform_id, std::move(reason), scrubbed(one)});
            return;
        }
        std::string flaws = flaws_of_item(one);
        if (const std::string cuts = cut_to_limits(item); !cuts.empty()) flaws += (flaws.empty() ? "" : "; ") + cuts;
        if (!flaws.empty()) result.rejected.push_back({item.platform_id, "not all of it could be read: " + flaws, scrubbed(one)});
        result.items.push_back(std::move(item));
    };
    const Json& data = member(answer, "data");
    if (data.is_object()) {
        take(data);
    } else if (!data.is_array() && !data.is_null()) {
        result.rejected.push_back({{}, "a list that is none", scrubbed(answer)});
    }
    for (const Json& one : elements(data)) take(one);
    return result;
}

/// Whether a post stands where we read anyway: it is ours, names us, or answers us.
bool is_read_anyway(const Json& post, const Self& self)
{
    if (id_of(member(post, "author_id")) == self.id || id_of(member(post, "in_reply_to_user_id")) == self.id) return true;
    for (const Json& entities : {member(post, "entities"), member(either(post, "note_tweet", "note_post"), "entities")}) {
        for (const Json& mention : elements(member(entities, "mentions"))) {
            if (id_of(member(mention, "id")) == self.id) return true;
        }
    }
    return false;
}

void take_parent(const Json& post, const Includes& includes, const Self& self, Parents& out)
{
    PlatformItem item;
    if (is_read_anyway(post, self) || !fill_post(item, post, includes, self).empty() || item.author_id.empty()) return;
    (void)cut_to_limits(item);
    item.context = true;
    out.items.push_back(std::move(item));
}

void note_unknown(const Json& post, const Includes& includes, Parents& out)
{
    const std::string parent = reference(post, "replied_to");
    if (is_id(parent) && !includes.posts.contains(parent)) out.unknown.push_back(parent);
}

} // namespace

Parents translate_parents(const Json& answer, const Self& self)
{
    Parents parents;
    const Includes includes = index_includes(answer);
    std::map<std::string, bool> wanted;
    for (const Json& post : elements(member(answer, "data"))) {
        if (const std::string parent = reference(post, "replied_to"); is_id(parent)) wanted[parent] = true;
        note_unknown(post, includes, parents);
    }
    for (const auto& [id, post] : includes.posts) {
        if (!wanted.contains(id)) continue;
        take_parent(*post, includes, self, parents);
        note_unknown(*post, includes, parents);
    }
    return parents;
}

Parents translate_as_parents(const Json& answer, const Self& self)
{
    Parents parents;
    const Includes includes = index_includes(answer);
    for (const Json& post : elements(member(answer, "data"))) {
        take_parent(post, includes, self, parents);
        if (reference(post, "retweeted").empty()) note_unknown(post, includes, parents);
    }
    for (const auto& [id, post] : includes.posts) take_parent(*post, includes, self, parents);
    return parents;
}

Translated translate_posts(const Json& answer, const Self& self)
{
    return translate(answer, self, fill_post, [](const Json& post) { return !reference(post, "retweeted").empty(); });
}

Translated translate_direct_messages(const Json& answer, const Self& self)
{
    return translate(answer, self, fill_direct_message, [](const Json& event) {
        const std::string type = text_of(member(event, "event_type"));
        return !type.empty() && type != "MessageCreate";
    });
}

} // namespace sportello::connectors::twitter
