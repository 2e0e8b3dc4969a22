#include "support.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

namespace sportello::storage::test {
namespace {

/// Writes numbered customers from several threads, and tells each number to `acknowledged` once it is confirmed.
[[noreturn]] void write_until_killed(const std::filesystem::path& file, int acknowledged, std::int64_t first)
{
    auto db = std::move(*open(file));
    std::vector<std::thread> threads;
    for (std::int64_t thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&db, acknowledged, first, thread] {
            for (std::int64_t number = first + thread;; number += 4) {
                auto unit = [number](Transaction& tx) -> Result<int> {
                    tx.run("INSERT INTO customer (name, created_at) VALUES ($1, $2)", std::string(700, 'x'), number);
                    return 0;
                };
                if (!db->write_now(unit)) _exit(1);
                if (::write(acknowledged, &number, sizeof number) != sizeof number) _exit(1);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    _exit(0);
}

/// Starts a writer, lets it confirm `wanted` units, kills it. @return all it confirmed.
std::set<std::int64_t> kill_a_writer(const std::filesystem::path& file, std::int64_t first, int wanted)
{
    int ends[2];
    if (pipe(ends) != 0) return {};
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_until_killed(file, ends[1], first);
    }
    close(ends[1]);
    std::set<std::int64_t> confirmed;
    std::int64_t number = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) {
        confirmed.insert(number);
        if (static_cast<int>(confirmed.size()) == wanted) kill(child, SIGKILL); // what is in the pipe still counts
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return confirmed;
}

TEST(Crash, WhatWasConfirmedIsStoredOnce)
{
    TempDir dir;
    const auto file = dir / "crash.db";
    std::set<std::int64_t> confirmed;
    for (int round = 0; round < 8; ++round) {
        const auto numbers = kill_a_writer(file, round * 1'000'000, 20 + 37 * round);
        ASSERT_GE(numbers.size(), 20u);
        confirmed.insert(numbers.begin(), numbers.end());

        auto db = open(file);
        ASSERT_TRUE(db) << db.error().what();
        const auto stored = read(
            **db, [](Transaction& tx) { return tx.all("SELECT created_at FROM customer", [](const Row& row) { return row.number(0); }); });
        const std::set<std::int64_t> once(stored.begin(), stored.end());
        EXPECT_EQ(once.size(), stored.size()) << "a unit is stored twice";
        EXPECT_TRUE(std::includes(once.begin(), once.end(), confirmed.begin(), confirmed.end())) << "a confirmed unit is lost";
        // At most the units under way may be stored without having been confirmed: one a thread and round.
        EXPECT_LE(once.size(), confirmed.size() + static_cast<std::size_t>(4 * (round + 1)));
        EXPECT_EQ(
            read(**db, [](Transaction& tx) { return tx.first("PRAGMA integrity_check", [](const Row& row) { return row.string(0); }); }),
            "ok");
    }
}

} // namespace
} // namespace sportello::storage::test
