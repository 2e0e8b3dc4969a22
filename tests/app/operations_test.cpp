#include "server_process.hpp"

#include <backup.hpp>
#include <config.hpp>
#include <mailer.hpp>

#include <sportello/storage/backup.hpp>

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

// What an operator does to a running server: back up, restore, reload, stop, install, be told.
namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Finished sportello(const LiveHouse& house, std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), program("sportello"));
    arguments.insert(arguments.end(), {"--config", house.config()});
    return run_program(std::move(arguments), house.credentials());
}

std::vector<std::filesystem::path> backups(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    for (const auto& backup : app::backups_in(folder)) files.push_back(backup.file);
    return files;
}

LiveHouseOptions with_toml(std::string toml)
{
    LiveHouseOptions options;
    options.toml = std::move(toml);
    return options;
}

constexpr const char* page = "104000000000002";

TEST(Backup, UnderLoadIsWholeAndComesBackInQuarantine)
{
    LiveHouse house(with_toml("[backup]\ndirectory = \"BACKUPS\"\nkeep = 1\n"));
    const auto folder = house.folder() / "backups";
    house.start_simulator();
    write_file(house.config(), [&] {
        std::string text = read_file(house.config());
        return text.replace(text.find("BACKUPS"), 7, folder.string());
    }());
    house.start_server();
    for (int i = 0; i < 5; ++i)
        house.customer_writes("facebook", page, "post", "Cliente " + std::to_string(i), "Niente linea " + std::to_string(i));
    ASSERT_TRUE(house.eventually("tickets", [&] { return house.count("SELECT COUNT(*) FROM ticket") == 5; }));

    for (int round = 0; round < 2; ++round) {
        const auto backup = std::make_unique<Process>(Command{
            {program("sportello"), "backup", "--config", house.config()}, house.credentials(), house.folder() / "backup.log", {}, {}});
        for (int i = 0; i < 20; ++i) {
            house.customer_writes("facebook", page, "post", "Cliente " + std::to_string(round) + "-" + std::to_string(i), "Ancora niente");
        }
        EXPECT_EQ(backup->wait(), 0) << read_file(house.folder() / "backup.log");
    }
    ASSERT_EQ(backups(folder).size(), 1U) << "the newest stays";
    const auto newest = backups(folder).front();
    EXPECT_TRUE(storage::inspect_database(newest));
    EXPECT_EQ(std::filesystem::status(newest).permissions() & std::filesystem::perms::others_all, std::filesystem::perms::none);
    EXPECT_TRUE(house.eventually(
        "the metrics tell its age", [&] { return house.get("/metrics").text.find("sportello_backup_age_seconds") != std::string::npos; },
        5));

    const Finished looked = sportello(house, {"restore", "--check", newest});
    EXPECT_EQ(looked.status, 0) << looked.error;
    EXPECT_THAT(looked.out, AllOf(HasSubstr("checksum is right"), HasSubstr("this version opens it"), HasSubstr("Nothing was changed")));
    const Finished served = sportello(house, {"restore", newest});
    EXPECT_EQ(served.status, 1) << "not under a running server";
    EXPECT_THAT(served.error, HasSubstr("already served by"));

    EXPECT_EQ(house.stop_server(), 0);
    const auto before = house.count("SELECT COUNT(*) FROM ticket");
    const Finished restored = sportello(house, {"restore", newest});
    EXPECT_EQ(restored.status, 0) << restored.error;
    EXPECT_THAT(restored.out, HasSubstr("in quarantine"));
    house.start_server();
    EXPECT_TRUE(house.eventually("the server says so", [&] { return house.server_log().find("restored") != std::string::npos; }));
    ASSERT_TRUE(
        house.eventually("what came after the backup is read again", [&] { return house.count("SELECT COUNT(*) FROM ticket") >= before; }));
    EXPECT_EQ(house.stop_server(), 0);
}

TEST(Backup, WhatIsDamagedIsNeverTakenForOne)
{
    TemporaryFolder folder;
    const auto config = folder / "sportello.toml", database = folder / "sportello.db";
    write_file(config, "[storage]\nurl = \"sqlite:" + database.string() +
                           "\"\n[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n");
    const auto call = [&](std::vector<std::string> words) {
        words.insert(words.begin(), program("sportello"));
        words.insert(words.end(), {"--config", config});
        return run_program(words);
    };
    EXPECT_EQ(call({"backup", "--to", folder / "b"}).status, 1) << "there is no database yet";
    ASSERT_EQ(call({"migrate"}).status, 0);
    EXPECT_EQ(call({"backup"}).status, 2) << "where to?";
    ASSERT_EQ(call({"backup", "--to", folder / "b"}).status, 0);
    const auto made = backups(folder / "b").front();
    {
        std::fstream file(made, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(5000);
        file << "x";
    }
    const Finished changed = call({"restore", "--check", made});
    EXPECT_EQ(changed.status, 1);
    EXPECT_THAT(changed.error, HasSubstr("checksum differs"));
    std::filesystem::remove(made.string() + ".sha256");
    {
        std::fstream file(made, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);
        file << std::string(30'000, '\xa5');
    }
    const std::string present = read_file(database);
    EXPECT_EQ(call({"restore", made}).status, 1);
    EXPECT_EQ(read_file(database), present) << "nothing was changed";
    EXPECT_EQ(call({"restore", folder / "nowhere.db"}).status, 1);
    EXPECT_EQ(call({"restore"}).status, 2);
    write_file(folder / "b" / "sportello-20260101T000000Z.db.partial", "of one that broke off");
    EXPECT_EQ(backups(folder / "b").size(), 1U);
}

/// Old program, its backup, new program: the way up, and the way back.
TEST(Upgrade, HasAWayBack)
{
    TemporaryFolder folder;
    const auto config = folder / "sportello.toml", database = folder / "sportello.db", old = folder / "old";
    // The migrations but the last: the program of before.
    std::filesystem::create_directories(old / "sqlite");
    std::vector<std::filesystem::path> all;
    for (const auto& entry : std::filesystem::directory_iterator(SPORTELLO_SOURCE_DIR "/migrations/sqlite")) all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i + 1 < all.size(); ++i) std::filesystem::copy(all[i], old / "sqlite" / all[i].filename());
    const auto configure = [&](const std::string& migrations) {
        write_file(config,
                   "[storage]\nurl = \"sqlite:" + database.string() + "\"\nmigrations = \"" + migrations +
                       "\"\n[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n[[agent]]\nlogin = \"chiara\"\n");
    };
    const auto call = [&](std::vector<std::string> words) {
        words.insert(words.begin(), program("sportello"));
        words.insert(words.end(), {"--config", config});
        return run_program(words);
    };
    configure(old);
    ASSERT_EQ(call({"migrate"}).status, 0);
    ASSERT_EQ(call({"backup", "--to", folder / "b"}).status, 0);
    const auto made = backups(folder / "b").front();

    configure(""); // the new program
    ASSERT_EQ(call({"restore", "--check", made}).status, 0) << "will it do? asked before anything is touched";
    ASSERT_EQ(call({"migrate"}).status, 0);
    configure(old); // back to the old one
    const Finished newer = call({"migrate"});
    EXPECT_EQ(newer.status, 1);
    EXPECT_THAT(newer.error, HasSubstr("newer"));
    ASSERT_EQ(call({"restore", made}).status, 0);
    EXPECT_EQ(call({"migrate"}).status, 0);
    EXPECT_EQ(storage::inspect_database(database).value().schema + 1, static_cast<std::int64_t>(all.size()));
}

TEST(Reload, TakesTheWholeConfigurationOrNothing)
{
    LiveHouse house;
    house.start_simulator();
    house.start_server();
    house.set_password(LiveHouse::agent);
    house.log_in();
    const std::string good = read_file(house.config());
    const auto reload = [&](const std::string& text, const std::string& said) {
        const auto before = house.server_log().size();
        write_file(house.config(), text);
        kill(house.server_pid(), SIGHUP);
        return house.eventually("the log says: " + said, [&] { return house.server_log().find(said, before) != std::string::npos; });
    };
    ASSERT_TRUE(reload(good + "[[brand]]\nid = \"fibra\"\nname = \"TIM Fibra\"\n", "reloaded"));
    EXPECT_THAT(house.get("/v1/brands").text, HasSubstr("TIM Fibra"));
    EXPECT_THAT(house.get("/metrics").text, HasSubstr("sportello_config_reload_ok 1"));
    EXPECT_EQ(house.get("/v1/me").status, 200) << "sessions go on";

    ASSERT_TRUE(reload(good + "[[brand]]\nid = \"fibra\"\ncolour = \"red\"\n", "reload refused"));
    EXPECT_THAT(house.server_log(), HasSubstr("colour"));
    EXPECT_THAT(house.get("/v1/brands").text, HasSubstr("TIM Fibra")) << "the old one stays in force";
    EXPECT_THAT(house.get("/metrics").text, HasSubstr("sportello_config_reload_ok 0"));

    ASSERT_TRUE(reload(good + "[server]\nlisten = \"127.0.0.1:1\"\nconnection_limit = 999\n", "at the next restart only"));
    EXPECT_THAT(house.server_log(), HasSubstr("server.listen"));
    EXPECT_THAT(house.get("/v1/brands").text, Not(HasSubstr("TIM Fibra")));

    // What is written during reloads is answered, and what was accepted leaves once.
    house.customer_writes("facebook", page, "post", "Anna Verdi", "Mi aiutate?");
    ASSERT_TRUE(house.eventually("the ticket", [&] { return house.count("SELECT COUNT(*) FROM ticket") == 1; }));
    for (int i = 0; i < 3; ++i) kill(house.server_pid(), SIGHUP);
    const auto replied = house.post("/v1/tickets/1/replies", {{"text", "Certo, subito."}, {"visibility", "public"}});
    EXPECT_EQ(replied.status, 202) << replied.text;
    for (int i = 0; i < 3; ++i) kill(house.server_pid(), SIGHUP);
    EXPECT_TRUE(
        house.eventually("it is published", [&] { return house.count("SELECT COUNT(*) FROM reply WHERE state = 'published'") == 1; }));
    EXPECT_EQ(house.stop_server(), 0);
}

TEST(Stop, TellsItsBalancerFirst)
{
    LiveHouse house(with_toml("[server]\ndrain = \"1s\"\n"));
    house.start_simulator();
    house.start_server();
    EXPECT_EQ(house.get("/readyz").status, 200);
    kill(house.server_pid(), SIGTERM);
    EXPECT_TRUE(house.eventually(
        "readiness ends", [&] { return house.get("/readyz").status == 503; }, 5));
    EXPECT_EQ(house.get("/healthz").status, 200);
    EXPECT_TRUE(house.eventually(
        "it is noted that it stopped in an orderly way",
        [&] { return house.count("SELECT COUNT(*) FROM server_start WHERE stopped_at IS NOT NULL") == 1; }, 10));
    EXPECT_EQ(house.stop_server(), 0);
}

/// A real SMTP server (Debian's python3-aiosmtpd).
class SmtpServer {
public:
    SmtpServer()
    {
        write_file(folder / "smtp.py", R"(import asyncio, sys
from aiosmtpd.handlers import Debugging
from aiosmtpd.smtp import SMTP
async def main():
    out = open(sys.argv[1], 'w', buffering=1)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Debugging(out)), '127.0.0.1', 0)
    open(sys.argv[2], 'w').write(str(server.sockets[0].getsockname()[1]))
    await asyncio.sleep(60)
asyncio.run(main())
)");
        if (!is_there()) return;
        process = std::make_unique<Process>(
            Command{{"/usr/bin/python3", folder / "smtp.py", folder / "mails", folder / "port"}, {}, folder / "log", {}, {}});
        for (int i = 0; i < 500 && read(folder / "port").empty() && !process->ended(); ++i) std::this_thread::sleep_for(20ms);
    }
    static bool is_there() { return run_program({"/usr/bin/python3", "-c", "import aiosmtpd"}).status == 0; }
    [[nodiscard]] std::string port() const { return read(folder / "port"); }
    [[nodiscard]] std::string mails() const { return read(folder / "mails"); }
    static std::string read(const std::filesystem::path& file) { return std::filesystem::exists(file) ? read_file(file) : ""; }

    TemporaryFolder folder;
    std::unique_ptr<Process> process;
};

TEST(Mail, ReachesARealServerAndSaysWhyNot)
{
    if (!SmtpServer::is_there()) GTEST_SKIP() << "python3-aiosmtpd is not installed";
    SmtpServer smtp;
    ASSERT_FALSE(smtp.port().empty()) << SmtpServer::read(smtp.folder / "log");
    TemporaryFolder folder;
    const auto config = folder / "sportello.toml";
    const auto configure = [&](const std::string& port) {
        write_file(
            config,
            "[storage]\nurl = \"sqlite:" + (folder / "x.db").string() +
                "\"\n[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n[mail]\nserver = \"smtp://127.0.0.1:" + port +
                "\"\nfrom = \"sportello@example.it\"\ntls = false\n"
                "[[alert]]\nname = \"ops\"\nto = [\"mailto:ops@example.it\"]\nescalate = [{ after = \"5m\", to = "
                "[\"mailto:boss@example.it\"] }]\n");
    };
    const auto test = [&] { return run_program({program("sportello"), "alert", "test", "--kind", "backup", "--config", config}); };
    configure(smtp.port());
    const Finished sent = test();
    EXPECT_EQ(sent.status, 0) << sent.out << sent.error;
    EXPECT_THAT(sent.out, AllOf(HasSubstr("mailto:ops@example.it  sent"), HasSubstr("mailto:boss@example.it  sent")));
    const std::string mails = smtp.mails();
    EXPECT_THAT(mails, AllOf(HasSubstr("From: Sportello <sportello@example.it>"), HasSubstr("To: <boss@example.it>"),
                             HasSubstr("Subject: [Sportello] This is a test"), HasSubstr("Auto-Submitted: auto-generated")));

    app::MailSettings settings;
    settings.server = "smtp://127.0.0.1:" + smtp.port();
    settings.from = "sportello@example.it";
    settings.tls = false;
    const app::Mailer mailer(settings);
    app::Mail mail{.to = "ops@example.it",
                   .subject = "È giù:\r\nBcc: all@example.it",
                   .text = "Perché? Così.",
                   .id = "a-2",
                   .thread = "a-1",
                   .at = {}};
    EXPECT_TRUE(mailer.send_now(mail));
    EXPECT_THAT(smtp.mails(), AllOf(HasSubstr("In-Reply-To: <a-1@example.it>"), HasSubstr("=?UTF-8?B?"), Not(HasSubstr("\nBcc:"))));
    mail.to = "ops@example.it>\r\nRCPT TO:<all@example.it";
    EXPECT_FALSE(mailer.send_now(mail));

    settings.tls = true;
    mail.to = "ops@example.it";
    EXPECT_FALSE(app::Mailer(settings).send_now(mail)) << "a server without TLS gets nothing";

    configure("9"); // nobody is there
    const Finished failed = test();
    EXPECT_EQ(failed.status, 1);
    EXPECT_THAT(failed.out, HasSubstr("NOT SENT"));
}

/// Everything that a day writes into the log, as JSON: nothing secret, nothing of customers.
TEST(Log, InJsonHoldsRequestIdsAndNothingThatIsNobodysBusiness)
{
    LiveHouse house(with_toml("[log]\nlevel = \"debug\"\nformat = \"json\"\n"));
    house.start_simulator();
    house.start_server();
    house.set_password(LiveHouse::agent);
    house.log_in();
    house.customer_writes("facebook", page, "post", "Chiara Segreta", "Sono Segreta, chiamatemi al 333 1234567");
    ASSERT_TRUE(house.eventually("the ticket", [&] { return house.count("SELECT COUNT(*) FROM ticket") == 1; }));
    EXPECT_EQ(house.post("/v1/tickets/1/replies", {{"text", "Risposta riservata"}, {"visibility", "public"}}).status, 202);
    (void)house.get("/v1/tickets?q=Segreta");
    (void)house.post("/v1/session", {{"login", "mario.segreto"}, {"password", "hunter2hunter2"}});
    (void)house.get("/alerts/token-of-a-link");
    EXPECT_TRUE(
        house.eventually("it is published", [&] { return house.count("SELECT COUNT(*) FROM reply WHERE state = 'published'") == 1; }));
    EXPECT_EQ(house.stop_server(), 0);
    std::istringstream lines(house.server_log());
    int with_request = 0, on_the_console = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with('{')) { // the five lines for whoever becomes the first admin
            EXPECT_LE(++on_the_console, 5) << line;
            continue;
        }
        const auto entry = json::parse(line, nullptr, false);
        ASSERT_TRUE(entry.is_object() && entry.contains("at") && entry.contains("level") && entry.contains("message")) << line;
        with_request += entry.contains("request");
    }
    EXPECT_GT(with_request, 4);
    for (const std::string& secret : house.credentials())
        EXPECT_THAT(house.server_log(), Not(HasSubstr(secret.substr(secret.find('=') + 1))));
    for (const char* word : {"Segret", "segret", "1234567", "riservata", "hunter2", "token-of-a-link", LiveHouse::password}) {
        EXPECT_THAT(house.server_log(), Not(HasSubstr(word)));
    }
}

TEST(Install, PutsEverythingInItsPlaceBelowDestdir)
{
    TemporaryFolder folder;
    const auto build = program("sportello").parent_path().parent_path();
    if (!std::filesystem::exists(build / "cmake_install.cmake")) GTEST_SKIP() << "the programs were not built here";
    const Finished done =
        run_program({"/usr/bin/env", "DESTDIR=" + folder.path().string(), "cmake", "--install", build.string(), "--prefix", "/usr"});
    ASSERT_EQ(done.status, 0) << done.out << done.error;
    for (const char* file :
         {"usr/bin/sportello", "usr/share/sportello/migrations/sqlite/0001_first_light.sql", "usr/lib/systemd/system/sportello.service",
          "usr/lib/systemd/system/sportello-backup.service", "usr/lib/systemd/system/sportello-backup.timer",
          "usr/lib/sysusers.d/sportello.conf", "usr/lib/tmpfiles.d/sportello.conf", "usr/share/doc/sportello/README.md",
          "usr/share/doc/sportello/prometheus-alerts.yml", "usr/share/doc/sportello/examples/sportello.example.toml",
          "usr/share/doc/sportello/examples/calendars/italy.ics"}) {
        EXPECT_TRUE(std::filesystem::exists(folder / file)) << file;
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "usr/bin/sportello-simulator"));
    write_file(folder / "sportello.toml", "[storage]\nurl = \"sqlite:" + (folder / "x.db").string() +
                                              "\"\n[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n");
    // What it installed is what it uses, wherever that is.
    std::filesystem::remove_all(folder / "usr/share/sportello/migrations/sqlite");
    const Finished lacking = run_program({folder / "usr/bin/sportello", "migrate", "--config", folder / "sportello.toml"});
    EXPECT_EQ(lacking.status, 1);
    const std::string unit = read_file(folder / "usr/lib/systemd/system/sportello.service");
    EXPECT_THAT(unit, HasSubstr("ExecStart=/usr/bin/sportello serve"));
    if (!std::filesystem::exists("/usr/bin/systemd-analyze")) return;
    const Finished rated = run_program(
        {"/usr/bin/systemd-analyze", "security", "--offline=true", "--threshold=20", folder / "usr/lib/systemd/system/sportello.service"});
    EXPECT_EQ(rated.status, 0) << rated.out.substr(rated.out.size() > 300 ? rated.out.size() - 300 : 0) << rated.error;
}

} // namespace
} // namespace sportello::test
