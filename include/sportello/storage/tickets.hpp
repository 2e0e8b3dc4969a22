#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sportello::storage {

/// @return not_found when there is none.
base::Result<domain::Ticket> find_ticket(Transaction& tx, domain::TicketId id);

/// The customer's ticket of this channel and visibility that is in work and was last written in at or after `since`.
std::optional<domain::TicketId> open_ticket_of(Transaction& tx, domain::CustomerId customer, std::string_view channel,
                                               domain::Visibility visibility, base::Instant since);
/// The ticket in which this person was last asked to write in private, or was answered there, at or after `since`; it is
/// not closed.
std::optional<domain::TicketId> inviting_ticket_of(Transaction& tx, domain::IdentityId identity, std::string_view channel,
                                                   base::Instant since);

/// Tickets of a brand that were solved at or before `solved_until`, the first solved first.
std::vector<domain::Ticket> solved_tickets(Transaction& tx, std::string_view brand, base::Instant solved_until, std::int64_t limit);
/// When the first of a brand's solved tickets was solved.
std::optional<base::Instant> first_solved(Transaction& tx, std::string_view brand);

/// Tickets that were merged into this one and still are.
std::vector<domain::TicketId> merged_into(Transaction& tx, domain::TicketId id);

/// A person worded the ticket's subject.
void note_subject(Transaction& tx, domain::TicketId id, domain::AgentId agent, base::Instant now);
bool is_subject_worded(Transaction& tx, domain::TicketId id);

/// Stores a new ticket; `ticket.id` does not count. @return its id.
/// @param opened_why  in words, for the timeline.
domain::TicketId insert_ticket(Transaction& tx, const domain::Ticket& ticket, std::string_view opened_why);

/// Why the ticket was opened, in words; empty when there is no such ticket.
std::string opened_why(Transaction& tx, domain::TicketId id);

/// Writes every field of the ticket and counts its revision up. `ticket.revision` is the one that was read and becomes the
/// new one. @return conflict when somebody else changed the ticket since it was read.
/// @param before  the ticket as it was read, if at hand: then only the indexes that change are touched.
base::Result<void> save_ticket(Transaction& tx, domain::Ticket& ticket, const domain::Ticket* before = nullptr);

/// The place in the queue, as domain/queue_order.hpp has it; nothing when the ticket does not wait (not new or open, or
/// snoozed). Smaller is sooner.
[[nodiscard]] std::optional<std::int64_t> queue_rank(const domain::Ticket& ticket);

/// A place in the queue's order.
struct QueuePlace {
    std::int64_t rank = 0;
    domain::TicketId id;
};
/// Tickets of the queue of these brands that nobody has, in its order.
/// @param after  only those behind this place
std::vector<domain::Ticket> waiting_unassigned(Transaction& tx, const std::vector<std::string>& brands, std::int64_t limit,
                                               const std::optional<QueuePlace>& after = std::nullopt);
/// How many there are.
std::int64_t waiting_unassigned_count(Transaction& tx, const std::vector<std::string>& brands);
/// An agent's tickets of the queue, in its order.
std::vector<domain::Ticket> queue_of(Transaction& tx, domain::AgentId agent);
/// An agent's tickets that are neither solved nor closed, whether they wait or not.
std::vector<domain::Ticket> unfinished_of(Transaction& tx, domain::AgentId agent);
/// Each ticket of the queue that somebody has, with its labels.
void for_each_assigned(Transaction& tx, const std::function<void(domain::AgentId, const std::vector<std::string>&)>& each);
/// What this agent should do next: the first of the queue that is the agent's own or nobody's.
/// @param brands  that the agent may see; empty: all
std::optional<domain::Ticket> most_urgent_for(Transaction& tx, domain::AgentId agent, const std::vector<std::string>& brands);

struct AgentLoad {
    domain::AgentId agent;
    std::int64_t open_tickets = 0; ///< new and open, not snoozed
};
/// Agents who have at least one open ticket.
std::vector<AgentLoad> open_load(Transaction& tx);

/// Tickets whose snooze has ended.
std::vector<domain::Ticket> due_snoozes(Transaction& tx, base::Instant now, std::int64_t limit = 100);
std::optional<base::Instant> next_snooze(Transaction& tx);

/// Sorted labels. A label is not empty and has no line break.
std::vector<std::string> labels_of(Transaction& tx, domain::TicketId id);
/// Replaces the labels; does not touch the ticket's revision.
void set_labels(Transaction& tx, domain::TicketId id, std::vector<std::string> labels);

enum class TicketSort {
    due,    ///< the queue's order; lists only what waits in the queue (new or open, not snoozed)
    updated ///< last changed first
};

/// What a list shows. An empty list of words means all.
struct TicketFilter {
    struct Anyone {};
    struct Nobody {};
    std::vector<domain::TicketStatus> statuses;
    std::vector<std::string> brands; ///< also the scope of the person who asks
    std::variant<Anyone, Nobody, domain::AgentId> assignee;
    std::optional<std::string> channel;
    std::optional<domain::Priority> priority;
    std::optional<std::string> label;
    std::optional<domain::CustomerId> customer;
    /// "spam", "noise", "incident", "merged": only what stands apart so. Nothing: spam and noise are left out, unless one
    /// customer's tickets are asked for.
    std::optional<std::string> aside;
    std::optional<base::Instant> overdue_at; ///< only tickets in the queue that were due before this instant
    std::optional<bool> snoozed;             ///< only those that are put off to a time that has not come, or only the others
    TicketSort sort = TicketSort::updated;
};

/// The place after a row: what the next page starts behind. Opaque to others: take it from a row.
struct TicketCursor {
    std::int64_t key = 0; ///< queue rank or microseconds of the update, by the sort
    std::int64_t id = 0;
};

/// One line of a list; texts are borrowed until the callback returns.
struct TicketRow {
    domain::TicketId id;
    std::string_view brand;
    std::string_view channel;
    std::string_view platform; ///< words of model.hpp
    std::string_view visibility;
    std::string_view root_id;
    std::string_view status;
    domain::Priority priority = domain::Priority::normal;
    std::string_view subject;
    std::optional<domain::AgentId> assignee;
    std::string_view assignee_name; ///< empty when nobody
    std::string_view assigned_why;
    domain::CustomerId customer;
    std::string_view customer_name;
    std::string_view customer_handle;
    base::Instant created_at{};
    base::Instant updated_at{};
    base::Instant last_inbound_at{};
    std::optional<domain::MessageId> last_inbound;
    std::optional<base::Instant> waiting_since;
    std::optional<base::Instant> first_response_at;
    std::optional<std::int64_t> first_response_office_seconds;
    std::optional<base::Instant> due_at;
    std::optional<base::Instant> snoozed_until;
    std::string_view last_text;
    base::Instant last_at{};
    std::string_view last_direction;
    std::int32_t message_count = 0;
    std::int32_t inbound_count = 0;
    std::int32_t revision = 1;
    std::string_view labels; ///< one a line, sorted; empty when none
    std::string_view aside;  ///< as in Ticket
    std::string_view language;
    std::optional<domain::IncidentId> incident; ///< that it is a member of
    TicketCursor cursor;
};

/// Calls `each` for up to `limit` rows in the filter's order, beginning behind `after`. The order is total, so pages
/// neither repeat nor skip a ticket that does not itself move. Cost follows the page, not the number of tickets.
void for_each_ticket_row(Transaction& tx, const TicketFilter& filter, std::optional<TicketCursor> after, std::int64_t limit,
                         const std::function<void(const TicketRow&)>& each);

/// The one row of a ticket. @return whether there is such a ticket.
bool with_ticket_row(Transaction& tx, domain::TicketId id, const std::function<void(const TicketRow&)>& each);

} // namespace sportello::storage
