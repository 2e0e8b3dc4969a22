#include "postgresql/schema.hpp"
#include "support.hpp"
#include "support/caught_log.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>

// What the start says about the standby that PostgreSQL has, or has not.
namespace sportello::storage::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string said_about(const std::string& url)
{
    postgresql::Connection session({.url = url, .name = "test", .keep_prepared = true});
    const sportello::test::CaughtLog log;
    postgresql::warn_without_standby(session);
    return log.text();
}

TEST(Standby, IsMissedWhereTheServerIsAlone)
{
    std::string why;
    const auto alone = sportello::test::PostgresCluster::find_or_start(why);
    if (!alone) GTEST_SKIP() << why;
    EXPECT_THAT(said_about(alone->url_of("postgres")), HasSubstr("has no synchronous standby"));
}

TEST(Standby, IsMissedUnlessCommitsWaitForOneThatIsThere)
{
    std::string why;
    const auto pair = sportello::test::PostgresPair::start(why);
    if (!pair) GTEST_SKIP() << why;
    EXPECT_THAT(said_about(pair->url()), IsEmpty());
    EXPECT_THAT(said_about(pair->url() + "&options=-csynchronous_commit%3Dlocal"), HasSubstr("has no synchronous standby"));

    postgresql::Connection owner({.url = pair->url(), .name = "test", .keep_prepared = true});
    owner.run_script("CREATE ROLE watched LOGIN");
    std::string as_another = pair->url();
    as_another.replace(as_another.find("user=sportello"), std::string_view("user=sportello").size(), "user=watched");
    EXPECT_THAT(said_about(as_another), HasSubstr("GRANT pg_monitor"));
    owner.run_script("GRANT pg_monitor TO watched");
    EXPECT_THAT(said_about(as_another), IsEmpty());

    owner.run_script("ALTER SYSTEM SET synchronous_standby_names = 'somebody_else'");
    owner.run_script("SELECT pg_reload_conf()");
    while (owner.text("SHOW synchronous_standby_names") != "somebody_else" ||
           owner.number("SELECT count(*) FROM pg_stat_replication WHERE sync_state <> 'async'") != 0) {}
    EXPECT_THAT(said_about(pair->url()), HasSubstr("no standby that synchronous_standby_names asks for is connected"));
}

} // namespace
} // namespace sportello::storage::test
