#pragma once

#include "../job.hpp"
#include "connection.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>

#include <atomic>
#include <span>

namespace sportello::storage::postgresql {

/// Runs groups of units on one connection, each group in one serializable transaction and each unit in its savepoint.
///
/// When another session was in the way the group is run again, and unit by unit when that happens again. When the server is lost
/// it is sought for `patience`. When it is lost during the commit itself nobody knows the outcome: the next session looks
/// for the mark that the commit left, and only then are the results released or the units run again. While no server
/// can be asked, the results are held back; only `close` ends that, with an error.
class GroupCommit {
public:
    GroupCommit(Connection& connection, base::Clock& clock, std::chrono::milliseconds patience);

    /// Completes nothing: every unit has its result when this returns. @return whether the commit wrote events.
    bool commit(std::span<const Job> group);
    /// From another thread: no more waiting for a lost server.
    void close() { closing_ = true; }

private:
    enum class Outcome { committed, conflict, lost, failed };
    struct Attempt {
        Outcome outcome;
        bool wrote_events = false;
        std::string why;
    };
    bool commit_one_by_one(std::span<const Job> group);
    Attempt attempt(std::span<const Job> group);
    bool run_alone(const Job& job);
    void run_units(std::span<const Job> group);
    Attempt look_for(const std::string& mark);
    bool find_server();
    void fail_all(std::span<const Job> group, const std::string& why);
    void keep_house();
    bool make_room_in_log();

    Connection& connection_;
    base::Clock& clock_;
    base::SystemRandom random_;
    std::chrono::milliseconds patience_;
    std::atomic<bool> closing_ = false;
    int commits_ = 0;
};

/// Runs the unit on a snapshot; seeks a new session once when the one at hand is gone. Fails the unit when the engine fails.
void run_on_snapshot(Connection& connection, const Job& job);

} // namespace sportello::storage::postgresql
