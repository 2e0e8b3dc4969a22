#include <sportello/storage/moving.hpp>

#include <sportello/base/digest.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/log_parts.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::int64_t rows_at_once = 500;

struct Column {
    std::string name;
    bool number = false;
    int key = 0; ///< its place in the primary key, from 1; 0: no part of it
};

/// One table with the statements that move it, made once: connections keep them prepared under their addresses.
struct Table {
    std::string name;
    std::vector<Column> columns;
    std::vector<std::size_t> key; ///< places of the primary key's columns
    std::string count;
    std::string first_page;
    std::string next_page;
    std::string row;      ///< that has a key
    std::string last_row; ///< in the new database
    std::string insertion;
};

/// A value on its way; texts own their bytes.
struct Cell {
    bool null = true;
    bool is_number = false;
    std::int64_t number = 0;
    std::string text;

    [[nodiscard]] Value value() const
    {
        if (null) return nullptr;
        return is_number ? Value(number) : Value(std::string_view(text));
    }
};
using Cells = std::vector<Cell>;

std::string joined(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty()) text += separator;
        text += part;
    }
    return text;
}

std::string in_quotes(const std::string& name)
{
    return "\"" + name + "\"";
}

/// $first, $first+1, … in brackets.
std::string places(std::size_t first, std::size_t count)
{
    std::vector<std::string> parts;
    for (std::size_t n = 0; n < count; ++n) parts.push_back("$" + std::to_string(first + n));
    return "(" + joined(parts, ", ") + ")";
}

void write_statements(Table& table)
{
    std::vector<std::string> names, keys, backwards;
    for (const Column& column : table.columns) names.push_back(in_quotes(column.name));
    for (const std::size_t place : table.key) {
        const Column& column = table.columns[place];
        keys.push_back(in_quotes(column.name));
        // As SQLite orders them, whatever the locale of the new database.
        backwards.push_back(in_quotes(column.name) + (column.number ? "" : " COLLATE \"C\"") + " DESC");
    }
    const std::string all = joined(names, ", ");
    const std::string from = " FROM " + in_quotes(table.name);
    const std::string limit = " ORDER BY " + joined(keys, ", ") + " LIMIT " + std::to_string(rows_at_once);
    table.count = "SELECT count(*)" + from;
    table.first_page = "SELECT " + all + from + limit;
    table.next_page = "SELECT " + all + from + " WHERE (" + joined(keys, ", ") + ") > " + places(1, keys.size()) + limit;
    table.row = "SELECT " + all + from + " WHERE (" + joined(keys, ", ") + ") = " + places(1, keys.size());
    table.last_row = "SELECT " + all + from + " ORDER BY " + joined(backwards, ", ") + " LIMIT 1";
    table.insertion = "INSERT INTO " + table.name + " (" + all + ") VALUES " + places(1, names.size()) + " ON CONFLICT DO NOTHING";
}

/// Which tables refer to which.
std::map<std::string, std::set<std::string>> references(Transaction& tx)
{
    std::map<std::string, std::set<std::string>> refers;
    tx.for_each("SELECT s.name, f.\"table\" FROM sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table'",
                [&](const Row& row) {
                    if (row.text(0) != row.text(1)) refers[row.string(0)].insert(row.string(1));
                });
    return refers;
}

/// Those referred to before those that refer to them.
Result<std::vector<Table>> in_order(std::vector<Table> tables, const std::map<std::string, std::set<std::string>>& refers)
{
    std::vector<Table> ordered;
    std::set<std::string> done;
    while (!tables.empty()) {
        const auto ready = std::find_if(tables.begin(), tables.end(), [&](const Table& table) {
            const auto wants = refers.find(table.name);
            return wants == refers.end() || std::includes(done.begin(), done.end(), wants->second.begin(), wants->second.end());
        });
        if (ready == tables.end()) return Error(ErrorKind::internal, "the tables refer to one another in a circle");
        done.insert(ready->name);
        ordered.push_back(std::move(*ready));
        tables.erase(ready);
    }
    return ordered;
}

/// The tables of the old database, without what belongs to the engine: its migrations, and its search index, which the new one
/// has of its own.
Result<std::vector<Table>> tables_of(Database& from)
{
    auto unit = [](Transaction& tx) -> Result<std::vector<Table>> {
        std::vector<Table> tables;
        const auto names =
            tx.all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' "
                   "ESCAPE '\\' AND name <> 'schema_migration' ORDER BY name",
                   [](const Row& row) { return row.string(0); });
        for (const std::string& name : names) {
            Table table{.name = name,
                        .columns = {},
                        .key = {},
                        .count = {},
                        .first_page = {},
                        .next_page = {},
                        .row = {},
                        .last_row = {},
                        .insertion = {}};
            std::map<int, std::size_t> key;
            tx.for_each(
                "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid",
                [&](const Row& row) {
                    const auto place = static_cast<int>(row.number(2));
                    if (place > 0) key[place] = table.columns.size();
                    table.columns.push_back({.name = row.string(0), .number = row.text(1) == "INTEGER", .key = place});
                },
                name);
            if (key.empty()) return Error(ErrorKind::internal, "the table " + name + " has no primary key to walk along");
            for (const auto& [place, column] : key) table.key.push_back(column);
            write_statements(table);
            tables.push_back(std::move(table));
        }
        return in_order(std::move(tables), references(tx));
    };
    return from.read_now(unit);
}

std::vector<Value> key_of(const Table& table, const Cells& cells)
{
    std::vector<Value> values;
    for (const std::size_t place : table.key) values.push_back(cells[place].value());
    return values;
}

Cells cells_of(const Table& table, const Row& row)
{
    Cells cells;
    for (std::size_t n = 0; n < table.columns.size(); ++n) {
        const auto column = static_cast<int>(n);
        Cell cell{.null = row.null(column), .is_number = table.columns[n].number, .number = 0, .text = {}};
        if (!cell.null && cell.is_number) cell.number = row.number(column);
        else if (!cell.null) cell.text = row.string(column);
        cells.push_back(std::move(cell));
    }
    return cells;
}

Result<std::vector<Cells>> ask(Database& db, const Table& table, const std::string& sql, const std::vector<Value>& values)
{
    auto unit = [&](Transaction& tx) -> Result<std::vector<Cells>> {
        std::vector<Cells> rows;
        tx.execute(sql, values, [&](const Row& row) {
            rows.push_back(cells_of(table, row));
            return true;
        });
        return rows;
    };
    return db.read_now(unit);
}

Result<std::vector<Cells>> read_page(Database& db, const Table& table, const Cells* last)
{
    return last != nullptr ? ask(db, table, table.next_page, key_of(table, *last)) : ask(db, table, table.first_page, {});
}

Result<std::int64_t> count_rows(Database& db, const Table& table)
{
    auto unit = [&](Transaction& tx) -> Result<std::int64_t> {
        return tx.first(table.count, [](const Row& row) { return row.number(0); }).value_or(0);
    };
    return db.read_now(unit);
}

/// The last row that an interrupted move has stored: pages are stored in the key's order.
Result<std::optional<Cells>> last_moved(Database& to, const Table& table)
{
    auto found = ask(to, table, table.last_row, {});
    if (!found) return found.error();
    if (found->empty()) return std::optional<Cells>();
    return std::optional(std::move(found->front()));
}

Result<void> store(Database& to, const Table& table, const std::vector<Cells>& rows)
{
    auto unit = [&](Transaction& tx) -> Result<void> {
        for (const Cells& cells : rows) {
            std::vector<Value> values;
            for (const Cell& cell : cells) values.push_back(cell.value());
            tx.execute(table.insertion, values, nullptr);
        }
        return {};
    };
    return to.write_now(unit);
}

Result<std::int64_t> copy(Database& from, Database& to, const Table& table, const std::function<void(const MoveProgress&)>& tell)
{
    const auto total = count_rows(from, table);
    if (!total) return total.error();
    auto last = last_moved(to, table);
    if (!last) return last.error();
    const auto there = count_rows(to, table);
    if (!there) return there.error();
    MoveProgress progress{.table = table.name, .rows = *there, .total = *total};
    for (;;) {
        tell(progress);
        auto page = read_page(from, table, *last ? &**last : nullptr);
        if (!page) return page.error();
        if (page->empty()) return progress.rows;
        if (const auto stored = store(to, table, *page); !stored) return stored.error();
        progress.rows += static_cast<std::int64_t>(page->size());
        *last = std::move(page->back());
    }
}

struct Digest {
    std::int64_t rows = 0;
    std::uint64_t sum = 0; ///< of the rows' digests, so that their order does not count
    friend bool operator==(const Digest&, const Digest&) = default;
};

std::uint64_t digest_of(const Cells& cells)
{
    std::string bytes;
    for (const Cell& cell : cells) {
        const std::string written = cell.is_number ? std::to_string(cell.number) : cell.text;
        bytes += cell.null ? "-" : std::to_string(written.size()) + ":" + written;
        bytes += ';';
    }
    const std::string hex = base::sha256_hex(bytes).substr(0, 16);
    std::uint64_t digest = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), digest, 16);
    return digest;
}

Result<Digest> digest_of(Database& db, const Table& table)
{
    Digest digest;
    std::optional<Cells> last;
    for (;;) {
        auto page = read_page(db, table, last ? &*last : nullptr);
        if (!page) return page.error();
        if (page->empty()) return digest;
        for (const Cells& cells : *page) digest.sum += digest_of(cells);
        digest.rows += static_cast<std::int64_t>(page->size());
        last = std::move(page->back());
    }
}

Result<void> expect_equal(Database& from, Database& to, const Table& table)
{
    const auto old_one = digest_of(from, table);
    if (!old_one) return old_one.error();
    const auto new_one = digest_of(to, table);
    if (!new_one) return new_one.error();
    if (*old_one == *new_one) return {};
    return Error(ErrorKind::conflict, "the table " + table.name + " has " + std::to_string(old_one->rows) +
                                          " rows in the old database and " + std::to_string(new_one->rows) +
                                          " in the new one, or rows that differ: empty the new database and move again");
}

/// The facts come along with their numbers.
Result<void> make_room_for_facts(Database& from, Database& to)
{
    auto look = [](Transaction& tx) -> Result<std::int64_t> { return last_seq(tx); };
    const auto last = from.read_now(look);
    if (!last) return last.error();
    auto make = [&](Transaction& tx) -> Result<void> {
        make_room_in_log(tx, *last);
        return {};
    };
    return to.write_now(make);
}

/// New rows get numbers above those that came along.
Result<void> raise_numbering(Database& to)
{
    auto unit = [](Transaction& tx) -> Result<void> {
        const auto counters = tx.all("SELECT table_name, column_name FROM information_schema.columns "
                                     "WHERE table_schema = current_schema() AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')",
                                     [](const Row& row) { return std::pair(row.string(0), row.string(1)); });
        for (const auto& [table, column] : counters) {
            const std::string raise = "SELECT setval(pg_get_serial_sequence('" + table + "', '" + column + "'), coalesce((SELECT max(" +
                                      column + ") FROM " + table + "), 0) + 1, false)";
            tx.run(raise);
        }
        return {};
    };
    return to.write_now(unit);
}

/// Whether people worked in the new database already: then a move would mix two offices.
Result<void> expect_unused(Database& from, Database& to, const std::vector<Table>& tables)
{
    for (const Table& table : tables) {
        const auto there = last_moved(to, table);
        if (!there) return there.error();
        if (!*there) continue;
        const auto original = ask(from, table, table.row, key_of(table, **there));
        if (!original) return original.error();
        if (original->empty() || digest_of(original->front()) != digest_of(**there)) {
            return Error(ErrorKind::conflict, "the new database is in use already: its table " + table.name +
                                                  " holds a row that the old one does not have. Nothing was changed");
        }
    }
    return {};
}

} // namespace

Result<Moved> move_office(Database& from_sqlite, Database& to_postgresql, const std::function<void(const MoveProgress&)>& tell)
{
    const auto tables = tables_of(from_sqlite);
    if (!tables) return tables.error();
    if (const auto unused = expect_unused(from_sqlite, to_postgresql, *tables); !unused) return unused.error();
    if (const auto room = make_room_for_facts(from_sqlite, to_postgresql); !room) return room.error();
    Moved moved;
    for (const Table& table : *tables) {
        const auto rows = copy(from_sqlite, to_postgresql, table, tell);
        if (!rows) return rows.error().while_doing("move the table " + table.name);
        moved.rows += *rows;
        ++moved.tables;
    }
    if (const auto raised = raise_numbering(to_postgresql); !raised) return raised.error();
    for (const Table& table : *tables) {
        if (const auto equal = expect_equal(from_sqlite, to_postgresql, table); !equal) return equal.error();
    }
    return moved;
}

} // namespace sportello::storage
