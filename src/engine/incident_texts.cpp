#include "incidents_impl.hpp"

#include "broadcast_preview.hpp"

#include <sportello/domain/permalinks.hpp>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Incident;
using domain::IncidentId;
using domain::IncidentState;
using storage::Transaction;

asio::awaitable<Result<Incident>> Incidents::post_status(IncidentId id, domain::BroadcastTexts texts, std::vector<std::string> channels,
                                                         Command command)
{
    const auto impl = impl_;
    const Command order = command;
    const auto apply = [&, impl](Transaction& tx, Incident& incident, Instant now) -> Result<void> {
        if (incident.state == IncidentState::dismissed || incident.state == IncidentState::proposed) {
            return in_conflict("the incident is " + std::string(to_string(incident.state)) + ": confirm it first");
        }
        if (const auto sound = check_texts(impl->settings, texts, incident, false); !sound) return sound;
        const auto concerned = [&](const ChannelSettings& channel) {
            const bool of_brand = incident.brands.empty() ||
                                  std::find(incident.brands.begin(), incident.brands.end(), channel.brand) != incident.brands.end();
            const bool asked = channels.empty() || std::find(channels.begin(), channels.end(), channel.id) != channels.end();
            return of_brand && asked && order.actor.may_see(channel.brand);
        };
        for (std::size_t i = 0; i < channels.size(); ++i) {
            const ChannelSettings* channel = impl->settings.channel(channels[i]);
            if (!channel || !concerned(*channel))
                return invalid("/channels/" + std::to_string(i), "is no channel of the incident's brands");
        }
        for (const ChannelSettings& channel : impl->settings.channels) {
            if (concerned(channel))
                queue_status(tx, impl->settings, id, channel, texts.of(channel.brand, channel.platform), order.actor.id, now);
        }
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.status_posted", apply);
}

asio::awaitable<Result<Incident>> Incidents::decide_status(IncidentId id, std::int64_t post_id, Decision decision, Command command)
{
    const auto impl = impl_;
    const auto apply = [&, impl](Transaction& tx, Incident&, Instant now) -> Result<void> {
        const auto post = storage::find_own_post(tx, post_id);
        if (!post || post->incident != id) return Error(ErrorKind::not_found, "there is no such status post");
        const ChannelSettings* channel = impl->settings.channel(post->channel);
        for (storage::OwnPostStep& step : storage::steps_of(tx, post_id)) {
            if (step.state != domain::Delivery::needs_decision) continue;
            if (decision.kind == Decision::Kind::published) {
                const auto platform = channel ? channel->platform : domain::Platform::facebook;
                auto named = domain::platform_id_in(platform, decision.platform_id);
                if (!named) return invalid("/platform_id", "must be the id that the post has on the platform, or its address there");
                step.state = domain::Delivery::published;
                step.platform_id = std::move(*named);
                step.reason.clear();
            } else if (decision.kind == Decision::Kind::resend) {
                step.state = domain::Delivery::queued;
                step.attempts = 0; // a person says that it is not there
                step.next_try = now;
                step.reason = "sent again by a person's decision";
            } else {
                step.state = domain::Delivery::failed;
                step.reason = "discarded by a person's decision";
            }
            settle_step(tx, *post, step, now);
            return {};
        }
        return in_conflict("there is nothing to decide");
    };
    co_return co_await impl->update(id, std::move(command), "incident.changed", apply);
}

asio::awaitable<Result<BroadcastPreview>> Incidents::preview(IncidentId id, Actor actor)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<BroadcastPreview> {
        const auto incident = visible_incident(tx, id, actor);
        if (!incident) return incident.error();
        return preview_of(tx, impl->settings, id, actor, now);
    };
    co_return co_await impl->db.read(unit);
}

asio::awaitable<Result<storage::Broadcast>> Incidents::broadcast(IncidentId id, domain::BroadcastTexts texts, Command command)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<storage::Broadcast> {
        auto incident = visible_incident(tx, id, command.actor);
        if (!incident) return incident.error();
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) return storage::find_broadcast(tx, **made);
        if (incident->state != IncidentState::confirmed) return in_conflict("the incident is " + std::string(to_string(incident->state)));
        if (const auto sound = check_texts(impl->settings, texts, *incident, true); !sound) return sound.error();
        storage::Broadcast broadcast;
        broadcast.incident = id;
        broadcast.texts = to_json(texts);
        broadcast.agent = command.actor.id;
        broadcast.cause = command.cause;
        broadcast.created_at = now;
        if (const auto stored = impl->store_broadcast(tx, broadcast, *incident, command, now); !stored) return stored.error();
        if (const auto kept = remember_made(tx, command, broadcast.id, now); !kept) return kept.error();
        return broadcast;
    };
    auto started = co_await impl->db.write(unit);
    impl->signal.notify();
    co_return started;
}

asio::awaitable<Result<Incident>> Incidents::stop_broadcast(IncidentId id, Command command)
{
    const auto impl = impl_;
    const auto apply = [&](Transaction& tx, Incident&, Instant now) -> Result<void> {
        auto running = storage::running_broadcast(tx, id);
        if (!running) return in_conflict("no text to all is being sent");
        storage::skip_waiting(tx, running->id, "stopped by a person");
        running->state = "stopped";
        running->ended_at = now;
        storage::save_broadcast(tx, *running);
        if (running->kind == "closing") storage::unsettle_members(tx, id); // who was not told comes back
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.broadcast_stopped", apply);
}

} // namespace sportello::engine
