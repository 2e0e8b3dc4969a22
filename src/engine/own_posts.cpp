#include "own_posts.hpp"

#include "facts.hpp"
#include "outbox_impl.hpp"
#include "patience.hpp"
#include "settle.hpp"

#include <sportello/domain/reply_match.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/platform_clock.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Instant;
using connectors::PublishOutcome;
using domain::Delivery;
using storage::OwnPost;
using storage::OwnPostStep;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

constexpr base::Duration seen_after_deadline = 10min;
constexpr std::int64_t steps_a_round = 20;

bool is_edit(const OwnPostStep& step)
{
    return step.kind == "edit";
}

/// What the newest post under ours answers: X carries a matter on as a thread.
std::string last_of_thread(Transaction& tx, const OwnPost& post)
{
    std::string last = post.platform_id;
    for (const OwnPostStep& step : storage::steps_of(tx, post.id)) {
        if (step.kind == "answer" && step.state == Delivery::published && !step.platform_id.empty()) last = step.platform_id;
    }
    return last;
}

/// Own items that the step may be: posts of ours answer nothing, which the rule for replies does not know.
domain::MatchResult look_for(Transaction& tx, const OwnPost& post, const OwnPostStep& step, std::vector<domain::PlatformItem> own,
                             base::Duration ahead)
{
    static const std::string nothing = "(nothing)";
    std::vector<std::string> taken;
    for (domain::PlatformItem& item : own) {
        if (item.parent_id.empty() && item.visibility == domain::Visibility::public_) item.parent_id = nothing;
        const auto owner = storage::find_own_post_on(tx, post.channel, item.platform_id);
        if (owner) taken.push_back(item.platform_id);
    }
    for (const OwnPostStep& other : storage::steps_of(tx, post.id)) {
        if (other.id != step.id && !other.platform_id.empty()) taken.push_back(other.platform_id);
    }
    domain::SentPart sent;
    sent.text = step.text;
    sent.parents =
        step.kind == "post" ? std::vector<std::string>{nothing} : std::vector<std::string>{post.platform_id, last_of_thread(tx, post)};
    sent.window_begin = step.started_at - before_send + ahead;
    sent.window_end = step.deadline_at + seen_after_deadline + ahead;
    sent.excluded = taken;
    return domain::match_sent_part(sent, own);
}

void become_published(OwnPostStep& step, std::string_view platform_id)
{
    step.state = Delivery::published;
    step.reason.clear();
    step.platform_id = platform_id;
}

void become_unknown(OwnPostStep& step, std::string_view reason, Instant next)
{
    step.state = Delivery::unknown;
    step.reason = reason;
    step.next_try = next;
}

void requeue(OwnPostStep& step, std::string_view reason, Instant next)
{
    step.state = Delivery::queued;
    step.reason = reason;
    step.next_try = next;
}

/// What a send came to.
void take_outcome(OwnPostStep& step, const PublishOutcome& outcome, Instant now)
{
    const Instant soon = now + backoff_after(step.attempts);
    switch (outcome.outcome) {
    case PublishOutcome::Class::published:
        become_published(step, outcome.platform_id);
        break;
    case PublishOutcome::Class::failed:
        step.state = Delivery::failed;
        step.reason = outcome.reason;
        break;
    case PublishOutcome::Class::not_sent:
    case PublishOutcome::Class::not_sent_probably:
        requeue(step, outcome.reason, std::clamp(outcome.not_before.value_or(soon), now + 2s, now + longest_wait));
        break;
    case PublishOutcome::Class::unknown:
        if (is_edit(step)) requeue(step, outcome.reason, soon);
        else become_unknown(step, outcome.reason, now + 2s);
        break;
    }
}

} // namespace

void settle_step(Transaction& tx, const OwnPost& post, const OwnPostStep& step, Instant now)
{
    const auto before = storage::find_step(tx, step.id);
    storage::save_step(tx, step);
    if (step.state == Delivery::published && step.kind == "post") storage::set_platform_id(tx, post.id, step.platform_id);
    if (before && before->state == step.state) return;
    tell(tx, "incident.status_post", now, std::nullopt, nullptr,
         {{"incident", post.incident.value},
          {"post", post.id},
          {"channel", post.channel},
          {"kind", step.kind},
          {"delivery", {{"state", to_string(step.state)}, {"platform_id", step.platform_id}, {"reason", step.reason}}}});
}

void queue_status(Transaction& tx, const Settings&, domain::IncidentId incident, const ChannelSettings& channel, const std::string& text,
                  domain::AgentId agent, Instant now)
{
    std::optional<OwnPost> post;
    for (OwnPost& known : storage::own_posts_of(tx, incident)) {
        if (known.channel == channel.id) post = std::move(known);
    }
    bool is_out = false; // or may be, or is to be
    if (!post) {
        post = OwnPost{.id = 0, .incident = incident, .brand = channel.brand, .channel = channel.id, .platform_id = {}, .created_at = now};
        post->id = storage::insert_own_post(tx, *post);
    }
    for (const OwnPostStep& step : storage::steps_of(tx, post->id)) {
        is_out = is_out || (step.kind == "post" && step.state != Delivery::failed && step.state != Delivery::cancelled);
    }
    OwnPostStep step;
    step.post = post->id;
    step.kind = !is_out ? "post" : channel.platform == domain::Platform::facebook ? "edit" : "answer";
    step.text = text;
    step.agent = agent;
    step.next_try = now;
    step.created_at = now;
    storage::insert_step(tx, step);
}

asio::awaitable<bool> OwnPosts::write(OwnPost post, OwnPostStep step)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        settle_step(tx, post, step, now);
        return {};
    };
    // The effect may stand on the platform: what it became has to be written down, however long the database refuses.
    for (int tries = 0; tries < 60; ++tries) {
        const auto written = co_await db_.write(unit);
        if (written) co_return true;
        spdlog::error("status post {}: {}; trying again", post.id, written.error().what());
    }
    begun_ = false; // it stays "sending", and is read back as after a crash
    co_return false;
}

asio::awaitable<Result<void>> OwnPosts::settle_crashed()
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        for (OwnPostStep& step : storage::steps_sending(tx)) {
            const auto post = storage::find_own_post(tx, step.post);
            if (!post) continue;
            const char* const stopped = "the server stopped while it was being sent";
            if (is_edit(step)) requeue(step, stopped, now);
            else become_unknown(step, stopped, now);
            settle_step(tx, *post, step, now);
        }
        return {};
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Instant>>> OwnPosts::work()
{
    if (!begun_) {
        const auto settled = co_await settle_crashed();
        if (!settled) co_return settled.error();
        begun_ = true;
    }
    const Instant now = clock_.now();
    auto look = [&](Transaction& tx) -> Result<std::vector<OwnPostStep>> { return storage::steps_due(tx, now, steps_a_round); };
    auto due = co_await db_.read(look);
    if (!due) co_return due.error();
    for (OwnPostStep& step : *due) co_await advance(std::move(step));
    auto next = [&](Transaction& tx) -> Result<std::optional<Instant>> { return storage::next_step_time(tx); };
    co_return co_await db_.read(next);
}

asio::awaitable<void> OwnPosts::advance(OwnPostStep step)
{
    const Instant now = clock_.now();
    domain::Hold hold = domain::Hold::none;
    std::optional<Instant> not_before;
    auto look = [&](Transaction& tx) -> Result<std::optional<OwnPost>> {
        auto post = storage::find_own_post(tx, step.post);
        if (post) hold = hold_of(tx, settings_, post->channel);
        if (post) not_before = storage::load_channel(tx, post->channel).not_before;
        return post;
    };
    const auto post = co_await db_.read(look);
    if (!post || !*post) co_return;
    const auto connector = connectors_.find((*post)->channel);
    if (connector == connectors_.end() || !settings_.channel((*post)->channel)) {
        step.state = Delivery::failed;
        step.reason = "the channel " + (*post)->channel + " is not in the configuration any more";
        (void)co_await write(**post, step);
        co_return;
    }
    if (step.state == Delivery::queued && hold != domain::Hold::none) {
        requeue(step, hold == domain::Hold::trial ? "this channel runs without publishing" : "publishing on this channel is paused",
                now + 30s);
        (void)co_await write(**post, step);
        co_return;
    }
    if (not_before && *not_before > now) {
        step.next_try = std::min(*not_before, now + longest_wait);
        (void)co_await write(**post, step);
        co_return;
    }
    // A try that may have had an effect is looked for before the next one.
    if (!is_edit(step) && step.attempts > 0) {
        const bool clear = co_await read_back(**post, step, *connector->second);
        if (!clear) co_return;
    }
    co_await send(**post, std::move(step), *connector->second);
}

asio::awaitable<bool> OwnPosts::read_back(OwnPost post, OwnPostStep& step, connectors::Connector& connector)
{
    base::Duration ahead{};
    std::string under;
    auto look = [&](Transaction& tx) -> Result<void> {
        ahead = storage::clock_ahead(tx, post.channel);
        under = last_of_thread(tx, post);
        return {};
    };
    const auto looked = co_await db_.read(look);
    if (!looked) co_return false;
    connectors::ReadBackRequest request;
    if (step.kind == "answer") {
        request.target_id = under;
        request.root_id = post.platform_id;
    }
    request.since = step.started_at - before_send + ahead;
    const connectors::ReadBackResult found = co_await connector.read_back(std::move(request));
    const Instant now = clock_.now();
    auto match = [&](Transaction& tx) -> Result<domain::MatchResult> { return look_for(tx, post, step, found.own, ahead); };
    const auto matched = co_await db_.read(match);
    if (!matched) co_return false;
    using Kind = domain::MatchResult::Kind;
    if (matched->kind == Kind::match || matched->kind == Kind::two_matches) {
        become_published(step, matched->platform_id);
        (void)co_await write(post, step);
        co_return false;
    }
    if (step.state == Delivery::queued) { // it was probably not sent: one complete look is enough
        if (found.complete) co_return true;
        step.reason = "the platform cannot be read; the post waits";
        step.next_try = now + backoff_after(step.attempts);
        (void)co_await write(post, step);
        co_return false;
    }
    step.reads += found.complete;
    step.canary_seen = step.canary_seen || (found.complete && found.canary_seen);
    const auto next = domain::next_read_back(step.deadline_at, step.reads, now);
    const bool absent = found.complete && domain::is_absent(step.deadline_at, now, step.reads, step.canary_seen);
    if (absent || !next) {
        step.state = Delivery::needs_decision;
        step.reason = absent ? "not visible on the platform: send again, confirm that it is there, or discard"
                             : "the platform could not be read for a day: look there, then decide";
    } else {
        step.next_try = *next;
    }
    (void)co_await write(post, step);
    co_return false;
}

/// Commits `sending` before the first byte.
asio::awaitable<void> OwnPosts::send(OwnPost post, OwnPostStep step, connectors::Connector& connector)
{
    const Instant now = clock_.now();
    std::string under;
    bool changed = false;
    auto mark = [&](Transaction& tx) -> Result<void> {
        const auto present = storage::find_step(tx, step.id);
        changed = !present || present->state != Delivery::queued;
        if (changed) return {};
        const auto fresh = storage::find_own_post(tx, post.id);
        if (fresh) post = *fresh;
        under = last_of_thread(tx, post);
        step.state = Delivery::sending;
        ++step.attempts;
        step.reads = 0;
        step.canary_seen = false;
        step.started_at = now;
        step.deadline_at = now + send_deadline;
        settle_step(tx, post, step, now);
        return {};
    };
    const auto marked = co_await db_.write(mark);
    if (!marked) begun_ = false; // perhaps it was committed: then it is read back as after a crash
    if (!marked || changed) co_return;
    PublishOutcome outcome;
    if (step.kind != "post" && post.platform_id.empty()) {
        outcome.outcome = PublishOutcome::Class::failed;
        outcome.reason = "the post that it belongs to is not on the platform";
    } else {
        outcome = co_await publish(post, step, std::move(under), connector);
    }
    take_outcome(step, outcome, clock_.now());
    (void)co_await write(std::move(post), std::move(step));
}

/// A connector that throws has sent nobody knows what.
asio::awaitable<PublishOutcome> OwnPosts::publish(OwnPost post, OwnPostStep step, std::string under, connectors::Connector& connector)
{
    PublishOutcome outcome;
    const auto deadline = std::chrono::duration_cast<std::chrono::milliseconds>(send_deadline);
    try {
        if (step.kind == "answer") {
            connectors::PublishRequest request;
            request.target_id = std::move(under);
            request.root_id = post.platform_id;
            request.text = step.text;
            request.attempt_key = random_.token(16);
            request.deadline = deadline;
            outcome = co_await connector.publish(std::move(request));
        } else {
            connectors::Action action;
            action.kind = is_edit(step) ? connectors::ActionKind::edit : connectors::ActionKind::post;
            if (is_edit(step)) action.target_id = post.platform_id;
            action.text = step.text;
            action.deadline = deadline;
            outcome = co_await connector.act(std::move(action));
        }
    } catch (const std::exception& error) {
        outcome.outcome = PublishOutcome::Class::unknown;
        outcome.reason = std::string("The sending broke off: ") + error.what();
    }
    co_return outcome;
}

} // namespace sportello::engine
