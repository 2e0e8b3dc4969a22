#include "incidents_impl.hpp"

#include <sportello/base/text.hpp>
#include <sportello/storage/tickets.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Incident;
using domain::IncidentId;
using domain::IncidentState;
using domain::Ticket;
using domain::TicketId;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t members_settled_at_once = 500; // tickets in one transaction
constexpr base::Duration signals_kept = 72h;
constexpr base::Duration hours_kept = 24h * 7 * 8;

} // namespace

/// Tickets follow the state of their incident, some hundred at a time.
asio::awaitable<Result<std::size_t>> Incidents::Impl::settle_batch()
{
    const Instant now = clock.now();
    auto look = [&](Transaction& tx) -> Result<std::optional<IncidentId>> { return storage::unsettled_incident(tx); };
    const auto any = co_await db.read(look);
    if (!any) co_return any.error();
    if (!*any) co_return std::size_t(0);
    auto unit = [&](Transaction& tx) -> Result<std::size_t> {
        const auto id = storage::unsettled_incident(tx);
        if (!id) return std::size_t(0);
        const auto incident = storage::find_incident(tx, *id);
        if (!incident) return incident.error();
        auto running = storage::running_broadcast(tx, *id);
        if (!running) running = storage::awaiting_broadcast(tx, *id);
        const bool closing = running && running->kind == "closing";
        auto members = storage::unsettled_members(tx, *id, members_settled_at_once);
        for (storage::IncidentTicket& member : members) {
            if (auto ticket = storage::find_ticket(tx, member.ticket)) {
                const Ticket before = *ticket;
                const bool told = closing && storage::waits_for_broadcast(tx, running->id, member.ticket);
                domain::follow_incident(*ticket, *incident, member.other_matter, member.left_at.has_value(), told, now);
                const bool moved = before.aside != ticket->aside;
                if (moved || before.incident != ticket->incident) {
                    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
                }
                if (moved) {
                    tell(tx, ticket->aside.empty() ? "ticket.back_in_queue" : "ticket.set_aside", now, ticket->id, nullptr,
                         {{"incident", id->value}, {"aside", ticket->aside}});
                }
            }
            member.settled = true;
            storage::put_member(tx, member);
        }
        return members.size();
    };
    co_return co_await db.write(unit);
}

asio::awaitable<Result<void>> Incidents::Impl::settle_all()
{
    while (true) {
        const auto settled = co_await settle_batch();
        if (!settled) co_return settled.error();
        if (*settled == 0) co_return Result<void>();
    }
}

asio::awaitable<Result<void>> Incidents::Impl::tidy()
{
    const Instant now = clock.now();
    if (now < next_tidying) co_return Result<void>();
    next_tidying = now + 1h;
    auto unit = [&](Transaction& tx) -> Result<void> {
        storage::forget_signals(tx, now - signals_kept);
        storage::forget_signal_hours(tx, std::chrono::floor<std::chrono::hours>(now - hours_kept));
        return {};
    };
    co_return co_await db.write(unit);
}

asio::awaitable<Instant> Incidents::Impl::round()
{
    Instant next = clock.now() + idle_look;
    const auto note = [&](const auto& done) {
        if (done) return;
        spdlog::error("incidents: {}; trying again", done.error().what());
        next = std::min(next, clock.now() + 1s);
    };
    const auto settled = co_await settle_all();
    note(settled);
    const auto sent = co_await broadcaster.work();
    note(sent);
    if (sent && sent->sent > 0) outbox.wake();
    if (sent && sent->next) next = std::min(next, *sent->next);
    const auto posted = co_await posts.work();
    note(posted);
    if (posted && *posted) next = std::min(next, **posted);
    const auto tidied = co_await tidy();
    note(tidied);
    co_return std::max(next, clock.now() + 100ms);
}

Incidents::Incidents(asio::any_io_executor executor, storage::Database& db, const Settings& settings, Connectors& connectors,
                     Outbox& outbox, base::Clock& clock, base::Random& random)
    : impl_(std::make_shared<Impl>(std::move(executor), db, settings, connectors, outbox, clock, random))
{
}

Incidents::~Incidents() = default;

asio::awaitable<void> Incidents::run()
{
    const auto impl = impl_;
    while (!impl->stopping) {
        const Instant next = co_await impl->round();
        if (!impl->stopping) co_await impl->signal.wait_until(next);
    }
}

void Incidents::wake()
{
    impl_->signal.notify();
}

void Incidents::stop()
{
    impl_->stopping = true;
    impl_->signal.notify();
}

asio::awaitable<Result<Incident>> Incidents::open(IncidentDraft draft, bool confirmed, Command command)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<Incident> {
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) return visible_incident(tx, IncidentId{**made}, command.actor);
        auto service = checked_service(impl->settings, draft.service);
        if (!service) return service.error();
        auto places = checked_places(impl->settings, draft.places);
        if (!places) return places.error();
        auto brands = checked_brands(impl->settings, draft.brands, command.actor);
        if (!brands) return brands.error();
        auto text = checked_note(draft.text);
        if (!text) return text.error();
        Incident incident;
        incident.began_at = draft.began_at.value_or(now);
        if (const auto sound = check_times(incident.began_at, draft.expected_end, now); !sound) return sound.error();
        incident.state = confirmed ? IncidentState::confirmed : IncidentState::proposed;
        incident.origin = domain::IncidentOrigin::person;
        incident.pattern = {std::move(*service), std::move(*places)};
        incident.brands = std::move(*brands);
        incident.widens = false;
        incident.text = std::move(*text);
        incident.expected_end = draft.expected_end;
        incident.created_at = now;
        incident.updated_at = now;
        incident.created_by = command.actor.id;
        if (confirmed) {
            incident.confirmed_at = now;
            incident.confirmed_by = command.actor.id;
        }
        incident.id = storage::insert_incident(tx, incident);
        if (const auto kept = remember_made(tx, command, incident.id.value, now); !kept) return kept.error();
        tell(tx, confirmed ? "incident.confirmed" : "incident.proposed", now, std::nullopt, &command, incident_data(incident));
        return incident;
    };
    co_return co_await impl->db.write(unit);
}

asio::awaitable<Result<Incident>> Incidents::change(IncidentId id, IncidentChange change, Command command,
                                                    std::optional<std::int32_t> if_revision)
{
    const auto impl = impl_;
    const Actor actor = command.actor;
    const auto apply = [&, impl](Transaction&, Incident& incident, Instant now) -> Result<void> {
        if (if_revision && *if_revision != incident.revision)
            return in_conflict("the incident was changed by somebody else; read it again");
        if (!incident.is_live()) return in_conflict("the incident is over");
        if (change.service) {
            auto service = checked_service(impl->settings, *change.service);
            if (!service) return service.error();
            incident.pattern.service = std::move(*service);
        }
        if (change.places) {
            auto places = checked_places(impl->settings, *change.places);
            if (!places) return places.error();
            incident.pattern.places = std::move(*places);
        }
        if (change.brands) {
            auto brands = checked_brands(impl->settings, *change.brands, actor);
            if (!brands) return brands.error();
            // What belongs to brands that this person may not see stays theirs.
            for (const std::string& brand : incident.brands) {
                if (!actor.may_see(brand)) brands->push_back(brand);
            }
            incident.brands = std::move(*brands);
            incident.widens = false;
        }
        if (change.text) {
            auto text = checked_note(*change.text);
            if (!text) return text.error();
            incident.text = std::move(*text);
        }
        incident.began_at = change.began_at.value_or(incident.began_at);
        if (change.expected_end) incident.expected_end = *change.expected_end;
        return check_times(incident.began_at, incident.expected_end, now);
    };
    co_return co_await impl->update(id, std::move(command), "incident.changed", apply);
}

asio::awaitable<Result<Incident>> Incidents::confirm(IncidentId id, Command command)
{
    const auto impl = impl_;
    const domain::AgentId who = command.actor.id;
    const auto apply = [who](Transaction& tx, Incident& incident, Instant now) -> Result<void> {
        if (incident.state == IncidentState::confirmed) return {};
        if (incident.state != IncidentState::proposed) return in_conflict("the incident is " + std::string(to_string(incident.state)));
        incident.state = IncidentState::confirmed;
        incident.confirmed_at = now;
        incident.confirmed_by = who;
        storage::unsettle_members(tx, incident.id);
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.confirmed", apply);
}

asio::awaitable<Result<Incident>> Incidents::dismiss(IncidentId id, std::string why, Command command)
{
    const auto impl = impl_;
    const auto apply = [&, impl](Transaction& tx, Incident& incident, Instant now) -> Result<void> {
        if (incident.state == IncidentState::dismissed) return {};
        if (incident.state != IncidentState::proposed) {
            return in_conflict("the incident is " + std::string(to_string(incident.state)) +
                               (incident.is_live() ? ": close it instead" : ""));
        }
        incident.state = IncidentState::dismissed;
        incident.ended_at = now;
        incident.quiet_until = now + impl->settings.outages.quiet_after_dismissal;
        if (!why.empty()) incident.text += (incident.text.empty() ? "" : "\n") + base::clean_utf8(base::trim(why));
        storage::unsettle_members(tx, incident.id);
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.dismissed", apply);
}

asio::awaitable<Result<Incident>> Incidents::close(IncidentId id, domain::BroadcastTexts texts, std::string status_text, Command command)
{
    const auto impl = impl_;
    const Command order = command;
    const auto apply = [&, impl](Transaction& tx, Incident& incident, Instant now) -> Result<void> {
        if (incident.state != IncidentState::confirmed) {
            return in_conflict("the incident is " + std::string(to_string(incident.state)) +
                               (incident.is_live() ? ": confirm or dismiss it first" : ""));
        }
        if (!texts.text.empty()) {
            if (const auto sound = check_texts(impl->settings, texts, incident, true); !sound) return sound;
        }
        if (auto running = storage::running_broadcast(tx, id)) {
            storage::skip_waiting(tx, running->id, "the incident was closed before");
            running->state = "stopped";
            running->ended_at = now;
            storage::save_broadcast(tx, *running);
        }
        incident.state = IncidentState::closed;
        incident.ended_at = now;
        if (!texts.text.empty()) {
            storage::Broadcast notice;
            notice.incident = id;
            notice.kind = "closing";
            notice.texts = to_json(texts);
            notice.agent = order.actor.id;
            notice.cause = order.cause;
            notice.created_at = now;
            if (const auto stored = impl->store_broadcast(tx, notice, incident, order, now); !stored) return stored;
        }
        const std::string status = base::clean_utf8(base::trim(status_text));
        if (!status.empty()) {
            domain::BroadcastTexts for_posts{status, {}};
            if (const auto sound = check_texts(impl->settings, for_posts, incident, false); !sound)
                return invalid("/status_text", sound.error().what());
            for (const storage::OwnPost& post : storage::own_posts_of(tx, id)) {
                const ChannelSettings* channel = impl->settings.channel(post.channel);
                if (channel && order.actor.may_see(channel->brand))
                    queue_status(tx, impl->settings, id, *channel, status, order.actor.id, now);
            }
        }
        storage::unsettle_members(tx, id);
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.closed", apply);
}

asio::awaitable<Result<Incident>> Incidents::add_member(IncidentId id, TicketId ticket_id, Command command)
{
    const auto impl = impl_;
    const Command order = command;
    const auto apply = [&](Transaction& tx, Incident& incident, Instant now) -> Result<void> {
        if (!incident.is_live()) return in_conflict("the incident is over");
        const auto ticket = visible_ticket(tx, ticket_id, order.actor);
        if (!ticket) return invalid("/ticket", "there is no such ticket");
        auto present = storage::membership_of(tx, ticket_id);
        if (present && present->incident == id) return {};
        if (present) {
            present->left_at = now;
            storage::put_member(tx, *present);
            if (auto other = storage::find_incident(tx, present->incident)) {
                --other->members;
                storage::save_incident(tx, *other);
            }
        }
        join_incident(tx, incident, *ticket, {id, ticket_id, now, "person", "put in by a person", "", {}, false}, now);
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.changed", apply);
}

asio::awaitable<Result<Incident>> Incidents::remove_member(IncidentId id, TicketId ticket_id, Command command)
{
    const auto impl = impl_;
    const Command order = command;
    const auto apply = [&](Transaction& tx, Incident& incident, Instant now) -> Result<void> {
        const auto ticket = visible_ticket(tx, ticket_id, order.actor);
        auto member = storage::membership_of(tx, ticket_id);
        if (!ticket || !member || member->incident != id) return Error(ErrorKind::not_found, "the ticket is no member of this incident");
        member->left_at = now;
        member->settled = false;
        storage::put_member(tx, *member);
        --incident.members;
        tell(tx, "ticket.left_incident", now, ticket_id, &order, {{"incident", id.value}});
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.changed", apply);
}

} // namespace sportello::engine
