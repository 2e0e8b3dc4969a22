#include <sportello/storage/attachments.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_ATTACHMENT_COLUMNS                                                                                                       \
    "a.id, a.message_id, m.ticket_id, m.platform, a.type, a.url, a.name, a.state, a.reason, a.media_type, a.bytes, a.digest, a.attempts"
#define SPORTELLO_UPLOAD_COLUMNS "id, ticket_id, agent_id, name, media_type, bytes, digest, at, reply_id, part"

const Statement to_fetch{"SELECT " SPORTELLO_ATTACHMENT_COLUMNS " FROM attachment a JOIN message m ON m.id = a.message_id "
                         "WHERE a.next_try <= $1 ORDER BY a.next_try, a.id LIMIT $2"};
const Statement next_fetch{"SELECT next_try FROM attachment WHERE next_try IS NOT NULL ORDER BY next_try, id LIMIT 1"};
const Statement one_attachment{"SELECT " SPORTELLO_ATTACHMENT_COLUMNS
                               " FROM attachment a JOIN message m ON m.id = a.message_id WHERE a.id = $1"};
const Statement of_message{"SELECT " SPORTELLO_ATTACHMENT_COLUMNS " FROM attachment a JOIN message m ON m.id = a.message_id "
                           "WHERE a.message_id = $1 ORDER BY a.id"};
const Statement of_ticket{"SELECT " SPORTELLO_ATTACHMENT_COLUMNS " FROM message m JOIN attachment a ON a.message_id = m.id "
                          "WHERE m.ticket_id = $1 ORDER BY a.id LIMIT $2"};
const Statement uploads_in_ticket{"SELECT " SPORTELLO_UPLOAD_COLUMNS " FROM upload WHERE ticket_id = $1 AND reply_id IS NOT NULL "
                                  "ORDER BY id LIMIT $2"};
const Statement update_attachment{"UPDATE attachment SET state = $2, reason = $3, media_type = $4, bytes = $5, digest = $6, attempts = $7, "
                                  "next_try = $8 WHERE id = $1 AND state <> 'erased'"};
const Statement insert_attachment{"INSERT INTO upload (ticket_id, agent_id, name, media_type, bytes, digest, at, part) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, 0) RETURNING id"};
const Statement one_upload{"SELECT " SPORTELLO_UPLOAD_COLUMNS " FROM upload WHERE id = $1"};
const Statement bind_one{"UPDATE upload SET reply_id = $2, part = $3 WHERE id = $1 AND reply_id IS NULL"};
const Statement of_part{"SELECT " SPORTELLO_UPLOAD_COLUMNS " FROM upload WHERE reply_id = $1 AND part = $2"};
const Statement of_reply{"SELECT " SPORTELLO_UPLOAD_COLUMNS " FROM upload WHERE reply_id = $1 ORDER BY part, id"};
const Statement unused_ones{"SELECT id, digest FROM upload WHERE reply_id IS NULL AND at < $1 ORDER BY at, id LIMIT $2"};
const Statement delete_one{"DELETE FROM upload WHERE id = $1"};
const Statement attachment_with{"SELECT 1 FROM attachment WHERE digest <> '' AND digest = $1 LIMIT 1"};
const Statement upload_with{"SELECT 1 FROM upload WHERE digest <> '' AND digest = $1 LIMIT 1"};
const Statement insert_forgotten{"INSERT INTO forgotten_file (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING"};
const Statement forgotten_ones{"SELECT digest FROM forgotten_file ORDER BY digest LIMIT $1"};
const Statement delete_forgotten{"DELETE FROM forgotten_file WHERE digest = $1"};

StoredAttachment attachment_at(const Row& row)
{
    return {.id = row.number(0),
            .message = id_at<domain::MessageId>(row, 1),
            .ticket = maybe_id_at<domain::TicketId>(row, 2),
            .platform = platform_at(row, 3),
            .type = row.string(4),
            .url = row.string(5),
            .name = row.string(6),
            .state = row.string(7),
            .reason = row.string(8),
            .media_type = row.string(9),
            .bytes = row.number(10),
            .digest = row.string(11),
            .attempts = small_number_at(row, 12)};
}

Upload upload_at(const Row& row)
{
    return {.id = row.number(0),
            .ticket = id_at<domain::TicketId>(row, 1),
            .agent = id_at<domain::AgentId>(row, 2),
            .name = row.string(3),
            .media_type = row.string(4),
            .bytes = row.number(5),
            .digest = row.string(6),
            .at = row.instant(7),
            .reply = maybe_id_at<domain::ReplyId>(row, 8),
            .part = small_number_at(row, 9)};
}

} // namespace

std::vector<StoredAttachment> attachments_to_fetch(Transaction& tx, base::Instant now, std::int64_t limit)
{
    return tx.all(to_fetch, attachment_at, now, limit);
}

std::optional<base::Instant> next_attachment_fetch(Transaction& tx)
{
    return tx.first(next_fetch, [](const Row& row) { return row.instant(0); });
}

base::Result<StoredAttachment> find_attachment(Transaction& tx, std::int64_t id)
{
    auto found = tx.first(one_attachment, attachment_at, id);
    if (!found) return base::Error(base::ErrorKind::not_found, "there is no attachment " + std::to_string(id));
    return std::move(*found);
}

std::vector<StoredAttachment> attachments_of_message(Transaction& tx, domain::MessageId message)
{
    return tx.all(of_message, attachment_at, message);
}

bool save_attachment(Transaction& tx, const StoredAttachment& attachment, std::optional<base::Instant> next_try)
{
    return tx.run(update_attachment, attachment.id, attachment.state, attachment.reason, attachment.media_type, attachment.bytes,
                  attachment.digest, attachment.attempts, next_try) > 0;
}

std::int64_t insert_upload(Transaction& tx, const Upload& upload)
{
    const auto id = tx.first(insert_attachment, first_number, upload.ticket, upload.agent, upload.name, upload.media_type, upload.bytes,
                             upload.digest, upload.at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

base::Result<Upload> find_upload(Transaction& tx, std::int64_t id)
{
    auto found = tx.first(one_upload, upload_at, id);
    if (!found) return base::Error(base::ErrorKind::not_found, "there is no upload " + std::to_string(id));
    return std::move(*found);
}

bool bind_upload(Transaction& tx, std::int64_t id, domain::ReplyId reply, std::int32_t part)
{
    return tx.run(bind_one, id, reply, part) > 0;
}

std::optional<Upload> upload_of_part(Transaction& tx, domain::ReplyId reply, std::int32_t part)
{
    return tx.first(of_part, upload_at, reply, part);
}

std::vector<Upload> uploads_of_reply(Transaction& tx, domain::ReplyId reply)
{
    return tx.all(of_reply, upload_at, reply);
}

std::int64_t forget_unused_uploads(Transaction& tx, base::Instant before, std::int64_t limit)
{
    const auto old = tx.all(
        unused_ones, [](const Row& row) { return std::pair(row.number(0), row.string(1)); }, before, limit);
    for (const auto& [id, digest] : old) {
        tx.run(delete_one, id);
        forget_file(tx, digest);
    }
    return std::ssize(old);
}

void forget_file(Transaction& tx, std::string_view digest)
{
    if (!digest.empty()) tx.run(insert_forgotten, digest);
}

std::vector<std::string> forgotten_files(Transaction& tx, std::int64_t limit)
{
    return tx.all(
        forgotten_ones, [](const Row& row) { return row.string(0); }, limit);
}

void file_was_removed(Transaction& tx, std::string_view digest)
{
    tx.run(delete_forgotten, digest);
}

bool has_unused_uploads(Transaction& tx, base::Instant before)
{
    return tx.first(unused_ones, first_number, before, std::int64_t{1}).has_value();
}

std::vector<StoredAttachment> attachments_of_ticket(Transaction& tx, domain::TicketId ticket, std::int64_t limit)
{
    return tx.all(of_ticket, attachment_at, ticket, limit);
}

std::vector<Upload> uploads_of_ticket(Transaction& tx, domain::TicketId ticket, std::int64_t limit)
{
    return tx.all(uploads_in_ticket, upload_at, ticket, limit);
}

bool is_file_used(Transaction& tx, std::string_view digest)
{
    return tx.first(attachment_with, first_number, digest).has_value() || tx.first(upload_with, first_number, digest).has_value();
}

} // namespace sportello::storage
