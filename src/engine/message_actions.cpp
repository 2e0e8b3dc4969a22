#include "message_actions.hpp"

#include "facts.hpp"
#include "patience.hpp"

#include <sportello/storage/channels.hpp>
#include <sportello/storage/messages.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Instant;
using storage::MessageAction;
using storage::Transaction;
using Outcome = connectors::ActionOutcome::Class;
using namespace std::chrono_literals;

constexpr base::Duration while_paused = 1min;
constexpr base::Duration first_pause = 5s;
constexpr base::Duration longest_pause = 10min;
/// Two days of trying.
constexpr std::int32_t most_attempts = 300;

base::Duration pause_after(std::int32_t attempts)
{
    return std::min<base::Duration>(longest_pause, first_pause * (1 << std::min(attempts, 7)));
}

std::string event_of(const MessageAction& action)
{
    if (action.state == "failed") return "message." + action.kind + "_failed";
    if (action.kind == "hide") return "message.hidden";
    if (action.kind == "unhide") return "message.shown";
    if (action.kind == "remove") return "message.removed";
    return "message." + action.kind + "d"; // liked, unliked
}

connectors::ActionKind kind_of(const MessageAction& action)
{
    if (action.kind == "hide") return connectors::ActionKind::hide;
    if (action.kind == "unhide") return connectors::ActionKind::unhide;
    if (action.kind == "like") return connectors::ActionKind::like;
    if (action.kind == "unlike") return connectors::ActionKind::unlike;
    return connectors::ActionKind::remove;
}

} // namespace

asio::awaitable<void> MessageActions::run()
{
    while (!stopping_) {
        const Instant wake = co_await work();
        if (!stopping_) co_await signal_.wait_until(wake);
    }
}

void MessageActions::stop()
{
    stopping_ = true;
    signal_.notify();
}

asio::awaitable<Instant> MessageActions::work()
{
    const Instant now = clock_.now();
    auto look = [&](Transaction& tx) -> base::Result<std::vector<MessageAction>> { return storage::due_message_actions(tx, now); };
    auto due = co_await db_.read(look);
    if (!due) {
        spdlog::error("actions: {}; trying again", due.error().what());
        co_return now + first_pause;
    }
    for (MessageAction& action : *due) {
        if (!stopping_) co_await carry_out(std::move(action));
    }
    auto ask = [](Transaction& tx) -> base::Result<std::optional<Instant>> { return storage::next_message_action(tx); };
    const auto next = co_await db_.read(ask);
    if (!next) co_return clock_.now() + first_pause;
    const Instant present = clock_.now(); // what could not be written down must not be tried without end
    co_return std::max(next->value_or(present + idle_look), present + 1s);
}

asio::awaitable<void> MessageActions::carry_out(MessageAction action)
{
    std::string target = action.target_id;
    bool paused = false;
    auto prepare = [&](Transaction& tx) -> base::Result<void> {
        paused = storage::load_channel(tx, action.channel).publishing_paused;
        if (!target.empty()) return {};
        const auto message = storage::find_message(tx, action.message);
        if (message && !message->deleted_at) target = message->platform_id;
        return {};
    };
    const auto prepared = co_await db_.read(prepare);
    const auto connector = connectors_.find(action.channel);
    connectors::ActionOutcome outcome;
    if (!prepared || paused) {
        outcome.outcome = Outcome::not_sent;
        outcome.reason = paused ? "publishing on this channel is paused" : prepared.error().what();
        outcome.not_before = clock_.now() + while_paused;
    } else if (target.empty() || connector == connectors_.end()) {
        outcome.outcome = Outcome::failed;
        outcome.reason = target.empty() ? "the message is not there any more" : "the channel is not configured any more";
    } else {
        connectors::Action order;
        order.kind = kind_of(action);
        order.target_id = target;
        order.visibility = action.visibility;
        outcome = co_await connector->second->act(std::move(order));
    }
    const Instant now = clock_.now();
    auto settle = [&](Transaction& tx) -> base::Result<void> {
        auto present = storage::find_message_action(tx, action.id);
        if (!present) return present.error();
        if (present->state != "queued") return {}; // something else was ordered meanwhile
        ++present->attempts;
        present->reason = outcome.outcome == Outcome::published ? std::string() : outcome.reason;
        const bool done = outcome.outcome == Outcome::published;
        if (!done && outcome.outcome != Outcome::failed && present->attempts < most_attempts) {
            present->next_try = std::max(now + pause_after(present->attempts), outcome.not_before.value_or(now));
            storage::save_message_action(tx, *present);
            return {};
        }
        present->state = done ? "done" : "failed";
        present->ended_at = now;
        storage::save_message_action(tx, *present);
        const bool hiding = present->kind == "hide" || present->kind == "unhide";
        if (done && hiding) storage::set_hidden(tx, present->message, present->kind == "hide");
        if (done && present->kind == "remove") storage::mark_removed(tx, present->channel, target, now);
        Command author;
        author.actor.id = present->agent;
        nlohmann::json data{{"message", present->message.value == 0 ? nlohmann::json() : nlohmann::json(present->message.value)}};
        if (!done) data["reason"] = present->reason;
        tell(tx, event_of(*present), now, present->ticket, &author, data);
        return {};
    };
    const auto settled = co_await db_.write(settle);
    if (!settled) spdlog::error("actions: {}; trying again", settled.error().what());
}

} // namespace sportello::engine
