#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Files: what customers attached, and what agents uploaded. The bytes are in files named by their digest.
namespace sportello::storage {

/// A file of a message.
struct StoredAttachment {
    std::int64_t id = 0;
    domain::MessageId message;
    std::optional<domain::TicketId> ticket;
    domain::Platform platform = domain::Platform::facebook;
    std::string type; ///< "image", "video", …, as the platform says
    std::string url;
    std::string name;
    std::string state;      ///< "remote" (not fetched yet), "stored", "refused", "erased"
    std::string reason;     ///< why it was refused or could not be fetched yet
    std::string media_type; ///< as its bytes say
    std::int64_t bytes = 0;
    std::string digest;
    std::int32_t attempts = 0;
};
/// Those whose time has come, oldest first.
std::vector<StoredAttachment> attachments_to_fetch(Transaction& tx, base::Instant now, std::int64_t limit);
std::optional<base::Instant> next_attachment_fetch(Transaction& tx);
/// @return not_found
base::Result<StoredAttachment> find_attachment(Transaction& tx, std::int64_t id);
std::vector<StoredAttachment> attachments_of_message(Transaction& tx, domain::MessageId message);
/// Writes state, reason, media_type, bytes, digest and attempts, unless it was erased meanwhile.
/// @return whether it was still there
bool save_attachment(Transaction& tx, const StoredAttachment& attachment, std::optional<base::Instant> next_try);

/// Of all messages of a ticket, at most `limit`.
std::vector<StoredAttachment> attachments_of_ticket(Transaction& tx, domain::TicketId ticket, std::int64_t limit);

/// A file that an agent wants to send.
struct Upload {
    std::int64_t id = 0;
    domain::TicketId ticket;
    domain::AgentId agent;
    std::string name;
    std::string media_type;
    std::int64_t bytes = 0;
    std::string digest;
    base::Instant at{};
    std::optional<domain::ReplyId> reply; ///< the one that it goes with
    std::int32_t part = 0;                ///< the part of that reply
};
std::int64_t insert_upload(Transaction& tx, const Upload& upload);
/// @return not_found
base::Result<Upload> find_upload(Transaction& tx, std::int64_t id);
/// @return whether it was free.
bool bind_upload(Transaction& tx, std::int64_t id, domain::ReplyId reply, std::int32_t part);
std::optional<Upload> upload_of_part(Transaction& tx, domain::ReplyId reply, std::int32_t part);
std::vector<Upload> uploads_of_reply(Transaction& tx, domain::ReplyId reply);
bool has_unused_uploads(Transaction& tx, base::Instant before);
/// Forgets unused ones from before, with their files. @return how many
std::int64_t forget_unused_uploads(Transaction& tx, base::Instant before, std::int64_t limit);
std::vector<Upload> uploads_of_ticket(Transaction& tx, domain::TicketId ticket, std::int64_t limit);
/// Whether any row still speaks of a file.
bool is_file_used(Transaction& tx, std::string_view digest);

/// A row spoke of a file and does not any more: the file goes too, unless another row does.
void forget_file(Transaction& tx, std::string_view digest);
/// Files to be looked at and removed.
std::vector<std::string> forgotten_files(Transaction& tx, std::int64_t limit);
/// It was looked at.
void file_was_removed(Transaction& tx, std::string_view digest);

} // namespace sportello::storage
