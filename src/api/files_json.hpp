#pragma once

#include "json_writer.hpp"

#include <sportello/domain/model.hpp>
#include <sportello/storage/attachments.hpp>
#include <sportello/storage/transaction.hpp>

#include <map>
#include <vector>

namespace sportello::api {

/// The files of one ticket: what its customer sent and what went out with replies.
class TicketFiles {
public:
    TicketFiles(storage::Transaction& tx, domain::TicketId ticket);

    /// `"attachments": […]` of a message or a reply.
    void write(JsonWriter& json, bool is_reply, std::int64_t id) const;

private:
    std::map<std::int64_t, std::vector<storage::StoredAttachment>> of_message_;
    std::map<std::int64_t, std::vector<storage::Upload>> of_reply_;
};

/// `{id, kind, name, media_type, bytes, state, reason, url, picture}`
void write_attachment(JsonWriter& json, const storage::StoredAttachment& attachment);
void write_upload(JsonWriter& json, const storage::Upload& upload);

} // namespace sportello::api
