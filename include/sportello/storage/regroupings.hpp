#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Merges and splits of tickets, with what moved, so that they can be taken back.
namespace sportello::storage {

struct Regrouping {
    std::int64_t id = 0;
    bool split = false;    ///< else a merge
    domain::TicketId from; ///< merge: stands aside now; split: what was moved stood there
    domain::TicketId to;   ///< where it is now
    domain::AgentId agent;
    base::Instant at{};
    std::string from_clocks; ///< JSON: what moving back cannot compute anew
    std::string to_clocks;
    std::vector<std::string> from_labels; ///< before
    std::vector<std::string> to_labels;
    std::optional<base::Instant> undone_at;
};

/// `regrouping.id` does not count. @return its id.
std::int64_t insert_regrouping(Transaction& tx, const Regrouping& regrouping);
/// The newest merge of a ticket into another, or the split that made it.
std::optional<Regrouping> last_merge_of(Transaction& tx, domain::TicketId from);
std::optional<Regrouping> split_that_made(Transaction& tx, domain::TicketId to);
/// The newest regrouping in which one of these tickets takes part and that is not taken back.
std::optional<Regrouping> last_regrouping_with(Transaction& tx, domain::TicketId one, domain::TicketId other);
void mark_undone(Transaction& tx, std::int64_t regrouping, base::Instant now);

/// Moves all messages, replies, notes and hand-overs of `from` to `to`, and notes which.
void move_everything(Transaction& tx, std::int64_t regrouping, domain::TicketId from, domain::TicketId to);
/// Moves these messages, the company's answers to them and the replies that they became.
void move_messages(Transaction& tx, std::int64_t regrouping, std::span<const domain::Message> messages, domain::TicketId to);
/// Moves what was noted back from `to` to `from`, as far as it is still there.
void move_back(Transaction& tx, std::int64_t regrouping, domain::TicketId to, domain::TicketId from);
/// Moves whatever is left in `from` to `to`.
void move_rest(Transaction& tx, domain::TicketId from, domain::TicketId to);
/// What customers wrote in `to` after the regrouping, under the roots and by the authors of what it moved, goes along.
void follow_back(Transaction& tx, std::int64_t regrouping, domain::TicketId to, domain::TicketId from);

/// Whether a reply accepted in `to` after the regrouping answers something that it moved.
bool answered_since(Transaction& tx, std::int64_t regrouping, domain::TicketId to);
/// Whether a reply of the ticket is queued, on its way, or not known to be out.
bool has_unsettled_reply(Transaction& tx, domain::TicketId ticket);

} // namespace sportello::storage
