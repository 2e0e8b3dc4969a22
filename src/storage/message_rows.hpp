#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

// The columns of a message `m`, in the order in which message_at reads them.
#define SPORTELLO_MESSAGE_COLUMNS                                                                                                          \
    "m.id, m.channel, m.brand, m.platform, m.platform_id, m.kind, m.visibility, m.direction, m.identity_id, "                              \
    "m.author_name, m.text, m.parent_id, m.root_id, m.recipient_id, m.permalink, m.at, m.received_at, m.edited_at, "                       \
    "m.deleted_at, m.revision, m.ticket_id, m.reply_id, m.implicit_mention, m.hidden"

namespace sportello::storage {

inline constexpr int message_column_count = 24;

domain::Message message_at(const Row& row);

} // namespace sportello::storage
