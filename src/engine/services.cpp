#include "services.hpp"

#include "patience.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>

namespace sportello::engine {
namespace asio = boost::asio;
using namespace std::chrono_literals;

Services::Services(asio::any_io_executor given_executor, storage::Database& given_db, const Settings& given_settings,
                   Connectors& given_connectors, base::Clock& given_clock, base::Random& given_random)
    : executor(std::move(given_executor)), db(given_db), settings(given_settings), connectors(given_connectors), clock(given_clock),
      random(given_random), ticketing(db, settings, clock), outbox(executor, db, settings, connectors, clock, random),
      by_hand(db, settings, clock), targets(db, settings, clock), office_hours(db, settings, clock), staffing(db, settings, clock),
      incidents(executor, db, settings, connectors, outbox, clock, random), attendance(db, settings, clock), rota(db, settings, clock),
      call_centre(executor, db, settings, clock), phone_desk(db, settings, clock, random,
                                                             [this] {
                                                                 outbox.wake();
                                                                 call_centre.wake();
                                                             }),
      actions(executor, db, settings, connectors, clock), reactions(executor, db, settings, clock),
      shield(db, settings, clock, [this] { actions.wake(); }), webhooks(executor, db, settings, clock, random),
      privacy(db, settings, clock), attachments(executor, db, settings, clock), regrouping(db, settings, clock), people(db, clock),
      aids(
          db, settings, clock, [this] { outbox.wake(); }, [this] { clockwork_signal.notify(); }),
      approvals(
          db, settings, clock, [this] { outbox.wake(); }, [this] { incidents.wake(); }),
      search_index(db, settings, clock), reports(db, settings, clock), kept_answers(db, clock),
      chores(chores_of(ticketing, by_hand, office_hours, attendance, rota, targets, aids, privacy, approvals, search_index, reports,
                       kept_answers)),
      clockwork_signal(clock, executor), ended(clock, executor)
{
}

void Services::use(Courier* given)
{
    courier_ = given;
    call_centre.use(given);
    webhooks.use(given);
}

void Services::use(Sealing given)
{
    sealing_ = given;
    webhooks.use(std::move(given));
}

void Services::use(FileSource* given)
{
    file_source_ = given;
    attachments.use(given);
}

void Services::use_those_of(const Services& other)
{
    if (other.courier_ != nullptr) use(other.courier_);
    if (other.sealing_) use(other.sealing_);
    if (other.file_source_ != nullptr) use(other.file_source_);
}

void Services::start_working()
{
    spawn(clockwork());
    spawn(incidents.run());
    spawn(call_centre.run());
    spawn(actions.run());
    spawn(webhooks.run());
    spawn(attachments.run());
    spawn(reactions.run());
}

void Services::stop_working()
{
    stopping = true;
    clockwork_signal.notify();
    incidents.stop();
    call_centre.stop();
    actions.stop();
    webhooks.stop();
    attachments.stop();
    reactions.stop();
}

asio::awaitable<void> Services::all_ended(base::Instant latest)
{
    while (running > 0 && clock.now() < latest) co_await ended.wait_until(latest);
}

void Services::spawn(asio::awaitable<void> task)
{
    ++running;
    asio::co_spawn(executor, std::move(task), [self = shared_from_this()](const std::exception_ptr& failure) {
        --self->running;
        self->ended.notify();
        if (failure) std::rethrow_exception(failure); // a service that ends by itself ends the program: ops restart it
    });
}

/// What happens by time alone: openings hand the queue out, snoozes end.
asio::awaitable<void> Services::clockwork()
{
    while (!stopping) {
        base::Instant wake = clock.now() + idle_look;
        settings.nudges->alarm_at.store(std::numeric_limits<std::int64_t>::max());
        for (const Chore& chore : chores) {
            const auto next = co_await chore.run();
            if (!next) spdlog::error("{}: {}", chore.name, next.error().what());
            const base::Instant soonest = clock.now() + 1s;
            if (!next) wake = soonest;
            else if (*next) wake = std::min(wake, std::max(**next, soonest));
        }
        const std::int64_t set_meanwhile = settings.nudges->alarm_at.load(); // by somebody else, while it looked
        if (set_meanwhile < base::to_micros(wake)) wake = std::max(base::from_micros(set_meanwhile), clock.now() + 1s);
        clockwork_wakes_at = wake;
        if (!stopping) co_await clockwork_signal.wait_until(wake);
    }
}

void Services::wake_readers_of_the_log()
{
    if (settings.nudges->alarm_at.load() < base::to_micros(clockwork_wakes_at)) clockwork_signal.notify();
    reactions.wake();
    webhooks.wake();
    attachments.wake();
}

void Services::wake_workers()
{
    incidents.wake();
    call_centre.wake();
    actions.wake();
    reactions.wake();
    webhooks.wake();
    attachments.wake();
}

} // namespace sportello::engine
