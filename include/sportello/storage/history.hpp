#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What happened in a span of time, for reports. Rows are found by their ids, which grow with the time at which they were
/// written, so that nothing older is read and no index has to be kept for it.
namespace sportello::storage {

/// A message that belongs to a ticket; texts are borrowed until the callback returns.
struct PastMessage {
    domain::TicketId ticket;
    std::string_view brand;
    domain::Direction direction = domain::Direction::inbound;
    base::Instant at{}; ///< platform time
};
/// Those received in [from, until), in the order in which they came, at most `limit`.
void for_each_past_message(Transaction& tx, base::Instant from, base::Instant until, std::int64_t limit,
                           const std::function<void(const PastMessage&)>& each);

/// A reply and what its author could have begun to work on when.
struct PastReply {
    std::string_view brand;
    domain::AgentId author;
    base::Instant accepted_at{};
    std::optional<base::Instant> assigned_at; ///< the last time before that the ticket was given to somebody
    std::optional<base::Instant> received_at; ///< the customer's newest message that it could answer
};
/// Those accepted in [from, until), oldest first, at most `limit`.
void for_each_past_reply(Transaction& tx, base::Instant from, base::Instant until, std::int64_t limit,
                         const std::function<void(const PastReply&)>& each);

/// First responses of a brand.
struct PastResponses {
    std::string brand;
    std::int64_t answered = 0;
    std::int64_t office_seconds = 0; ///< the sum
};
std::vector<PastResponses> past_responses(Transaction& tx, base::Instant from, base::Instant until);

} // namespace sportello::storage
