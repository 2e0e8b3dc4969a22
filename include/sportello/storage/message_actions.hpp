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
    domain::MessageId message; ///< 0: of a reply that was not read back yet
    domain::TicketId ticket;
    std::string channel;
    std::string kind;      ///< "hide", "unhide", "like", "unlike", "remove"
    std::string target_id; ///< on the platform; empty: the message's present id there
    domain::Visibility visibility = domain::Visibility::public_;
    domain::AgentId agent;
    std::string state = "queued"; ///< "queued", "done", "failed", "replaced" by a later one
    std::string reason;           ///< why failed or tried again, in words
    std::int32_t attempts = 0;
    base::Instant next_try{};
    base::Instant asked_at{};
    std::optional<base::Instant> ended_at;
};

/// Stores it and puts those of the same message that still wait and that it makes pointless into "replaced": hiding and
/// showing take turns, so do liking and taking that back, and deleting ends them all. @return its id
std::int64_t insert_message_action(Transaction& tx, const MessageAction& action);
void save_message_action(Transaction& tx, const MessageAction& action);
base::Result<MessageAction> find_message_action(Transaction& tx, std::int64_t id);
/// The last that was asked for a message.
std::optional<MessageAction> last_action_of(Transaction& tx, domain::MessageId message);
std::vector<MessageAction> due_message_actions(Transaction& tx, base::Instant now, std::int64_t limit = 20);
std::optional<base::Instant> next_message_action(Transaction& tx);
/// Whether an item is being taken off its platform already.
bool is_being_removed(Transaction& tx, std::string_view channel, std::string_view target_id);
/// Who wrote the reply that this message is; nothing: it is none of ours from here.
std::optional<domain::AgentId> author_of_message(Transaction& tx, domain::MessageId message);
/// An item was taken off its platform: if it is stored, it is marked and its text blanked.
void mark_removed(Transaction& tx, std::string_view channel, std::string_view platform_id, base::Instant now);
/// The platform shows the message to hardly anybody, or to all again.
void set_hidden(Transaction& tx, domain::MessageId message, bool hidden);

} // namespace sportello::storage
