#include "server_process.hpp"

#include <sqlite3.h>
#include <gmock/gmock.h>

#include <fstream>

namespace sportello::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A configuration on which every command works, in a folder of its own; no platform is asked for anything.
class StartUp : public testing::Test {
protected:
    StartUp() { configure(""); }

    void configure(const std::string& more)
    {
        write_file(config, "[server]\nlisten = \"127.0.0.1:0\"\n[storage]\nurl = \"sqlite:" + database.string() +
                               "\"\n[log]\nlevel = \"error\"\n[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n" +
                               more);
    }
    Finished sportello(std::vector<std::string> arguments, std::string input = "")
    {
        arguments.insert(arguments.begin(), program("sportello"));
        arguments.insert(arguments.end(), {"--config", config});
        return run_program(std::move(arguments), {}, std::move(input));
    }

    TemporaryFolder folder;
    std::filesystem::path config = folder / "sportello.toml";
    std::filesystem::path database = folder / "sportello.db";
};

TEST_F(StartUp, CheckConfigSaysWhetherThereAreMistakes)
{
    const Finished good = sportello({"check-config"});
    EXPECT_EQ(good.status, 0) << good.error;
    EXPECT_THAT(good.out, HasSubstr("no mistakes"));

    configure("[polling]\nopen = 5\n[assignment]\npolicy = \"random\"\n");
    const Finished bad = sportello({"check-config"});
    EXPECT_EQ(bad.status, 1);
    EXPECT_THAT(bad.error, AllOf(HasSubstr(config.string() + ":12:8: "), HasSubstr(config.string() + ":14:10: "), HasSubstr("2 mistakes")));
    EXPECT_FALSE(std::filesystem::exists(database)) << "nothing was started";
}

TEST_F(StartUp, AnUnknownCommandOrOptionIsAnsweredWithWhatThereIs)
{
    const Finished command = sportello({"sreve"});
    EXPECT_EQ(command.status, 2);
    EXPECT_THAT(command.error, AllOf(HasSubstr("'sreve'"), HasSubstr("sportello help")));
    const Finished option = sportello({"serve", "--prot", "8080"});
    EXPECT_EQ(option.status, 2);
    EXPECT_THAT(option.error, HasSubstr("--prot"));
    const Finished port = sportello({"serve", "--port", "70000"});
    EXPECT_EQ(port.status, 2);
    EXPECT_THAT(port.error, HasSubstr("from 0 to 65535"));
    EXPECT_EQ(sportello({"user", "promote", "anna"}).status, 2);
}

TEST_F(StartUp, PlanSaysWhatItDoesNotKnowAndAnswersWithAssumedFigures)
{
    const Finished unknown = sportello({"plan"});
    EXPECT_EQ(unknown.status, 1) << unknown.error;
    EXPECT_THAT(unknown.out, HasSubstr("The history is too short"));
    const std::vector<std::string> assumed{"plan", "--assume-messages", "5", "--assume-handling", "10m", "--hours", "mon-fri 09:00-18:00"};
    const Finished known = sportello(assumed);
    EXPECT_EQ(known.status, 0) << known.error;
    EXPECT_THAT(known.out, AllOf(HasSubstr("<- enough"), HasSubstr("By the hour"), HasSubstr("enough: ")));
    // What stands before counts how long the history is, and may have grown by an hour since.
    const auto played = [](const std::string& text) { return text.substr(std::min(text.find("Played"), text.size())); };
    EXPECT_EQ(played(sportello(assumed).out), played(known.out)) << "the same weeks";
    auto as_csv = assumed;
    as_csv.push_back("--csv");
    EXPECT_THAT(sportello(as_csv).out, testing::StartsWith("agents,meets_goal,mean_seconds"));
    EXPECT_EQ(sportello({"plan", "--hours", "always"}).status, 2);
    EXPECT_EQ(sportello({"plan", "--brand", "nobody"}).status, 2);
    EXPECT_EQ(sportello({"plan", "--inside", "0"}).status, 2);
}

TEST_F(StartUp, AMissingTokenIsNamedWithItsPlace)
{
    configure(
        "[[channel]]\nid = \"x\"\nbrand = \"tim\"\nplatform = \"twitter\"\naccount = \"TIM\"\ncredentials = \"env:NOBODY_SET_THIS\"\n");
    const Finished served = sportello({"serve"});
    EXPECT_EQ(served.status, 1);
    EXPECT_THAT(served.error,
                AllOf(HasSubstr(config.string() + ":16:15: "), HasSubstr("NOBODY_SET_THIS is not set"), HasSubstr("set it to")));
}

TEST_F(StartUp, ADamagedDatabaseIsLeftAsItIs)
{
    ASSERT_EQ(sportello({"migrate"}).status, 0);
    {
        std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(100);
        file << std::string(40'000, '\xa5'); // the schema and what follows it
    }
    const std::string before = read_file(database);
    for (const char* command : {"serve", "migrate"}) {
        const Finished refused = sportello({command});
        EXPECT_EQ(refused.status, 1) << command;
        EXPECT_THAT(refused.error, AllOf(HasSubstr(database.string()), HasSubstr("damaged"), HasSubstr("restore the last backup")))
            << command;
    }
    EXPECT_EQ(read_file(database), before);
}

TEST_F(StartUp, AFileThatIsNoDatabaseIsLeftAsItIs)
{
    const std::string letter(5000, 'x');
    write_file(database, letter);
    const Finished refused = sportello({"serve"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.error, AllOf(HasSubstr(database.string()), HasSubstr("not a database of Sportello"), HasSubstr("storage.url")));
    EXPECT_EQ(read_file(database), letter);
}

TEST_F(StartUp, ADatabaseOfANewerVersionIsRefused)
{
    ASSERT_EQ(sportello({"migrate"}).status, 0);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(database.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, "INSERT INTO schema_migration VALUES (9999, '9999_from_the_future.sql', 'x', 0); PRAGMA user_version = 9999",
                           nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
    const Finished refused = sportello({"serve"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.error, AllOf(HasSubstr(database.string()), HasSubstr("newer"), HasSubstr("9999")));
}

TEST_F(StartUp, TheAuditIsVerifiedAndAChangeIsFound)
{
    ASSERT_EQ(sportello({"migrate"}).status, 0);
    const auto run = [&](const char* sql) {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(database.c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
        sqlite3_close(db);
    };
    const Finished whole = sportello({"audit", "verify"});
    EXPECT_EQ(whole.status, 0) << whole.error;
    EXPECT_THAT(whole.out, HasSubstr("0 entries"));
    EXPECT_EQ(sportello({"audit", "verify", "--expect", "1:" + std::string(64, 'a')}).status, 1);
    EXPECT_EQ(sportello({"audit", "verify", "--expect", "x"}).status, 2);
    EXPECT_EQ(sportello({"audit"}).status, 2);
    run("INSERT INTO audit VALUES (1, 0, 1, 'x', '', '', '', '', '', '', '', 'not its hash')");
    const Finished changed = sportello({"audit", "verify"});
    EXPECT_EQ(changed.status, 1);
    EXPECT_THAT(changed.error, HasSubstr("entry 1"));
}

TEST_F(StartUp, AFolderThatIsNotThereIsNamed)
{
    database = folder / "nowhere" / "sportello.db";
    configure("");
    const Finished refused = sportello({"migrate"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.error, AllOf(HasSubstr((folder / "nowhere").string()), HasSubstr("does not exist"), HasSubstr("storage.url")));
}

TEST_F(StartUp, PeopleAreAddedOnce)
{
    const std::vector<std::string> add{"user", "add", "anna", "--name", "Anna", "--role", "supervisor", "--password-stdin"};
    EXPECT_EQ(sportello(add, "a long password\n").status, 0);
    const Finished again = sportello(add, "a long password\n");
    EXPECT_EQ(again.status, 1);
    EXPECT_THAT(again.error, HasSubstr("anna"));
    const Finished weak = sportello({"user", "passwd", "anna", "--password-stdin"}, "short\n");
    EXPECT_EQ(weak.status, 1);
    EXPECT_THAT(weak.error, HasSubstr("from 8 to 1000"));
    const Finished unknown = sportello({"user", "passwd", "nobody", "--password-stdin"}, "a long password\n");
    EXPECT_EQ(unknown.status, 1);
    EXPECT_THAT(unknown.error, AllOf(HasSubstr("'nobody'"), HasSubstr("sportello user add")));
    EXPECT_EQ(sportello({"user", "add", "berta", "--role", "boss", "--password-stdin"}, "a long password\n").status, 2);
}

TEST_F(StartUp, ABusyPortOrAServedDatabaseIsNamedWithWhatToDo)
{
    LiveHouse house;
    house.start_simulator();
    house.start_server();
    const std::string port = house.server_url().substr(house.server_url().rfind(':') + 1);
    const Finished same_port = sportello({"serve", "--port", port});
    EXPECT_EQ(same_port.status, 1);
    EXPECT_THAT(same_port.error, AllOf(HasSubstr("127.0.0.1"), HasSubstr(port), HasSubstr("in use")));

    const Finished same_database =
        run_program({program("sportello"), "serve", "--port", "0", "--config", house.config()}, house.credentials());
    EXPECT_EQ(same_database.status, 1);
    EXPECT_THAT(same_database.error,
                AllOf(HasSubstr(house.database().string()), HasSubstr("already served by"), HasSubstr(std::to_string(house.server_pid()))));
    EXPECT_EQ(house.get("/healthz").status, 200) << "the first is none the worse";
}

TEST(Users, LogInWithTheLastPasswordUntilDisabled)
{
    LiveHouse house;
    house.start_simulator();
    house.start_server();
    const auto user = [&](std::vector<std::string> words, const std::string& input) {
        words.insert(words.begin(), {program("sportello"), "user"});
        words.insert(words.end(), {"--config", house.config()});
        return run_program(words, house.credentials(), input);
    };
    const auto status_of_log_in = [&](const std::string& password) {
        return house.post("/v1/session", {{"login", "anna.bianchi"}, {"password", password}}).status;
    };
    // While the server runs, as ops do it.
    EXPECT_EQ(status_of_log_in("a first password"), 401) << "nobody of that name yet";
    const Finished added = user({"add", "anna.bianchi", "--name", "Anna Bianchi", "--password-stdin"}, "a first password\n");
    EXPECT_EQ(added.status, 0) << added.error;
    EXPECT_EQ(status_of_log_in("a first password"), 200);
    EXPECT_EQ(status_of_log_in("a wrong password"), 401);
    EXPECT_EQ(user({"passwd", "anna.bianchi", "--password-stdin"}, "a second password\n").status, 0);
    EXPECT_EQ(status_of_log_in("a first password"), 401);
    EXPECT_EQ(status_of_log_in("a second password"), 200);
    const Finished invited = user({"invite", "anna.bianchi"}, "");
    EXPECT_THAT(invited.out, AllOf(HasSubstr("http://127.0.0.1:"), HasSubstr("/access#")));
    const std::string token = invited.out.substr(invited.out.find('#') + 1, 43);
    const Answer redeemed = house.post("/v1/access-links/redeem", {{"token", token}, {"password", "a third password"}});
    EXPECT_EQ(redeemed.status, 200) << redeemed.text;
    EXPECT_EQ(status_of_log_in("a second password"), 401);
    EXPECT_EQ(status_of_log_in("a third password"), 200);
    EXPECT_EQ(user({"no-second-factor", "anna.bianchi"}, "").status, 0);
    EXPECT_EQ(user({"disable", "anna.bianchi"}, "").status, 0);
    EXPECT_NE(status_of_log_in("a third password"), 200);
    EXPECT_EQ(user({"invite", "anna.bianchi"}, "").status, 1);
    for (const std::string action : {"agent.added", "agent.changed", "agent.link_made", "agent.second_factor_off", "agent.disabled"}) {
        EXPECT_EQ(house.count("SELECT count(*) FROM audit WHERE actor_id IS NULL AND came_from = '' AND action = '" + action + "'"), 1)
            << action;
    }
    EXPECT_EQ(house.stop_server(), 0);
}

TEST(Server, LetsTheFirstAdminInByTheTokenOnItsConsole)
{
    LiveHouse house;
    house.start_simulator();
    house.start_server();
    const std::string console = house.server_log();
    const std::size_t at = console.find("/access#");
    ASSERT_NE(at, std::string::npos) << console;
    const nlohmann::json admin{
        {"token", console.substr(at + 8, 43)}, {"login", "boss"}, {"name", "The Boss"}, {"password", LiveHouse::password}};
    EXPECT_EQ(house.post("/v1/access-links/redeem", admin).status, 200);
    EXPECT_EQ(house.post("/v1/access-links/redeem", admin).status, 404) << "once";
    house.log_in("boss");
    EXPECT_EQ(house.get("/v1/me").body.at("role"), "admin");
    EXPECT_EQ(house.stop_server(), 0);
    house.start_server();
    const std::string after = house.server_log().substr(console.size());
    EXPECT_EQ(after.find("/access#"), std::string::npos) << "there is an admin now";
    EXPECT_EQ(house.stop_server(), 0);
}

TEST(Server, RefusesWhatItCannotReadAndGoesOn)
{
    LiveHouse house;
    house.start_simulator();
    house.start_server();
    house.set_password(LiveHouse::agent);
    house.log_in();
    const Answer malformed = house.post("/v1/compose/preview", "no object");
    EXPECT_EQ(malformed.status / 100, 4);
    EXPECT_THAT(malformed.text, AllOf(HasSubstr("\"detail\""), HasSubstr("\"request_id\"")));
    const Answer oversized = house.post("/v1/compose/preview", {{"platform", "twitter"}, {"text", std::string(2'000'000, 'x')}});
    EXPECT_TRUE(oversized.status == 413 || oversized.status == 0) << oversized.text; // it may hang up before it has read all
    const Answer wrong = house.post("/v1/session", {{"login", LiveHouse::agent}, {"password", "not the password"}});
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(house.get("/v1/me").status, 200);
    EXPECT_EQ(house.stop_server(), 0);
}

} // namespace
} // namespace sportello::test
