#include <sportello/storage/triage.hpp>

#include "message_rows.hpp"
#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Instant;
using domain::TicketId;

constexpr std::int64_t page_size = 500;

const Statement insert_firing{"INSERT INTO rule_firing (ticket_id, rule, occasion, at) VALUES ($1, $2, $3, $4) "
                              "ON CONFLICT (ticket_id, rule, occasion) DO NOTHING"};
const Statement one_firing{"SELECT 1 FROM rule_firing WHERE ticket_id = $1 AND rule = $2 AND occasion = $3"};
const Statement delete_firing{"DELETE FROM rule_firing WHERE ticket_id = $1 AND rule = $2 AND occasion = $3"};

const Statement one_due{"SELECT ticket_id, rule, occasion, since, due_at FROM rule_due WHERE ticket_id = $1 AND rule = $2"};
const Statement upsert_due{"INSERT INTO rule_due (ticket_id, rule, occasion, since, due_at) VALUES ($1, $2, $3, $4, $5) "
                           "ON CONFLICT (ticket_id, rule) DO UPDATE SET occasion = excluded.occasion, since = excluded.since, "
                           "due_at = excluded.due_at"};
const Statement delete_due{"DELETE FROM rule_due WHERE ticket_id = $1 AND rule = $2"};
const Statement due_until{"SELECT ticket_id, rule, occasion, since, due_at FROM rule_due WHERE due_at <= $1 "
                          "ORDER BY due_at, ticket_id, rule LIMIT $2"};
const Statement first_due{"SELECT due_at FROM rule_due ORDER BY due_at, ticket_id, rule LIMIT 1"};

const Statement place_of_reader{"SELECT seq FROM reader_place WHERE reader = $1"};
const Statement upsert_place{
    "INSERT INTO reader_place (reader, seq) VALUES ($1, $2) ON CONFLICT (reader) DO UPDATE SET seq = excluded.seq"};

const Statement delete_place{"DELETE FROM reader_place WHERE reader = $1"};

const Statement insert_proposal{"INSERT INTO reply_proposal (ticket_id, canned_reply, rule, at) VALUES ($1, $2, $3, $4) "
                                "ON CONFLICT (ticket_id, canned_reply) DO NOTHING"};
const Statement proposals{"SELECT canned_reply, rule FROM reply_proposal WHERE ticket_id = $1 ORDER BY canned_reply"};

const Statement received_since{"SELECT " SPORTELLO_MESSAGE_COLUMNS ", coalesce(i.handle, '') FROM message m "
                               "LEFT JOIN identity i ON i.id = m.identity_id WHERE (m.received_at, m.id) > ($1, $2) "
                               "ORDER BY m.received_at, m.id LIMIT $3"};
const Statement earlier_ticket{"SELECT 1 FROM ticket WHERE identity_id = $1 AND first_inbound_at < $2 LIMIT 1"};

RuleDue due_at(const Row& row)
{
    return {.ticket = id_at<TicketId>(row, 0),
            .rule = row.string(1),
            .occasion = row.string(2),
            .since = row.instant(3),
            .due_at = row.instant(4)};
}

} // namespace

bool note_firing(Transaction& tx, TicketId ticket, std::string_view rule, std::string_view occasion, Instant now)
{
    return tx.run(insert_firing, ticket, rule, occasion, now) > 0;
}

bool has_fired(Transaction& tx, TicketId ticket, std::string_view rule, std::string_view occasion)
{
    return tx.first(one_firing, first_number, ticket, rule, occasion).has_value();
}

void forget_firing(Transaction& tx, TicketId ticket, std::string_view rule, std::string_view occasion)
{
    tx.run(delete_firing, ticket, rule, occasion);
}

std::optional<RuleDue> find_rule_due(Transaction& tx, TicketId ticket, std::string_view rule)
{
    return tx.first(one_due, due_at, ticket, rule);
}

void plan_rule(Transaction& tx, const RuleDue& due)
{
    tx.run(upsert_due, due.ticket, due.rule, due.occasion, due.since, due.due_at);
}

void drop_rule_due(Transaction& tx, TicketId ticket, std::string_view rule)
{
    tx.run(delete_due, ticket, rule);
}

std::vector<RuleDue> rules_due(Transaction& tx, Instant now, std::int64_t limit)
{
    return tx.all(due_until, due_at, now, limit);
}

std::optional<Instant> next_rule_due(Transaction& tx)
{
    return tx.first(first_due, [](const Row& row) { return row.instant(0); });
}

std::optional<std::int64_t> reader_place(Transaction& tx, std::string_view reader)
{
    return tx.first(place_of_reader, first_number, reader);
}

void move_reader(Transaction& tx, std::string_view reader, std::int64_t seq)
{
    tx.run(upsert_place, reader, seq);
}

void forget_reader(Transaction& tx, std::string_view reader)
{
    tx.run(delete_place, reader);
}

void propose_reply(Transaction& tx, TicketId ticket, std::string_view canned_reply, std::string_view rule, Instant now)
{
    tx.run(insert_proposal, ticket, canned_reply, rule, now);
}

std::vector<ReplyProposal> proposals_of(Transaction& tx, TicketId ticket)
{
    const auto make = [](const Row& row) { return ReplyProposal{.canned_reply = row.string(0), .rule = row.string(1)}; };
    return tx.all(proposals, make, ticket);
}

void for_each_received(Transaction& tx, Instant since, const std::function<void(const PlayedMessage&)>& each)
{
    std::int64_t from_time = base::to_micros(since) - 1;
    std::int64_t from_id = 0;
    const auto make = [](const Row& row) {
        return PlayedMessage{.message = message_at(row), .handle = row.string(message_column_count), .known_customer = false};
    };
    for (bool more = true; more;) {
        auto page = tx.all(received_since, make, from_time, from_id, page_size);
        more = static_cast<std::int64_t>(page.size()) == page_size;
        for (PlayedMessage& played : page) {
            from_time = base::to_micros(played.message.received_at);
            from_id = played.message.id.value;
            if (played.message.direction != domain::Direction::inbound || played.message.deleted_at) continue;
            if (played.message.identity) played.known_customer = has_written_before(tx, *played.message.identity, played.message.at);
            each(played);
        }
    }
}

bool has_written_before(Transaction& tx, domain::IdentityId identity, base::Instant before)
{
    return tx.first(earlier_ticket, first_number, identity, before).has_value();
}

} // namespace sportello::storage
