#include <sportello/engine/outbox.hpp>

#include "outbox_accept.hpp"
#include "outbox_impl.hpp"
#include "patience.hpp"
#include "settle.hpp"

#include <sportello/storage/channels.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Instant;
using domain::Delivery;
using storage::OutboxPart;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

// Sends and read-backs under way at once, over all conversations.
constexpr std::size_t most_under_way = 32;
// While something is uncertain: reading may work again any moment, and intake then makes it due.
constexpr base::Duration uncertain_look = 30s;

} // namespace

base::Duration backoff_after(std::int32_t attempts)
{
    return std::min<base::Duration>(5min, 2s * (1LL << std::clamp(attempts, 0, 10)));
}

// ---- the loop ----

asio::awaitable<void> Outbox::Impl::run()
{
    running = true;
    for (bool begun = false; !stopping && !begun;) {
        begun = co_await begin();
        if (!begun) co_await work.wait_until(clock.now() + 1s);
    }
    while (!stopping) {
        const Instant next = co_await round();
        co_await work.wait_until(next);
    }
    running = false;
    idle.notify();
}

/// Begins what is due. @return when to look again.
asio::awaitable<Instant> Outbox::Impl::round()
{
    if (server_changed) {
        const bool begun = co_await begin();
        if (!begun) co_return clock.now() + 1s;
    }
    if (orphans) {
        const bool settled = co_await settle_orphans();
        orphans = !settled;
    }
    auto due = co_await look();
    if (!due) {
        spdlog::error("outbox: {}; trying again", due.error().what());
        co_return clock.now() + 1s;
    }
    if (due->server_changed) {
        server_changed = true;
        co_return clock.now();
    }
    Instant next = clock.now() + idle_look;
    if (orphans) next = clock.now() + 1s;
    if (due->to_page) co_await page_supervisors();
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
    co_return next;
}

asio::awaitable<Result<Outbox::Impl::Due>> Outbox::Impl::look()
{
    const Instant now = clock.now();
    const auto room = static_cast<std::int64_t>(most_under_way - std::min(most_under_way, under_way.size()));
    auto unit = [&](Transaction& tx) -> Result<Due> {
        Due due;
        due.server_changed = !on_the_same_server(tx);
        if (due.server_changed) return due;
        due.to_read_back = storage::unknown_parts_due(tx, now, static_cast<std::int64_t>(most_under_way));
        std::erase_if(due.to_read_back, [&](const OutboxPart& part) { return under_way.contains(part.part.id.value); });
        if (room > 0) due.to_send = storage::startable_parts(tx, now, room);
        due.next = storage::next_outbox_time(tx);
        // What is due already is under way or finds no room: the end of one of those wakes the loop.
        if (due.next && *due.next <= now) due.next.reset();
        if (!storage::undecided_parts(tx, true, false, {}, 1).empty())
            due.next = std::min(due.next.value_or(now + idle_look), now + uncertain_look);
        if (const auto since = storage::oldest_unpaged(tx)) {
            due.to_page = *since + page_after <= now;
            due.next = std::min(due.next.value_or(now + idle_look), std::max(*since + page_after, now + 1s));
        }
        return due;
    };
    co_return co_await db.read(unit);
}

/// Reserves parts for sending, but for those whose channel may not be called yet: they wait until it may. Where nothing is
/// to be published they wait for a person; what a restore has made doubtful is read back first.
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
            if (part.part.quarantined) {
                Settler{tx, settings, now}.doubtful(part);
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
            self->orphans = true;
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
    auto unit = [&](Transaction& tx) { return cancel_reply(tx, impl_->settings, id, command, now); };
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

asio::awaitable<Result<domain::Reply>> Outbox::retry(domain::ReplyId id, Retry order, Command command)
{
    const Instant now = impl_->clock.now();
    auto unit = [&](Transaction& tx) { return retry_reply(tx, impl_->settings, id, order, command, now); };
    auto retried = co_await impl_->db.write(unit);
    if (retried) wake();
    co_return retried;
}

asio::awaitable<Result<domain::Reply>> Outbox::decide(domain::ReplyId id, Decision decision, Command command)
{
    const auto impl = impl_;
    std::optional<Instant> written_at;
    if (decision.kind == Decision::Kind::published) {
        auto claim = [&](Transaction& tx) { return claimed_item(tx, impl->settings, id, decision, command); };
        auto claimed = co_await impl->db.read(claim);
        if (!claimed) co_return claimed.error();
        decision.platform_id = claimed->platform_id;
        written_at = claimed->at;
        if (!written_at) { // never seen here: the platform itself is asked
            const auto verified = co_await impl->verify(std::move(claimed->part), decision.platform_id);
            if (!verified) co_return verified.error();
            written_at = *verified;
        }
    }
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) { return decide_reply(tx, impl->settings, id, decision, written_at, command, now); };
    auto decided = co_await impl->db.write(unit);
    if (decided) wake();
    co_return decided;
}

void Outbox::start(After after)
{
    impl_->after_another = after == After::another_node;
    impl_->running = true;
    asio::co_spawn(
        impl_->executor, [impl = impl_]() { return impl->run(); }, asio::detached);
}

asio::awaitable<void> Outbox::stop()
{
    return stop(send_deadline);
}

asio::awaitable<void> Outbox::stop(base::Duration longest)
{
    const auto impl = impl_;
    impl->stopping = true;
    impl->work.notify();
    const Instant latest = impl->clock.now() + longest;
    while ((impl->running || !impl->under_way.empty()) && impl->clock.now() < latest) co_await impl->idle.wait_until(latest);
}

void Outbox::wake()
{
    impl_->work.notify();
}

} // namespace sportello::engine
