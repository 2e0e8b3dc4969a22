#include "files_json.hpp"

#include <sportello/domain/file_kind.hpp>

#include <array>
#include <string>
#include <string_view>

namespace sportello::api {
namespace {

constexpr std::int64_t most_files = 2'000;

bool is_picture(std::string_view media_type)
{
    return media_type == "image/png" || media_type == "image/jpeg" || media_type == "image/gif" || media_type == "image/webp";
}

} // namespace

void write_attachment(JsonWriter& json, const storage::StoredAttachment& attachment)
{
    const bool stored = attachment.state == "stored";
    // A link is an address and no file; every other address of the platform is for the server alone.
    const bool link = attachment.type == "link";
    json.open_object()
        .member("id", attachment.id)
        .member("kind", attachment.type)
        .text_or_null("name", attachment.name)
        .text_or_null("media_type", attachment.media_type)
        .key("bytes");
    if (stored) json.value(attachment.bytes);
    else json.value(nullptr);
    json.member("state", link ? "link" : std::string_view(attachment.state))
        .text_or_null("reason", attachment.reason)
        .text_or_null("url", link     ? attachment.url
                             : stored ? "/v1/attachments/" + std::to_string(attachment.id) + "/content"
                                      : std::string())
        .member("picture", stored && is_picture(attachment.media_type))
        .close_object();
}

void write_upload(JsonWriter& json, const storage::Upload& upload)
{
    const bool there = !upload.digest.empty();
    const auto kind = upload.media_type.substr(0, upload.media_type.find('/'));
    const bool named = kind == "image" || kind == "video" || kind == "audio";
    json.open_object()
        .member("id", upload.id)
        .member("kind", named ? std::string_view(kind) : std::string_view("file"))
        .text_or_null("name", upload.name)
        .text_or_null("media_type", upload.media_type)
        .member("bytes", upload.bytes)
        .member("state", there ? "stored" : "erased")
        .member("reason", nullptr)
        .text_or_null("url", there ? "/v1/uploads/" + std::to_string(upload.id) + "/content" : std::string())
        .member("picture", there && is_picture(upload.media_type))
        .close_object();
}

TicketFiles::TicketFiles(storage::Transaction& tx, domain::TicketId ticket)
{
    for (auto& attachment : storage::attachments_of_ticket(tx, ticket, most_files)) {
        const auto message = attachment.message.value;
        of_message_[message].push_back(std::move(attachment));
    }
    for (auto& upload : storage::uploads_of_ticket(tx, ticket, most_files)) {
        if (upload.reply) of_reply_[upload.reply->value].push_back(std::move(upload));
    }
}

void TicketFiles::write(JsonWriter& json, bool is_reply, std::int64_t id) const
{
    json.key("attachments").open_array();
    if (is_reply) {
        if (const auto found = of_reply_.find(id); found != of_reply_.end()) {
            for (const auto& upload : found->second) write_upload(json, upload);
        }
    } else if (const auto found = of_message_.find(id); found != of_message_.end()) {
        for (const auto& attachment : found->second) write_attachment(json, attachment);
    }
    json.close_array();
}

} // namespace sportello::api
