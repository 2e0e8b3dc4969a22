#include "bare_postgres.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace sportello::bench {
namespace {

using PostgresAnswer = std::unique_ptr<PGresult, decltype(&PQclear)>;

} // namespace

struct BarePostgres::Impl {
    explicit Impl(const std::string& url) : connection(PQconnectdb(url.c_str()), &PQfinish)
    {
        if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
        PQsetNoticeProcessor(
            connection.get(), [](void*, const char*) {}, nullptr);
    }
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection;
    std::set<std::string> prepared;
    std::size_t bytes = 0; ///< seen; kept so that looking is not optimized away

    PostgresAnswer expect_answer(PGresult* raw, const std::string& doing) const
    {
        PostgresAnswer answer(raw, &PQclear);
        const auto status = PQresultStatus(raw);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(doing + ": " + PQerrorMessage(connection.get()));
        return answer;
    }
    PostgresAnswer run_prepared(const std::string& name, const std::string& sql, const std::vector<const char*>& values)
    {
        if (prepared.insert(name).second) expect_answer(PQprepare(connection.get(), name.c_str(), sql.c_str(), 0, nullptr), sql);
        return expect_answer(
            PQexecPrepared(connection.get(), name.c_str(), static_cast<int>(values.size()), values.data(), nullptr, nullptr, 0), sql);
    }
};

BarePostgres::BarePostgres(const std::string& url) : impl_(std::make_unique<Impl>(url)) {}

BarePostgres::~BarePostgres() = default;

void BarePostgres::run(const std::string& sql)
{
    impl_->expect_answer(PQexec(impl_->connection.get(), sql.c_str()), sql);
}

std::vector<PostgresCells> BarePostgres::rows(const std::string& sql)
{
    const auto answer = impl_->expect_answer(PQexec(impl_->connection.get(), sql.c_str()), sql);
    std::vector<PostgresCells> all;
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
        PostgresCells& cells = all.emplace_back();
        for (int column = 0; column < PQnfields(answer.get()); ++column) {
            if (PQgetisnull(answer.get(), row, column)) cells.emplace_back();
            else cells.emplace_back(PQgetvalue(answer.get(), row, column));
        }
    }
    return all;
}

std::int64_t BarePostgres::number(const std::string& sql)
{
    return std::stoll(rows(sql).at(0).at(0).value());
}

void BarePostgres::insert(const std::string& table, const PostgresCells& row)
{
    std::string places;
    std::vector<const char*> values;
    for (const auto& cell : row) {
        values.push_back(cell ? cell->c_str() : nullptr);
        places += (places.empty() ? "$" : ",$") + std::to_string(values.size());
    }
    impl_->run_prepared("insert_" + table, "INSERT INTO " + table + " VALUES (" + places + ")", values);
}

std::size_t BarePostgres::read(const std::string& name, const std::string& sql, const std::vector<std::string>& values)
{
    std::vector<const char*> texts;
    for (const std::string& value : values) texts.push_back(value.c_str());
    const auto answer = impl_->run_prepared(name, sql, texts);
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
        for (int column = 0; column < PQnfields(answer.get()); ++column)
            impl_->bytes += std::string_view(PQgetvalue(answer.get(), row, column)).size();
    }
    return static_cast<std::size_t>(PQntuples(answer.get()));
}

int BarePostgres::server_process()
{
    // The first line of the file that the server keeps in its data folder.
    const auto line = rows("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)").at(0).at(0).value();
    return std::stoi(line);
}

std::string url_of_database(const std::string& url, const std::string& database)
{
    // postgresql://HOST/NAME?…
    const auto slash = url.find('/', url.find("://") + 3);
    return url.substr(0, slash + 1) + database + url.substr(std::min(url.find('?', slash), url.size()));
}

} // namespace sportello::bench
