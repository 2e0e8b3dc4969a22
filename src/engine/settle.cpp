#include "settle.hpp"

#include "facts.hpp"
#include "outbox_accept.hpp"
#include "outbox_impl.hpp"
#include "promises.hpp"

#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/automatic.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/platform_clock.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

using domain::Delivery;
using namespace std::chrono_literals;

// The platform's clock and ours may differ, and it may take its time; the window of reliability 2.7.
constexpr base::Duration after_deadline = 10min;

nlohmann::json event_data(const storage::OutboxPart& part)
{
    return {{"reply", part.reply.id.value},
            {"part", part.part.number},
            {"delivery", {{"state", to_string(part.reply.state)}, {"platform_id", part.reply.platform_id}, {"reason", part.reply.reason}}}};
}

/// The item answered and everything above it that is stored: Facebook may file an answer under another comment of the thread.
std::vector<std::string> parents_of(storage::Transaction& tx, const storage::OutboxPart& part)
{
    std::vector<std::string> parents{part.reply.target_id};
    std::string next = part.reply.target_id;
    for (int depth = 0; depth < 10; ++depth) {
        const auto message = storage::find_message_by_platform_id(tx, part.reply.channel, next);
        if (!message) break;
        if (message->root_id != next) parents.push_back(message->root_id);
        if (message->parent_id.empty()) break;
        parents.push_back(message->parent_id);
        next = message->parent_id;
    }
    for (const domain::ReplyPart& sibling : storage::parts_of(tx, part.reply.id)) {
        if (!sibling.platform_id.empty()) parents.push_back(sibling.platform_id);
    }
    return parents;
}

} // namespace

void Settler::published(storage::OutboxPart& part, std::string_view platform_id, base::Instant at)
{
    const auto owner = storage::find_part_by_platform_id(tx, part.reply.channel, platform_id);
    if (owner && owner->part.id != part.part.id) {
        needs_decision(part, "the platform answered with the id of another reply");
        return;
    }
    part.part.platform_id = platform_id;
    if (part.part.number == 1) {
        part.reply.platform_id = platform_id;
        part.reply.published_at = at;
    }
    if (const auto message = storage::find_message_by_platform_id(tx, part.reply.channel, platform_id)) {
        storage::bind_message_to_part(tx, message->id, part.part.id);
    }
    part.part.quarantined = false;
    write(part, Delivery::published, "");
    if (part.reply.state != Delivery::published) return;
    if (storage::automatic_mark(tx, part.reply.id)) return; // it answers nothing
    auto ticket = storage::find_ticket(tx, part.reply.ticket);
    if (!ticket) return;
    const domain::Ticket before = *ticket;
    const base::Instant published_at = part.reply.published_at.value_or(at);
    domain::publish_reply(*ticket, published_at, target_of(settings, *ticket), now);
    settle_promise(tx, settings, *ticket, published_at);
    // Read in this same transaction, so nobody else can have changed it.
    (void)storage::save_ticket(tx, *ticket, &before);
}

void Settler::failed(storage::OutboxPart& part, std::string_view reason)
{
    for (domain::ReplyPart& later : storage::parts_of(tx, part.reply.id)) {
        if (later.number <= part.part.number || later.state != Delivery::queued) continue;
        later.state = Delivery::cancelled;
        (void)storage::save_part(tx, later);
    }
    write(part, Delivery::failed, reason);
}

void Settler::retried(storage::OutboxPart& part)
{
    for (domain::ReplyPart& later : storage::parts_of(tx, part.reply.id)) {
        if (later.number <= part.part.number || later.state != Delivery::cancelled) continue;
        later.state = Delivery::queued;
        later.next_try = now;
        (void)storage::save_part(tx, later);
    }
    requeued(part, "", now);
}

void Settler::unknown(storage::OutboxPart& part, std::string_view reason, base::Instant next_read)
{
    part.part.next_try = next_read;
    write(part, Delivery::unknown, reason);
}

void Settler::needs_decision(storage::OutboxPart& part, std::string_view reason)
{
    write(part, Delivery::needs_decision, reason);
}

void Settler::requeued(storage::OutboxPart& part, std::string_view reason, base::Instant next_try)
{
    part.part.next_try = next_try;
    write(part, Delivery::queued, reason);
}

void Settler::doubtful(storage::OutboxPart& part)
{
    part.part.quarantined = true;
    part.part.started_at = part.reply.accepted_at;
    part.part.deadline_at = now;
    part.part.reads = 0;
    part.part.canary_seen = false;
    unknown(part, "the database was restored: the platform is read before this is sent", now);
}

void Settler::doubled(const domain::Reply& reply, std::string_view platform_id)
{
    if (!storage::mark_doubled(tx, reply.id, now)) return;
    tell(tx, "reply.doubled", now, reply.ticket, nullptr, {{"reply", reply.id.value}, {"platform_id", platform_id}});
    spdlog::error("outbox: reply {} stands twice on the platform", reply.id.value);
}

void Settler::held(storage::OutboxPart& part, domain::Hold why)
{
    part.part.held = why;
    write(part, Delivery::queued,
          why == domain::Hold::trial ? "this channel runs without publishing: the reply waits until a person sends it or takes it back"
                                     : "publishing on this channel is paused: the reply leaves when it goes on");
    tell(tx, "reply.held", now, part.reply.ticket, nullptr, event_data(part));
}

domain::MatchResult Settler::look_for(const storage::OutboxPart& part, std::span<const domain::PlatformItem> own) const
{
    const auto attempt = first_doubtful_attempt(tx, part.part.id);
    std::vector<std::string> excluded;
    if (attempt) excluded = snapshot_from_json(attempt->snapshot);
    for (const domain::PlatformItem& item : own) {
        const auto owner = storage::find_part_by_platform_id(tx, part.reply.channel, item.platform_id);
        if (owner && owner->part.id != part.part.id) excluded.push_back(item.platform_id);
    }
    domain::SentPart sent;
    sent.text = part.part.text;
    sent.parents = parents_of(tx, part);
    if (part.reply.route == domain::RouteKind::private_reply) sent.recipient = part.reply.recipient_id;
    sent.window_begin = sought_since(tx, part);
    sent.window_end = part.part.deadline_at + after_deadline + storage::clock_ahead(tx, part.reply.channel);
    sent.excluded = excluded;
    return domain::match_sent_part(sent, own);
}

void Settler::write(storage::OutboxPart& part, Delivery state, std::string_view reason)
{
    part.part.state = state;
    part.part.reason = reason;
    if (state != Delivery::unknown && state != Delivery::needs_decision) {
        part.part.uncertain_since.reset();
        part.part.paged_at.reset();
    } else if (!part.part.uncertain_since) {
        part.part.uncertain_since = now;
    }
    (void)storage::save_part(tx, part.part);
    refresh_reply(part);
    if (state != Delivery::unknown) release_held(part);
}

/// Own items that came while the send was under way were held back, as they might have been its effect. What did not bind
/// to the part is threaded like any other now.
void Settler::release_held(const storage::OutboxPart& part)
{
    const auto ticket = storage::find_ticket(tx, part.reply.ticket);
    if (!ticket) return;
    for (const domain::Message& held : storage::waiting_under_root(tx, part.reply.channel, root_under(tx, part.reply, *ticket))) {
        storage::set_threaded(tx, held.id, std::nullopt, storage::Intake::new_);
    }
}

void Settler::refresh_reply(storage::OutboxPart& part)
{
    const Delivery before = part.reply.state;
    const auto parts = storage::parts_of(tx, part.reply.id);
    part.reply.state = domain::state_of_reply(parts);
    part.reply.reason = part.part.reason;
    storage::save_reply_state(tx, part.reply);
    if (part.reply.state == before && part.part.count == 1) return;
    tell(tx, "reply." + std::string(to_string(part.reply.state)), now, part.reply.ticket, nullptr, event_data(part));
}

domain::Hold hold_of(storage::Transaction& tx, const Settings& settings, std::string_view channel)
{
    const ChannelSettings* set = settings.channel(channel);
    if (set && !set->publish) return domain::Hold::trial;
    return storage::load_channel(tx, channel).publishing_paused ? domain::Hold::paused : domain::Hold::none;
}

bool may_be_out(storage::Transaction& tx, domain::PartId part, domain::AttemptId except)
{
    return std::ranges::any_of(storage::attempts_of(tx, part), [&](const storage::Attempt& one) {
        return one.id != except && one.outcome != attempt_not_sent && one.outcome != attempt_not_sent_probably &&
               one.outcome != attempt_failed;
    });
}

std::optional<storage::Attempt> first_doubtful_attempt(storage::Transaction& tx, domain::PartId part)
{
    for (storage::Attempt& attempt : storage::attempts_of(tx, part)) {
        if (attempt.outcome != attempt_not_sent) return std::move(attempt);
    }
    return std::nullopt;
}

base::Instant sought_since(storage::Transaction& tx, const storage::OutboxPart& part)
{
    base::Instant since = part.part.started_at;
    if (const auto attempt = first_doubtful_attempt(tx, part.part.id)) since = std::min(since, attempt->started_at);
    return since - before_send + storage::clock_ahead(tx, part.reply.channel);
}

std::string snapshot_to_json(std::span<const std::string> platform_ids)
{
    return nlohmann::json(std::vector<std::string>(platform_ids.begin(), platform_ids.end())).dump();
}

std::vector<std::string> snapshot_from_json(std::string_view json)
{
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    return parsed.is_array() ? parsed.get<std::vector<std::string>>() : std::vector<std::string>();
}

} // namespace sportello::engine
