#include "support.hpp"

#include <sportello/storage/channels.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

namespace sportello::storage::test {
namespace {

std::string refusal(const Result<std::unique_ptr<Database>>& opened)
{
    return opened ? "opened" : opened.error().what();
}

void expect_words(const std::string& text, const std::vector<std::string>& words)
{
    for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << "\"" << word << "\" in: " << text;
}

Result<std::unique_ptr<Database>> open_with(const std::filesystem::path& file, const std::filesystem::path& migrations,
                                            bool beside_server = false)
{
    static sportello::test::ManualClock clock;
    DatabaseOptions options;
    options.url = "sqlite:" + file.string();
    options.migrations = migrations;
    options.beside_server = beside_server;
    return Database::open(options, clock);
}

std::string bytes_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// How many migrations there are.
std::int64_t steps()
{
    return std::distance(std::filesystem::directory_iterator(migrations_folder() / "sqlite"), {});
}

/// "0007_later.sql": the name of the migration that comes `after` more behind the last.
std::string step_name(const std::string& name, std::int64_t after = 1)
{
    const std::string number = std::to_string(10'000 + steps() + after);
    return "sqlite/" + number.substr(1) + "_" + name + ".sql";
}

void write_file(const std::filesystem::path& file, const std::string& bytes)
{
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

class Opening : public testing::Test {
protected:
    /// A database with something in it, closed.
    void make()
    {
        auto db = std::move(*open(file));
        write(*db, [](Transaction& tx) {
            for (int n = 0; n < 200; ++n) { tx.run("INSERT INTO customer (name, created_at) VALUES ($1, 1)", std::string(500, 'x')); }
        });
    }
    std::filesystem::path own_migrations()
    {
        const auto folder = dir / "migrations";
        std::filesystem::copy(migrations_folder(), folder, std::filesystem::copy_options::recursive);
        return folder;
    }

    TempDir dir;
    std::filesystem::path file = dir / "sportello.db";
};

TEST_F(Opening, MakesWhatIsNotThereAndFindsItAgain)
{
    make();
    auto db = open(file);
    ASSERT_TRUE(db);
    EXPECT_EQ(count(**db, "customer"), 200);
    EXPECT_EQ(count(**db, "schema_migration"), steps());
}

TEST_F(Opening, RefusesAnotherScheme)
{
    sportello::test::ManualClock clock;
    for (const char* url : {"", "sqlite:", "mysql://x", "/a/path"}) {
        DatabaseOptions options;
        options.url = url;
        options.migrations = migrations_folder();
        expect_words(refusal(Database::open(options, clock)), {"storage.url", "sqlite:"});
    }
}

TEST_F(Opening, RefusesAMissingDirectory)
{
    expect_words(refusal(open(dir / "no/such/sportello.db")), {(dir / "no/such").string(), "does not exist", "create it"});
}

TEST_F(Opening, RefusesAFileThatIsNoDatabase)
{
    write_file(file, "my shopping list, which is longer than sixteen bytes");
    expect_words(refusal(open(file)), {file.string(), "not a database of Sportello", "left as it is"});
    EXPECT_EQ(bytes_of(file), "my shopping list, which is longer than sixteen bytes");
}

TEST_F(Opening, RefusesAnotherProgramsDatabase)
{
    make();
    std::string bytes = bytes_of(file);
    bytes.replace(68, 4, "LITE"); // the application's id
    write_file(file, bytes);
    expect_words(refusal(open(file)), {file.string(), "not a database of Sportello"});
}

TEST_F(Opening, RefusesADamagedFileWhereverTheDamageIs)
{
    make();
    const std::string whole = bytes_of(file);
    const std::size_t middle = whole.size() / 2 / 4096 * 4096;
    for (const std::size_t place : {std::size_t{100}, middle, whole.size() - 4096}) {
        std::string bytes = whole;
        bytes.replace(place, 2000, std::string(2000, '\xa5'));
        write_file(file, bytes);
        const auto opened = open(file);
        expect_words(refusal(opened), {file.string(), "damaged", "restore the last backup"});
        EXPECT_EQ(bytes_of(file), bytes) << "the damaged file was changed";
    }
    write_file(file, whole.substr(0, whole.size() / 2));
    expect_words(refusal(open(file)), {file.string(), "damaged"});
}

TEST_F(Opening, RefusesANewerSchema)
{
    const auto newer = own_migrations();
    write_file(newer / step_name("later"), "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;");
    ASSERT_TRUE(open_with(file, newer));
    expect_words(refusal(open(file)),
                 {file.string(), "newer version", "schema " + std::to_string(steps() + 1), "knows " + std::to_string(steps())});
    EXPECT_TRUE(open_with(file, newer)) << "nothing was lost";
}

TEST_F(Opening, MakesTheMissingStepsOfAnOlderSchema)
{
    make();
    const auto newer = own_migrations();
    write_file(newer / step_name("later"), "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;");
    auto db = open_with(file, newer);
    ASSERT_TRUE(db) << refusal(db);
    EXPECT_EQ(count(**db, "later"), 0);
    EXPECT_EQ(count(**db, "customer"), 200);
}

TEST_F(Opening, AChannelThatWasReadBeforeStartsWereKnownGoesOnAsItWas)
{
    const auto first = own_migrations();
    for (const auto& entry : std::filesystem::directory_iterator(first / "sqlite")) {
        if (entry.path().filename() != "0001_first_light.sql") std::filesystem::remove(entry.path());
    }
    {
        auto old = open_with(file, first);
        ASSERT_TRUE(old) << refusal(old);
        write(**old, [](Transaction& tx) {
            tx.run("INSERT INTO channel_state (channel, cursor, state, reason, paused) VALUES ('read', '{}', 'ok', '', 1)");
            tx.run("INSERT INTO channel_state (channel, cursor, state, reason) VALUES ('never', '', 'ok', '')");
        });
    }
    auto db = open(file);
    ASSERT_TRUE(db) << refusal(db);
    read(**db, [](Transaction& tx) {
        EXPECT_EQ(load_channel(tx, "read").connected_at, Instant{}) << "nothing is older: all it reads counts";
        EXPECT_TRUE(load_channel(tx, "read").reading_paused);
        EXPECT_FALSE(load_channel(tx, "never").connected_at);
        return 0;
    });
}

TEST_F(Opening, AStepThatFailsLeavesTheOlderSchema)
{
    make();
    const auto broken = own_migrations();
    write_file(broken / step_name("broken"), "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; CREATE NONSENSE;");
    EXPECT_FALSE(open_with(file, broken));
    auto db = open(file);
    ASSERT_TRUE(db) << refusal(db);
    EXPECT_EQ(read(**db,
                   [](Transaction& tx) {
                       return tx.first("SELECT count(*) FROM sqlite_schema WHERE name = 'half'",
                                       [](const Row& row) { return row.number(0); });
                   }),
              0);
}

TEST_F(Opening, RefusesAChangedMigration)
{
    const auto changed = own_migrations();
    ASSERT_TRUE(open_with(file, changed));
    std::ofstream(changed / "sqlite/0001_first_light.sql", std::ios::app) << "-- a remark\n";
    expect_words(refusal(open_with(file, changed)), {"0001_first_light.sql", "another text", "put the original file"});
}

TEST_F(Opening, RefusesFoldersThatAreNoMigrations)
{
    expect_words(refusal(open_with(file, dir / "nowhere")), {"no migrations in", "nowhere"});
    const auto folder = own_migrations();
    write_file(folder / step_name("gap", 2), "SELECT 1;");
    expect_words(refusal(open_with(file, folder)), {"_gap.sql", "expected number " + std::to_string(steps() + 1)});
    std::filesystem::remove(folder / step_name("gap", 2));
    write_file(folder / "sqlite/second.sql", "SELECT 1;");
    expect_words(refusal(open_with(file, folder)), {"second.sql", "expected a name like"});
}

TEST_F(Opening, RefusesASecondServerButLetsTheCommandLineIn)
{
    auto server = open(file);
    ASSERT_TRUE(server);
    expect_words(refusal(open(file)), {file.string(), "already served by process " + std::to_string(getpid()), "stop"});
    {
        auto beside = open_with(file, migrations_folder(), true);
        ASSERT_TRUE(beside) << refusal(beside);
        write(**beside, [](Transaction& tx) { tx.run("INSERT INTO customer (name, created_at) VALUES ('x', 1)"); });
    }
    EXPECT_EQ(count(**server, "customer"), 1);
    server->reset();
    EXPECT_TRUE(open(file)) << "the lock ends with its owner";
}

TEST_F(Opening, AloneTheCommandLineMayMigrate)
{
    auto alone = open_with(file, migrations_folder(), true);
    ASSERT_TRUE(alone) << refusal(alone);
    EXPECT_EQ(count(**alone, "schema_migration"), steps());
}

TEST_F(Opening, SaysWhenItMayNotWrite)
{
    make();
    // As an ordinary user, in a child: root may write everywhere.
    std::filesystem::permissions(dir.path(), std::filesystem::perms::others_read | std::filesystem::perms::others_exec,
                                 std::filesystem::perm_options::add);
    if (geteuid() != 0)
        std::filesystem::permissions(dir.path(), std::filesystem::perms::owner_write, std::filesystem::perm_options::remove);
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
        const std::string answer = refusal(open(file));
        _exit(answer.find("cannot write " + dir.path().string()) != std::string::npos ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    std::filesystem::permissions(dir.path(), std::filesystem::perms::owner_all, std::filesystem::perm_options::add);
    EXPECT_EQ(status, 0);
}

} // namespace
} // namespace sportello::storage::test
