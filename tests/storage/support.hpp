#pragma once

#include "support/manual_clock.hpp"
#include "support/test_database.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/tickets.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace sportello::storage::test {

using namespace std::chrono_literals;
using base::Instant;
using base::Result;

inline constexpr Instant nine_oclock = base::from_micros(1'772'442'000'000'000); // Mon 2026-03-02T09:00:00Z

inline std::filesystem::path migrations_folder()
{
    return std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
}

/// A directory of this test's own, gone with it.
class TempDir {
public:
    TempDir()
    {
        std::string name = (std::filesystem::temp_directory_path() / "sportello-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, bool inline_execution = false)
{
    static sportello::test::ManualClock clock;
    DatabaseOptions options;
    options.url = sportello::test::database_url(file);
    options.migrations = migrations_folder();
    options.inline_execution = inline_execution;
    return Database::open(options, clock);
}

/// A unit whose only result is what it left behind.
template <class Body> void write(Database& db, Body&& body)
{
    auto unit = [&](Transaction& tx) -> Result<void> {
        body(tx);
        return {};
    };
    const auto done = db.write_now(unit);
    ASSERT_TRUE(done) << done.error().what();
}

/// What `body` answers, asked in a read.
template <class Body> auto read(Database& db, Body&& body)
{
    using Answer = std::invoke_result_t<Body&, Transaction&>;
    auto unit = [&](Transaction& tx) -> Result<Answer> { return body(tx); };
    return db.read_now(unit).value();
}

/// What `body` answers, asked in a write.
template <class Body> auto write_for(Database& db, Body&& body)
{
    using Answer = std::invoke_result_t<Body&, Transaction&>;
    auto unit = [&](Transaction& tx) -> Result<Answer> { return body(tx); };
    return db.write_now(unit).value();
}

inline std::int64_t count(Database& db, std::string_view table)
{
    const std::string sql = "SELECT count(*) FROM " + std::string(table);
    return read(db, [&](Transaction& tx) { return tx.first(sql, [](const Row& row) { return row.number(0); }).value_or(-1); });
}

/// Tests of the repositories: an empty database in memory.
class RepositoryTest : public testing::Test {
protected:
    void SetUp() override
    {
        auto opened = open(":memory:", true);
        ASSERT_TRUE(opened) << opened.error().what();
        db = std::move(*opened);
    }

    domain::IdentityId person(const std::string& user_id)
    {
        return write_for(*db, [&](Transaction& tx) {
            return upsert_identity(tx, domain::Platform::twitter, user_id, "Name of " + user_id, user_id, nine_oclock);
        });
    }
    domain::AgentId agent(const std::string& login)
    {
        domain::Agent fresh;
        fresh.login = login;
        fresh.name = "Agent " + login;
        return write_for(*db, [&](Transaction& tx) { return insert_agent(tx, fresh, "hash", nine_oclock).value(); });
    }

    std::unique_ptr<Database> db;
};

inline domain::PlatformItem item(const std::string& platform_id, const std::string& text)
{
    domain::PlatformItem fresh;
    fresh.platform_id = platform_id;
    fresh.kind = domain::MessageKind::mention;
    fresh.author_id = "u1";
    fresh.author_name = "Anna";
    fresh.text = text;
    fresh.root_id = "root";
    fresh.at = nine_oclock;
    return fresh;
}

inline domain::Ticket ticket_of(Transaction& tx, domain::IdentityId identity, const std::string& root_id)
{
    domain::Ticket fresh;
    fresh.brand = "tim";
    fresh.channel = "tim_twitter";
    fresh.platform = domain::Platform::twitter;
    fresh.identity = identity;
    fresh.customer = find_identity(tx, identity).value().customer;
    fresh.root_id = root_id;
    fresh.subject = "subject of " + root_id;
    fresh.created_at = fresh.updated_at = fresh.first_inbound_at = fresh.last_inbound_at = fresh.last_at = nine_oclock;
    fresh.waiting_since = nine_oclock;
    fresh.due_at = nine_oclock + 1h;
    fresh.message_count = 1;
    return fresh;
}

} // namespace sportello::storage::test
