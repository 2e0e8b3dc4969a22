// Full-text search by tsvector. These statements are PostgreSQL's own, so no `Statement` (which SQLite has to understand).
#include "search.hpp"

#include "../rows.hpp"

namespace sportello::storage::postgresql {
namespace {

constexpr std::string_view put_one = "INSERT INTO search_document (id, brand, terms) VALUES ($1, $2, $3) "
                                     "ON CONFLICT (id) DO UPDATE SET brand = excluded.brand, terms = excluded.terms";
constexpr std::string_view drop_one = "DELETE FROM search_document WHERE id = $1";

#define SPORTELLO_HITS(columns, joins, condition)                                                                                          \
    "SELECT d.id / 8, " columns ", d.terms FROM search_document d JOIN " joins                                                             \
    " WHERE d.words @@ $1::tsquery AND d.id <= $2 AND " condition " ORDER BY d.id DESC LIMIT $3"

constexpr std::string_view messages = SPORTELLO_HITS("m.ticket_id, m.at, 0", "message m ON m.id = d.id / 8",
                                                     "m.ticket_id IS NOT NULL AND m.reply_id IS NULL AND m.deleted_at IS NULL");
constexpr std::string_view replies =
    SPORTELLO_HITS("r.ticket_id, coalesce(r.published_at, r.accepted_at), 0", "reply r ON r.id = d.id / 8", "r.state <> 'cancelled'");
constexpr std::string_view notes = SPORTELLO_HITS("n.ticket_id, n.at, 0", "note n ON n.id = d.id / 8", "true");
constexpr std::string_view subjects = SPORTELLO_HITS("t.id, t.updated_at, 0", "ticket t ON t.id = d.id / 8", "true");
constexpr std::string_view persons =
    SPORTELLO_HITS("NULL, c.created_at, c.id", "identity i ON i.id = d.id / 8 JOIN customer c ON c.id = i.customer_id", "true");
#undef SPORTELLO_HITS

std::string_view hits_of(SearchKind kind)
{
    switch (kind) {
    case SearchKind::message:
        return messages;
    case SearchKind::reply:
        return replies;
    case SearchKind::note:
        return notes;
    case SearchKind::subject:
        return subjects;
    case SearchKind::person:
        break;
    }
    return persons;
}

} // namespace

void put_search_document(Transaction& tx, std::int64_t id, std::string_view brand, std::string_view terms)
{
    tx.run(put_one, id, brand, terms);
}

void drop_search_document(Transaction& tx, std::int64_t id)
{
    tx.run(drop_one, id);
}

void for_each_search_hit(Transaction& tx, SearchKind kind, const domain::SearchMatch& match, std::int64_t upto, std::int64_t limit,
                         const std::function<bool(const SearchHit&)>& each)
{
    const std::string words = tsquery(match);
    const Value values[] = {std::string_view(words), upto, limit};
    tx.execute(hits_of(kind), values, [&](const Row& row) {
        SearchHit hit;
        hit.kind = kind;
        hit.reference = row.number(0);
        hit.ticket = maybe_id_at<domain::TicketId>(row, 1);
        hit.at = row.instant(2);
        hit.customer = row.number(3);
        hit.terms = row.text(4);
        return each(hit);
    });
}

} // namespace sportello::storage::postgresql
