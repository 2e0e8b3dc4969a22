#pragma once

#include "context.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Every list and report as a spreadsheet: what its route answers in JSON, page after page, one line an item. The columns
/// are the contract's: the members of an item in its order, those of objects inside as `customer.name`, texts of a list
/// joined by "; ". So each list has it without a line of its own, and masks what it masks.
namespace sportello::api {

class CsvLists {
public:
    CsvLists(); ///< reads the contract

    struct Column {
        std::string title;             ///< "customer.name"
        std::vector<std::string> path; ///< {"customer", "name"}
    };
    struct List {
        std::vector<Column> columns;
        std::int64_t page = 0; ///< most items of a page; 0: the route knows no `limit`
    };
    /// What GET of this pattern lists; null when it answers no `items`.
    [[nodiscard]] const List* find(std::string_view pattern) const;

private:
    std::map<std::string, List, std::less<>> lists_;
};

/// The lists of the contract, read when the first one is asked for.
[[nodiscard]] const CsvLists& csv_lists();

enum class Format { json, csv };
/// What the client asks for: by `format`, else by Accept. Nothing: a `format` that is neither.
[[nodiscard]] std::optional<Format> asked_format(const http::Request& request);
/// The same query without `format`.
[[nodiscard]] http::Parameters without_format(const http::Parameters& query);

/// Runs `read` for the first page and, while that has a `next_cursor`, again for the next, as a stream. With a `limit` of
/// the client only that page. What fails on the first page is the answer; later, the stream breaks off unfinished.
/// @param read  answers the call in JSON; outlives this, as the call does not
using ReadPage = std::function<boost::asio::awaitable<Answer>(Call&)>;
boost::asio::awaitable<Answer> list_as_csv(Context& context, Call& call, const CsvLists::List& list, ReadPage read);

/// The lines of an answer's items, the head not among them.
[[nodiscard]] std::string csv_of_items(const CsvLists::List& list, const nlohmann::json& items);

} // namespace sportello::api
