#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/domain/search.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/search.hpp>
#include <sportello/storage/tickets.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string_view>
#include <vector>

/// Full-text search: what a person typed is looked for among what that person may read, ranked within the newest hits.
namespace sportello::engine {

/// Reads what was typed. Personal data in it is looked for as a whole, however it is written.
[[nodiscard]] domain::SearchQuery read_search(const Settings& settings, std::string_view typed);
/// The ticket that "#1042" or "1042" names.
[[nodiscard]] std::optional<domain::TicketId> ticket_named(std::string_view typed);

/// Up to where a search looks: the references that were there when its first page was read, so that what comes meanwhile
/// moves nothing between two pages. In the order of storage::search_kinds.
using SearchHorizon = std::vector<std::int64_t>;
[[nodiscard]] SearchHorizon search_horizon(storage::Transaction& tx);

/// What is looked for where.
struct SearchRequest {
    domain::SearchQuery query;
    std::vector<storage::SearchKind> kinds;     ///< none: all
    storage::TicketFilter filter;               ///< of the tickets; its brands are the reader's
    std::optional<domain::IncidentId> incident; ///< only its present members
    std::optional<base::Instant> from;          ///< when it was written
    std::optional<base::Instant> until;         ///< not included
    SearchHorizon horizon;
};

/// A document that answers.
struct SearchResult {
    storage::SearchKind kind = storage::SearchKind::message;
    std::int64_t reference = 0;
    std::optional<domain::TicketId> ticket;
    std::int64_t customer = 0;
    base::Instant at{};
    int score = 0;
};

/// The newest documents that answer, the best first; at most 1,000 are ranked. What the actor may not read is not found, and
/// personal data finds only what the actor may see.
[[nodiscard]] std::vector<SearchResult> search_documents(storage::Transaction& tx, const Settings& settings, const Actor& actor,
                                                         const SearchRequest& request);
/// The same by ticket: each once, by its best document, in the order of `sort` (nothing: the best first).
[[nodiscard]] std::vector<SearchResult> search_tickets(storage::Transaction& tx, const Settings& settings, const Actor& actor,
                                                       const SearchRequest& request, std::optional<storage::TicketSort> sort);

/// Keeps the index: what was there before it was, what is to be forgotten, and that its pieces stay few.
class SearchIndex {
public:
    SearchIndex(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}
    /// Indexes a piece of the past, if any is left; else tidies or merges. @return when to go on; nothing: when there is something new.
    boost::asio::awaitable<base::Result<std::optional<base::Instant>>> keep();

private:
    boost::asio::awaitable<base::Result<std::optional<base::Instant>>> tidy(base::Instant now);
    boost::asio::awaitable<base::Result<std::optional<base::Instant>>> merge(base::Instant now);

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    bool all_indexed_ = false;
    std::optional<std::int64_t> untidy_; ///< while the index is being tidied
    std::optional<base::Instant> tidied_at_;
    std::optional<base::Instant> merged_at_;
};

} // namespace sportello::engine
