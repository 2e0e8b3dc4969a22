#include "translate.hpp"

#include "../flaws.hpp"
#include "../limits.hpp"
#include <sportello/base/text.hpp>
#include <sportello/http/message.hpp>

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

using domain::Attachment;
using domain::MessageKind;
using domain::PlatformItem;

void reject(Collected& out, std::string id, std::string reason, Json row)
{
    if (row.is_object()) row.erase("comments"); // they are looked at one by one
    out.rejected.push_back({std::move(id), std::move(reason), scrubbed(row)});
}

/// Attachment of a post or comment: Facebook's many type words in our six.
std::string attachment_type(const std::string& type)
{
    const auto has = [&](std::string_view word) { return type.find(word) != std::string::npos; };
    if (has("photo") || has("image") || has("album") || has("animated")) return "image";
    if (has("video")) return "video";
    if (has("audio")) return "audio";
    if (has("sticker")) return "sticker";
    if (has("file")) return "file";
    return "link";
}

std::string first_text(std::initializer_list<const Json*> places)
{
    for (const Json* place : places) {
        if (std::string text = text_of(*place); !text.empty()) return text;
    }
    return {};
}

void add_media(PlatformItem& item, const Json& value)
{
    const Json& parts = elements(member(member(value, "subattachments"), "data"));
    if (!parts.empty()) { // an album: its own picture is the first of these
        for (const Json& part : parts) add_media(item, part);
        return;
    }
    const std::string word = first_text({&member(value, "media_type"), &member(value, "type")});
    const std::string type = attachment_type(word);
    const Json& media = member(value, "media");
    const Json& picture = member(member(media, "image"), "src");
    const Json& link = member(value, "url");
    // The picture of a video, of a file or of a link is only its preview.
    std::string url = type == "image" || type == "sticker"
                          ? first_text({&picture, &member(value, "unshimmed_url"), &link})
                          : first_text({&member(media, "source"), &member(value, "unshimmed_url"), &link, &picture});
    std::string title = text_of(member(value, "title"));
    if (word.empty() && url.empty() && title.empty()) return;
    item.attachments.push_back({type, std::move(url), std::move(title)});
}

/// Attachment of a Messenger message.
void add_file(PlatformItem& item, const Json& value)
{
    const std::string mime = text_of(member(value, "mime_type"));
    const Json& image = member(value, "image_data");
    const Json& video = member(value, "video_data");
    const Json& file = member(value, "file_url");
    Attachment attachment;
    attachment.name = text_of(member(value, "name"));
    if (image.is_object()) {
        attachment.type = member(image, "render_as_sticker") == true ? "sticker" : "image";
        attachment.url = first_text({&member(image, "animated_gif_url"), &member(image, "url"), &member(image, "preview_url")});
    } else if (video.is_object()) {
        attachment.type = mime.starts_with("audio") ? "audio" : "video";
        attachment.url = first_text({&member(video, "url"), &file, &member(video, "preview_url")});
    } else {
        attachment.type = mime.starts_with("audio") ? "audio" : mime.starts_with("image") ? "image" : "file";
        attachment.url = text_of(file);
    }
    item.attachments.push_back(std::move(attachment));
}

bool is_number(std::string_view text)
{
    return !text.empty() && text.size() <= 30 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What a comment's address tells of it: "…?comment_id=TOP[&reply_comment_id=ANSWER]".
struct Address {
    std::string comment; ///< its own number; empty when the address does not tell
    std::string above;   ///< the number of the comment it answers; empty for one of the first level
};
Address address_of(const std::string& permalink)
{
    const auto question = permalink.find('?');
    if (question == std::string::npos) return {};
    const auto query = http::Parameters::parse(std::string_view(permalink).substr(question + 1));
    const std::string top(query.find("comment_id").value_or(""));
    const std::string answer(query.find("reply_comment_id").value_or(""));
    if (!is_number(top)) return {};
    return is_number(answer) ? Address{answer, top} : Address{top, {}};
}

/// Hands an item over, and the row beside it when the item is not all that the row was.
void deliver(PlatformItem item, std::string flaws, const Json& row, Collected& out)
{
    const std::string cuts = cut_to_limits(item);
    if (!cuts.empty()) flaws += (flaws.empty() ? "" : "; ") + cuts;
    if (!flaws.empty()) reject(out, item.platform_id, "not all of it could be read: " + flaws, row);
    out.items.push_back(std::move(item));
}

} // namespace

std::string post_fields()
{
    constexpr std::string_view media = "media_type,title,unshimmed_url,url,media";
    return "id,message,story,from,created_time,updated_time,permalink_url,is_hidden,attachments{" + std::string(media) +
           ",subattachments.limit(100){" + std::string(media) + "}}";
}

std::string post_fields_with_comments(int limit)
{
    return post_fields() + ",comments.limit(" + std::to_string(limit) + ").filter(stream).order(reverse_chronological){" +
           std::string(comment_fields) + "}";
}

std::string conversation_fields(int limit)
{
    return "id,updated_time,participants,messages.limit(" + std::to_string(limit) + "){" + std::string(message_fields) + "}";
}

void Translator::set_author(PlatformItem& item, const Json& from) const
{
    item.author_id = id_of(member(from, "id"));
    item.author_name = text_of(member(from, "name"));
    item.own = item.author_id == page_;
}

std::string Translator::post(const Json& row, Collected& out) const
{
    PlatformItem item;
    item.platform_id = id_of(member(row, "id"));
    const auto at = instant_of(member(row, "created_time"));
    if (item.platform_id.empty() || !at) {
        reject(out, item.platform_id, item.platform_id.empty() ? "a post without id" : "a post without a time", row);
        return {};
    }
    item.at = *at;
    item.kind = MessageKind::post;
    item.root_id = item.platform_id;
    set_author(item, member(row, "from"));
    item.text = first_text({&member(row, "message"), &member(row, "story")});
    item.permalink = text_of(member(row, "permalink_url"));
    item.hidden = member(row, "is_hidden") == true;
    for (const Json& one : elements(member(member(row, "attachments"), "data"))) add_media(item, one);
    std::string flaws = flaws_of(row,
                                 {{"message", Shape::text},
                                  {"story", Shape::text},
                                  {"from", Shape::object},
                                  {"permalink_url", Shape::text},
                                  {"is_hidden", Shape::flag},
                                  {"attachments", Shape::object},
                                  {"comments", Shape::object}},
                                 {"comments"});
    deliver(std::move(item), std::move(flaws), row, out);
    return out.items.back().platform_id;
}

void Translator::comment(const Json& row, const std::string& post_id, Collected& out) const
{
    PlatformItem item;
    item.platform_id = id_of(member(row, "id"));
    item.permalink = text_of(member(row, "permalink_url"));
    const Address address = address_of(item.permalink);
    if (item.platform_id.empty() && member(row, "id").is_null() && !address.comment.empty()) {
        // An app with Page Public Content Access alone is told no ids; the address holds them.
        item.platform_id = post_id.substr(post_id.find('_') + 1) + "_" + address.comment;
    }
    const auto at = instant_of(member(row, "created_time"));
    if (item.platform_id.empty() || !at) {
        reject(out, item.platform_id, item.platform_id.empty() ? "a comment without id" : "a comment without a time", row);
        return;
    }
    item.at = *at;
    item.kind = MessageKind::comment;
    item.root_id = post_id;
    item.parent_id = id_of(member(member(row, "parent"), "id"));
    if (item.parent_id.empty() && !address.above.empty()) {
        item.parent_id = item.platform_id.substr(0, item.platform_id.find('_') + 1) + address.above;
    }
    if (item.parent_id.empty()) item.parent_id = post_id;
    set_author(item, member(row, "from"));
    item.text = text_of(member(row, "message"));
    item.hidden = member(row, "is_hidden") == true;
    add_media(item, member(row, "attachment"));
    std::string flaws = flaws_of(row, {{"message", Shape::text},
                                       {"from", Shape::object},
                                       {"parent", Shape::object},
                                       {"permalink_url", Shape::text},
                                       {"is_hidden", Shape::flag},
                                       {"attachment", Shape::object}});
    deliver(std::move(item), std::move(flaws), row, out);
}

void Translator::message(const Json& row, const std::string& conversation_id, const std::string& person, Collected& out) const
{
    PlatformItem item;
    item.platform_id = id_of(member(row, "id"));
    const auto at = instant_of(member(row, "created_time"));
    if (item.platform_id.empty() || !at) {
        reject(out, item.platform_id, item.platform_id.empty() ? "a message without id" : "a message without a time", row);
        return;
    }
    // Of a long conversation only the newest messages are told; of the others there is nothing to be kept.
    const auto told = [&](std::string_view name) { return !member(row, name).is_null(); };
    if (!told("from") && !told("message") && !told("attachments") && !told("sticker") && !told("shares")) return;
    item.at = *at;
    item.kind = MessageKind::direct_message;
    item.visibility = domain::Visibility::private_;
    item.root_id = conversation_id;
    item.parent_id = id_of(member(member(row, "reply_to"), "mid"));
    set_author(item, member(row, "from"));
    item.recipient_id = person;
    if (item.recipient_id.empty() && !item.own) item.recipient_id = item.author_id;
    for (const Json& to : elements(member(member(row, "to"), "data"))) {
        const std::string id = id_of(member(to, "id"));
        if (item.recipient_id.empty() && id != page_) item.recipient_id = id;
    }
    item.text = text_of(member(row, "message"));
    for (const Json& one : elements(member(member(row, "attachments"), "data"))) add_file(item, one);
    if (std::string sticker = text_of(member(row, "sticker")); !sticker.empty()) {
        item.attachments.push_back({"sticker", std::move(sticker), {}});
    }
    for (const Json& share : elements(member(member(row, "shares"), "data"))) {
        item.attachments.push_back({"link", first_text({&member(share, "link"), &member(share, "picture")}),
                                    first_text({&member(share, "name"), &member(share, "description")})});
    }
    std::string flaws = flaws_of(row, {{"message", Shape::text},
                                       {"from", Shape::object},
                                       {"to", Shape::object},
                                       {"attachments", Shape::object},
                                       {"sticker", Shape::text},
                                       {"shares", Shape::object},
                                       {"reply_to", Shape::object}});
    deliver(std::move(item), std::move(flaws), row, out);
}

std::vector<Confirmation> Translator::echoes(const Json& delivery) const
{
    std::vector<Confirmation> found;
    for (const Json& entry : elements(member(delivery, "entry"))) {
        if (id_of(member(entry, "id")) != page_) continue;
        for (const std::string_view list : {"messaging", "standby"}) {
            for (const Json& event : elements(member(entry, list))) {
                const Json& message = member(event, "message");
                const bool ours = member(message, "is_echo") == true && id_of(member(member(event, "sender"), "id")) == page_;
                Confirmation one{text_of(member(message, "metadata")), id_of(member(message, "mid")), {}};
                const auto milliseconds = integer_of(member(event, "timestamp"));
                if (!ours || one.attempt_key.empty() || one.platform_id.empty() || !milliseconds || *milliseconds < 0) continue;
                constexpr std::int64_t year_9999 = 253'402'300'799'000;
                one.at = base::from_micros(std::min(*milliseconds, year_9999) * 1000);
                found.push_back(std::move(one));
            }
        }
    }
    return found;
}

std::string Translator::person_of(const Json& conversation) const
{
    for (const std::string_view members : {"participants", "senders"}) {
        for (const Json& one : elements(member(member(conversation, members), "data"))) {
            if (std::string id = id_of(member(one, "id")); !id.empty() && id != page_) return id;
        }
    }
    return {};
}

bool Translator::is_post_id(std::string_view id) const
{
    return id.size() > page_.size() + 1 && id.starts_with(page_) && id[page_.size()] == '_';
}

std::string Translator::post_of_comment(std::string_view id) const
{
    const auto underscore = id.find('_');
    if (underscore == std::string_view::npos || is_post_id(id)) return {};
    return page_ + "_" + std::string(id.substr(0, underscore));
}

} // namespace sportello::connectors::facebook
