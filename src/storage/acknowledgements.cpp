#include <sportello/storage/acknowledgements.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_ACKNOWLEDGEMENT_COLUMNS "id, channel, root_id, identity_id, ticket_id, reply_id, text, why, at"

const Statement insert_acknowledgement_row{"INSERT INTO acknowledgement (channel, root_id, identity_id, ticket_id, reply_id, text, why, at) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"};
const Statement last_of_conversation{"SELECT " SPORTELLO_ACKNOWLEDGEMENT_COLUMNS " FROM acknowledgement "
                                     "WHERE channel = $1 AND root_id = $2 AND identity_id = $3 ORDER BY at DESC, id DESC LIMIT 1"};
const Statement last_of_ticket{"SELECT " SPORTELLO_ACKNOWLEDGEMENT_COLUMNS " FROM acknowledgement "
                               "WHERE ticket_id = $1 ORDER BY id DESC LIMIT 1"};

Acknowledgement acknowledgement_at(const Row& row)
{
    return {.id = row.number(0),
            .channel = row.string(1),
            .root_id = row.string(2),
            .identity = id_at<domain::IdentityId>(row, 3),
            .ticket = id_at<domain::TicketId>(row, 4),
            .reply = maybe_id_at<domain::ReplyId>(row, 5),
            .text = row.string(6),
            .why = row.string(7),
            .at = row.instant(8)};
}

} // namespace

std::int64_t insert_acknowledgement(Transaction& tx, const Acknowledgement& a)
{
    return tx.first(insert_acknowledgement_row, first_number, a.channel, a.root_id, a.identity, a.ticket, a.reply, a.text, a.why, a.at).value_or(0);
}

std::optional<Acknowledgement> last_acknowledgement(Transaction& tx, const domain::Ticket& ticket)
{
    return tx.first(last_of_conversation, acknowledgement_at, ticket.channel, ticket.root_id, ticket.identity);
}

std::optional<Acknowledgement> acknowledgement_of(Transaction& tx, domain::TicketId ticket)
{
    return tx.first(last_of_ticket, acknowledgement_at, ticket);
}

} // namespace sportello::storage
