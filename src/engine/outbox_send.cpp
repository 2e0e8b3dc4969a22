#include "file_store.hpp"
#include "outbox_accept.hpp"
#include "outbox_impl.hpp"
#include "patience.hpp"
#include "settle.hpp"

#include <sportello/base/tally.hpp>
#include <sportello/engine/routes.hpp>
#include <sportello/storage/attachments.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/platform_clock.hpp>
#include <sportello/storage/tickets.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Instant;
using connectors::ChannelTrouble;
using connectors::PublishOutcome;
using domain::Delivery;
using storage::OutboxPart;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

// The wall clock may be set by so much without anybody minding.
constexpr base::Duration clock_tolerance = 5s;
constexpr base::Duration clock_noise = 30s;

std::string_view name_of(const PublishOutcome& outcome)
{
    switch (outcome.outcome) {
    case PublishOutcome::Class::published:
        return "published";
    case PublishOutcome::Class::not_sent:
        return attempt_not_sent;
    case PublishOutcome::Class::not_sent_probably:
        return attempt_not_sent_probably;
    case PublishOutcome::Class::failed:
        return attempt_failed;
    case PublishOutcome::Class::unknown:
        break;
    }
    return outcome.duplicate ? attempt_duplicate : attempt_unknown;
}

/// How far the platform's clock is ahead; what an answer took on its way is no difference of clocks.
base::Duration offset_of(base::Duration difference)
{
    const bool noise = difference < clock_noise && difference > -clock_noise;
    return noise ? base::Duration(0) : std::chrono::duration_cast<std::chrono::seconds>(difference);
}

/// What goes to the connector. The first part answers the target; on X each further public one answers the one before.
connectors::PublishRequest request_for(Transaction& tx, const OutboxPart& part, const domain::Ticket& ticket, const std::string& key)
{
    const domain::Reply& reply = part.reply;
    const auto target = storage::find_message_by_platform_id(tx, reply.channel, reply.target_id);
    connectors::PublishRequest request;
    request.visibility = reply.visibility;
    request.target_kind = target ? target->kind : domain::MessageKind::direct_message;
    request.root_id = root_under(tx, reply, ticket);
    if (reply.route == domain::RouteKind::private_reply) {
        request.private_reply_to = reply.target_id;
        if (target) request.target_at = target->at;
        request.root_id.clear();
    } else {
        request.target_id = reply.target_id;
        request.recipient_id = reply.recipient_id;
    }
    const bool on_x = (target ? target->platform : ticket.platform) == domain::Platform::twitter;
    if (on_x && reply.visibility == domain::Visibility::public_ && part.part.number > 1) {
        for (const domain::ReplyPart& sibling : storage::parts_of(tx, reply.id)) {
            if (sibling.number == part.part.number - 1) request.target_id = sibling.platform_id;
        }
    }
    request.text = part.part.text;
    request.attempt_key = key;
    const auto conversation = storage::last_message_under(tx, reply.channel, request.root_id);
    request.last_inbound_at = reply.route == domain::RouteKind::private_message && conversation ? conversation->at : ticket.last_inbound_at;
    request.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(send_deadline);
    return request;
}

/// Own items that are there already: an older equal text is not this send's effect.
std::string snapshot_before(Transaction& tx, const domain::Reply& reply, const domain::Ticket& ticket, Instant now)
{
    std::string root;
    if (reply.route == domain::RouteKind::private_reply) {
        const auto answered = storage::find_message_by_platform_id(tx, reply.channel, reply.target_id);
        const auto person = answered && answered->identity ? *answered->identity : ticket.identity;
        const auto conversation = storage::last_private_message_of(tx, reply.channel, person);
        if (conversation) root = conversation->root_id;
    } else {
        root = root_under(tx, reply, ticket);
    }
    std::vector<std::string> known;
    for (const domain::Message& own : storage::own_items_under(tx, reply.channel, root, now - 24h)) known.push_back(own.platform_id);
    return snapshot_to_json(known);
}

} // namespace

template <class Unit> asio::awaitable<void> Outbox::Impl::write_whatever_comes(Unit& unit, std::string doing)
{
    while (true) {
        const auto written = co_await db.write(unit);
        if (written || stopping) break;
        spdlog::error("outbox: {}: {}; trying again", doing, written.error().what());
        const auto timer = clock.make_timer(executor);
        co_await timer->wait_until(clock.now() + 1s);
    }
}

asio::awaitable<void> Outbox::Impl::send(OutboxPart part)
{
    connectors::Connector* connector = connector_of(part);
    if (!connector) {
        auto unit = [&](Transaction& tx) -> Result<void> {
            Settler{tx, settings, clock.now()}.failed(part, "the channel " + part.reply.channel + " is not in the configuration any more");
            return {};
        };
        co_await write_whatever_comes(unit, "fail part " + std::to_string(part.part.id.value));
        co_return;
    }
    const bool clear = co_await read_back_first(part);
    if (!clear) co_return;
    auto marked = co_await mark(std::move(part));
    if (!marked) co_return;
    // A machine that slept, or a clock set by much, between the mark and the first byte: all that was checked is old.
    const base::Duration passed = clock.since_boot() - marked->since_boot;
    const base::Duration jumped = (clock.now() - marked->at) - passed;
    if (passed > send_deadline / 2 || jumped > clock_tolerance || jumped < -clock_tolerance) {
        co_await release(marked->part.part.id, std::move(marked->request.attempt_key), "this machine stood still; tried again by itself");
        co_return;
    }
    PublishOutcome outcome = co_await publish(*connector, std::move(marked->request));
    co_await settle(std::move(marked->part), marked->attempt, std::move(outcome));
}

/// A connector that throws has sent nobody knows what.
asio::awaitable<PublishOutcome> Outbox::Impl::publish(connectors::Connector& connector, connectors::PublishRequest request)
{
    PublishOutcome outcome;
    try {
        outcome = co_await connector.publish(std::move(request));
    } catch (const std::exception& error) {
        outcome.outcome = PublishOutcome::Class::unknown;
        outcome.reason = std::string("The sending broke off: ") + error.what();
    }
    co_return outcome;
}

/// After a try that was "probably not sent" the platform is read before the next one.
/// @return whether the way is clear for sending.
asio::awaitable<bool> Outbox::Impl::read_back_first(OutboxPart& part)
{
    auto last = [&](Transaction& tx) -> Result<std::optional<storage::Attempt>> { return storage::last_attempt(tx, part.part.id); };
    const auto attempt = co_await db.read(last);
    if (!attempt) {
        co_await release(part.part.id, {}, attempt.error().what());
        co_return false;
    }
    if (!*attempt || (*attempt)->outcome != attempt_not_sent_probably) co_return true;
    const connectors::ReadBackResult found = co_await read_platform(part);
    const Instant now = clock.now();
    bool clear = false;
    auto unit = [&](Transaction& tx) -> Result<void> {
        clear = false;
        OutboxPart looked = part;
        Settler settler{tx, settings, now};
        const auto match = settler.look_for(looked, found.own);
        if (match.kind == domain::MatchResult::Kind::match || match.kind == domain::MatchResult::Kind::two_matches) {
            settler.published(looked, match.platform_id, match.at);
            return {};
        }
        clear = found.complete;
        if (clear) return {};
        settler.requeued(looked, "the platform cannot be read; the reply waits",
                         std::max(now + backoff_after(looked.part.attempts), found.trouble.not_before.value_or(now)));
        return {};
    };
    co_await write_whatever_comes(unit, "read back part " + std::to_string(part.part.id.value));
    co_return clear && !stopping;
}

/// Commits `sending` and the attempt with all that must be known before the first byte (reliability 2.3, 2.4).
asio::awaitable<std::optional<Outbox::Impl::Marked>> Outbox::Impl::mark(OutboxPart part)
{
    const Instant now = clock.now();
    const base::Duration since_boot = clock.since_boot();
    const std::string key = random.token(16);
    auto unit = [&](Transaction& tx) -> Result<std::optional<Marked>> {
        Marked marked{.part = part, .request = {}, .attempt = {}, .at = now, .since_boot = since_boot};
        if (!on_the_same_server(tx)) {
            return base::Error(base::ErrorKind::unavailable,
                               "another database server has taken over; what is not sent yet is looked for first");
        }
        const auto present = storage::find_part(tx, part.part.id);
        if (!present) return present.error();
        if (present->state != Delivery::reserved) return std::optional<Marked>(); // cancelled before it was sent
        marked.part.part = *present;
        Settler settler{tx, settings, now};
        if (const domain::Hold why = hold_of(tx, settings, part.reply.channel); why != domain::Hold::none) { // paused just now
            settler.held(marked.part, why);
            return std::optional<Marked>();
        }
        const auto automatic = storage::automatic_mark(tx, part.reply.id);
        if (automatic && automatic->expires_at && now >= *automatic->expires_at) {
            settler.failed(marked.part, "too late: this automatic message would not be true any more");
            return std::optional<Marked>();
        }
        const auto ticket = storage::find_ticket(tx, part.reply.ticket);
        if (!ticket) return ticket.error();
        if (const auto closed = closed_since(tx, settings, *ticket, marked.part, now)) {
            settler.failed(marked.part, *closed);
            return std::optional<Marked>();
        }
        std::optional<connectors::OutgoingFile> file;
        if (const auto upload = storage::upload_of_part(tx, part.reply.id, present->number)) {
            auto bytes = FileStore(settings.attachments.folder).get(upload->digest);
            if (!bytes) {
                settler.failed(marked.part, "its file cannot be sent: it is not here any more");
                return std::optional<Marked>();
            }
            file = connectors::OutgoingFile{upload->name, upload->media_type, std::move(*bytes), {}};
        }
        storage::Attempt attempt;
        attempt.part = part.part.id;
        attempt.number = present->attempts + 1;
        attempt.key = key;
        attempt.started_at = now;
        attempt.deadline_at = now + send_deadline;
        attempt.snapshot = snapshot_before(tx, part.reply, *ticket, now);
        marked.attempt = storage::insert_attempt(tx, attempt);
        marked.part.part.state = Delivery::sending;
        marked.part.part.attempts = attempt.number;
        marked.part.part.started_at = now;
        marked.part.part.deadline_at = attempt.deadline_at;
        marked.part.part.reads = 0;
        marked.part.part.canary_seen = false;
        if (const auto saved = storage::save_part(tx, marked.part.part); !saved) return saved.error();
        marked.part.reply.state = Delivery::sending;
        storage::save_reply_state(tx, marked.part.reply);
        marked.request = request_for(tx, marked.part, *ticket, key);
        marked.request.file = std::move(file);
        return std::optional(std::move(marked));
    };
    auto marked = co_await db.write(unit);
    if (!marked) {
        // Perhaps it was committed after all: nothing is sent on a guess, the attempt is looked up by its key.
        co_await release(part.part.id, key, marked.error().what());
        co_return std::nullopt;
    }
    if (*marked) remember((*marked)->attempt);
    co_return std::move(*marked);
}

/// Back to the queue with what was reserved, or marked under `key`, and not sent.
asio::awaitable<void> Outbox::Impl::release(domain::PartId id, std::string key, std::string why)
{
    auto unit = [&](Transaction& tx) -> Result<void> {
        const Instant now = clock.now();
        const auto present = storage::find_part(tx, id);
        if (!present) return {};
        const auto reply = storage::find_reply(tx, present->reply);
        if (!reply) return {};
        OutboxPart part{*present, *reply};
        const auto attempt = storage::last_attempt(tx, id);
        const bool ours = present->state == Delivery::sending && attempt && attempt->key == key;
        if (ours) storage::finish_attempt(tx, attempt->id, now, attempt_not_sent, why);
        if (ours || present->state == Delivery::reserved) {
            Settler{tx, settings, now}.requeued(part, "", now + backoff_after(present->attempts));
        }
        return {};
    };
    co_await write_whatever_comes(unit, "release part " + std::to_string(id.value));
}

asio::awaitable<void> Outbox::Impl::settle(OutboxPart part, domain::AttemptId attempt, PublishOutcome outcome)
{
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        OutboxPart settled = part;
        base::tally("sends", name_of(outcome));
        storage::finish_attempt(tx, attempt, now, name_of(outcome), outcome.reason);
        if (outcome.platform_time) storage::note_clock_ahead(tx, part.reply.channel, offset_of(*outcome.platform_time - now));
        Settler settler{tx, settings, now};
        // Somebody may have settled it before the answer came; an id that the platform gives is certain all the same.
        const auto present = storage::find_part(tx, part.part.id);
        if (present && present->state != Delivery::sending) {
            settled.part = *present;
            const bool doubtful = present->state == Delivery::unknown || present->state == Delivery::needs_decision;
            if (doubtful && outcome.outcome == PublishOutcome::Class::published) {
                settler.published(settled, outcome.platform_id, outcome.platform_time.value_or(now));
            }
            return {};
        }
        switch (outcome.outcome) {
        case PublishOutcome::Class::published:
            settler.published(settled, outcome.platform_id, outcome.platform_time.value_or(now));
            break;
        case PublishOutcome::Class::failed:
            // I8: failed means that it is provably not out. A refusal proves that of this attempt only.
            if (may_be_out(tx, part.part.id, attempt)) settler.unknown(settled, outcome.reason, now + 2s);
            else settler.failed(settled, outcome.reason);
            break;
        case PublishOutcome::Class::not_sent:
            settler.requeued(settled, outcome.reason,
                             std::max(now + backoff_after(settled.part.attempts), outcome.not_before.value_or(now)));
            break;
        case PublishOutcome::Class::not_sent_probably:
            settler.requeued(
                settled, outcome.reason,
                std::clamp(outcome.not_before.value_or(now + backoff_after(settled.part.attempts)), now + 2s, now + longest_wait));
            break;
        case PublishOutcome::Class::unknown:
            settler.unknown(settled, outcome.reason, now + 2s);
            break;
        }
        if (outcome.trouble.state == ChannelTrouble::State::ok) return {};
        storage::ChannelState channel = storage::load_channel(tx, settled.reply.channel);
        channel.state = to_string(outcome.trouble.state);
        channel.reason = outcome.trouble.reason;
        channel.not_before = outcome.trouble.not_before;
        storage::save_channel(tx, channel);
        return {};
    };
    // The effect may stand on the platform: what it became has to be written down, however long the database refuses.
    co_await write_whatever_comes(unit, "settle part " + std::to_string(part.part.id.value));
}

} // namespace sportello::engine
