#include <sportello/engine/engine.hpp>

#include "attendance.hpp"
#include "call_centre.hpp"
#include "chores.hpp"
#include "delivered.hpp"
#include "facts.hpp"
#include "message_actions.hpp"
#include "poller.hpp"
#include "reactions.hpp"

#include <sportello/engine/targets.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/replies.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <list>

namespace sportello::engine {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// Without anything else to wait for, the clockwork looks again after so long.
constexpr base::Duration idle_look = 10min;
// So long after something was put into the outbox each commit wakes it.
constexpr base::Duration filled_for = 5s;

void pause_in(storage::Transaction& tx, const std::string& channel, Pausing what, bool paused, const Command& command, base::Instant now)
{
    const storage::ChannelState before = storage::load_channel(tx, channel);
    const bool reading = what.reading ? paused : before.reading_paused;
    const bool publishing = what.publishing ? paused : before.publishing_paused;
    if (reading == before.reading_paused && publishing == before.publishing_paused) return;
    storage::set_paused(tx, channel, reading, publishing);
    if (!publishing) storage::release_paused_parts(tx, channel, now);
    tell(tx, paused ? "channel.paused" : "channel.resumed", now, std::nullopt, &command,
         {{"channel", channel}, {"reading_paused", reading}, {"publishing_paused", publishing}});
}

} // namespace

struct Engine::Impl : std::enable_shared_from_this<Engine::Impl> {
    Impl(asio::any_io_executor given_executor, storage::Database& given_db, Settings given_settings, Connectors given_connectors,
         base::Clock& given_clock, base::Random& random)
        : executor(std::move(given_executor)), db(given_db), settings(std::move(given_settings)), connectors(std::move(given_connectors)),
          clock(given_clock), ticketing(db, settings, clock), outbox(executor, db, settings, connectors, clock, random),
          by_hand(db, settings, clock), targets(db, settings, clock), office_hours(db, settings, clock), staffing(db, settings, clock),
          incidents(executor, db, settings, connectors, outbox, clock, random), attendance(db, settings, clock), rota(db, settings, clock),
          call_centre(executor, db, settings, clock), phone_desk(db, settings, clock, random,
                                                                 [this] {
                                                                     outbox.wake();
                                                                     call_centre.wake();
                                                                 }),
          actions(executor, db, settings, connectors, clock), reactions(executor, db, settings, clock),
          shield(db, settings, clock, [this] { actions.wake(); }), regrouping(db, settings, clock), people(db, clock),
          aids(
              db, settings, clock, [this] { outbox.wake(); }, [this] { clockwork_signal.notify(); }),
          chores(chores_of(ticketing, by_hand, office_hours, attendance, rota, targets, aids)), clockwork_signal(clock, executor),
          ended(clock, executor)
    {
        office_hours.load();
        office_hours.on_change([this] { go_by_new_hours(); });
        for (const ChannelSettings& channel : settings.channels) {
            const auto connector = connectors.find(channel.id);
            if (connector == connectors.end()) continue;
            pollers.push_back(std::make_unique<Poller>(executor, db, settings, channel, *connector->second, ticketing, clock));
            poller_of[channel.id] = pollers.back().get();
        }
    }

    asio::any_io_executor executor;
    storage::Database& db;
    const Settings settings;
    Connectors connectors;
    base::Clock& clock;
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
    Regrouping regrouping;
    People people;
    Aids aids;
    const std::vector<Chore> chores;
    std::vector<std::unique_ptr<Poller>> pollers;
    std::map<std::string, Poller*, std::less<>> poller_of;
    base::Signal clockwork_signal;
    base::Signal ended; ///< a coroutine of ours ended, for stop()
    std::list<std::weak_ptr<std::function<void()>>> listeners;
    base::Instant clockwork_wakes_at{}; ///< unless something nearer is set
    int running = 0;
    bool stopping = false;

    /// What happens by time alone: openings hand the queue out, snoozes end.
    asio::awaitable<void> clockwork()
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

    /// Deadlines are planned anew, a queue may be handed out now, and reading follows the office.
    void go_by_new_hours()
    {
        clockwork_signal.notify();
        for (const auto& poller : pollers) poller->wake();
    }

    void spawn(asio::awaitable<void> task)
    {
        ++running;
        asio::co_spawn(executor, std::move(task), [self = shared_from_this()](const std::exception_ptr& failure) {
            --self->running;
            self->ended.notify();
            if (failure) std::rethrow_exception(failure); // a service that ends by itself ends the program: ops restart it
        });
    }

    void deliver_to(const std::string& channel, const std::string& delivery)
    {
        const auto connector = connectors.find(channel);
        const auto poller = poller_of.find(channel);
        if (stopping || connector == connectors.end() || poller == poller_of.end()) return;
        connectors::DeliveryNews news = connector->second->news_in(delivery);
        if (!news.concerns) return;
        if (!news.confirmations.empty() || news.revoked) spawn(take_in(channel, std::move(news)));
        poller->second->poke();
    }

    asio::awaitable<void> take_in(std::string channel, connectors::DeliveryNews news)
    {
        const base::Instant now = clock.now();
        auto unit = [&](storage::Transaction& tx) -> Result<std::size_t> {
            if (news.revoked) note_revoked(tx, channel, now);
            return settle_confirmed(tx, settings, channel, news.confirmations, now);
        };
        const auto settled = co_await db.write(unit);
        // What is lost here is found by reading back.
        if (!settled) spdlog::error("channel {}: a delivery of its webhook: {}", channel, settled.error().what());
        else if (*settled > 0) outbox.wake();
    }

    void tell_listeners()
    {
        // Other units may be committed first: it is woken again for a while.
        if (base::to_micros(clock.now() - filled_for) <= settings.nudges->outbox_filled_at.load()) outbox.wake();
        if (settings.nudges->alarm_at.load() < base::to_micros(clockwork_wakes_at)) clockwork_signal.notify();
        reactions.wake();
        for (auto entry = listeners.begin(); entry != listeners.end();) {
            if (const auto callback = entry->lock()) {
                (*callback)();
                ++entry;
            } else {
                entry = listeners.erase(entry);
            }
        }
    }
};

Engine::Engine(asio::any_io_executor executor, storage::Database& db, Settings settings, Connectors connectors, base::Clock& clock,
               base::Random& random)
    : impl_(std::make_shared<Impl>(std::move(executor), db, std::move(settings), std::move(connectors), clock, random))
{
    db.on_commit([weak = std::weak_ptr(impl_), on = impl_->executor] {
        asio::post(on, [weak] {
            if (const auto impl = weak.lock()) impl->tell_listeners();
        });
    });
}

Engine::~Engine() = default;

void Engine::start()
{
    impl_->outbox.start();
    impl_->spawn(impl_->clockwork());
    impl_->spawn(impl_->incidents.run());
    impl_->spawn(impl_->call_centre.run());
    impl_->spawn(impl_->actions.run());
    impl_->spawn(impl_->reactions.run());
    for (const auto& poller : impl_->pollers) impl_->spawn(poller->run());
}

asio::awaitable<void> Engine::stop()
{
    const auto impl = impl_;
    impl->stopping = true;
    impl->clockwork_signal.notify();
    impl->incidents.stop();
    impl->call_centre.stop();
    impl->actions.stop();
    impl->reactions.stop();
    for (const auto& poller : impl->pollers) poller->stop();
    co_await impl->outbox.stop();
    // A poll under way ends with its platform's answer, at the latest with its deadline.
    const base::Instant latest = impl->clock.now() + 15s;
    while (impl->running > 0 && impl->clock.now() < latest) co_await impl->ended.wait_until(latest);
}

Ticketing& Engine::ticketing()
{
    return impl_->ticketing;
}

Outbox& Engine::outbox()
{
    return impl_->outbox;
}

ByHand& Engine::by_hand()
{
    return impl_->by_hand;
}

OfficeHours& Engine::office_hours()
{
    return impl_->office_hours;
}

Staffing& Engine::staffing()
{
    return impl_->staffing;
}

Incidents& Engine::incidents()
{
    return impl_->incidents;
}

Rota& Engine::rota()
{
    return impl_->rota;
}

PhoneDesk& Engine::phone_desk()
{
    return impl_->phone_desk;
}

void Engine::use_courier(Courier& courier)
{
    impl_->call_centre.use(&courier);
}

Regrouping& Engine::regrouping()
{
    return impl_->regrouping;
}

People& Engine::people()
{
    return impl_->people;
}

Aids& Engine::aids()
{
    return impl_->aids;
}

Shield& Engine::shield()
{
    return impl_->shield;
}

const Settings& Engine::settings() const
{
    return impl_->settings;
}

asio::awaitable<Result<void>> Engine::pause_channels(std::vector<std::string> channels, Pausing what, bool paused, Command command)
{
    const auto impl = impl_;
    for (const std::string& channel : channels) {
        if (!impl->settings.channel(channel)) co_return base::Error(base::ErrorKind::not_found, "there is no channel " + channel);
    }
    const base::Instant now = impl->clock.now();
    auto unit = [&](storage::Transaction& tx) -> Result<void> {
        for (const std::string& channel : channels) pause_in(tx, channel, what, paused, command, now);
        return {};
    };
    const auto done = co_await impl->db.write(unit);
    if (!done) co_return done;
    for (const std::string& channel : channels) {
        if (const auto poller = impl->poller_of.find(channel); poller != impl->poller_of.end()) poller->second->wake();
    }
    impl->outbox.wake();
    co_return done;
}

asio::awaitable<Result<std::size_t>> Engine::poll_once(std::string channel)
{
    const auto poller = impl_->poller_of.find(channel);
    if (poller == impl_->poller_of.end()) co_return base::Error(base::ErrorKind::not_found, "there is no channel " + channel);
    co_return co_await poller->second->poll_once();
}

void Engine::deliver(const std::vector<std::string>& channels, const std::string& delivery)
{
    for (const std::string& channel : channels) impl_->deliver_to(channel, delivery);
}

std::shared_ptr<void> Engine::on_events(std::function<void()> callback)
{
    auto entry = std::make_shared<std::function<void()>>(std::move(callback));
    impl_->listeners.push_back(entry);
    return entry;
}

} // namespace sportello::engine
