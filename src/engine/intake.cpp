#include "intake.hpp"

#include "clues.hpp"
#include "facts.hpp"
#include "governor.hpp"
#include "search_index.hpp"

#include <sportello/base/tally.hpp>
#include <sportello/domain/access_warning.hpp>
#include <sportello/domain/reply_match.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/channel_history.hpp>
#include <sportello/storage/channels.hpp>
#include <sportello/storage/claims.hpp>
#include <sportello/storage/links.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using connectors::ChannelTrouble;
using domain::PlatformItem;
using storage::StoredItem;
using storage::Transaction;
using namespace std::chrono_literals;

// Own items are offered to replies that were sent or failed so long ago (reliability 2.10).
constexpr base::Duration late_arrival = 24h * 30;
// Edits and deletions are looked for among messages as young as this.
constexpr base::Duration recheck_age = 48h;
constexpr std::int64_t recheck_batch = 100;
// A poll without news is written down no more often than this: an idle counter must not wear out its disk.
constexpr base::Duration note_every = 30s;

/// The rows of one batch, written in one transaction.
class Batch {
public:
    Batch(Transaction& tx, const Settings& settings, const ChannelSettings& channel, base::Instant now)
        : tx_(tx), settings_(settings), channel_(channel), now_(now)
    {
    }

    /// Stores one item. @return whether it was new.
    bool store(const PlatformItem& item)
    {
        // A name stands in every list, event and log, where nobody sees personal data.
        if (item.own || settings_.personal_data.find(item.author_name).empty()) return store_shown(item);
        PlatformItem shown = item;
        shown.author_name = settings_.personal_data.masked(item.author_name);
        return store_shown(shown);
    }

    /// What customers wrote, by the hour: once for the whole batch.
    void count_arrivals()
    {
        for (const auto& [hour, arrived] : arrived_) storage::count_arrivals(tx_, channel_.id, hour, arrived);
    }

    [[nodiscard]] std::optional<base::Instant> newest() const { return newest_; }

private:
    bool store_shown(const PlatformItem& item)
    {
        // A deletion leaves no text behind by which the ticket's own lines could be found.
        std::string old_text;
        if (item.deleted) {
            if (const auto known = storage::find_message_by_platform_id(tx_, channel_.id, item.platform_id)) old_text = known->text;
        }
        const StoredItem stored = storage::store_item(tx_, channel_.id, channel_.brand, channel_.platform, item, identity_of(item), now_);
        if (stored.change == StoredItem::Change::inserted && item.own && !item.deleted) offer_to_outbox(item, stored.id);
        if (stored.change != StoredItem::Change::unchanged) index(stored.id, item);
        if (stored.change == StoredItem::Change::inserted && item.context && !item.own) {
            storage::set_threaded(tx_, stored.id, std::nullopt, storage::Intake::context);
        }
        if (stored.ticket && stored.change == StoredItem::Change::edited) {
            const auto revisions = storage::revisions_of(tx_, stored.id);
            if (!revisions.empty()) old_text = revisions.back().text;
            reword(*stored.ticket, old_text, item.text);
            tell_change("message.edited", stored, item);
        }
        if (stored.ticket && stored.change == StoredItem::Change::deleted) {
            reword(*stored.ticket, old_text, "");
            tell_change("message.deleted", stored, item);
        }
        const bool changed = stored.change == StoredItem::Change::edited || stored.change == StoredItem::Change::deleted;
        if (changed && !item.own) {
            storage::forget_clues_of(tx_, stored.id);
            if (const auto message = storage::find_message(tx_, stored.id); message && stored.ticket) gather_clues(tx_, *message, now_);
        }
        if (stored.change == StoredItem::Change::inserted) {
            newest_ = std::max(newest_.value_or(item.at), item.at);
            if (!item.own && !item.deleted) ++arrived_[std::chrono::floor<std::chrono::hours>(item.at)];
        }
        return stored.change == StoredItem::Change::inserted;
    }

    std::optional<domain::IdentityId> identity_of(const PlatformItem& item)
    {
        if (item.own || item.deleted || item.author_id.empty()) return std::nullopt;
        // Somebody who was erased is not made known again by what they wrote before.
        if (is_deleted_here(item)) return std::nullopt;
        const auto known = identities_.find(item.author_id);
        if (known != identities_.end()) return known->second;
        const auto id = storage::upsert_identity(tx_, channel_.platform, item.author_id, item.author_name, item.author_handle, now_);
        identities_.emplace(item.author_id, id);
        return id;
    }

    /// Deleted here, whatever the platform still shows: it stays so.
    bool is_deleted_here(const PlatformItem& item)
    {
        const auto stored = storage::find_message_by_platform_id(tx_, channel_.id, item.platform_id);
        return stored && stored->deleted_at;
    }

    /// As it stands in the row: the text of what was erased is not stored again, whatever the platform still shows.
    void index(domain::MessageId id, const PlatformItem& item)
    {
        auto message = storage::find_message(tx_, id);
        if (!message) return;
        if (message->deleted_at) message->text.clear();
        message->author_name = item.own ? "" : item.author_name + " " + item.author_handle;
        index_message(tx_, settings_, *message);
    }

    /// I5: an own item is first offered to the outbox; only what binds to no reply was written elsewhere.
    void offer_to_outbox(const PlatformItem& item, domain::MessageId message)
    {
        if (const auto part = storage::find_part_by_platform_id(tx_, channel_.id, item.platform_id)) {
            storage::bind_message_to_part(tx_, message, part->part.id);
            return;
        }
        if (!unsettled_) unsettled_ = storage::unsettled_parts_for_channel(tx_, channel_.id, now_ - late_arrival);
        for (auto part = unsettled_->begin(); part != unsettled_->end(); ++part) {
            // Its own send will tell within seconds; binding under its feet would race with it.
            if (part->part.state == domain::Delivery::sending || (part->part.attempts == 0 && !part->part.quarantined)) continue;
            Settler settler{tx_, settings_, now_};
            const auto match = settler.look_for(*part, std::span(&item, 1));
            if (match.kind != domain::MatchResult::Kind::match) continue;
            settler.published(*part, item.platform_id, item.at);
            unsettled_->erase(part);
            return;
        }
    }

    /// The ticket's subject and list line repeat messages: an edit changes them, a deletion empties them (I3).
    void reword(domain::TicketId id, std::string_view old_text, std::string_view new_text)
    {
        // What was merged into it repeats the same messages.
        for (const domain::TicketId merged : storage::merged_into(tx_, id)) reword(merged, old_text, new_text);
        auto ticket = storage::find_ticket(tx_, id);
        if (!ticket) return;
        const domain::Ticket before = *ticket;
        const bool worded = storage::is_subject_worded(tx_, id);
        const std::string shown = settings_.personal_data.masked(new_text);
        domain::reword(*ticket, settings_.personal_data.masked(old_text), shown, now_, worded);
        domain::reword(*ticket, old_text, shown, now_, worded); // as it stood before personal data was masked here
        (void)storage::save_ticket(tx_, *ticket, &before);      // read in this transaction: nobody was faster
    }

    void tell_change(std::string_view type, const StoredItem& stored, const PlatformItem& item)
    {
        tell(tx_, type, now_, stored.ticket, nullptr, {{"message", stored.id.value}, {"platform_id", item.platform_id}});
    }

    Transaction& tx_;
    const Settings& settings_;
    const ChannelSettings& channel_;
    base::Instant now_;
    std::map<std::string, domain::IdentityId, std::less<>> identities_;
    std::optional<std::vector<storage::OutboxPart>> unsettled_;
    std::optional<base::Instant> newest_;
    std::map<std::chrono::sys_time<std::chrono::hours>, std::int64_t> arrived_;
};

void note_poll(storage::ChannelState& state, const connectors::PollResult& result, std::optional<base::Instant> newest, base::Instant now)
{
    if (!result.cursor.empty()) state.cursor = result.cursor;
    state.state = to_string(result.trouble.state);
    state.reason = result.trouble.reason;
    state.not_before = result.trouble.not_before;
    if (result.trouble.state == ChannelTrouble::State::ok) state.last_poll_at = now;
    if (!newest) return;
    state.last_lag_seconds = std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(now - *newest).count());
    state.last_item_at = std::max(state.last_item_at.value_or(*newest), *newest);
}

/// @return whether the end of the access has come so near since the last time that somebody has to be told.
bool note_access(storage::ChannelState& state, const std::optional<connectors::ChannelAccess>& access, base::Instant now)
{
    const std::string lacked = state.access_lacks;
    const std::int64_t mark_before = state.access_mark;
    if (access) {
        state.access_ends_at = access->ends_at;
        state.access_lacks = access->lacks;
    }
    state.access_mark = domain::access_mark(state.access_ends_at, now);
    const bool nearer = state.access_mark > 0 && (mark_before == 0 || state.access_mark < mark_before);
    return nearer || (!state.access_lacks.empty() && state.access_lacks != lacked);
}

void tell_state(Transaction& tx, const storage::ChannelState& state, base::Instant now)
{
    tell(tx, "channel.state", now, std::nullopt, nullptr,
         {{"channel", state.channel},
          {"state", state.state},
          {"reason", state.reason},
          {"access_warning", domain::access_warning(state.channel, state.access_ends_at, state.access_lacks, now)}});
}

} // namespace

asio::awaitable<base::Result<IntakeStep>> Intake::poll(const ChannelSettings& channel, connectors::Connector& connector)
{
    auto load = [&](Transaction& tx) -> base::Result<storage::ChannelState> { return storage::load_channel(tx, channel.id); };
    auto present = co_await db_.read(load);
    if (!present) co_return present.error();
    if (!present->connected_at) {
        // Platforms tell whole seconds: what is written in this one is not older than the channel.
        const base::Instant since = std::chrono::floor<std::chrono::seconds>(clock_.now());
        auto connect = [&](Transaction& tx) -> base::Result<void> {
            storage::connect_channel(tx, channel.id, since);
            return {};
        };
        const auto connected = co_await db_.write(connect);
        if (!connected) co_return connected.error();
    }
    const std::string cursor_before = present->cursor;
    const connectors::PollResult result = co_await connector.poll(std::move(present->cursor));

    const base::Instant now = clock_.now();
    if (!result.rejected.empty()) base::tally("items_rejected", channel.id, static_cast<double>(result.rejected.size()));
    const bool news = !result.items.empty() || !result.rejected.empty() || result.cursor != cursor_before || result.access.has_value();
    if (!news && result.trouble.state == last_state_ && now < next_note_) {
        co_return IntakeStep{.stored = 0, .more = result.more, .trouble = result.trouble};
    }
    next_note_ = now + note_every;
    last_state_ = result.trouble.state;
    auto store = [&](Transaction& tx) -> base::Result<IntakeStep> {
        storage::take_turn(tx);
        IntakeStep step{.stored = 0, .more = result.more, .trouble = result.trouble};
        Batch batch(tx, settings_, channel, now);
        for (const PlatformItem& item : result.items) step.stored += batch.store(item);
        for (const connectors::RejectedItem& item : result.rejected) {
            storage::reject_item(tx, channel.id, item.platform_id, item.reason, item.raw, now);
        }
        storage::ChannelState state = storage::load_channel(tx, channel.id);
        const std::string before = state.state + state.reason;
        const bool could_not_be_read = state.state != to_string(ChannelTrouble::State::ok);
        note_poll(state, result, batch.newest(), now);
        batch.count_arrivals();
        note_budget(tx, state, connector, now);
        const bool access_changed = note_access(state, result.access, now);
        storage::save_channel(tx, state);
        if (could_not_be_read && result.trouble.state == ChannelTrouble::State::ok) storage::read_back_now(tx, channel.id, now);
        if (access_changed || state.state + state.reason != before) tell_state(tx, state, now);
        return step;
    };
    co_return co_await db_.write(store);
}

asio::awaitable<base::Result<void>> Intake::recheck(const ChannelSettings& channel, connectors::Connector& connector)
{
    const base::Instant now = clock_.now();
    auto choose = [&](Transaction& tx) -> base::Result<std::vector<domain::Message>> {
        return storage::messages_to_check(tx, channel.id, now - recheck_age, recheck_batch);
    };
    const auto chosen = co_await db_.read(choose);
    if (!chosen) co_return chosen.error();
    if (chosen->empty()) co_return base::Result<void>();
    // Private messages have ids of another kind, which a look-up of posts would report as gone.
    std::vector<std::string> ids;
    for (const domain::Message& message : *chosen) {
        if (message.visibility == domain::Visibility::public_) ids.push_back(message.platform_id);
    }
    connectors::RecheckResult result;
    if (!ids.empty()) result = co_await connector.recheck(std::move(ids));

    auto store = [&](Transaction& tx) -> base::Result<void> {
        storage::take_turn(tx);
        Batch batch(tx, settings_, channel, now);
        for (const domain::Message& message : *chosen) {
            if (message.visibility == domain::Visibility::private_) storage::mark_checked(tx, message.id, now);
        }
        for (const connectors::Rechecked& looked : result.items) {
            const auto message = storage::find_message_by_platform_id(tx, channel.id, looked.platform_id);
            if (!message) continue;
            if (looked.gone && missing_once_.insert(looked.platform_id).second) continue; // unmarked, it is first in the next look
            missing_once_.erase(looked.platform_id);
            if (looked.gone) {
                PlatformItem gone;
                gone.platform_id = looked.platform_id;
                gone.deleted = true;
                gone.own = message->direction == domain::Direction::outbound;
                batch.store(gone);
            } else if (looked.item) {
                batch.store(*looked.item);
            }
            storage::mark_checked(tx, message->id, now);
        }
        return {};
    };
    co_return co_await db_.write(store);
}

} // namespace sportello::engine
