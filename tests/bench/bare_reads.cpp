#include "bare_reads.hpp"

#include <map>
#include <stdexcept>

namespace sportello::bench {

struct BareReads::Impl {
    sqlite3* db = nullptr;
    std::map<const char*, sqlite3_stmt*> prepared; ///< by the literal's address
    std::size_t bytes = 0;                         ///< seen; kept so that looking is not optimized away

    [[noreturn]] void fail(const std::string& doing) const { throw std::runtime_error(doing + ": " + sqlite3_errmsg(db)); }
    sqlite3_stmt* statement(const char* sql)
    {
        sqlite3_stmt*& known = prepared[sql];
        if (!known && sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &known, nullptr) != SQLITE_OK) fail(sql);
        return known;
    }
};

BareReads::BareReads(const std::filesystem::path& file) : impl_(std::make_unique<Impl>())
{
    if (sqlite3_open_v2(file.c_str(), &impl_->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) impl_->fail(file);
    sqlite3_exec(impl_->db, "PRAGMA cache_size = -8192", nullptr, nullptr, nullptr); // as both readers of ours together
}

BareReads::~BareReads()
{
    for (const auto& [sql, statement] : impl_->prepared) sqlite3_finalize(statement);
    sqlite3_close(impl_->db);
}

void BareReads::begin()
{
    read("BEGIN", {});
}

void BareReads::end()
{
    read("COMMIT", {});
}

void BareReads::read(const char* sql, const std::vector<Bound>& values, const std::function<void(sqlite3_stmt*)>& each)
{
    sqlite3_stmt* const statement = impl_->statement(sql);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int place = static_cast<int>(i) + 1;
        if (const auto* whole = std::get_if<std::int64_t>(&values[i])) {
            sqlite3_bind_int64(statement, place, *whole);
        } else {
            const auto& text = std::get<std::string>(values[i]);
            sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
        }
    }
    int got = 0;
    while ((got = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(statement); ++column) {
            if (sqlite3_column_type(statement, column) == SQLITE_TEXT) {
                (void)sqlite3_column_text(statement, column);
                impl_->bytes += static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            } else {
                impl_->bytes += static_cast<std::size_t>(sqlite3_column_int64(statement, column) != 0);
            }
        }
        if (each) each(statement);
    }
    if (got != SQLITE_DONE) impl_->fail(sql);
    sqlite3_reset(statement);
}

} // namespace sportello::bench
