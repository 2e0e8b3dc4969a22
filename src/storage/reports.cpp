#include <sportello/storage/reports.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Instant;

#define SPORTELLO_REPORT_TICKET_COLUMNS                                                                                                    \
    "t.ticket_id, t.brand, t.channel, t.opened_at, t.outcome, t.labels, t.incident_id, t.answered_at, t.answered_by, "                     \
    "t.office_seconds, t.clock_seconds, t.in_target"
constexpr int report_ticket_columns = 12;

const Statement put_one{
    "INSERT INTO report_ticket (ticket_id, brand, channel, opened_at, outcome, labels, incident_id, answered_at, answered_by, "
    "office_seconds, clock_seconds, in_target) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
    "ON CONFLICT (ticket_id) DO UPDATE SET brand = excluded.brand, channel = excluded.channel, opened_at = excluded.opened_at, "
    "outcome = excluded.outcome, labels = excluded.labels, incident_id = excluded.incident_id, answered_at = excluded.answered_at, "
    "answered_by = excluded.answered_by, office_seconds = excluded.office_seconds, clock_seconds = excluded.clock_seconds, "
    "in_target = excluded.in_target"};
const Statement one_ticket{"SELECT " SPORTELLO_REPORT_TICKET_COLUMNS " FROM report_ticket t WHERE t.ticket_id = $1"};
const Statement insert_fact{"INSERT INTO report_fact (kind, reference, at, ticket_id, agent_id) VALUES ($1, $2, $3, $4, $5) "
                            "ON CONFLICT (kind, reference) DO NOTHING"};
const Statement facts{"SELECT " SPORTELLO_REPORT_TICKET_COLUMNS ", f.kind, f.reference, f.at, f.ticket_id, f.agent_id FROM report_fact f "
                      "LEFT JOIN report_ticket t ON t.ticket_id = f.ticket_id WHERE f.at >= $1 AND f.at < $2 ORDER BY f.at, f.ticket_id"};
const Statement responses{"SELECT " SPORTELLO_REPORT_TICKET_COLUMNS " FROM report_ticket t WHERE t.answered_at IS NOT NULL "
                          "AND t.answered_at >= $1 AND t.answered_at < $2 ORDER BY t.answered_at, t.ticket_id"};
// A ticket that was solved, merged or put apart without an answer leaves a promise that is neither kept nor broken.
const Statement promises{
    "SELECT " SPORTELLO_REPORT_TICKET_COLUMNS ", p.made_at, p.brand, "
    "CASE WHEN p.answered_at <= p.promised_at THEN 1 ELSE 0 END, "
    "CASE WHEN p.answered_at > p.promised_at OR (p.answered_at IS NULL AND p.void_at IS NULL AND k.waiting_since IS NOT NULL "
    "AND k.aside = '' AND p.promised_at < $3) THEN 1 ELSE 0 END, "
    "CASE WHEN p.answered_at IS NULL AND p.void_at IS NULL AND k.waiting_since IS NOT NULL AND k.aside = '' "
    "AND p.promised_at >= $3 THEN 1 ELSE 0 END, p.told, p.ticket_id "
    "FROM promise p JOIN ticket k ON k.id = p.ticket_id LEFT JOIN report_ticket t ON t.ticket_id = p.ticket_id "
    "WHERE p.made_at >= $1 AND p.made_at < $2 ORDER BY p.made_at, p.message_id"};
const Statement ratings{"SELECT " SPORTELLO_REPORT_TICKET_COLUMNS ", r.asked_at, r.brand, r.channel, r.agent_id, r.score, r.ticket_id "
                        "FROM rating r LEFT JOIN report_ticket t ON t.ticket_id = r.ticket_id "
                        "WHERE r.asked_at IS NOT NULL AND r.asked_at >= $1 AND r.asked_at < $2 ORDER BY r.asked_at, r.id"};
const Statement response_author{"SELECT r.agent_id FROM reply r WHERE r.ticket_id = $1 AND r.published_at = $2 "
                                "AND NOT EXISTS (SELECT 1 FROM automatic_reply a WHERE a.reply_id = r.id) ORDER BY r.id LIMIT 1"};
const Statement any_handover{"SELECT 1 FROM handover WHERE ticket_id = $1 LIMIT 1"};
const Statement setting{"SELECT value FROM counter_setting WHERE name = $1"};
const Statement put_setting{"INSERT INTO counter_setting (name, value, agent_id, at) VALUES ($1, $2, $3, $4) "
                            "ON CONFLICT (name) DO UPDATE SET value = excluded.value, agent_id = excluded.agent_id, at = excluded.at"};

constexpr FactKind all_kinds[] = {FactKind::received,
                                  FactKind::answered,
                                  FactKind::opened,
                                  FactKind::solved,
                                  FactKind::reopened,
                                  FactKind::handed_over,
                                  FactKind::breached_response,
                                  FactKind::breached_resolution};

FactKind kind_at(const Row& row, int column)
{
    for (const FactKind kind : all_kinds) {
        if (to_string(kind) == row.text(column)) return kind;
    }
    throw Failure(base::ErrorKind::internal, "the database holds the unknown word \"" + row.string(column) + "\"");
}

ReportTicket ticket_at(const Row& row)
{
    ReportTicket ticket;
    if (row.null(0)) return ticket;
    ticket.ticket = id_at<domain::TicketId>(row, 0);
    ticket.brand = row.string(1);
    ticket.channel = row.string(2);
    ticket.opened_at = row.instant(3);
    ticket.outcome = known_word(domain::parse_ticket_outcome(row.text(4)), row.text(4));
    if (!row.text(5).empty()) ticket.labels = split(row.text(5), '\n');
    ticket.incident = maybe_id_at<domain::IncidentId>(row, 6);
    ticket.answered_at = row.maybe_instant(7);
    ticket.answered_by = maybe_id_at<domain::AgentId>(row, 8);
    ticket.office_seconds = row.maybe_number(9);
    ticket.clock_seconds = row.maybe_number(10);
    if (!row.null(11)) ticket.in_target = row.flag(11);
    return ticket;
}

} // namespace

std::string_view to_string(FactKind value)
{
    switch (value) {
    case FactKind::received:
        return "received";
    case FactKind::answered:
        return "answered";
    case FactKind::opened:
        return "opened";
    case FactKind::solved:
        return "solved";
    case FactKind::reopened:
        return "reopened";
    case FactKind::handed_over:
        return "handed_over";
    case FactKind::breached_response:
        return "breached_response";
    case FactKind::breached_resolution:
        break;
    }
    return "breached_resolution";
}

void put_report_ticket(Transaction& tx, const ReportTicket& t)
{
    tx.run(put_one, t.ticket, t.brand, t.channel, t.opened_at, to_string(t.outcome), join(t.labels, '\n'), t.incident, t.answered_at,
           t.answered_by, t.office_seconds, t.clock_seconds, t.in_target);
}

std::optional<ReportTicket> find_report_ticket(Transaction& tx, domain::TicketId ticket)
{
    return tx.first(one_ticket, ticket_at, ticket);
}

void put_fact(Transaction& tx, const Fact& fact)
{
    tx.run(insert_fact, to_string(fact.kind), fact.reference, fact.at, fact.ticket, fact.agent);
}

void for_each_fact(Transaction& tx, Instant from, Instant until, const std::function<void(const Fact&, const ReportTicket&)>& each)
{
    const auto tell = [&](const Row& row) {
        constexpr int c = report_ticket_columns;
        each({.kind = kind_at(row, c),
              .reference = row.number(c + 1),
              .at = row.instant(c + 2),
              .ticket = id_at<domain::TicketId>(row, c + 3),
              .agent = maybe_id_at<domain::AgentId>(row, c + 4)},
             ticket_at(row));
    };
    tx.for_each(facts, tell, from, until);
}

void for_each_first_response(Transaction& tx, Instant from, Instant until, const std::function<void(const ReportTicket&)>& each)
{
    tx.for_each(
        responses, [&](const Row& row) { each(ticket_at(row)); }, from, until);
}

void for_each_promise(Transaction& tx, Instant from, Instant until, Instant now,
                      const std::function<void(const PromiseFact&, const ReportTicket&)>& each)
{
    const auto tell = [&](const Row& row) {
        constexpr int c = report_ticket_columns;
        each({.made_at = row.instant(c),
              .brand = row.string(c + 1),
              .kept = row.flag(c + 2),
              .broken = row.flag(c + 3),
              .open = row.flag(c + 4),
              .told = row.flag(c + 5)},
             ticket_at(row));
    };
    tx.for_each(promises, tell, from, until, now);
}

void for_each_rating(Transaction& tx, Instant from, Instant until, const std::function<void(const RatingFact&, const ReportTicket&)>& each)
{
    const auto tell = [&](const Row& row) {
        constexpr int c = report_ticket_columns;
        RatingFact fact{.asked_at = row.instant(c),
                        .brand = row.string(c + 1),
                        .channel = row.string(c + 2),
                        .agent = id_at<domain::AgentId>(row, c + 3),
                        .score = {}};
        if (!row.null(c + 4)) fact.score = small_number_at(row, c + 4);
        each(fact, ticket_at(row));
    };
    tx.for_each(ratings, tell, from, until);
}

std::optional<domain::AgentId> author_of_response(Transaction& tx, domain::TicketId ticket, Instant published_at)
{
    return tx.first(
        response_author, [](const Row& row) { return id_at<domain::AgentId>(row, 0); }, ticket, published_at);
}

bool was_handed_over(Transaction& tx, domain::TicketId ticket)
{
    return tx.first(any_handover, first_number, ticket).has_value();
}

bool is_switched_on(Transaction& tx, std::string_view name, bool fallback)
{
    const auto value = tx.first(
        setting, [](const Row& row) { return row.string(0); }, name);
    return value ? *value == "on" : fallback;
}

void switch_on(Transaction& tx, std::string_view name, bool on, domain::AgentId agent, Instant now)
{
    tx.run(put_setting, name, std::string_view(on ? "on" : "off"), agent, now);
}

} // namespace sportello::storage
