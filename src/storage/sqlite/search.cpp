// Full-text search by FTS5, or by tsvector where the unit runs on PostgreSQL. These statements are SQLite's own, so no `Statement` (which PostgreSQL has to understand).
#include <sportello/storage/search.hpp>

#include "../engine_of.hpp"
#include "../postgresql/search.hpp"
#include "../rows.hpp"

#include <limits>

namespace sportello::storage {
namespace {

constexpr std::int64_t kinds = 8;

constexpr std::string_view known_terms = "SELECT terms FROM search_document WHERE id = $1";
constexpr std::string_view unindex = "INSERT INTO search_index (search_index, rowid, terms) VALUES ('delete', $1, $2)";
constexpr std::string_view index_one = "INSERT INTO search_index (rowid, terms) VALUES ($1, $2)";
constexpr std::string_view put_one = "INSERT INTO search_document (id, brand, terms) VALUES ($1, $2, $3) "
                                     "ON CONFLICT (id) DO UPDATE SET brand = excluded.brand, terms = excluded.terms";
constexpr std::string_view note_dropped = "INSERT INTO reader_place (reader, seq) VALUES ('search.tidy', 1) "
                                          "ON CONFLICT (reader) DO UPDATE SET seq = reader_place.seq + 1";
constexpr std::string_view drop_one = "DELETE FROM search_document WHERE id = $1";
// Sixteen pages take some milliseconds.
constexpr std::string_view merge_more = "INSERT INTO search_index (search_index, rank) VALUES ('merge', 16)";
// It forgets the terms of dropped documents when it merges all that it has.
constexpr std::string_view begin_merge = "INSERT INTO search_index (search_index, rank) VALUES ('merge', -16)";
constexpr std::string_view changes = "SELECT total_changes()";

#define SPORTELLO_HITS(columns, joins, condition)                                                                                          \
    "SELECT search_index.rowid / 8, " columns ", d.terms FROM search_index CROSS JOIN search_document d ON d.id = search_index.rowid "     \
    "CROSS JOIN " joins " WHERE search_index MATCH $1 AND search_index.rowid <= $2 AND " condition                                         \
    " ORDER BY search_index.rowid DESC LIMIT $3"

constexpr std::string_view messages = SPORTELLO_HITS("m.ticket_id, m.at, 0", "message m ON m.id = search_index.rowid / 8",
                                                     "m.ticket_id IS NOT NULL AND m.reply_id IS NULL AND m.deleted_at IS NULL");
constexpr std::string_view replies = SPORTELLO_HITS("r.ticket_id, coalesce(r.published_at, r.accepted_at), 0",
                                                    "reply r ON r.id = search_index.rowid / 8", "r.state <> 'cancelled'");
constexpr std::string_view notes = SPORTELLO_HITS("n.ticket_id, n.at, 0", "note n ON n.id = search_index.rowid / 8", "1");
constexpr std::string_view subjects = SPORTELLO_HITS("t.id, t.updated_at, 0", "ticket t ON t.id = search_index.rowid / 8", "1");
constexpr std::string_view persons = SPORTELLO_HITS(
    "NULL, c.created_at, c.id", "identity i ON i.id = search_index.rowid / 8 CROSS JOIN customer c ON c.id = i.customer_id", "1");
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

std::int64_t document_id(SearchKind kind, std::int64_t reference)
{
    return reference * kinds + static_cast<std::int64_t>(kind);
}

/// @return whether it was there. Its terms are in the index's files until it is tidied.
bool forget(Transaction& tx, std::int64_t id)
{
    const auto known = tx.first(
        known_terms, [](const Row& row) { return row.string(0); }, id);
    if (!known) return false;
    tx.run(unindex, id, *known);
    tx.run(note_dropped);
    return true;
}

std::int64_t changes_made(Transaction& tx)
{
    return tx.first(changes, first_number).value_or(0);
}

} // namespace

void put_search_document(Transaction& tx, SearchKind kind, std::int64_t reference, std::string_view brand, std::string_view terms)
{
    const std::int64_t id = document_id(kind, reference);
    if (is_postgresql(tx)) return postgresql::put_search_document(tx, id, brand, terms);
    (void)forget(tx, id);
    tx.run(put_one, id, brand, terms);
    tx.run(index_one, id, terms);
}

void drop_search_document(Transaction& tx, SearchKind kind, std::int64_t reference)
{
    const std::int64_t id = document_id(kind, reference);
    if (is_postgresql(tx)) return postgresql::drop_search_document(tx, id);
    if (forget(tx, id)) tx.run(drop_one, id);
}

bool has_search_pieces(const Transaction& tx)
{
    return !is_postgresql(tx);
}

bool merge_search_index(Transaction& tx)
{
    if (is_postgresql(tx)) return false; // VACUUM does it
    const auto before = changes_made(tx);
    tx.run(merge_more);
    return changes_made(tx) - before >= 2;
}

bool tidy_search_index(Transaction& tx)
{
    if (merge_search_index(tx)) return true;
    if (is_postgresql(tx)) return false;
    const auto before = changes_made(tx);
    tx.run(begin_merge);
    return changes_made(tx) - before >= 2;
}

void for_each_search_hit(Transaction& tx, SearchKind kind, const domain::SearchQuery& query, std::span<const std::string> brands,
                         std::string_view channel, std::optional<std::int64_t> upto, std::int64_t limit,
                         const std::function<bool(const SearchHit&)>& each)
{
    if (query.empty()) return;
    const bool person = kind == SearchKind::person;
    const auto match = domain::search_match(query, to_string(kind), person ? std::span<const std::string>() : brands,
                                            person ? std::string_view() : channel);
    const std::int64_t most = std::numeric_limits<std::int64_t>::max() / kinds - 1;
    const std::int64_t last = document_id(kind, std::min(upto.value_or(most), most));
    if (is_postgresql(tx)) return postgresql::for_each_search_hit(tx, kind, match, last, limit, each);
    const std::string words = fts5_query(match);
    const Value values[] = {std::string_view(words), last, limit};
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

} // namespace sportello::storage
