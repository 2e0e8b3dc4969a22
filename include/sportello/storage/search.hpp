#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/domain/search.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The index of full-text search. Its terms are domain/search.hpp's, the same on every engine; the engine only finds the
/// newest documents that hold certain of them (SQLite: FTS5, storage/sqlite/search.cpp; PostgreSQL: tsvector).
namespace sportello::storage {

/// What is searched. The reference is the id of the row; `subject`: a ticket whose subject a person worded, by its id;
/// `person`: an identity.
enum class SearchKind { message = 1, reply, note, subject, person };
[[nodiscard]] std::string_view to_string(SearchKind value); ///< "message", …
inline constexpr SearchKind search_kinds[] = {SearchKind::message, SearchKind::reply, SearchKind::note, SearchKind::subject,
                                              SearchKind::person};

/// Puts a document into the index, in the place of what was there of it.
void put_search_document(Transaction& tx, SearchKind kind, std::int64_t reference, std::string_view brand, std::string_view terms);
/// Takes it out; harmless when it is not there.
void drop_search_document(Transaction& tx, SearchKind kind, std::int64_t reference);
/// Everything of a ticket, or all that a person wrote and the person's names.
void drop_search_documents_of(Transaction& tx, domain::TicketId ticket);
void drop_search_documents_of(Transaction& tx, domain::IdentityId identity);
/// Whether the index is made of pieces, one more with every commit, of which many make searches slow (SQLite). It does not merge
/// them by itself, which would hold up some reply for a quarter of a second.
[[nodiscard]] bool has_search_pieces(const Transaction& tx);
/// Merges some of the pieces, for some milliseconds. @return whether more remain.
bool merge_search_index(Transaction& tx);
/// What was dropped (deleted, erased, or replaced by an edit) is found no more at once; its terms leave the index's files by
/// tidying. How many times something was dropped since; nothing: all is tidy.
std::optional<std::int64_t> untidy_search_index(Transaction& tx);
/// Merges a bounded piece of the whole index. @return whether more remains. After an erasure: until it answers false.
bool tidy_search_index(Transaction& tx);
/// All is tidy, unless something was dropped after it was `untidy`.
void note_search_index_tidy(Transaction& tx, std::int64_t untidy);

/// Borrowed until the callback returns.
struct SearchHit {
    SearchKind kind = SearchKind::message;
    std::int64_t reference = 0;
    std::optional<domain::TicketId> ticket; ///< where it stands; nothing for a person
    std::int64_t customer = 0;              ///< of a person
    base::Instant at{};
    std::string_view terms;
};
/// Documents of a kind that match, the newest first, until `each` answers false. What stands in no ticket (yet, or any
/// more), what was taken back, and our own messages that are a reply's, are none.
/// @param brands  of the documents; empty: all. Persons belong to none.
/// @param upto    the greatest reference; nothing: any
void for_each_search_hit(Transaction& tx, SearchKind kind, const domain::SearchQuery& query, std::span<const std::string> brands,
                         std::string_view channel, std::optional<std::int64_t> upto, std::int64_t limit,
                         const std::function<bool(const SearchHit&)>& each);
/// Puts the names of a person into the index, as upsert_identity does.
void index_person(Transaction& tx, domain::IdentityId id);
/// The greatest reference of a kind that there is; 0 when there is none.
std::int64_t last_search_reference(Transaction& tx, SearchKind kind);

/// A match in the words of FTS5; and in those of to_tsquery. No text can make either invalid.
[[nodiscard]] std::string fts5_query(const domain::SearchMatch& match);
[[nodiscard]] std::string tsquery(const domain::SearchMatch& match);

/// Rows that are still to be indexed: ids up to this, from a time before the index was there.
std::optional<std::int64_t> search_backlog(Transaction& tx, SearchKind kind);
/// @param upto  nothing: none remain
void set_search_backlog(Transaction& tx, SearchKind kind, std::optional<std::int64_t> upto);
/// Ids of a kind's rows up to `upto`, the greatest first.
std::vector<std::int64_t> rows_to_index(Transaction& tx, SearchKind kind, std::int64_t upto, std::int64_t limit);

} // namespace sportello::storage
