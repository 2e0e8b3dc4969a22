#include "translate.hpp"

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

using domain::Attachment;
using domain::MessageKind;
using domain::PlatformItem;

void reject(Collected& out, std::string id, std::string reason, const Json& row)
{
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

void add_media(PlatformItem& item, const Json& value)
{
    std::string type = text_of(member(value, "media_type"));
    if (type.empty()) type = text_of(member(value, "type"));
    std::string url = text_of(member(member(member(value, "media"), "image"), "src"));
    if (url.empty()) url = text_of(member(value, "unshimmed_url"));
    if (url.empty()) url = text_of(member(value, "url"));
    std::string title = text_of(member(value, "title"));
    if (type.empty() && url.empty() && title.empty()) return;
    item.attachments.push_back({attachment_type(type), std::move(url), std::move(title)});
}

/// Attachment of a Messenger message.
void add_file(PlatformItem& item, const Json& value)
{
    Attachment attachment;
    attachment.name = text_of(member(value, "name"));
    const std::string mime = text_of(member(value, "mime_type"));
    const Json& image = member(value, "image_data");
    const Json& video = member(value, "video_data");
    if (image.is_object()) {
        attachment.type = "image";
        attachment.url = text_of(member(image, "url"));
    } else if (video.is_object()) {
        attachment.type = mime.starts_with("audio") ? "audio" : "video";
        attachment.url = text_of(member(video, "url"));
    } else {
        attachment.type = mime.starts_with("audio") ? "audio" : "file";
        attachment.url = text_of(member(value, "file_url"));
    }
    item.attachments.push_back(std::move(attachment));
}

} // namespace

std::string post_fields()
{
    return "id,message,story,from,created_time,updated_time,permalink_url," + std::string(attachment_fields);
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
    item.text = text_of(member(row, "message"));
    if (item.text.empty()) item.text = text_of(member(row, "story"));
    item.permalink = text_of(member(row, "permalink_url"));
    for (const Json& one : elements(member(member(row, "attachments"), "data"))) add_media(item, one);
    out.items.push_back(std::move(item));
    return out.items.back().platform_id;
}

void Translator::comment(const Json& row, const std::string& post_id, Collected& out) const
{
    PlatformItem item;
    item.platform_id = id_of(member(row, "id"));
    const auto at = instant_of(member(row, "created_time"));
    if (item.platform_id.empty() || !at) {
        reject(out, item.platform_id, item.platform_id.empty() ? "a comment without id" : "a comment without a time", row);
        return;
    }
    item.at = *at;
    item.kind = MessageKind::comment;
    item.root_id = post_id;
    item.parent_id = id_of(member(member(row, "parent"), "id"));
    if (item.parent_id.empty()) item.parent_id = post_id;
    set_author(item, member(row, "from"));
    item.text = text_of(member(row, "message"));
    item.permalink = text_of(member(row, "permalink_url"));
    add_media(item, member(row, "attachment"));
    out.items.push_back(std::move(item));
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
    item.at = *at;
    item.kind = MessageKind::direct_message;
    item.visibility = domain::Visibility::private_;
    item.root_id = conversation_id;
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
        item.attachments.push_back({"link", text_of(member(share, "link")), text_of(member(share, "name"))});
    }
    out.items.push_back(std::move(item));
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
