#include "bare_rows.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace sportello::bench {
namespace {

class SqliteConnection {
public:
    explicit SqliteConnection(const std::filesystem::path& file)
    {
        if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) throw std::runtime_error(file.string() + ": " + sqlite3_errmsg(db_));
    }
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;
    ~SqliteConnection() { sqlite3_close(db_); }

    void run(const std::string& sql)
    {
        if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
    }
    sqlite3_stmt* prepare(const std::string& sql)
    {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v3(db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) fail(sql);
        return statement;
    }
    [[noreturn]] void fail(const std::string& doing) { throw std::runtime_error(doing + ": " + sqlite3_errmsg(db_)); }

private:
    sqlite3* db_ = nullptr;
};

Cell cell(sqlite3_stmt* statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        return nullptr;
    case SQLITE_INTEGER:
        return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    default: {
        const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, column));
        return std::string(text, text + sqlite3_column_bytes(statement, column));
    }
    }
}

std::vector<BareRow> all_rows(SqliteConnection& connection, const std::string& sql)
{
    std::vector<BareRow> rows;
    sqlite3_stmt* statement = connection.prepare(sql);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        BareRow& row = rows.emplace_back();
        for (int column = 0; column < sqlite3_column_count(statement); ++column) row.push_back(cell(statement, column));
    }
    sqlite3_finalize(statement);
    return rows;
}

} // namespace

void copy_database(const std::filesystem::path& from, const std::filesystem::path& to)
{
    std::filesystem::copy_file(from, to);
    const std::filesystem::path log = from.string() + "-wal";
    if (std::filesystem::exists(log)) std::filesystem::copy_file(log, to.string() + "-wal");
}

TableRows rows_added(const std::filesystem::path& before, const std::filesystem::path& after, const std::vector<std::string>& tables)
{
    SqliteConnection old_file(before), new_file(after);
    TableRows added;
    for (const std::string& table : tables) {
        const BareRow last = all_rows(old_file, "SELECT coalesce(max(rowid), 0) FROM " + table).front();
        added[table] = all_rows(new_file, "SELECT * FROM " + table + " WHERE rowid > " +
                                              std::to_string(std::get<std::int64_t>(last.front())) + " ORDER BY rowid");
    }
    return added;
}

LastKeys last_keys(const std::filesystem::path& file, const std::vector<std::string>& tables)
{
    SqliteConnection connection(file);
    LastKeys keys;
    for (const std::string& table : tables) {
        const BareRow last = all_rows(connection, "SELECT coalesce(max(rowid), 0) FROM " + table).front();
        keys[table] = std::get<std::int64_t>(last.front());
    }
    return keys;
}

TableRows take_rows_out(const std::filesystem::path& file, const LastKeys& before, const LastKeys& after)
{
    SqliteConnection connection(file);
    TableRows taken;
    for (const auto& [table, last] : before) {
        const std::string these =
            " FROM " + table + " WHERE rowid > " + std::to_string(last) + " AND rowid <= " + std::to_string(after.at(table));
        taken[table] = all_rows(connection, "SELECT *" + these + " ORDER BY rowid");
        connection.run("DELETE" + these);
    }
    return taken;
}

struct BareDatabase::Impl {
    explicit Impl(const std::filesystem::path& file) : connection(file) {}
    SqliteConnection connection;
    std::map<std::string, sqlite3_stmt*> inserts;
};

BareDatabase::BareDatabase(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file))
{
    impl_->connection.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192");
}

BareDatabase::~BareDatabase()
{
    for (const auto& [table, statement] : impl_->inserts) sqlite3_finalize(statement);
}

void BareDatabase::begin()
{
    impl_->connection.run("BEGIN IMMEDIATE");
}

void BareDatabase::commit()
{
    impl_->connection.run("COMMIT");
}

void BareDatabase::insert(const std::string& table, const BareRow& row)
{
    sqlite3_stmt*& statement = impl_->inserts[table];
    if (!statement) {
        std::string places = "?";
        for (std::size_t i = 1; i < row.size(); ++i) places += ",?";
        statement = impl_->connection.prepare("INSERT INTO " + table + " VALUES (" + places + ")");
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        const int place = static_cast<int>(i) + 1;
        if (const auto* whole = std::get_if<std::int64_t>(&row[i])) sqlite3_bind_int64(statement, place, *whole);
        else if (const auto* text = std::get_if<std::string>(&row[i]))
            sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
        else sqlite3_bind_null(statement, place);
    }
    if (sqlite3_step(statement) != SQLITE_DONE) impl_->connection.fail("insert into " + table);
    sqlite3_reset(statement);
}

} // namespace sportello::bench
