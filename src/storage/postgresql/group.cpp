#include "group.hpp"

#include "patience.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/tally.hpp>

#include <spdlog/spdlog.h>

#include <thread>

namespace sportello::storage::postgresql {
namespace {

using base::Error;
using base::ErrorKind;
using namespace std::chrono_literals;

constexpr int tries_together = 3;
constexpr int tries_alone = 50;
constexpr int commits_between_house_keepings = 1'000;
constexpr auto mark_kept = std::chrono::hours(24); // longer than any session can be in doubt

constexpr std::string_view void_mark = "INSERT INTO commit_mark (token, at) VALUES ($1, $2) ON CONFLICT (token) DO NOTHING";
constexpr std::string_view delete_marks = "DELETE FROM commit_mark WHERE at < $1";
constexpr std::string_view make_room = "SELECT make_event_parts(last_value) FROM event_number";

} // namespace

GroupCommit::GroupCommit(Connection& connection, base::Clock& clock, std::chrono::milliseconds patience)
    : connection_(connection), clock_(clock), patience_(patience)
{
}

bool GroupCommit::commit(std::span<const Job> group)
{
    for (int tries = 0;; ++tries) {
        const Attempt made = attempt(group);
        switch (made.outcome) {
        case Outcome::committed:
            keep_house();
            return made.wrote_events;
        case Outcome::failed:
            if (group.size() > 1) return commit_one_by_one(group); // what one of them did shows at the commit only
            fail_all(group, made.why);
            return false;
        case Outcome::lost:
            if (tries < tries_alone && find_server()) continue;
            fail_all(group, made.why);
            return false;
        case Outcome::conflict:
            if (group.size() > 1 && tries + 1 >= tries_together) return commit_one_by_one(group);
            if (tries + 1 >= tries_alone) {
                fail_all(group, made.why);
                return false;
            }
            // Whoever was in the way gets on with it; at random, so that two do not meet again.
            std::this_thread::sleep_for(std::chrono::microseconds(random_.below(500u << std::min(tries, 7))));
        }
    }
}

bool GroupCommit::commit_one_by_one(std::span<const Job> group)
{
    bool wrote_events = false;
    for (std::size_t place = 0; place < group.size(); ++place) wrote_events |= commit(group.subspan(place, 1));
    return wrote_events;
}

GroupCommit::Attempt GroupCommit::attempt(std::span<const Job> group)
{
    const std::string mark = random_.token(12);
    bool committing = false;
    try {
        connection_.begin();
        if (group.size() == 1 && !run_alone(group.front())) {
            connection_.abandon();
            return {Outcome::committed, false, ""}; // it has its error, and left nothing
        }
        if (group.size() > 1) run_units(group);
        committing = true;
        const base::SystemClock watch;
        const base::Duration begun = watch.since_boot();
        const bool wrote_events = connection_.commit(mark, clock_.now());
        base::tally("database_commits", "");
        base::tally("database_commit_seconds", "", std::chrono::duration<double>(watch.since_boot() - begun).count());
        return {Outcome::committed, wrote_events, ""};
    } catch (const Failure& failure) {
        const Trouble trouble = connection_.trouble();
        connection_.abandon();
        if (trouble == Trouble::conflict) return {Outcome::conflict, false, failure.what()};
        if (trouble == Trouble::no_part && make_room_in_log()) return {Outcome::conflict, false, failure.what()};
        if (trouble == Trouble::lost) return committing ? look_for(mark) : Attempt{Outcome::lost, false, failure.what()};
        return {Outcome::failed, false, failure.what()};
    }
}

/// A unit alone needs no savepoint: the transaction is its own. @return whether it succeeded.
bool GroupCommit::run_alone(const Job& job)
{
    const bool succeeded = run_guarded(job, connection_);
    if (connection_.trouble() != Trouble::none) throw Failure(ErrorKind::unavailable, "the transaction is gone");
    return succeeded;
}

void GroupCommit::run_units(std::span<const Job> group)
{
    for (const Job& job : group) {
        connection_.begin_unit();
        const bool succeeded = run_guarded(job, connection_);
        // The unit holds an error now, but it is not its fault.
        if (connection_.trouble() != Trouble::none) throw Failure(ErrorKind::unavailable, "the transaction is gone");
        connection_.end_unit(succeeded);
    }
}

/// Writes the mark itself: that waits for a commit which is still under way on a server that we lost from sight, and after
/// it that commit can no longer happen.
GroupCommit::Attempt GroupCommit::look_for(const std::string& mark)
{
    spdlog::warn("storage: the database was lost during a commit: looking whether it happened");
    for (int tries = 0; !closing_; ++tries) {
        try {
            connection_.reconnect();
            const bool happened = connection_.run(void_mark, mark, clock_.now()) == 0;
            spdlog::warn("storage: the commit had {}happened", happened ? "" : "not ");
            if (happened) return {Outcome::committed, true, ""};
            return {Outcome::lost, false, "the commit had not happened"};
        } catch (const Failure&) {
            std::this_thread::sleep_for(before_asking_again(random_, tries));
        }
    }
    return {Outcome::failed, false, "the database was lost during the commit, which may or may not have happened"};
}

bool GroupCommit::find_server()
{
    const auto until = std::chrono::steady_clock::now() + patience_;
    for (int tries = 0;; ++tries) {
        try {
            connection_.reconnect();
            return true;
        } catch (const Failure& failure) {
            if (closing_ || std::chrono::steady_clock::now() >= until) return false;
            std::this_thread::sleep_for(before_asking_again(random_, tries));
        }
    }
}

void GroupCommit::fail_all(std::span<const Job> group, const std::string& why)
{
    spdlog::error("storage: {} units of work refused: {}", group.size(), why);
    for (const Job& job : group) (*job.fail)(Error(ErrorKind::unavailable, why));
}

void GroupCommit::keep_house()
{
    if (++commits_ % commits_between_house_keepings != 0) return;
    try {
        connection_.run(delete_marks, clock_.now() - mark_kept);
    } catch (const Failure& failure) {
        spdlog::warn("storage: old marks of commits stay for now: {}", failure.what());
    }
    (void)make_room_in_log();
}

/// Long before the log needs it, or when it does.
bool GroupCommit::make_room_in_log()
{
    try {
        connection_.run(make_room);
        return true;
    } catch (const Failure& failure) {
        spdlog::warn("storage: no part could be added to the log: {}", failure.what());
        return false;
    }
}

void run_on_snapshot(Connection& connection, const Job& job)
{
    for (int tries = 0;; ++tries) {
        try {
            connection.begin_snapshot();
            run_guarded(job, connection);
            if (connection.trouble() != Trouble::none) throw Failure(ErrorKind::unavailable, "the database was lost while reading");
            connection.commit_snapshot();
            return;
        } catch (const Failure& failure) {
            connection.abandon();
            (*job.fail)(Error(failure.kind(), failure.what()));
            if (tries >= 1) return;
            if (connection.trouble() == Trouble::none) return;
        }
        try {
            connection.reconnect();
        } catch (const Failure& failure) {
            (*job.fail)(Error(failure.kind(), failure.what()));
            return;
        }
    }
}

} // namespace sportello::storage::postgresql
