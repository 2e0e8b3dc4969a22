#include "connection.hpp"

#include <sportello/base/text.hpp>

#include <charconv>
#include <cstring>
#include <memory>

namespace sportello::storage::sqlite {
namespace {

using base::ErrorKind;

class SqliteRow final : public Row {
public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
    [[nodiscard]] bool null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    [[nodiscard]] std::int64_t number(int column) const override { return sqlite3_column_int64(statement_, column); }
    [[nodiscard]] std::string_view text(int column) const override
    {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        if (bytes == nullptr) return {};
        return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

private:
    sqlite3_stmt* statement_;
};

/// The one row that an insertion's RETURNING id is.
class NewIdRow final : public Row {
public:
    explicit NewIdRow(std::int64_t id) : id_(id) {}
    [[nodiscard]] bool null(int) const override { return false; }
    [[nodiscard]] std::int64_t number(int) const override { return id_; }
    [[nodiscard]] std::string_view text(int) const override { return {}; }

private:
    std::int64_t id_;
};

constexpr std::string_view returning_id = " RETURNING id";

/// Whether the statement inserts one row for certain and asks for its key. SQLite would make a temporary table for the
/// answer, which it knows anyway; every `id` is the table's INTEGER PRIMARY KEY.
bool asks_for_new_id(std::string_view sql)
{
    return sql.starts_with("INSERT INTO ") && sql.ends_with(returning_id) && sql.find(" VALUES (") != std::string_view::npos &&
           sql.find(" ON CONFLICT ") == std::string_view::npos;
}

/// Makes a statement ready for its next use, however this one ends.
class ResetAtEnd {
public:
    explicit ResetAtEnd(sqlite3_stmt* statement) : statement_(statement) {}
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;
    ~ResetAtEnd() { sqlite3_reset(statement_); }

private:
    sqlite3_stmt* statement_;
};

/// PostgreSQL refuses U+0000 in text, so what one engine stores the other must store too (I24). The doors have cleaned
/// their texts; this holds for what slipped through.
bool holds_nul(std::string_view text)
{
    return !text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr;
}

int bind_text(sqlite3_stmt* statement, int parameter, std::string_view text)
{
    if (holds_nul(text)) {
        const std::string clean = base::clean_utf8(text);
        return sqlite3_bind_text64(statement, parameter, clean.data(), clean.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    const char* bytes = text.data() == nullptr ? "" : text.data(); // a null pointer would bind NULL
    return sqlite3_bind_text64(statement, parameter, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

std::string settings(const ConnectionOptions& options)
{
    return "PRAGMA busy_timeout = 5000;"
           "PRAGMA synchronous = FULL;"
           "PRAGMA foreign_keys = ON;"
           "PRAGMA secure_delete = ON;"
           "PRAGMA mmap_size = 0;"
           "PRAGMA wal_autocheckpoint = 0;"
           "PRAGMA temp_store = MEMORY;"
           "PRAGMA trusted_schema = OFF;"
           "PRAGMA journal_size_limit = 67108864;"
           "PRAGMA cache_size = -" +
           std::to_string(options.cache_kib) + ";" + (options.read_only ? "PRAGMA query_only = ON;" : "");
}

/// Before SQLite's first use in the program: its accounts of memory take a lock at each allocation, and nobody reads them.
void configure_once()
{
    static const int answer = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)answer; // too late is no mistake: only slower
}

} // namespace

Connection::Connection(const std::string& path, const ConnectionOptions& options) : path_(path)
{
    configure_once();
    const int flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_EXRESCODE;
    try {
        if (sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) != SQLITE_OK) throw failure();
        sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        // Without this, each bound value that a partial index asks about ("status = $1" beside WHERE status = 'solved') has the
        // statement compiled anew at its every use: the list of tickets spent 98 of 100 parts of its time in the compiler.
        sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
        run_script(settings(options));
    } catch (...) {
        sqlite3_close_v2(db_);
        throw;
    }
}

Connection::~Connection()
{
    for (auto& [address, known] : prepared_) sqlite3_finalize(known.statement);
    sqlite3_close_v2(db_);
}

std::int64_t Connection::execute(std::string_view sql, std::span<const Value> values, const std::function<bool(const Row&)>& on_row)
{
    const Prepared& kept = prepared(sql);
    if (!sqlite3_stmt_busy(kept.statement)) {
        bind(kept, values);
        return step_through(kept, on_row);
    }
    // The same statement again from within its own rows: a second copy for this once.
    const Prepared copy = prepare(sql);
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> finalize_at_end(copy.statement, &sqlite3_finalize);
    bind(copy, values);
    return step_through(copy, on_row);
}

std::int64_t Connection::step_through(const Prepared& prepared, const std::function<bool(const Row&)>& on_row) const
{
    const ResetAtEnd reset(prepared.statement);
    const SqliteRow row(prepared.statement);
    int code = sqlite3_step(prepared.statement);
    for (bool wanted = true; code == SQLITE_ROW; code = sqlite3_step(prepared.statement)) {
        wanted = wanted && on_row && on_row(row);
        // A reader may stop early; a writer with RETURNING goes on to its end, so that its effect is complete.
        if (!wanted && sqlite3_stmt_readonly(prepared.statement)) return 0;
    }
    if (code != SQLITE_DONE) throw failure();
    if (prepared.tells_new_id && on_row) (void)on_row(NewIdRow(sqlite3_last_insert_rowid(db_)));
    return sqlite3_stmt_readonly(prepared.statement) ? 0 : sqlite3_changes64(db_);
}

Connection::Prepared& Connection::prepared(std::string_view sql)
{
    Prepared& known = prepared_[sql.data()];
    if (known.statement != nullptr) {
        // Literals have one address each; the comparison is for those that begin alike or were not literals at all.
        if (sql == known.sql) return known;
        sqlite3_finalize(known.statement);
        known = {};
    }
    known = prepare(sql);
    return known;
}

Connection::Prepared Connection::prepare(std::string_view sql) const
{
    Prepared fresh;
    fresh.sql = sql;
    fresh.tells_new_id = asks_for_new_id(sql);
    if (fresh.tells_new_id) sql.remove_suffix(returning_id.size());
    if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &fresh.statement, nullptr) !=
        SQLITE_OK) {
        throw failure();
    }
    // SQLite numbers `$n` in the order of appearance; we count them by n, as PostgreSQL does.
    for (int parameter = 1; parameter <= sqlite3_bind_parameter_count(fresh.statement); ++parameter) {
        const std::string_view name = sqlite3_bind_parameter_name(fresh.statement, parameter);
        std::size_t n = 0;
        std::from_chars(name.data() + 1, name.data() + name.size(), n);
        fresh.value_of.push_back(n - 1);
    }
    return fresh;
}

void Connection::bind(const Prepared& prepared, std::span<const Value> values) const
{
    int parameter = 0;
    for (const std::size_t index : prepared.value_of) {
        ++parameter;
        if (index >= values.size()) {
            throw Failure(ErrorKind::internal, std::string("statement wants more values: ") + sqlite3_sql(prepared.statement));
        }
        const Value& value = values[index];
        int code = SQLITE_OK;
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            code = sqlite3_bind_int64(prepared.statement, parameter, *number);
        } else if (const auto* text = std::get_if<std::string_view>(&value)) {
            code = bind_text(prepared.statement, parameter, *text);
        } else {
            code = sqlite3_bind_null(prepared.statement, parameter);
        }
        if (code != SQLITE_OK) throw failure();
    }
}

void Connection::run_script(const std::string& sql)
{
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw failure();
}

std::int64_t Connection::number(std::string_view sql)
{
    return first(sql, [](const Row& row) { return row.number(0); }).value_or(0);
}

std::string Connection::text(std::string_view sql)
{
    return first(sql, [](const Row& row) { return row.string(0); }).value_or("");
}

void Connection::abandon() noexcept
{
    if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Failure Connection::failure() const
{
    if (db_ == nullptr) return Failure(ErrorKind::unavailable, "out of memory while opening the database " + path_);
    const std::string detail = std::string(sqlite3_errmsg(db_)) + " (SQLite " + std::to_string(sqlite3_extended_errcode(db_)) + ")";
    switch (sqlite3_errcode(db_) & 0xff) {
    case SQLITE_FULL:
        return Failure(ErrorKind::unavailable, "no space left for the database " + path_ +
                                                   ": free some disk space; "
                                                   "service resumes by itself. " +
                                                   detail);
    case SQLITE_IOERR:
        return Failure(ErrorKind::unavailable, "the disk of the database " + path_ + " failed: " + detail);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Failure(ErrorKind::unavailable, "the database " + path_ + " is locked by another program: " + detail);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return Failure(ErrorKind::unavailable, "the database " + path_ +
                                                   " cannot be opened or written: check that the "
                                                   "file and its directory belong to the server's user. " +
                                                   detail);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return Failure(ErrorKind::internal, "the database " + path_ +
                                                " is damaged: stop the server, keep a copy of the "
                                                "file and restore the last backup. " +
                                                detail);
    default:
        return Failure(ErrorKind::internal, "database " + path_ + ": " + detail);
    }
}

} // namespace sportello::storage::sqlite
