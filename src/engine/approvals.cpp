#include <sportello/engine/approvals.hpp>

#include "approval_units.hpp"
#include "broadcaster.hpp"
#include "facts.hpp"
#include "incident_checks.hpp"

#include <sportello/storage/broadcasts.hpp>
#include <sportello/storage/drafts.hpp>
#include <sportello/storage/incidents.hpp>
#include <sportello/storage/notifications.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using storage::Approval;
using storage::Broadcast;
using storage::Transaction;

constexpr base::Duration tidy_every = std::chrono::hours(6);
constexpr base::Duration keep_notifications = std::chrono::hours(24) * 90;

Result<void> check_broadcast(Transaction& tx, const Settings& settings, const Broadcast& broadcast, domain::BroadcastTexts& texts)
{
    if (broadcast.incident.value == 0) return check_selection_texts(settings, texts);
    const auto incident = storage::find_incident(tx, broadcast.incident);
    if (!incident) return incident.error();
    return check_texts(settings, texts, *incident, true);
}

Result<void> reword_broadcast(Transaction& tx, const Settings& settings, Approval& approval, Broadcast& broadcast, const std::string& text,
                              const Command& command, Instant now)
{
    domain::BroadcastTexts texts = texts_from_json(broadcast.texts);
    if (texts.text == text) return {};
    if (approval.written.empty() && command.actor.id != approval.author) approval.written = texts.text;
    texts.text = text;
    if (const auto sound = check_broadcast(tx, settings, broadcast, texts); !sound) return sound;
    broadcast.texts = to_json(texts);
    storage::save_broadcast_texts(tx, broadcast);
    approval.changed_by = command.actor.id;
    storage::save_approval(tx, approval);
    notify_author(tx, approval, "reply_changed", command, now);
    tell(tx, broadcast_event(broadcast, "approval_changed"), now, std::nullopt, &command, broadcast_data(tx, approval, broadcast));
    return {};
}

/// What stands against a text to the members of an incident now.
Result<void> check_incident_allows(Transaction& tx, const Broadcast& broadcast)
{
    if (broadcast.incident.value == 0) return {};
    const auto incident = storage::find_incident(tx, broadcast.incident);
    if (!incident) return incident.error();
    if (broadcast.kind != "closing" && incident->state != domain::IncidentState::confirmed) {
        return Error(ErrorKind::conflict, "the incident is " + std::string(to_string(incident->state)));
    }
    if (storage::running_broadcast(tx, broadcast.incident)) {
        return Error(ErrorKind::conflict, "a text to all is being sent; stop it first");
    }
    return {};
}

Result<void> approve_broadcast(Transaction& tx, const Settings& settings, Approval& approval, const ApprovalDecision& decision,
                               const Command& command, Instant now)
{
    auto broadcast = storage::find_broadcast(tx, approval.broadcast.value_or(0));
    if (!broadcast) return broadcast.error();
    if (const auto allowed = check_incident_allows(tx, *broadcast); !allowed) return allowed;
    if (decision.text) {
        const auto changed = reword_broadcast(tx, settings, approval, *broadcast, *decision.text, command, now);
        if (!changed) return changed;
    }
    broadcast->state = "running";
    storage::save_broadcast(tx, *broadcast);
    // Those of a selection and of a closing notice have had their places since they were chosen.
    if (broadcast->kind == "update") (void)queue_members(tx, broadcast->id, broadcast->incident);
    conclude(tx, approval, "approved", decision.note, command, now);
    auto data = broadcast_data(tx, approval, *broadcast);
    data["kind"] = broadcast->kind;
    data["people"] = storage::figures_of(tx, broadcast->id).waiting;
    tell(tx, broadcast_event(*broadcast, "started"), now, std::nullopt, &command, data);
    return {};
}

Result<void> end_broadcast(Transaction& tx, const Approval& approval, const std::string& why, std::string_view what, const Command& command,
                           Instant now)
{
    auto broadcast = storage::find_broadcast(tx, approval.broadcast.value_or(0));
    if (!broadcast) return broadcast.error();
    storage::skip_waiting(tx, broadcast->id, why);
    broadcast->state = "stopped";
    broadcast->ended_at = now;
    storage::save_broadcast(tx, *broadcast);
    if (broadcast->kind == "closing") storage::unsettle_members(tx, broadcast->incident); // who was not told comes back
    tell(tx, broadcast_event(*broadcast, what), now, std::nullopt, &command, broadcast_data(tx, approval, *broadcast));
    return {};
}

} // namespace

Approvals::Approvals(storage::Database& db, const Settings& settings, base::Clock& clock, std::function<void()> wake_outbox,
                     std::function<void()> wake_broadcasts)
    : db_(db), settings_(settings), clock_(clock), wake_outbox_(std::move(wake_outbox)), wake_broadcasts_(std::move(wake_broadcasts))
{
}

/// Runs `work` on an approval that waits; a repeat with the same key answers what it has come to.
template <class Work>
asio::awaitable<Result<Approval>> Approvals::decide(std::int64_t id, Command command, std::optional<std::int32_t> if_revision, Work work)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Approval> {
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) {
            if (auto known = storage::find_approval(tx, **made)) return std::move(*known);
        }
        auto approval = waiting_approval(tx, id, command.actor);
        if (!approval) return approval;
        if (if_revision && *if_revision != approval->revision) {
            return Error(ErrorKind::conflict, "it was changed by somebody else; read it again", {{"/revision", "is another by now"}});
        }
        if (const Result<void> done = work(tx, *approval, now); !done) return done.error();
        if (const auto kept = remember_made(tx, command, id, now); !kept) return kept.error();
        return approval;
    };
    auto decided = co_await db_.write(unit);
    if (decided && decided->reply) wake_outbox_();
    if (decided && decided->broadcast) wake_broadcasts_();
    co_return decided;
}

asio::awaitable<Result<Approval>> Approvals::approve(std::int64_t id, ApprovalDecision decision, Command command,
                                                     std::optional<std::int32_t> if_revision)
{
    const auto work = [&](Transaction& tx, Approval& approval, Instant now) -> Result<void> {
        if (const auto may = check_may_decide(tx, approval, command); !may) return may;
        if (approval.reply) return approve_reply(tx, settings_, approval, decision, command, now);
        return approve_broadcast(tx, settings_, approval, decision, command, now);
    };
    co_return co_await decide(id, command, if_revision, work);
}

asio::awaitable<Result<Approval>> Approvals::change(std::int64_t id, std::string text, std::string note, Command command,
                                                    std::optional<std::int32_t> if_revision)
{
    const auto work = [&](Transaction& tx, Approval& approval, Instant now) -> Result<void> {
        if (approval.author != command.actor.id) {
            if (const auto may = check_may_decide(tx, approval, command); !may) return may;
        }
        if (!note.empty()) approval.note = note;
        if (approval.reply) return change_waiting_reply(tx, approval, text, command, now);
        auto broadcast = storage::find_broadcast(tx, approval.broadcast.value_or(0));
        if (!broadcast) return broadcast.error();
        return reword_broadcast(tx, settings_, approval, *broadcast, text, command, now);
    };
    co_return co_await decide(id, command, if_revision, work);
}

asio::awaitable<Result<Approval>> Approvals::give_back(std::int64_t id, std::string note, Command command,
                                                       std::optional<std::int32_t> if_revision)
{
    const auto work = [&](Transaction& tx, Approval& approval, Instant now) -> Result<void> {
        if (const auto may = check_may_decide(tx, approval, command); !may) return may;
        conclude(tx, approval, "returned", note, command, now);
        if (approval.reply) return return_reply(tx, approval, command, now);
        return end_broadcast(tx, approval, "returned by a colleague", "returned", command, now);
    };
    co_return co_await decide(id, command, if_revision, work);
}

asio::awaitable<Result<Approval>> Approvals::withdraw(std::int64_t id, Command command)
{
    const auto work = [&](Transaction& tx, Approval& approval, Instant now) -> Result<void> {
        const bool may = approval.author == command.actor.id || command.actor.role >= domain::Role::supervisor;
        if (!may) return Error(ErrorKind::forbidden, "its author or a supervisor takes it back");
        if (approval.reply) {
            auto reply = storage::find_reply(tx, *approval.reply);
            if (!reply) return reply.error();
            if (const auto withdrawn = withdraw_reply(tx, std::move(*reply), command, now); !withdrawn) return withdrawn.error();
            if (auto present = storage::find_approval(tx, approval.id)) approval = std::move(*present);
            return {};
        }
        approval.state = "withdrawn";
        approval.decided_by = command.actor.id;
        approval.decided_at = now;
        storage::save_approval(tx, approval);
        return end_broadcast(tx, approval, "taken back", "withdrawn", command, now);
    };
    co_return co_await decide(id, command, std::nullopt, work);
}

asio::awaitable<Result<std::optional<Instant>>> Approvals::tidy()
{
    const Instant now = clock_.now();
    auto look = [&](Transaction& tx) -> Result<std::optional<Instant>> { return storage::oldest_draft(tx); };
    const auto oldest = co_await db_.read(look);
    if (!oldest) co_return oldest.error();
    const Instant drafts_before = now - settings_.answering.keep_drafts;
    const bool old_drafts = *oldest && **oldest < drafts_before;
    auto erase = [&](Transaction& tx) -> Result<std::int64_t> {
        const auto drafts = old_drafts ? storage::delete_old_drafts(tx, drafts_before) : 0;
        return drafts + storage::delete_old_notifications(tx, now - keep_notifications);
    };
    if (old_drafts || now >= next_tidying_) {
        const auto erased = co_await db_.write(erase);
        if (!erased) co_return erased.error();
        next_tidying_ = now + tidy_every;
    }
    co_return std::optional(next_tidying_);
}

} // namespace sportello::engine
