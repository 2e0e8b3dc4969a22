#pragma once

#include "attendance.hpp"
#include "call_centre.hpp"
#include "chores.hpp"
#include "kept_answers.hpp"
#include "message_actions.hpp"
#include "reactions.hpp"

#include <sportello/engine/engine.hpp>
#include <sportello/engine/reports.hpp>
#include <sportello/engine/search.hpp>
#include <sportello/engine/targets.hpp>

#include <memory>
#include <vector>

namespace sportello::engine {

/// The services of the counter on one database. The engine has one, through which the API works; where several nodes share
/// their duties, the node that keeps the clock has another, on a database that is fenced by its lease.
struct Services : std::enable_shared_from_this<Services> {
    Services(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, Connectors& connectors,
             base::Clock& clock, base::Random& random);
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    boost::asio::any_io_executor executor;
    storage::Database& db;
    const Settings& settings;
    Connectors& connectors;
    base::Clock& clock;
    base::Random& random;
    Ticketing ticketing;
    Outbox outbox;
    ByHand by_hand;
    Targets targets;
    OfficeHours office_hours;
    Staffing staffing;
    Incidents incidents;
    Attendance attendance;
    Rota rota;
    CallCentre call_centre;
    PhoneDesk phone_desk;
    MessageActions actions;
    Reactions reactions;
    Shield shield;
    Webhooks webhooks;
    Privacy privacy;
    Attachments attachments;
    Regrouping regrouping;
    People people;
    Aids aids;
    Approvals approvals;
    SearchIndex search_index;
    Reports reports;
    KeptAnswers kept_answers;
    const std::vector<Chore> chores;
    base::Signal clockwork_signal;
    base::Signal ended;                 ///< a coroutine of ours ended
    base::Instant clockwork_wakes_at{}; ///< unless something nearer is set
    int running = 0;
    bool stopping = false;

    void use(Courier* given);
    void use(Sealing given);
    void use(FileSource* given);
    /// The same means as another's.
    void use_those_of(const Services& other);

    /// The clockwork, and all that works by itself but the pollers and the outbox.
    void start_working();
    void stop_working();
    /// Returns when no coroutine of ours runs any more, at the latest then.
    boost::asio::awaitable<void> all_ended(base::Instant latest);
    void spawn(boost::asio::awaitable<void> task);

    /// Events were committed by this node.
    void wake_readers_of_the_log();
    /// Whatever may have come from another node is looked for.
    void wake_workers();

private:
    boost::asio::awaitable<void> clockwork();

    Courier* courier_ = nullptr;
    Sealing sealing_;
    FileSource* file_source_ = nullptr;
};

} // namespace sportello::engine
