#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>

/// What customers were told by itself while the office was closed, or agents are offered to tell.
namespace sportello::storage {

struct Acknowledgement {
    std::int64_t id = 0;
    std::string channel;
    std::string root_id;
    domain::IdentityId identity; ///< of the person: with channel and root, the conversation
    domain::TicketId ticket;
    std::optional<domain::ReplyId> reply; ///< as sent; nothing: it waits for an agent
    std::string text;
    std::string why; ///< why it was not sent, in words; empty when it was
    base::Instant at{};
};

/// `id` does not count.
std::int64_t insert_acknowledgement(Transaction& tx, const Acknowledgement& acknowledgement);
/// The newest of a conversation.
std::optional<Acknowledgement> last_acknowledgement(Transaction& tx, const domain::Ticket& ticket);
/// The newest of a ticket.
std::optional<Acknowledgement> acknowledgement_of(Transaction& tx, domain::TicketId ticket);

} // namespace sportello::storage
