#include <sportello/engine/aids.hpp>

#include "facts.hpp"
#include "macros.hpp"
#include "placeholder_values.hpp"
#include "rating.hpp"

#include <sportello/storage/notifications.hpp>
#include <sportello/storage/ratings.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <chrono>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using storage::Aid;
using storage::AidKind;
using storage::Reminder;
using storage::Transaction;

constexpr base::Duration latest_reminder = std::chrono::hours(24) * 366;

std::string_view word_of(AidKind kind)
{
    return kind == AidKind::canned_reply ? "canned_reply" : "macro";
}

/// Visible: of all brands, or of one that the actor may see.
Result<Aid> visible_aid(Transaction& tx, AidKind kind, std::int64_t id, const Actor& actor)
{
    auto aid = storage::find_aid(tx, kind, id);
    if (aid && (aid->brand.empty() || actor.may_see(aid->brand))) return std::move(*aid);
    return Error(ErrorKind::not_found,
                 "there is no " + std::string(kind == AidKind::macro ? "macro " : "canned reply ") + std::to_string(id));
}

/// What is of all brands is changed only by who may see all.
Result<void> may_write(const Settings& settings, const Aid& aid, const Actor& actor)
{
    if (aid.brand.empty()) {
        if (actor.brands.empty()) return {};
        return Error(ErrorKind::forbidden, "what is of all brands is changed by somebody who serves all");
    }
    if (settings.brand(aid.brand) && actor.may_see(aid.brand)) return {};
    return Error(ErrorKind::invalid_input, "there is no such brand", {{"/brand", "there is no such brand"}});
}

Result<void> check_body(Transaction& tx, AidKind kind, const Aid& aid)
{
    if (kind == AidKind::canned_reply) {
        if (const auto wrong = domain::wrong_placeholder(aid.body)) {
            return Error(ErrorKind::invalid_input, "unknown placeholder", {{"/text", *wrong}});
        }
        return {};
    }
    const auto actions = parse_macro_actions(aid.body);
    if (!actions) return actions.error();
    if (const auto wrong = domain::wrong_placeholder(actions->note)) {
        return Error(ErrorKind::invalid_input, "unknown placeholder", {{"/note", *wrong}});
    }
    if (!actions->canned_reply) return {};
    const auto canned = storage::find_aid(tx, AidKind::canned_reply, *actions->canned_reply);
    if (canned && (canned->brand.empty() || canned->brand == aid.brand)) return {};
    return Error(ErrorKind::invalid_input, "no canned reply for it", {{"/canned_reply", "there is none of this id for the macro's brand"}});
}

void tell_aid(Transaction& tx, AidKind kind, std::string_view what, const Aid& aid, const Command& command, Instant now)
{
    tell(tx, std::string(word_of(kind)) + "." + std::string(what), now, std::nullopt, &command,
         {{"id", aid.id}, {"brand", aid.brand}, {"name", aid.name}});
}

} // namespace

Aids::Aids(storage::Database& db, const Settings& settings, base::Clock& clock, std::function<void()> wake_outbox,
           std::function<void()> wake_chores)
    : db_(db), settings_(settings), clock_(clock), wake_outbox_(std::move(wake_outbox)), wake_chores_(std::move(wake_chores))
{
}

asio::awaitable<Result<Aid>> Aids::create(AidKind kind, Aid aid, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Aid> {
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) return visible_aid(tx, kind, **made, command.actor);
        Aid fresh = aid;
        fresh.updated_at = now;
        fresh.id = 0;
        fresh.revision = 1;
        if (const auto may = may_write(settings_, fresh, command.actor); !may) return may.error();
        if (const auto good = check_body(tx, kind, fresh); !good) return good.error();
        const auto id = storage::insert_aid(tx, kind, fresh);
        if (!id) return id.error();
        fresh.id = *id;
        if (const auto kept = remember_made(tx, command, fresh.id, now); !kept) return kept.error();
        tell_aid(tx, kind, "created", fresh, command, now);
        return fresh;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Aid>> Aids::change(AidKind kind, std::int64_t id, AidChange change, Command command,
                                          std::optional<std::int32_t> if_revision)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Aid> {
        auto aid = visible_aid(tx, kind, id, command.actor);
        if (!aid) return aid;
        if (const auto may = may_write(settings_, *aid, command.actor); !may) return may.error();
        if (if_revision && *if_revision != aid->revision)
            return Error(ErrorKind::conflict, "it was changed by somebody else; read it again");
        if (change.brand) aid->brand = *change.brand;
        if (change.language) aid->language = *change.language;
        if (change.name) aid->name = *change.name;
        if (change.body) aid->body = *change.body;
        aid->updated_at = now;
        if (const auto may = may_write(settings_, *aid, command.actor); !may) return may.error();
        if (const auto good = check_body(tx, kind, *aid); !good) return good.error();
        if (const auto saved = storage::save_aid(tx, kind, *aid); !saved) return saved.error();
        tell_aid(tx, kind, "changed", *aid, command, now);
        return aid;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<void>> Aids::remove(AidKind kind, std::int64_t id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        const auto aid = visible_aid(tx, kind, id, command.actor);
        if (!aid) return aid.error();
        if (const auto may = may_write(settings_, *aid, command.actor); !may) return may;
        storage::delete_aid(tx, kind, id);
        tell_aid(tx, kind, "deleted", *aid, command, now);
        return {};
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<ExpandedReply>> Aids::expand(std::int64_t canned_reply, domain::TicketId ticket, Actor actor)
{
    auto unit = [&](Transaction& tx) -> Result<ExpandedReply> {
        const auto canned = visible_aid(tx, AidKind::canned_reply, canned_reply, actor);
        if (!canned) return canned.error();
        const auto found = visible_ticket(tx, ticket, actor);
        if (!found) return Error(ErrorKind::invalid_input, found.error().what(), {{"/ticket", "there is no such ticket"}});
        if (!canned->brand.empty() && canned->brand != found->brand)
            return Error(ErrorKind::conflict, "the canned reply is another brand's");
        auto expanded = expand_for(tx, settings_, *found, actor.id, canned->body);
        return ExpandedReply{std::move(expanded.text), std::move(expanded.missing)};
    };
    co_return co_await db_.read(unit);
}

asio::awaitable<Result<MacroOutcome>> Aids::apply(std::int64_t macro, domain::TicketId ticket, std::optional<domain::MessageId> last_seen,
                                                  Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) { return apply_macro(tx, settings_, macro, ticket, last_seen, command, now); };
    auto outcome = co_await db_.write(unit);
    if (outcome && outcome->reply) wake_outbox_();
    co_return outcome;
}

asio::awaitable<Result<Reminder>> Aids::remind(domain::TicketId ticket, Instant at, std::string text, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Reminder> {
        if (const auto found = visible_ticket(tx, ticket, command.actor); !found) return found.error();
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) {
            if (auto known = storage::find_reminder(tx, **made)) return std::move(*known);
        }
        if (at <= now) return Error(ErrorKind::invalid_input, "in the past", {{"/at", "must lie in the future"}});
        if (at > now + latest_reminder) return Error(ErrorKind::invalid_input, "too late", {{"/at", "must be within a year"}});
        Reminder reminder{
            .id = 0, .ticket = ticket, .agent = command.actor.id, .remind_at = at, .text = text, .at = now, .reminded_at = {}};
        reminder.id = storage::insert_reminder(tx, reminder);
        if (const auto kept = remember_made(tx, command, reminder.id, now); !kept) return kept.error();
        tell(tx, "reminder.set", now, ticket, &command, {{"reminder", reminder.id}, {"at", base::to_rfc3339(at)}});
        return reminder;
    };
    auto reminder = co_await db_.write(unit);
    if (reminder) wake_chores_();
    co_return reminder;
}

asio::awaitable<Result<void>> Aids::forget(std::int64_t id, Command command)
{
    auto unit = [&](Transaction& tx) -> Result<void> {
        const auto reminder = storage::find_reminder(tx, id);
        if (!reminder || reminder->agent != command.actor.id) {
            return Error(ErrorKind::not_found, "there is no reminder " + std::to_string(id) + " of yours");
        }
        storage::delete_reminder(tx, id);
        return {};
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Instant>>> Aids::remind_due()
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<std::optional<Instant>> {
        for (const Reminder& reminder : storage::due_reminders(tx, now)) {
            storage::mark_reminded(tx, reminder.id, now);
            const auto ticket = where_it_is_now(tx, reminder.ticket);
            // Whose dashboard is closed now finds it when they come back.
            storage::Notification notification;
            notification.agent = notification.actor = reminder.agent;
            notification.kind = "reminder";
            notification.ticket = ticket;
            notification.item = reminder.id;
            notification.at = now;
            storage::insert_notification(tx, notification);
            tell(tx, "ticket.reminder", now, ticket, nullptr,
                 {{"reminder", reminder.id}, {"agent", reminder.agent.value}, {"text", reminder.text}});
        }
        return storage::next_reminder(tx);
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Instant>>> Aids::ask_ratings()
{
    const Instant now = clock_.now();
    std::size_t asked = 0;
    auto unit = [&](Transaction& tx) -> Result<std::optional<Instant>> {
        asked = ask_due_ratings(tx, settings_, now);
        return storage::next_rating(tx);
    };
    const auto next = co_await db_.write(unit);
    if (next && asked > 0) wake_outbox_();
    co_return next;
}

} // namespace sportello::engine
