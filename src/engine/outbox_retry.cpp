#include "facts.hpp"
#include "outbox_accept.hpp"
#include "settle.hpp"

#include <sportello/storage/automatic.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

// A person tries a failed reply again. What failed is provably not out, so nothing is sent twice; its parts that are out
// stay, and the thread goes on behind them.
namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Delivery;
using domain::Reply;
using storage::Transaction;

std::optional<domain::ReplyPart> failed_part(Transaction& tx, domain::ReplyId id)
{
    auto parts = storage::parts_of(tx, id);
    const auto failed = std::ranges::find(parts, Delivery::failed, &domain::ReplyPart::state);
    return failed == parts.end() ? std::nullopt : std::optional(std::move(*failed));
}

} // namespace

bool may_retry(Transaction& tx, domain::ReplyId id)
{
    const auto part = failed_part(tx, id);
    return part && !may_be_out(tx, part->id) && !storage::automatic_mark(tx, id);
}

Result<Reply> retry_reply(Transaction& tx, const Settings& settings, domain::ReplyId id, const Retry& order, const Command& command,
                          Instant now)
{
    auto reply = visible_reply(tx, id, command.actor);
    if (!reply) return reply;
    auto ticket = workable_ticket(tx, reply->ticket, command.actor);
    if (!ticket) return ticket.error();
    auto part = failed_part(tx, id);
    if (!part) return Error(ErrorKind::conflict, "there is nothing to try again: the reply is " + std::string(to_string(reply->state)));
    if (!may_retry(tx, id)) {
        return Error(ErrorKind::conflict, "it cannot be tried again: it may be out, or it was an automatic message; write a new reply");
    }
    if (ticket->status == domain::TicketStatus::closed) return Error(ErrorKind::conflict, "the ticket is closed");
    if (const auto fresh = check_fresh(*ticket, order.last_seen); !fresh) return fresh.error();
    storage::OutboxPart failed{std::move(*part), *reply};
    if (const auto closed = closed_since(tx, settings, *ticket, failed, now)) {
        return Error(ErrorKind::conflict, *closed, {{"/route", *closed}});
    }
    // Its author may have written it anew meanwhile.
    if (!order.confirm_duplicate) {
        if (const auto fresh = check_repetition(tx, root_under(tx, *reply, *ticket), *reply); !fresh) return fresh.error();
    }
    Settler{tx, settings, now}.retried(failed);
    const domain::Ticket before = *ticket;
    ticket->updated_at = now;
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
    auto retried = storage::find_reply(tx, id);
    if (!retried) return retried;
    nlohmann::json data = reply_data(*retried);
    data["part"] = failed.part.number;
    tell(tx, "reply.retried", now, retried->ticket, &command, data);
    return retried;
}

} // namespace sportello::engine
