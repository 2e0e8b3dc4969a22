#include <sportello/storage/tickets.hpp>

#include <sportello/domain/queue_order.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using domain::Ticket;
using domain::TicketId;
using domain::TicketStatus;

// The columns of a ticket `t`, in the order in which ticket_at reads them.
#define SPORTELLO_TICKET_COLUMNS                                                                                                           \
    "t.id, t.brand, t.channel, t.platform, t.visibility, t.identity_id, t.customer_id, t.root_id, t.status, t.priority, "                  \
    "t.subject, t.assignee_id, t.assigned_why, t.created_at, t.updated_at, t.first_inbound_at, t.last_inbound_at, "                        \
    "t.last_inbound_message_id, t.waiting_since, t.first_response_at, t.first_response_office_seconds, t.due_at, "                         \
    "t.snoozed_until, t.last_text, t.last_at, t.last_direction, t.message_count, t.revision, t.team, t.language, t.aside, "                \
    "t.status_reason, t.priority_why, t.solved_at, t.closed_at, t.merged_into, t.follow_up_of, t.incident_id, "                            \
    "t.resolution_spent, t.resolution_running_since, t.resolution_due_at, t.route_ends_at, t.alarm_at, t.breached_at, t.promised_at, "     \
    "t.inbound_count"

const Statement ticket_by_id{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.id = $1"};
const Statement opening_reason{"SELECT opened_why FROM ticket WHERE id = $1"};
// One status after the other, as the index has it.
const Statement open_of_customer{"SELECT id FROM ticket WHERE customer_id = $1 AND status IN ('new', 'open', 'pending', 'on_hold') "
                                 "AND channel = $2 AND visibility = $3 AND last_at >= $4 AND aside IN ('', 'incident') "
                                 "ORDER BY last_at DESC, id DESC LIMIT 1"};
const Statement inviting{"SELECT t.id FROM ticket t JOIN reply r ON r.ticket_id = t.id "
                         "WHERE t.identity_id = $1 AND t.channel = $2 AND t.status <> 'closed' "
                         "AND r.route IN ('invitation', 'private_reply') AND r.state IN ('published', 'unknown', 'needs_decision') "
                         "AND coalesce(r.published_at, r.accepted_at) >= $3 "
                         "ORDER BY coalesce(r.published_at, r.accepted_at) DESC, r.id DESC LIMIT 1"};
const Statement solved_of_brand{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.status = 'solved' AND t.brand = $1 "
                                "AND t.solved_at <= $2 ORDER BY t.solved_at, t.id LIMIT $3"};
const Statement first_solved_of_brand{"SELECT solved_at FROM ticket WHERE status = 'solved' AND brand = $1 AND solved_at IS NOT NULL "
                                      "ORDER BY solved_at, id LIMIT 1"};
const Statement merged_ones{"SELECT id FROM ticket WHERE merged_into = $1 ORDER BY id"};
const Statement word_subject{"INSERT INTO ticket_subject (ticket_id, agent_id, at) VALUES ($1, $2, $3) "
                             "ON CONFLICT (ticket_id) DO UPDATE SET agent_id = excluded.agent_id, at = excluded.at"};
const Statement worded_subject{"SELECT 1 FROM ticket_subject WHERE ticket_id = $1"};
const Statement unassigned_of_brand{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.queue_rank IS NOT NULL "
                                    "AND t.assignee_id IS NULL AND t.brand = $1 ORDER BY t.queue_rank, t.id LIMIT $2"};
const Statement unassigned_of_brand_after{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.queue_rank IS NOT NULL "
                                          "AND t.assignee_id IS NULL AND t.brand = $1 AND (t.queue_rank, t.id) > ($3, $4) "
                                          "ORDER BY t.queue_rank, t.id LIMIT $2"};
const Statement count_unassigned{"SELECT count(*) FROM ticket WHERE queue_rank IS NOT NULL AND assignee_id IS NULL AND brand = $1"};
const Statement work_of_assignees{"SELECT assignee_id, labels FROM ticket WHERE queue_rank IS NOT NULL AND assignee_id IS NOT NULL"};
const Statement unassigned{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.queue_rank IS NOT NULL "
                           "AND t.assignee_id IS NULL ORDER BY t.queue_rank, t.id LIMIT 1"};
const Statement queue_of_agent{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.queue_rank IS NOT NULL "
                               "AND t.assignee_id = $1 ORDER BY t.queue_rank, t.id"};
const Statement unfinished_of_agent{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.assignee_id = $1 "
                                    "AND t.status IN ('new', 'open', 'pending', 'on_hold') ORDER BY t.id"};
const Statement snoozes_until{"SELECT " SPORTELLO_TICKET_COLUMNS " FROM ticket t WHERE t.snoozed_until IS NOT NULL "
                              "AND t.snoozed_until <= $1 ORDER BY t.snoozed_until, t.id LIMIT $2"};
const Statement first_snooze{"SELECT snoozed_until FROM ticket WHERE snoozed_until IS NOT NULL "
                             "ORDER BY snoozed_until, id LIMIT 1"};
const Statement load{"SELECT assignee_id, count(*) FROM ticket WHERE queue_rank IS NOT NULL AND assignee_id IS NOT NULL "
                     "GROUP BY assignee_id"};

const Statement insert_ticket_row{
    "INSERT INTO ticket (brand, channel, platform, visibility, identity_id, customer_id, root_id, status, priority, subject, "
    "assignee_id, assigned_why, opened_why, created_at, updated_at, first_inbound_at, last_inbound_at, "
    "last_inbound_message_id, waiting_since, first_response_at, first_response_office_seconds, due_at, snoozed_until, "
    "last_text, last_at, last_direction, message_count, revision, queue_rank, team, language, aside, status_reason, priority_why, "
    "solved_at, closed_at, merged_into, follow_up_of, incident_id, resolution_spent, resolution_running_since, resolution_due_at, "
    "route_ends_at, alarm_at, breached_at, promised_at, inbound_count) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, "
    "$25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47) RETURNING id"};

const Statement update_all{
    "UPDATE ticket SET status = $3, priority = $4, subject = $5, assignee_id = $6, assigned_why = $7, updated_at = $8, "
    "first_inbound_at = $9, last_inbound_at = $10, last_inbound_message_id = $11, waiting_since = $12, "
    "first_response_at = $13, first_response_office_seconds = $14, due_at = $15, snoozed_until = $16, last_text = $17, "
    "last_at = $18, last_direction = $19, message_count = $20, customer_id = $21, queue_rank = $22, "
    "team = $23, language = $24, aside = $25, status_reason = $26, priority_why = $27, solved_at = $28, closed_at = $29, "
    "merged_into = $30, follow_up_of = $31, incident_id = $32, resolution_spent = $33, resolution_running_since = $34, "
    "resolution_due_at = $35, route_ends_at = $36, alarm_at = $37, breached_at = $38, promised_at = $39, inbound_count = $40, revision = "
    "$2 + 1 "
    "WHERE id = $1 AND revision = $2 RETURNING labels"};

// The same for a ticket whose place in the lists moves only by its update: the other indexes are left alone.
const Statement update_in_place{
    "UPDATE ticket SET subject = $3, assigned_why = $4, updated_at = $5, first_inbound_at = $6, last_inbound_at = $7, "
    "last_inbound_message_id = $8, due_at = $9, last_text = $10, last_at = $11, last_direction = $12, message_count = $13, "
    "language = $14, status_reason = $15, priority_why = $16, resolution_spent = $17, resolution_running_since = $18, "
    "resolution_due_at = $19, breached_at = $20, promised_at = $21, inbound_count = $22, "
    "revision = $2 + 1 WHERE id = $1 AND revision = $2 RETURNING labels"};

const Statement follow_labels{"UPDATE ticket_label SET status = $2, updated_at = $3, queue_rank = $4 WHERE ticket_id = $1"};

const Statement labels_by_ticket{"SELECT label FROM ticket_label WHERE ticket_id = $1 ORDER BY label"};
const Statement drop_labels{"DELETE FROM ticket_label WHERE ticket_id = $1"};
const Statement insert_label{"INSERT INTO ticket_label (ticket_id, label, status, updated_at, queue_rank) "
                             "SELECT id, CAST($2 AS TEXT), status, updated_at, queue_rank FROM ticket WHERE id = $1"};
const Statement note_labels{"UPDATE ticket SET labels = $2 WHERE id = $1"};

Ticket ticket_at(const Row& row)
{
    Ticket ticket;
    ticket.id = id_at<TicketId>(row, 0);
    ticket.brand = row.string(1);
    ticket.channel = row.string(2);
    ticket.platform = platform_at(row, 3);
    ticket.visibility = visibility_at(row, 4);
    ticket.identity = id_at<domain::IdentityId>(row, 5);
    ticket.customer = id_at<domain::CustomerId>(row, 6);
    ticket.root_id = row.string(7);
    ticket.status = known_word(domain::parse_ticket_status(row.text(8)), row.text(8));
    ticket.priority = static_cast<domain::Priority>(row.number(9));
    ticket.subject = row.string(10);
    ticket.assignee = maybe_id_at<domain::AgentId>(row, 11);
    ticket.assigned_why = row.string(12);
    ticket.created_at = row.instant(13);
    ticket.updated_at = row.instant(14);
    ticket.first_inbound_at = row.instant(15);
    ticket.last_inbound_at = row.instant(16);
    ticket.last_inbound = maybe_id_at<domain::MessageId>(row, 17);
    ticket.waiting_since = row.maybe_instant(18);
    ticket.first_response_at = row.maybe_instant(19);
    ticket.first_response_office_seconds = row.maybe_number(20);
    ticket.due_at = row.maybe_instant(21);
    ticket.snoozed_until = row.maybe_instant(22);
    ticket.last_text = row.string(23);
    ticket.last_at = row.instant(24);
    ticket.last_direction = direction_at(row, 25);
    ticket.message_count = small_number_at(row, 26);
    ticket.revision = small_number_at(row, 27);
    ticket.team = row.string(28);
    ticket.language = row.string(29);
    ticket.aside = row.string(30);
    ticket.status_reason = row.string(31);
    ticket.priority_why = row.string(32);
    ticket.solved_at = row.maybe_instant(33);
    ticket.closed_at = row.maybe_instant(34);
    ticket.merged_into = maybe_id_at<TicketId>(row, 35);
    ticket.follow_up_of = maybe_id_at<TicketId>(row, 36);
    ticket.incident = maybe_id_at<domain::IncidentId>(row, 37);
    ticket.resolution_spent = base::Duration(row.number(38));
    ticket.resolution_running_since = row.maybe_instant(39);
    ticket.resolution_due_at = row.maybe_instant(40);
    ticket.route_ends_at = row.maybe_instant(41);
    ticket.alarm_at = row.maybe_instant(42);
    ticket.breached_at = row.maybe_instant(43);
    ticket.promised_at = row.maybe_instant(44);
    ticket.inbound_count = small_number_at(row, 45);
    return ticket;
}

TicketId first_ticket_id(const Row& row)
{
    return id_at<TicketId>(row, 0);
}

bool is_sooner(const Ticket& a, const Ticket& b)
{
    return std::pair(queue_rank(a), a.id) < std::pair(queue_rank(b), b.id);
}

std::optional<Ticket> first_of_agent(Transaction& tx, domain::AgentId agent, const std::vector<std::string>& brands)
{
    std::optional<Ticket> found;
    const Value values[] = {agent.value};
    tx.execute(queue_of_agent, values, [&](const Row& row) {
        const bool may_see = brands.empty() || std::find(brands.begin(), brands.end(), row.text(1)) != brands.end();
        if (may_see) found = ticket_at(row);
        return !found;
    });
    return found;
}

std::optional<Ticket> first_of_nobody(Transaction& tx, const std::vector<std::string>& brands)
{
    if (brands.empty()) return tx.first(unassigned, ticket_at);
    auto waiting = waiting_unassigned(tx, brands, 1);
    return waiting.empty() ? std::nullopt : std::optional(std::move(waiting.front()));
}

/// Whether no index but those by update has to move.
bool keeps_its_place(const Ticket& before, const Ticket& after)
{
    const auto place = [](const Ticket& t) {
        return std::tuple(t.status, t.priority, t.assignee, t.waiting_since, t.first_response_at, t.first_response_office_seconds,
                          t.snoozed_until, t.customer, t.team, t.aside, t.solved_at, t.closed_at, t.merged_into, t.follow_up_of, t.incident,
                          t.route_ends_at, t.alarm_at, queue_rank(t));
    };
    return place(before) == place(after);
}

/// @return the ticket's labels, or nothing when another revision is stored.
std::optional<std::string> update_row(Transaction& tx, const Ticket& t, bool in_place)
{
    const auto labels = [](const Row& row) { return row.string(0); };
    if (in_place) {
        return tx.first(update_in_place, labels, t.id, t.revision, t.subject, t.assigned_why, t.updated_at, t.first_inbound_at,
                        t.last_inbound_at, t.last_inbound, t.due_at, t.last_text, t.last_at, to_string(t.last_direction), t.message_count,
                        t.language, t.status_reason, t.priority_why, t.resolution_spent.count(), t.resolution_running_since,
                        t.resolution_due_at, t.breached_at, t.promised_at, t.inbound_count);
    }
    return tx.first(update_all, labels, t.id, t.revision, to_string(t.status), static_cast<std::int64_t>(t.priority), t.subject, t.assignee,
                    t.assigned_why, t.updated_at, t.first_inbound_at, t.last_inbound_at, t.last_inbound, t.waiting_since,
                    t.first_response_at, t.first_response_office_seconds, t.due_at, t.snoozed_until, t.last_text, t.last_at,
                    to_string(t.last_direction), t.message_count, t.customer, queue_rank(t), t.team, t.language, t.aside, t.status_reason,
                    t.priority_why, t.solved_at, t.closed_at, t.merged_into, t.follow_up_of, t.incident, t.resolution_spent.count(),
                    t.resolution_running_since, t.resolution_due_at, t.route_ends_at, t.alarm_at, t.breached_at, t.promised_at,
                    t.inbound_count);
}

} // namespace

std::optional<std::int64_t> queue_rank(const Ticket& ticket)
{
    return domain::queue_number(ticket);
}

Result<Ticket> find_ticket(Transaction& tx, TicketId id)
{
    auto found = tx.first(ticket_by_id, ticket_at, id);
    if (!found) return Error(ErrorKind::not_found, "no ticket " + std::to_string(id.value));
    return std::move(*found);
}

std::optional<TicketId> open_ticket_of(Transaction& tx, domain::CustomerId customer, std::string_view channel,
                                       domain::Visibility visibility, Instant since)
{
    return tx.first(open_of_customer, first_ticket_id, customer, channel, to_string(visibility), since);
}

std::optional<TicketId> inviting_ticket_of(Transaction& tx, domain::IdentityId identity, std::string_view channel, Instant since)
{
    return tx.first(inviting, first_ticket_id, identity, channel, since);
}

std::vector<Ticket> solved_tickets(Transaction& tx, std::string_view brand, Instant solved_until, std::int64_t limit)
{
    return tx.all(solved_of_brand, ticket_at, brand, solved_until, limit);
}

std::optional<Instant> first_solved(Transaction& tx, std::string_view brand)
{
    return tx.first(
        first_solved_of_brand, [](const Row& row) { return row.instant(0); }, brand);
}

std::vector<TicketId> merged_into(Transaction& tx, TicketId id)
{
    return tx.all(merged_ones, first_ticket_id, id);
}

void note_subject(Transaction& tx, TicketId id, domain::AgentId agent, Instant now)
{
    tx.run(word_subject, id, agent, now);
}

bool is_subject_worded(Transaction& tx, TicketId id)
{
    return tx.first(worded_subject, first_number, id).has_value();
}

TicketId insert_ticket(Transaction& tx, const Ticket& t, std::string_view opened_why)
{
    return inserted<TicketId>(tx.first(
        insert_ticket_row, first_number, t.brand, t.channel, to_string(t.platform), to_string(t.visibility), t.identity, t.customer,
        t.root_id, to_string(t.status), static_cast<std::int64_t>(t.priority), t.subject, t.assignee, t.assigned_why, opened_why,
        t.created_at, t.updated_at, t.first_inbound_at, t.last_inbound_at, t.last_inbound, t.waiting_since, t.first_response_at,
        t.first_response_office_seconds, t.due_at, t.snoozed_until, t.last_text, t.last_at, to_string(t.last_direction), t.message_count,
        t.revision, queue_rank(t), t.team, t.language, t.aside, t.status_reason, t.priority_why, t.solved_at, t.closed_at, t.merged_into,
        t.follow_up_of, t.incident, t.resolution_spent.count(), t.resolution_running_since, t.resolution_due_at, t.route_ends_at,
        t.alarm_at, t.breached_at, t.promised_at, t.inbound_count));
}

std::string opened_why(Transaction& tx, TicketId id)
{
    return tx
        .first(
            opening_reason, [](const Row& row) { return row.string(0); }, id)
        .value_or("");
}

Result<void> save_ticket(Transaction& tx, Ticket& ticket, const Ticket* before)
{
    const auto labels = update_row(tx, ticket, before != nullptr && keeps_its_place(*before, ticket));
    if (!labels) {
        return Error(ErrorKind::conflict,
                     "ticket " + std::to_string(ticket.id.value) + " was changed by somebody else since it was read: read it again");
    }
    if (!labels->empty()) { tx.run(follow_labels, ticket.id, to_string(ticket.status), ticket.updated_at, queue_rank(ticket)); }
    ++ticket.revision;
    return {};
}

std::vector<Ticket> waiting_unassigned(Transaction& tx, const std::vector<std::string>& brands, std::int64_t limit,
                                       const std::optional<QueuePlace>& after)
{
    std::vector<Ticket> waiting;
    for (const std::string& brand : brands) {
        auto of_brand = after ? tx.all(unassigned_of_brand_after, ticket_at, brand, limit, after->rank, after->id)
                              : tx.all(unassigned_of_brand, ticket_at, brand, limit);
        std::move(of_brand.begin(), of_brand.end(), std::back_inserter(waiting));
    }
    std::sort(waiting.begin(), waiting.end(), is_sooner);
    if (waiting.size() > static_cast<std::size_t>(limit)) waiting.resize(static_cast<std::size_t>(limit));
    return waiting;
}

std::optional<Ticket> most_urgent_for(Transaction& tx, domain::AgentId agent, const std::vector<std::string>& brands)
{
    auto own = first_of_agent(tx, agent, brands);
    auto free = first_of_nobody(tx, brands);
    if (own && free) return is_sooner(*free, *own) ? free : own;
    return own ? own : free;
}

std::vector<AgentLoad> open_load(Transaction& tx)
{
    const auto make = [](const Row& row) { return AgentLoad{.agent = id_at<domain::AgentId>(row, 0), .open_tickets = row.number(1)}; };
    return tx.all(load, make);
}

std::vector<Ticket> unfinished_of(Transaction& tx, domain::AgentId agent)
{
    return tx.all(unfinished_of_agent, ticket_at, agent);
}

std::vector<Ticket> queue_of(Transaction& tx, domain::AgentId agent)
{
    return tx.all(queue_of_agent, ticket_at, agent);
}

std::int64_t waiting_unassigned_count(Transaction& tx, const std::vector<std::string>& brands)
{
    std::int64_t count = 0;
    for (const std::string& brand : brands) count += tx.first(count_unassigned, first_number, brand).value_or(0);
    return count;
}

void for_each_assigned(Transaction& tx, const std::function<void(domain::AgentId, const std::vector<std::string>&)>& each)
{
    tx.for_each(work_of_assignees, [&](const Row& row) { each(id_at<domain::AgentId>(row, 0), split(row.text(1), '\n')); });
}

std::vector<Ticket> due_snoozes(Transaction& tx, Instant now, std::int64_t limit)
{
    return tx.all(snoozes_until, ticket_at, now, limit);
}

std::optional<Instant> next_snooze(Transaction& tx)
{
    return tx.first(first_snooze, [](const Row& row) { return row.instant(0); });
}

std::vector<std::string> labels_of(Transaction& tx, TicketId id)
{
    return tx.all(
        labels_by_ticket, [](const Row& row) { return row.string(0); }, id);
}

void set_labels(Transaction& tx, TicketId id, std::vector<std::string> labels)
{
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    tx.run(drop_labels, id);
    for (const std::string& label : labels) tx.run(insert_label, id, label);
    tx.run(note_labels, id, join(labels, '\n'));
}

} // namespace sportello::storage
