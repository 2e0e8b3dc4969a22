#include <sportello/storage/ratings.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>
#include <map>

namespace sportello::storage {
namespace {

using State = Rating::State;

#define SPORTELLO_RATING_COLUMNS                                                                                                           \
    "id, ticket_id, brand, channel, identity_id, agent_id, state, why, ask_at, asked_at, until_at, reply_id, score, message_id, given_at"

const Statement insert_rating_row{"INSERT INTO rating (ticket_id, brand, channel, identity_id, agent_id, state, why, ask_at) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"};
const Statement update_rating{"UPDATE rating SET state = $2, why = $3, asked_at = $4, until_at = $5, reply_id = $6, score = $7, "
                           "message_id = $8, given_at = $9 WHERE id = $1"};
const Statement due_ones{"SELECT " SPORTELLO_RATING_COLUMNS
                         " FROM rating WHERE state = 'due' AND ask_at <= $1 ORDER BY ask_at, id LIMIT $2"};
const Statement first_due{"SELECT ask_at FROM rating WHERE state = 'due' ORDER BY ask_at, id LIMIT 1"};
const Statement asked_one{"SELECT " SPORTELLO_RATING_COLUMNS " FROM rating WHERE state = 'asked' AND channel = $1 AND identity_id = $2 "
                          "ORDER BY id DESC LIMIT 1"};
const Statement last_of_ticket{"SELECT " SPORTELLO_RATING_COLUMNS " FROM rating WHERE ticket_id = $1 ORDER BY id DESC LIMIT 1"};
const Statement of_message{"SELECT 1 FROM rating WHERE message_id = $1 LIMIT 1"};
State state_at(std::string_view word)
{
    for (const auto state : {State::due, State::asked, State::given, State::not_asked, State::passed}) {
        if (to_string(state) == word) return state;
    }
    throw Failure(base::ErrorKind::internal, "the database holds the unknown word \"" + std::string(word) + "\"");
}

Rating rating_at(const Row& row)
{
    Rating rating;
    rating.id = row.number(0);
    rating.ticket = id_at<domain::TicketId>(row, 1);
    rating.brand = row.string(2);
    rating.channel = row.string(3);
    rating.identity = id_at<domain::IdentityId>(row, 4);
    rating.agent = id_at<domain::AgentId>(row, 5);
    rating.state = state_at(row.text(6));
    rating.why = row.string(7);
    rating.ask_at = row.instant(8);
    rating.asked_at = row.maybe_instant(9);
    rating.until = row.maybe_instant(10);
    rating.reply = maybe_id_at<domain::ReplyId>(row, 11);
    if (!row.null(12)) rating.score = small_number_at(row, 12);
    rating.message = maybe_id_at<domain::MessageId>(row, 13);
    rating.given_at = row.maybe_instant(14);
    return rating;
}

} // namespace

std::string_view to_string(State value)
{
    switch (value) {
    case State::due:
        return "due";
    case State::asked:
        return "asked";
    case State::given:
        return "given";
    case State::not_asked:
        return "not_asked";
    case State::passed:
        break;
    }
    return "passed";
}

std::int64_t insert_rating(Transaction& tx, const Rating& r)
{
    const auto id =
        tx.first(insert_rating_row, first_number, r.ticket, r.brand, r.channel, r.identity, r.agent, to_string(r.state), r.why, r.ask_at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

void save_rating(Transaction& tx, const Rating& r)
{
    tx.run(update_rating, r.id, to_string(r.state), r.why, r.asked_at, r.until, r.reply, r.score, r.message, r.given_at);
}

std::vector<Rating> due_ratings(Transaction& tx, base::Instant now, std::int64_t limit)
{
    return tx.all(due_ones, rating_at, now, limit);
}

std::optional<base::Instant> next_rating(Transaction& tx)
{
    return tx.first(first_due, [](const Row& row) { return row.instant(0); });
}

std::optional<Rating> asked_rating(Transaction& tx, std::string_view channel, domain::IdentityId identity)
{
    return tx.first(asked_one, rating_at, channel, identity);
}

std::optional<Rating> last_rating_of(Transaction& tx, domain::TicketId ticket)
{
    return tx.first(last_of_ticket, rating_at, ticket);
}

bool is_rating_answer(Transaction& tx, domain::MessageId message)
{
    return tx.first(of_message, first_number, message).has_value();
}

} // namespace sportello::storage
