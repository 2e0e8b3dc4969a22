#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The audit: append-only, each row chained to the one before by a hash.
namespace sportello::storage {

/// Who did what to what.
struct AuditEntry {
    std::int64_t seq = 0; ///< given by append_audit
    base::Instant at{};
    std::optional<domain::AgentId> actor; ///< nothing: the server's operator, on the console
    std::string action;                   ///< "webhook.created"
    std::string object;                   ///< "webhook"; may be empty
    std::string object_id;
    std::string brand;  ///< empty: no brand's own
    std::string from;   ///< the address; empty: the console
    std::string reason; ///< that the person gave
    std::string before; ///< JSON, no secrets and nobody's personal data; empty: nothing to tell
    std::string after;
    std::string hash;       ///< given by append_audit
    std::string actor_name; ///< read only
};
/// @return the entry's seq.
std::int64_t append_audit(Transaction& tx, AuditEntry entry);

/// Empty when there is no such ticket.
std::string brand_of_ticket(Transaction& tx, domain::TicketId ticket);

struct AuditFilter {
    std::optional<domain::AgentId> actor;
    std::string action;              ///< empty: any
    std::string object;              ///< empty: any
    std::string object_id;           ///< only with object
    std::vector<std::string> brands; ///< empty: all; else what is of one of these
    std::optional<base::Instant> since;
    std::optional<base::Instant> until; ///< exclusive
};
/// Newest first, those before `before` (0: from the newest).
std::vector<AuditEntry> audit_entries(Transaction& tx, const AuditFilter& filter, std::int64_t before, std::int64_t limit);

/// How far the chain holds.
struct AuditCheck {
    std::int64_t entries = 0;
    std::int64_t last_seq = 0;
    std::string last_hash;
    std::string flaw; ///< empty: it holds from end to end
};
/// Reads all of it. Whoever kept an earlier end of the chain elsewhere can tell that nothing was cut off since:
/// @param expected_seq   0: nothing is expected
/// @param expected_hash  of that entry
AuditCheck check_audit(Transaction& tx, std::int64_t expected_seq, std::string_view expected_hash);

} // namespace sportello::storage
