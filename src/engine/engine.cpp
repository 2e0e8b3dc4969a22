#include <sportello/engine/engine.hpp>

#include "delivered.hpp"
#include "facts.hpp"
#include "nodes.hpp"
#include "poller.hpp"
#include "services.hpp"

#include <sportello/storage/channels.hpp>
#include <sportello/storage/leases.hpp>
#include <sportello/storage/replies.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <list>
#include <map>

namespace sportello::engine {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// So long after something was put into the outbox each commit wakes it.
constexpr base::Duration filled_for = 5s;
// However many webhooks come in here, the node that reads their channel is called no more often.
constexpr base::Duration between_calls = 1s;
constexpr std::string_view call_to_read = "read ";

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

/// What an engine owns before anything refers to it.
struct Possessions {
    const Settings own_settings;
    Connectors own_connectors;
};

} // namespace

struct Engine::Impl : Possessions, Services {
    Impl(asio::any_io_executor given_executor, storage::Database& given_db, Settings given_settings, Connectors given_connectors,
         base::Clock& given_clock, base::Random& given_random)
        : Possessions{std::move(given_settings), std::move(given_connectors)},
          Services(std::move(given_executor), given_db, own_settings, own_connectors, given_clock, given_random)
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

    std::vector<std::unique_ptr<Poller>> pollers; ///< of a node that is alone
    std::map<std::string, Poller*, std::less<>> poller_of;
    std::unique_ptr<Nodes> nodes; ///< null: this node is alone and does everything
    std::map<std::string, bool, std::less<>> calls_wanted; ///< of channels whose readers are being called: once more?
    std::list<std::weak_ptr<std::function<void()>>> listeners;

    Poller* poller_for(std::string_view channel)
    {
        if (nodes) {
            if (Poller* polling = nodes->poller(channel)) return polling;
        }
        const auto found = poller_of.find(channel);
        return found == poller_of.end() ? nullptr : found->second;
    }

    /// Deadlines are planned anew, a queue may be handed out now, and reading follows the office.
    void go_by_new_hours()
    {
        clockwork_signal.notify();
        for (const auto& poller : pollers) poller->wake();
        if (nodes) nodes->go_by_new_hours();
    }

    void deliver_to(const std::string& channel, const std::string& delivery)
    {
        const auto connector = connectors.find(channel);
        Poller* const poller = poller_for(channel);
        if (stopping || connector == connectors.end() || poller == nullptr) return;
        connectors::DeliveryNews news = connector->second->news_in(delivery);
        if (!news.concerns) return;
        if (!news.confirmations.empty() || news.revoked) spawn(take_in(channel, std::move(news)));
        if (!nodes || nodes->poller(channel) != nullptr) poller->poke();
        else call_reader(channel);
    }

    /// Another node reads the channel; perhaps nobody does just now, and who takes it begins with a poll.
    void call_reader(const std::string& channel)
    {
        const auto [entry, nobody_calls] = calls_wanted.insert_or_assign(channel, true);
        if (nobody_calls) spawn(call_while_wanted(channel));
    }

    asio::awaitable<void> call_while_wanted(std::string channel)
    {
        const std::unique_ptr<base::Timer> timer = clock.make_timer(executor);
        const std::string words = std::string(call_to_read) + channel;
        auto call = [&](storage::Transaction& tx) -> Result<void> {
            storage::call_nodes(tx, words);
            return {};
        };
        while (!stopping && std::exchange(calls_wanted[channel], false)) {
            const auto called = co_await db.write(call);
            if (!called) spdlog::warn("channel {}: call the node that reads it: {}", channel, called.error().what());
            co_await timer->wait_until(clock.now() + between_calls);
        }
        calls_wanted.erase(channel);
    }

    void hear(std::string_view words)
    {
        if (!nodes || stopping || !words.starts_with(call_to_read)) return;
        if (Poller* const poller = nodes->poller(words.substr(call_to_read.size()))) poller->poke();
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
        if (nodes) {
            nodes->look_at_the_log();
        } else {
            // Other units may be committed first: it is woken again for a while.
            if (base::to_micros(clock.now() - filled_for) <= settings.nudges->outbox_filled_at.load()) outbox.wake();
            wake_readers_of_the_log();
        }
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
    db.on_call([weak = std::weak_ptr(impl_), on = impl_->executor](const std::string& words) {
        asio::post(on, [weak, words] {
            if (const auto impl = weak.lock()) impl->hear(words);
        });
    });
}

Engine::~Engine() = default;

void Engine::share_duties(NodeOptions node)
{
    impl_->nodes = std::make_unique<Nodes>(*impl_, std::move(node));
}

bool Engine::keeps_the_clock() const
{
    return !impl_->nodes || impl_->nodes->keeps_the_clock();
}

void Engine::start()
{
    if (impl_->nodes) return impl_->nodes->start();
    impl_->outbox.start();
    impl_->start_working();
    for (const auto& poller : impl_->pollers) impl_->spawn(poller->run());
}

asio::awaitable<void> Engine::stop()
{
    const auto impl = impl_;
    impl->stop_working();
    if (impl->nodes) {
        co_await impl->nodes->stop();
    } else {
        for (const auto& poller : impl->pollers) poller->stop();
        co_await impl->outbox.stop();
    }
    // A poll under way ends with its platform's answer, at the latest with its deadline.
    co_await impl->all_ended(impl->clock.now() + 15s);
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
    impl_->use(&courier);
}

void Engine::use_sealing(Sealing sealing)
{
    impl_->use(std::move(sealing));
}

void Engine::use_file_source(FileSource& source)
{
    impl_->use(&source);
}

Privacy& Engine::privacy()
{
    return impl_->privacy;
}

Attachments& Engine::attachments()
{
    return impl_->attachments;
}

Webhooks& Engine::webhooks()
{
    return impl_->webhooks;
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

Approvals& Engine::approvals()
{
    return impl_->approvals;
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
        if (Poller* const poller = impl->poller_for(channel)) poller->wake();
    }
    impl->outbox.wake();
    co_return done;
}

asio::awaitable<Result<void>> Engine::signed_in(std::string channel, std::optional<domain::AgentId> by)
{
    const auto impl = impl_;
    if (!impl->settings.channel(channel)) co_return base::Error(base::ErrorKind::not_found, "there is no channel " + channel);
    const base::Instant now = impl->clock.now();
    Command command;
    if (by) command.actor.id = *by;
    auto unit = [&](storage::Transaction& tx) -> Result<void> {
        storage::ChannelState state = storage::load_channel(tx, channel);
        state.not_before.reset();
        state.access_mark = 0; // the new access has an end of its own
        storage::save_channel(tx, state);
        tell(tx, "channel.signed_in", now, std::nullopt, by ? &command : nullptr, {{"channel", channel}});
        return {};
    };
    const auto done = co_await impl->db.write(unit);
    if (!done) co_return done;
    if (Poller* const poller = impl->poller_for(channel)) poller->begin_anew();
    impl->outbox.wake();
    co_return done;
}

asio::awaitable<Result<std::size_t>> Engine::poll_once(std::string channel)
{
    Poller* const poller = impl_->poller_for(channel);
    if (poller == nullptr) co_return base::Error(base::ErrorKind::not_found, "there is no channel " + channel);
    co_return co_await poller->poll_once();
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
