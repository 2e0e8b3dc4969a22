#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// Notes that the rule fires for the ticket on this occasion. @return false when it has fired on it before.
bool note_firing(Transaction& tx, domain::TicketId ticket, std::string_view rule, std::string_view occasion, base::Instant now);
/// Whether it has.
bool has_fired(Transaction& tx, domain::TicketId ticket, std::string_view rule, std::string_view occasion);
/// It may fire on this occasion again.
void forget_firing(Transaction& tx, domain::TicketId ticket, std::string_view rule, std::string_view occasion);

/// A rule of time that waits for its hour.
struct RuleDue {
    domain::TicketId ticket;
    std::string rule;
    std::string occasion;
    base::Instant since{};
    base::Instant due_at{};
};
std::optional<RuleDue> find_rule_due(Transaction& tx, domain::TicketId ticket, std::string_view rule);
/// One for a ticket and rule: what was there is replaced.
void plan_rule(Transaction& tx, const RuleDue& due);
void drop_rule_due(Transaction& tx, domain::TicketId ticket, std::string_view rule);
/// What is due by `now`, the longest due first.
std::vector<RuleDue> rules_due(Transaction& tx, base::Instant now, std::int64_t limit = 200);
std::optional<base::Instant> next_rule_due(Transaction& tx);

/// The last event that this reader has dealt with; nothing: it has never read.
std::optional<std::int64_t> reader_place(Transaction& tx, std::string_view reader);
void forget_reader(Transaction& tx, std::string_view reader);
void move_reader(Transaction& tx, std::string_view reader, std::int64_t seq);

/// A canned reply that a rule offers to the agent.
struct ReplyProposal {
    std::string canned_reply; ///< its key
    std::string rule;
};
void propose_reply(Transaction& tx, domain::TicketId ticket, std::string_view canned_reply, std::string_view rule, base::Instant now);
std::vector<ReplyProposal> proposals_of(Transaction& tx, domain::TicketId ticket);

/// Customers' messages received since then, oldest first, with the customer's name and handle and whether they had written
/// before. For playing rules; reads page by page.
struct PlayedMessage {
    domain::Message message;
    std::string handle;
    bool known_customer = false;
};
void for_each_received(Transaction& tx, base::Instant since, const std::function<void(const PlayedMessage&)>& each);
/// Whether the person has a ticket that began before.
bool has_written_before(Transaction& tx, domain::IdentityId identity, base::Instant before);

} // namespace sportello::storage
