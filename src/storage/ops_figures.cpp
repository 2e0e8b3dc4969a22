#include <sportello/storage/ops_figures.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <map>

namespace sportello::storage {
namespace {

const Statement inbox{"SELECT channel, COUNT(*), MIN(received_at) FROM message WHERE intake = 'new' GROUP BY channel ORDER BY channel"};
const Statement outbox{"SELECT p.channel, p.state, COUNT(*), MIN(r.accepted_at) FROM reply_part p JOIN reply r ON r.id = p.reply_id "
                       "WHERE p.state IN ('queued', 'reserved', 'sending', 'unknown', 'needs_decision') "
                       "GROUP BY p.channel, p.state ORDER BY p.channel, p.state"};
const Statement in_queue{"SELECT brand, COUNT(*), COUNT(assignee_id) FROM ticket WHERE queue_rank IS NOT NULL GROUP BY brand"};
const Statement overdue_by_brand{
    "SELECT brand, COUNT(*) FROM ticket WHERE waiting_since IS NOT NULL AND due_at IS NOT NULL AND due_at < $1 GROUP BY brand"};
const Statement sessions{"SELECT COUNT(*) FROM session WHERE expires_at > $1"};
const Statement deliveries{"SELECT desk, COUNT(*), MIN(created_at) FROM call_centre_delivery WHERE next_try IS NOT NULL GROUP BY desk "
                           "ORDER BY desk"};
const Statement webhook_deliveries{"SELECT CAST(webhook_id AS TEXT), COUNT(*), MIN(created_at) FROM webhook_delivery WHERE state = 'waiting' "
                                   "GROUP BY webhook_id ORDER BY webhook_id"};

} // namespace

std::vector<InboxFigures> inbox_figures(Transaction& tx)
{
    return tx.all(inbox, [](const Row& row) {
        return InboxFigures{.channel = row.string(0), .messages = row.number(1), .oldest = row.maybe_instant(2)};
    });
}

std::vector<OutboxStateFigures> outbox_by_state(Transaction& tx)
{
    return tx.all(outbox, [](const Row& row) {
        return OutboxStateFigures{.channel = row.string(0), .state = row.string(1), .parts = row.number(2), .oldest = row.maybe_instant(3)};
    });
}

std::vector<QueueStateFigures> queue_states(Transaction& tx, base::Instant now)
{
    std::map<std::string, QueueStateFigures, std::less<>> by_brand;
    tx.for_each(in_queue, [&](const Row& row) {
        QueueStateFigures& figures = by_brand[row.string(0)];
        figures.assigned = row.number(2);
        figures.unassigned = row.number(1) - row.number(2);
    });
    const auto add_overdue = [&](const Row& row) { by_brand[row.string(0)].overdue = row.number(1); };
    tx.for_each(overdue_by_brand, add_overdue, now);
    std::vector<QueueStateFigures> all;
    for (auto& [brand, figures] : by_brand) {
        figures.brand = brand;
        all.push_back(std::move(figures));
    }
    return all;
}

std::int64_t open_sessions(Transaction& tx, base::Instant now)
{
    return tx.first(sessions, first_number, now).value_or(0);
}

std::vector<DeliveryFigures> waiting_deliveries(Transaction& tx)
{
    const auto make = [](const Row& row) {
        return DeliveryFigures{.webhook = row.string(0), .waiting = row.number(1), .oldest = row.maybe_instant(2)};
    };
    std::vector<DeliveryFigures> all = tx.all(deliveries, make);
    for (DeliveryFigures& figures : all) figures.webhook = "desk:" + figures.webhook;
    for (DeliveryFigures& figures : tx.all(webhook_deliveries, make)) all.push_back(std::move(figures));
    return all;
}

} // namespace sportello::storage
