#include "list_shapes.hpp"
#include "postgres_cluster.hpp"
#include "statement.hpp"
#include "support.hpp"

#include <libpq-fe.h>

#include <fstream>
#include <iterator>
#include <set>

namespace sportello::storage::test {
namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// The error, or nothing.
std::string run(PGconn* connection, const std::string& sql)
{
    const Answer answer(PQexec(connection, sql.c_str()), &PQclear);
    return PQresultStatus(answer.get()) == PGRES_COMMAND_OK ? "" : PQresultErrorMessage(answer.get());
}

std::string prepare(PGconn* connection, std::string_view sql)
{
    const Answer answer(PQprepare(connection, "", std::string(sql).c_str(), 0, nullptr), &PQclear);
    return PQresultStatus(answer.get()) == PGRES_COMMAND_OK ? "" : PQresultErrorMessage(answer.get());
}

std::string file(const std::filesystem::path& path)
{
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::set<std::string> names_in(const std::filesystem::path& folder)
{
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
    return names;
}

class Postgres : public testing::Test {
protected:
    void SetUp() override
    {
        std::string why;
        cluster = PostgresCluster::find_or_start(why);
        if (!cluster) GTEST_SKIP() << why;
        connection = Connection(PQconnectdb(cluster->url().c_str()), &PQfinish);
        ASSERT_EQ(PQstatus(connection.get()), CONNECTION_OK) << PQerrorMessage(connection.get());
        // A schema of this test's own, never seen by others: it ends with the transaction.
        ASSERT_EQ(run(connection.get(), "BEGIN"), "");
        ASSERT_EQ(run(connection.get(), "CREATE SCHEMA sportello_test"), "");
        ASSERT_EQ(run(connection.get(), "SET LOCAL search_path = sportello_test"), "");
        for (const std::string& name : names_in(migrations_folder() / "postgresql")) {
            ASSERT_EQ(run(connection.get(), file(migrations_folder() / "postgresql" / name)), "") << name;
        }
    }

    void expect_prepares(std::string_view sql)
    {
        ASSERT_EQ(run(connection.get(), "SAVEPOINT one"), "");
        EXPECT_EQ(prepare(connection.get(), sql), "") << sql;
        ASSERT_EQ(run(connection.get(), "ROLLBACK TO one"), "");
    }

    std::unique_ptr<PostgresCluster> cluster;
    Connection connection{nullptr, &PQfinish};
};

TEST_F(Postgres, PreparesEveryStatement)
{
    const auto statements = all_statements();
    EXPECT_GT(statements.size(), 80u) << "are all repositories linked?";
    for (const std::string_view sql : statements) expect_prepares(sql);

    std::set<std::string_view> lists;
    for_each_list_shape([&](const ListShape& shape) { lists.insert(shape.query().sql); });
    EXPECT_GT(lists.size(), 500u);
    for (const std::string_view sql : lists) expect_prepares(sql);
}

TEST(Migrations, HaveEqualNumbersOnBothEngines)
{
    EXPECT_EQ(names_in(migrations_folder() / "sqlite"), names_in(migrations_folder() / "postgresql"));
}

} // namespace
} // namespace sportello::storage::test
