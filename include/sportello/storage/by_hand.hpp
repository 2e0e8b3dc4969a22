#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// Somebody answers a ticket on the platform itself.
struct ByHand {
    std::int64_t id = 0;
    domain::TicketId ticket;
    domain::AgentId agent;
    std::string channel;
    std::string root_id;
    std::string target_id; ///< the platform id of the message that is answered
    std::string text;      ///< as it was to be written; a person may write it otherwise
    std::string permalink; ///< where; may be empty
    base::Instant since{};
    base::Instant ask_at{};
    std::optional<base::Instant> asked_at; ///< when the agent was asked, as nothing had been seen
    std::optional<base::Instant> ended_at;
    std::string outcome; ///< empty while it waits; "published", "given_up"
};

/// `wait.id` does not count. @return its id; conflict when somebody answers this ticket by hand already.
base::Result<std::int64_t> insert_by_hand(Transaction& tx, const ByHand& wait);
std::optional<ByHand> find_by_hand(Transaction& tx, std::int64_t id);
/// The wait of a ticket that has not ended.
std::optional<ByHand> waiting_by_hand(Transaction& tx, domain::TicketId ticket);
/// Those under one root or conversation that have not ended, oldest first.
std::vector<ByHand> waiting_by_hand_under(Transaction& tx, std::string_view channel, std::string_view root_id);
/// Those whose agent is to be asked by now, the most overdue first.
std::vector<ByHand> by_hand_to_ask(Transaction& tx, base::Instant now, std::int64_t limit = 100);
std::optional<base::Instant> next_by_hand_ask(Transaction& tx);
/// Writes ask_at, asked_at, ended_at and outcome.
void save_by_hand(Transaction& tx, const ByHand& wait);

} // namespace sportello::storage
