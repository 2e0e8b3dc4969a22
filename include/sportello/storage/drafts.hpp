#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What people have begun to write, one text a person, ticket and mode.
namespace sportello::storage {

struct Draft {
    domain::AgentId agent;
    domain::TicketId ticket;
    std::string mode;       ///< "reply", "note"
    std::string visibility; ///< of a reply: "public", "private"; of a note empty
    std::string text;
    base::Instant updated_at{};
};

/// Writes it anew.
void save_draft(Transaction& tx, const Draft& draft);
std::optional<Draft> find_draft(Transaction& tx, domain::AgentId agent, domain::TicketId ticket, std::string_view mode);
/// A person's, by ticket behind `after`.
std::vector<Draft> drafts_of(Transaction& tx, domain::AgentId agent, domain::TicketId after, std::int64_t limit);
void delete_draft(Transaction& tx, domain::AgentId agent, domain::TicketId ticket, std::string_view mode);
/// Everybody's about the ticket: its person is erased.
void delete_drafts_about(Transaction& tx, domain::TicketId ticket);
/// Untouched since `before`. @return how many.
std::int64_t delete_old_drafts(Transaction& tx, base::Instant before);
/// When the oldest was touched.
std::optional<base::Instant> oldest_draft(Transaction& tx);

} // namespace sportello::storage
