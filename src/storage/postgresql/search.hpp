#pragma once

#include <sportello/storage/search.hpp>

// The engine's side of storage/search.hpp, by tsvector.
namespace sportello::storage::postgresql {

void put_search_document(Transaction& tx, std::int64_t id, std::string_view brand, std::string_view terms);
void drop_search_document(Transaction& tx, std::int64_t id);
/// @param upto  the greatest id of a document that counts
void for_each_search_hit(Transaction& tx, SearchKind kind, const domain::SearchMatch& match, std::int64_t upto, std::int64_t limit,
                         const std::function<bool(const SearchHit&)>& each);

} // namespace sportello::storage::postgresql
