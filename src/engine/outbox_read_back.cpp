#include "facts.hpp"
#include "outbox_accept.hpp"
#include "outbox_impl.hpp"
#include "settle.hpp"

#include <sportello/domain/reply_match.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Delivery;
using storage::OutboxPart;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

/// Nothing that was tried may have left this machine with an effect.
bool never_left(Transaction& tx, const OutboxPart& part)
{
    const auto last = storage::last_attempt(tx, part.part.id);
    return !last || last->outcome == attempt_not_sent || last->outcome == attempt_not_sent_probably;
}

/// The channel's option to send again what was surely looked for and not seen.
bool may_resend(Transaction& tx, const Settings& settings, const OutboxPart& part)
{
    const ChannelSettings* channel = settings.channel(part.reply.channel);
    const auto last = storage::last_attempt(tx, part.part.id);
    return channel && channel->resend_unseen && part.reply.visibility == domain::Visibility::public_ && !part.part.resent && last &&
           last->outcome != attempt_duplicate;
}

/// It is not there, as far as that can be known.
void absent(Transaction& tx, const Settings& settings, Settler& settler, OutboxPart& part)
{
    if (part.part.quarantined && never_left(tx, part)) {
        part.part.quarantined = false;
        settler.requeued(part, "", settler.now);
    } else if (may_resend(tx, settings, part)) {
        part.part.resent = true;
        settler.requeued(part, "not visible on the platform: sent again once, as this channel is set", settler.now);
    } else {
        settler.needs_decision(part, "not visible on the platform: send again, confirm that it is there, or discard");
    }
}

} // namespace

/// What our account wrote near the reply's target since shortly before it was sent.
asio::awaitable<connectors::ReadBackResult> Outbox::Impl::read_platform(OutboxPart part)
{
    connectors::ReadBackResult found;
    connectors::Connector* connector = connector_of(part);
    if (!connector) {
        found.trouble.reason = "the channel " + part.reply.channel + " is not in the configuration any more";
        co_return found;
    }
    connectors::ReadBackRequest request;
    request.visibility = part.reply.visibility;
    if (part.reply.route == domain::RouteKind::private_reply) {
        request.private_reply_to = part.reply.target_id;
    } else {
        request.target_id = part.reply.target_id;
        request.recipient_id = part.reply.recipient_id;
    }
    auto unit = [&](Transaction& tx) -> Result<std::string> {
        request.since = sought_since(tx, part);
        const auto ticket = storage::find_ticket(tx, part.reply.ticket);
        return ticket ? root_under(tx, part.reply, *ticket) : std::string();
    };
    auto root = co_await db.read(unit);
    if (!root) {
        found.trouble.reason = root.error().what();
        co_return found;
    }
    if (request.private_reply_to.empty()) request.root_id = std::move(*root);
    found = co_await connector->read_back(std::move(request));
    co_return found;
}

asio::awaitable<void> Outbox::Impl::read_back(OutboxPart part)
{
    connectors::ReadBackResult found = co_await read_platform(part);
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
            if (match.kind == Kind::two_matches) settler.doubled(looked.reply, match.platform_id);
            return {};
        }
        if (match.kind == Kind::near_miss) {
            settler.needs_decision(looked, "a similar message of our account stands there: " + match.platform_id);
            return {};
        }
        // A comment goes with what it answers; a private message stays.
        if (found.parent_gone && looked.reply.route != domain::RouteKind::private_reply) {
            settler.failed(looked, "what it answers is gone from the platform, and with it whatever was written under it");
            return {};
        }
        looked.part.reads += found.complete;
        looked.part.canary_seen = looked.part.canary_seen || (found.complete && found.canary_seen);
        if (found.complete && domain::is_absent(looked.part.deadline_at, now, looked.part.reads, looked.part.canary_seen)) {
            absent(tx, settings, settler, looked);
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

asio::awaitable<Result<Instant>> Outbox::Impl::verify(OutboxPart part, std::string platform_id)
{
    const Error not_ours(ErrorKind::invalid_input, "is no message of this account",
                         {{"/platform_id", "is no message of this account on the platform"}});
    std::optional<domain::PlatformItem> item;
    bool gone = false;
    connectors::ChannelTrouble trouble;
    connectors::Connector* connector = connector_of(part);
    if (connector && part.reply.visibility == domain::Visibility::public_) {
        std::vector<std::string> ids{platform_id};
        connectors::RecheckResult looked = co_await connector->recheck(std::move(ids));
        trouble = std::move(looked.trouble);
        for (connectors::Rechecked& one : looked.items) {
            if (one.platform_id != platform_id) continue;
            gone = one.gone;
            item = std::move(one.item);
        }
    } else if (connector) {
        connectors::ReadBackResult read = co_await read_platform(part);
        trouble = std::move(read.trouble);
        for (domain::PlatformItem& own : read.own) {
            if (own.platform_id == platform_id) item = std::move(own);
        }
        gone = read.complete && !item;
    }
    if (item && item->own) co_return item->at;
    if (item || gone) co_return not_ours;
    co_return Error(ErrorKind::conflict, "the platform cannot be read right now, so this could not be checked: " + trouble.reason);
}

} // namespace sportello::engine
