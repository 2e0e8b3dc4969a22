#include <sportello/engine/outbox.hpp>

#include "facts.hpp"
#include "outbox_accept.hpp"
#include "settle.hpp"

#include <sportello/storage/channels.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

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

// GCC 12 destroys the awaitable of a co_await inside the condition of an if or a loop twice, so here every result of one
// gets a name first.

// Sends and read-backs under way at once, over all conversations.
constexpr std::size_t most_under_way = 32;
// One send, from resolving the name to the last byte of the answer.
constexpr base::Duration send_deadline = 20s;
constexpr base::Duration idle_look = 10min;
constexpr base::Duration longest_backoff = 5min;
// No channel is left alone longer than this by what a platform says of itself (I12).
constexpr base::Duration longest_wait = 1h;

const char* const not_sent_probably = "not_sent_probably";

base::Duration backoff(std::int32_t attempts)
{
    return std::min<base::Duration>(longest_backoff, 2s * (1LL << std::clamp(attempts, 0, 10)));
}

const char* name_of(PublishOutcome::Class outcome)
{
    switch (outcome) {
    case PublishOutcome::Class::published:
        return "published";
    case PublishOutcome::Class::not_sent:
        return "not_sent";
    case PublishOutcome::Class::not_sent_probably:
        return not_sent_probably;
    case PublishOutcome::Class::failed:
        return "failed";
    case PublishOutcome::Class::unknown:
        break;
    }
    return "unknown";
}

} // namespace

struct Outbox::Impl : std::enable_shared_from_this<Outbox::Impl> {
    Impl(asio::any_io_executor given_executor, storage::Database& given_db, const Settings& given_settings, Connectors& given_connectors,
         base::Clock& given_clock, base::Random& given_random)
        : executor(std::move(given_executor)), db(given_db), settings(given_settings), connectors(given_connectors), clock(given_clock),
          random(given_random), work(clock, executor), idle(clock, executor)
    {
    }

    asio::any_io_executor executor;
    storage::Database& db;
    const Settings& settings;
    Connectors& connectors;
    base::Clock& clock;
    base::Random& random;
    base::Signal work;                ///< something may be due
    base::Signal idle;                ///< a send or the loop ended, for stop()
    std::set<std::int64_t> under_way; ///< parts being sent or read back
    bool running = false;
    bool stopping = false;

    /// What one look at the outbox found.
    struct Due {
        std::vector<OutboxPart> to_send;
        std::vector<OutboxPart> to_read_back;
        std::optional<Instant> next;
    };

    asio::awaitable<void> run(); ///< until stop()
    asio::awaitable<bool> recover();
    asio::awaitable<Result<Due>> look();
    asio::awaitable<Result<std::vector<OutboxPart>>> reserve(std::vector<OutboxPart> parts);
    void spawn(OutboxPart part, asio::awaitable<void> (Impl::*task)(OutboxPart));

    asio::awaitable<void> send(OutboxPart part);
    asio::awaitable<bool> read_back_first(OutboxPart& part);
    asio::awaitable<bool> mark(OutboxPart& part, connectors::PublishRequest& request, domain::AttemptId& attempt);
    asio::awaitable<void> settle(OutboxPart part, domain::AttemptId attempt, PublishOutcome outcome);
    asio::awaitable<void> read_back(OutboxPart part);
    asio::awaitable<void> conclude(OutboxPart part, connectors::ReadBackResult found);
    [[nodiscard]] connectors::ReadBackRequest read_back_request(const OutboxPart& part) const;
    connectors::Connector* connector_of(const OutboxPart& part) const;
};

// ---- the loop ----

asio::awaitable<void> Outbox::Impl::run()
{
    running = true;
    for (bool recovered = false; !stopping && !recovered;) {
        recovered = co_await recover();
        if (!recovered) co_await work.wait_until(clock.now() + 1s);
    }
    while (!stopping) {
        Instant next = clock.now() + idle_look;
        auto due = co_await look();
        if (due) {
            for (OutboxPart& part : due->to_read_back) spawn(std::move(part), &Impl::read_back);
            if (!due->to_send.empty()) {
                auto reserved = co_await reserve(std::move(due->to_send));
                if (reserved) {
                    for (OutboxPart& part : *reserved) spawn(std::move(part), &Impl::send);
                } else {
                    spdlog::error("outbox: {}; trying again", reserved.error().what());
                    next = clock.now() + 1s;
                }
            }
            if (due->next) next = std::min(next, std::max(*due->next, clock.now() + 50ms));
        } else {
            spdlog::error("outbox: {}; trying again", due.error().what());
            next = clock.now() + 1s;
        }
        co_await work.wait_until(next);
    }
    running = false;
    idle.notify();
}

/// After a crash: what was being sent has an unknown outcome, what was only reserved was never sent (reliability 2.10).
asio::awaitable<bool> Outbox::Impl::recover()
{
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        Settler settler{tx, settings, now};
        for (OutboxPart& part : storage::parts_in_state(tx, Delivery::sending)) {
            if (const auto attempt = storage::last_attempt(tx, part.part.id); attempt && !attempt->ended_at) {
                storage::finish_attempt(tx, attempt->id, now, "unknown", "the server stopped while it was being sent");
            }
            settler.unknown(part, "the server stopped while it was being sent; the platform is being read back", now);
        }
        for (OutboxPart& part : storage::parts_in_state(tx, Delivery::reserved)) settler.requeued(part, "", now);
        return {};
    };
    const auto recovered = co_await db.write(unit);
    if (!recovered) spdlog::error("outbox: recover after start: {}; trying again", recovered.error().what());
    co_return recovered.has_value();
}

asio::awaitable<Result<Outbox::Impl::Due>> Outbox::Impl::look()
{
    const Instant now = clock.now();
    const auto room = static_cast<std::int64_t>(most_under_way - std::min(most_under_way, under_way.size()));
    auto unit = [&](Transaction& tx) -> Result<Due> {
        Due due;
        due.to_read_back = storage::unknown_parts_due(tx, now, static_cast<std::int64_t>(most_under_way));
        std::erase_if(due.to_read_back, [&](const OutboxPart& part) { return under_way.contains(part.part.id.value); });
        if (room > 0) due.to_send = storage::startable_parts(tx, now, room);
        due.next = storage::next_outbox_time(tx);
        return due;
    };
    auto due = co_await db.read(unit);
    // What is due already is under way or finds no room: the end of one of those wakes the loop.
    if (due && due->next && *due->next <= now) due->next.reset();
    co_return due;
}

/// Reserves parts for sending, but for those whose channel may not be called yet: they wait until it may. Where nothing is
/// to be published they wait for a person.
asio::awaitable<Result<std::vector<OutboxPart>>> Outbox::Impl::reserve(std::vector<OutboxPart> parts)
{
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<std::vector<OutboxPart>> {
        std::vector<OutboxPart> reserved;
        for (OutboxPart part : parts) {
            // Cancelled or taken since it was looked at.
            const auto present = storage::find_part(tx, part.part.id);
            if (!present || present->state != Delivery::queued || present->next_try > now) continue;
            part.part = *present;
            if (const domain::Hold why = hold_of(tx, settings, part.reply.channel); why != domain::Hold::none) {
                Settler{tx, settings, now}.held(part, why);
                continue;
            }
            const storage::ChannelState channel = storage::load_channel(tx, part.reply.channel);
            if (channel.not_before && *channel.not_before > now) {
                part.part.next_try = std::min(*channel.not_before, now + longest_wait);
                part.part.reason = channel.reason;
                if (const auto saved = storage::save_part(tx, part.part); !saved) return saved.error();
                continue;
            }
            part.part.state = Delivery::reserved;
            if (!storage::save_part(tx, part.part)) continue; // another part of the conversation is under way
            part.reply.state = Delivery::reserved;
            storage::save_reply_state(tx, part.reply);
            reserved.push_back(std::move(part));
        }
        return reserved;
    };
    co_return co_await db.write(unit);
}

void Outbox::Impl::spawn(OutboxPart part, asio::awaitable<void> (Impl::*task)(OutboxPart))
{
    const std::int64_t id = part.part.id.value;
    if (!under_way.insert(id).second) return;
    asio::co_spawn(executor, ((*this).*task)(std::move(part)), [self = shared_from_this(), id](const std::exception_ptr& failure) {
        self->under_way.erase(id);
        if (failure) {
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception& error) {
                spdlog::error("outbox: part {}: {}", id, error.what());
            }
        }
        self->work.notify();
        self->idle.notify();
    });
}

connectors::Connector* Outbox::Impl::connector_of(const OutboxPart& part) const
{
    const auto found = connectors.find(part.reply.channel);
    return found == connectors.end() ? nullptr : found->second.get();
}

// ---- sending ----

asio::awaitable<void> Outbox::Impl::send(OutboxPart part)
{
    connectors::Connector* connector = connector_of(part);
    if (!connector) {
        const Instant now = clock.now();
        auto unit = [&](Transaction& tx) -> Result<void> {
            Settler{tx, settings, now}.failed(part, "the channel " + part.reply.channel + " is not in the configuration any more");
            return {};
        };
        (void)co_await db.write(unit);
        co_return;
    }
    const bool clear = co_await read_back_first(part);
    if (!clear) co_return;
    connectors::PublishRequest request;
    domain::AttemptId attempt;
    const bool marked = co_await mark(part, request, attempt);
    if (!marked) co_return;
    PublishOutcome outcome = co_await connector->publish(std::move(request));
    co_await settle(std::move(part), attempt, std::move(outcome));
}

/// After a try that was "probably not sent" the platform is read before the next one.
/// @return whether the way is clear for sending.
asio::awaitable<bool> Outbox::Impl::read_back_first(OutboxPart& part)
{
    auto last = [&](Transaction& tx) -> Result<std::optional<storage::Attempt>> { return storage::last_attempt(tx, part.part.id); };
    const auto attempt = co_await db.read(last);
    if (!attempt || !*attempt || (*attempt)->outcome != not_sent_probably) co_return attempt.has_value();
    connectors::ReadBackResult found = co_await connector_of(part)->read_back(read_back_request(part));
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<bool> {
        Settler settler{tx, settings, now};
        const auto match = settler.look_for(part, found.own);
        if (match.kind == domain::MatchResult::Kind::match || match.kind == domain::MatchResult::Kind::two_matches) {
            settler.published(part, match.platform_id, match.at);
            return false;
        }
        if (!found.complete) {
            settler.requeued(part, "the platform cannot be read; the reply waits",
                             std::max(now + backoff(part.part.attempts), found.trouble.not_before.value_or(now)));
            return false;
        }
        return true;
    };
    const auto clear = co_await db.write(unit);
    co_return clear&&* clear;
}

/// Commits `sending` and the attempt with all that must be known before the first byte (reliability 2.3, 2.4).
asio::awaitable<bool> Outbox::Impl::mark(OutboxPart& part, connectors::PublishRequest& request, domain::AttemptId& attempt_id)
{
    const Instant now = clock.now();
    const std::string key = random.token(16);
    auto unit = [&](Transaction& tx) -> Result<std::optional<OutboxPart>> {
        OutboxPart marked = part;
        const auto present = storage::find_part(tx, part.part.id);
        if (!present) return present.error();
        if (present->state != Delivery::reserved) return std::optional<OutboxPart>();                        // cancelled before it was sent
        if (const domain::Hold why = hold_of(tx, settings, part.reply.channel); why != domain::Hold::none) { // paused just now
            Settler{tx, settings, now}.held(marked, why);
            return std::optional<OutboxPart>();
        }
        const auto ticket = storage::find_ticket(tx, part.reply.ticket);
        if (!ticket) return ticket.error();
        std::vector<std::string> known;
        for (const domain::Message& own : storage::own_items_under(tx, part.reply.channel, ticket->root_id, now - 24h)) {
            known.push_back(own.platform_id);
        }
        storage::Attempt attempt;
        attempt.part = part.part.id;
        attempt.number = present->attempts + 1;
        attempt.key = key;
        attempt.started_at = now;
        attempt.deadline_at = now + send_deadline;
        attempt.snapshot = snapshot_to_json(known);
        attempt_id = storage::insert_attempt(tx, attempt);
        marked.part = *present;
        marked.part.state = Delivery::sending;
        marked.part.attempts = attempt.number;
        marked.part.started_at = now;
        marked.part.deadline_at = attempt.deadline_at;
        marked.part.reads = 0;
        marked.part.canary_seen = false;
        if (const auto saved = storage::save_part(tx, marked.part); !saved) return saved.error();
        marked.reply.state = Delivery::sending;
        storage::save_reply_state(tx, marked.reply);

        const auto target = storage::find_message_by_platform_id(tx, part.reply.channel, part.reply.target_id);
        request.visibility = part.reply.visibility;
        request.target_kind = target ? target->kind : domain::MessageKind::direct_message;
        request.target_id = part.reply.target_id;
        // A numbered thread on X: each part answers the one before.
        if (ticket->platform == domain::Platform::twitter && part.reply.visibility == domain::Visibility::public_ && part.part.number > 1) {
            for (const domain::ReplyPart& sibling : storage::parts_of(tx, part.reply.id)) {
                if (sibling.number == part.part.number - 1) request.target_id = sibling.platform_id;
            }
        }
        request.root_id = ticket->root_id;
        request.recipient_id = part.reply.recipient_id;
        request.text = part.part.text;
        request.attempt_key = key;
        request.last_inbound_at = ticket->last_inbound_at;
        request.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(send_deadline);
        return std::optional(std::move(marked));
    };
    auto marked = co_await db.write(unit);
    if (!marked) spdlog::error("outbox: mark part {}: {}", part.part.id.value, marked.error().what());
    if (!marked || !*marked) co_return false;
    part = std::move(**marked);
    co_return true;
}

asio::awaitable<void> Outbox::Impl::settle(OutboxPart part, domain::AttemptId attempt, PublishOutcome outcome)
{
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        OutboxPart settled = part;
        // The poller may have seen the effect before the answer came, and settled it.
        if (const auto present = storage::find_part(tx, part.part.id); present && present->state != Delivery::sending) return {};
        storage::finish_attempt(tx, attempt, now, name_of(outcome.outcome), outcome.reason);
        Settler settler{tx, settings, now};
        switch (outcome.outcome) {
        case PublishOutcome::Class::published:
            settler.published(settled, outcome.platform_id, outcome.platform_time.value_or(now));
            break;
        case PublishOutcome::Class::failed:
            settler.failed(settled, outcome.reason);
            break;
        case PublishOutcome::Class::not_sent:
            settler.requeued(settled, outcome.reason, std::max(now + backoff(settled.part.attempts), outcome.not_before.value_or(now)));
            break;
        case PublishOutcome::Class::not_sent_probably:
            settler.requeued(settled, outcome.reason,
                             std::clamp(outcome.not_before.value_or(now + backoff(settled.part.attempts)), now + 2s, now + longest_wait));
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
    while (true) {
        const auto written = co_await db.write(unit);
        if (written || stopping) break;
        spdlog::error("outbox: settle part {}: {}; trying again", part.part.id.value, written.error().what());
        const auto timer = clock.make_timer(executor);
        co_await timer->wait_until(clock.now() + 1s);
    }
}

// ---- reading back ----

connectors::ReadBackRequest Outbox::Impl::read_back_request(const OutboxPart& part) const
{
    connectors::ReadBackRequest request;
    request.visibility = part.reply.visibility;
    request.target_id = part.reply.target_id;
    request.recipient_id = part.reply.recipient_id;
    request.since = part.part.started_at - 2min;
    return request;
}

asio::awaitable<void> Outbox::Impl::read_back(OutboxPart part)
{
    connectors::Connector* connector = connector_of(part);
    connectors::ReadBackResult found;
    if (connector) {
        connectors::ReadBackRequest request = read_back_request(part);
        auto unit = [&](Transaction& tx) -> Result<std::string> {
            const auto ticket = storage::find_ticket(tx, part.reply.ticket);
            return ticket ? ticket->root_id : std::string();
        };
        auto root = co_await db.read(unit);
        if (root) request.root_id = std::move(*root);
        found = co_await connector->read_back(std::move(request));
    }
    co_await conclude(std::move(part), std::move(found));
}

asio::awaitable<void> Outbox::Impl::conclude(OutboxPart part, connectors::ReadBackResult found)
{
    const Instant now = clock.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        OutboxPart looked = part;
        const auto present = storage::find_part(tx, part.part.id);
        if (!present || present->state != Delivery::unknown) return {}; // settled by a person or by the poller
        looked.part = *present;
        Settler settler{tx, settings, now};
        const auto match = settler.look_for(looked, found.own);
        using Kind = domain::MatchResult::Kind;
        if (match.kind == Kind::match || match.kind == Kind::two_matches) {
            settler.published(looked, match.platform_id, match.at);
            if (match.kind == Kind::two_matches) {
                tell(tx, "reply.doubled", now, looked.reply.ticket, nullptr,
                     {{"reply", looked.reply.id.value}, {"platform_id", match.platform_id}});
                spdlog::error("outbox: reply {} stands twice on the platform", looked.reply.id.value);
            }
            return {};
        }
        if (match.kind == Kind::near_miss) {
            settler.needs_decision(looked, "a similar message of our account stands there: " + match.platform_id);
            return {};
        }
        if (found.parent_gone) {
            settler.failed(looked, "what it answers is gone from the platform");
            return {};
        }
        looked.part.reads += found.complete;
        looked.part.canary_seen = looked.part.canary_seen || (found.complete && found.canary_seen);
        if (found.complete && domain::is_absent(looked.part.deadline_at, now, looked.part.reads, looked.part.canary_seen)) {
            settler.needs_decision(looked, "not visible on the platform: send again, confirm that it is there, or discard");
            return {};
        }
        const auto next = domain::next_read_back(looked.part.deadline_at, looked.part.reads, now);
        if (!next) {
            settler.needs_decision(looked, "the platform could not be read for a day: look there, then decide");
            return {};
        }
        settler.unknown(looked,
                        found.complete ? "the outcome is not known; the platform is being read back"
                                       : "the platform cannot be read back: " + found.trouble.reason,
                        *next);
        return {};
    };
    const auto written = co_await db.write(unit);
    if (!written) spdlog::error("outbox: read back part {}: {}", part.part.id.value, written.error().what());
}

// ---- the door ----

Outbox::Outbox(asio::any_io_executor executor, storage::Database& db, const Settings& settings, Connectors& connectors, base::Clock& clock,
               base::Random& random)
    : impl_(std::make_shared<Impl>(std::move(executor), db, settings, connectors, clock, random))
{
}

Outbox::~Outbox() = default;

asio::awaitable<Result<domain::Reply>> Outbox::accept(domain::TicketId ticket, ReplyDraft draft, Command command)
{
    const Instant now = impl_->clock.now();
    auto unit = [&](Transaction& tx) { return accept_reply(tx, impl_->settings, ticket, draft, command, now); };
    auto accepted = co_await impl_->db.write(unit);
    if (accepted) wake();
    co_return accepted;
}

asio::awaitable<Result<domain::Reply>> Outbox::cancel(domain::ReplyId id, Command command)
{
    const Instant now = impl_->clock.now();
    auto unit = [&](Transaction& tx) { return cancel_reply(tx, id, command, now); };
    co_return co_await impl_->db.write(unit);
}

asio::awaitable<Result<domain::Reply>> Outbox::send_now(domain::ReplyId id, Command command)
{
    const Instant now = impl_->clock.now();
    auto unit = [&](Transaction& tx) { return send_reply_now(tx, id, command, now); };
    auto sent = co_await impl_->db.write(unit);
    if (sent) wake();
    co_return sent;
}

asio::awaitable<Result<domain::Reply>> Outbox::decide(domain::ReplyId id, Decision decision, Command command)
{
    const Instant now = impl_->clock.now();
    auto unit = [&](Transaction& tx) { return decide_reply(tx, impl_->settings, id, decision, command, now); };
    auto decided = co_await impl_->db.write(unit);
    if (decided) wake();
    co_return decided;
}

void Outbox::start()
{
    impl_->running = true;
    asio::co_spawn(
        impl_->executor, [impl = impl_]() { return impl->run(); }, asio::detached);
}

asio::awaitable<void> Outbox::stop()
{
    const auto impl = impl_;
    impl->stopping = true;
    impl->work.notify();
    const Instant latest = impl->clock.now() + send_deadline;
    while ((impl->running || !impl->under_way.empty()) && impl->clock.now() < latest) co_await impl->idle.wait_until(latest);
}

void Outbox::wake()
{
    impl_->work.notify();
}

} // namespace sportello::engine
