#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// Something that is to be done to a message on its platform.
struct MessageAction {
    std::int64_t id = 0;
    domain::MessageId message;
    domain::TicketId ticket;
    std::string channel;
    std::string kind; ///< "hide", "unhide"
    domain::AgentId agent;
    std::string state = "queued"; ///< "queued", "done", "failed", "replaced" by a later one
    std::string reason;           ///< why failed or tried again, in words
    std::int32_t attempts = 0;
    base::Instant next_try{};
    base::Instant asked_at{};
    std::optional<base::Instant> ended_at;
};

/// Stores it and puts those of the same message that still wait into "replaced". @return its id
std::int64_t insert_message_action(Transaction& tx, const MessageAction& action);
void save_message_action(Transaction& tx, const MessageAction& action);
base::Result<MessageAction> find_message_action(Transaction& tx, std::int64_t id);
/// The last that was asked for a message.
std::optional<MessageAction> last_action_of(Transaction& tx, domain::MessageId message);
std::vector<MessageAction> due_message_actions(Transaction& tx, base::Instant now, std::int64_t limit = 20);
std::optional<base::Instant> next_message_action(Transaction& tx);
/// The platform shows the message to hardly anybody, or to all again.
void set_hidden(Transaction& tx, domain::MessageId message, bool hidden);

} // namespace sportello::storage
