#include <sportello/engine/incidents.hpp>

#include "approval_units.hpp"
#include "broadcast_preview.hpp"
#include "broadcaster.hpp"
#include "facts.hpp"
#include "incident_checks.hpp"
#include "outages.hpp"
#include "own_posts.hpp"
#include "patience.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/approval.hpp>
#include <sportello/domain/permalinks.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/approvals.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>
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

constexpr std::int64_t batch = 500; // tickets in one transaction
constexpr base::Duration signals_kept = 72h;
constexpr base::Duration hours_kept = 24h * 7 * 8;

Error conflict(std::string what)
{
    return Error(ErrorKind::conflict, std::move(what));
}

} // namespace

struct Incidents::Impl {
    Impl(asio::any_io_executor executor, storage::Database& given_db, const Settings& given_settings, Connectors& connectors,
         Outbox& given_outbox, base::Clock& given_clock, base::Random& random)
        : db(given_db), settings(given_settings), outbox(given_outbox), clock(given_clock), posts(db, settings, connectors, clock, random),
          broadcaster(db, settings, connectors, clock), signal(clock, std::move(executor))
    {
    }

    storage::Database& db;
    const Settings& settings;
    Outbox& outbox;
    base::Clock& clock;
    OwnPosts posts;
    Broadcaster broadcaster;
    base::Signal signal;
    Instant next_tidying{};
    bool stopping = false;

    /// Runs `change` on an incident that the actor may see, stores it, and tells of it.
    template <class Change> asio::awaitable<Result<Incident>> update(IncidentId id, Command command, std::string_view event, Change change)
    {
        const Instant now = clock.now();
        auto unit = [&](Transaction& tx) -> Result<Incident> {
            auto incident = visible_incident(tx, id, command.actor);
            if (!incident) return incident;
            const auto made = made_before(tx, command);
            if (!made) return made.error();
            if (*made) return incident;
            if (const Result<void> changed = change(tx, *incident, now); !changed) return changed.error();
            if (const auto kept = remember_made(tx, command, id.value, now); !kept) return kept.error();
            incident->updated_at = now;
            storage::save_incident(tx, *incident);
            tell(tx, event, now, std::nullopt, &command, incident_data(*incident));
            return incident;
        };
        auto updated = co_await db.write(unit);
        signal.notify();
        co_return updated;
    }

    /// Stores the text to all; a colleague reads it first, or it begins at once.
    Result<void> store_broadcast(Transaction& tx, storage::Broadcast& broadcast, const Incident& incident, const Command& command,
                                 Instant now)
    {
        const auto author = storage::find_agent(tx, broadcast.agent);
        if (!author) return author.error();
        const std::string why = domain::why_broadcast_approval(settings.answering.approval, *author);
        if (!why.empty()) {
            if (storage::awaiting_broadcast(tx, incident.id)) return conflict("a text to all waits for a colleague's approval already");
            broadcast.state = "awaiting_approval";
        }
        const auto made = storage::insert_broadcast(tx, broadcast);
        if (!made) return made.error();
        broadcast.id = *made;
        if (why.empty()) {
            start_broadcast(tx, broadcast, command, now);
            return {};
        }
        // Members of a closed incident do not come back to the queue while its notice waits.
        if (broadcast.kind == "closing") (void)queue_members(tx, broadcast.id, incident.id);
        ask_for_broadcast(tx, broadcast, incident.brands, why, command, now);
        return {};
    }

    void start_broadcast(Transaction& tx, storage::Broadcast& broadcast, const Command& command, Instant now)
    {
        const std::int64_t waiting = queue_members(tx, broadcast.id, broadcast.incident);
        tell(tx, "incident.broadcast_started", now, std::nullopt, &command,
             {{"incident", broadcast.incident.value}, {"broadcast", broadcast.id}, {"kind", broadcast.kind}, {"people", waiting}});
    }

    asio::awaitable<Result<std::size_t>> settle_batch();
    asio::awaitable<Result<void>> settle_all();
    asio::awaitable<Result<void>> tidy();
    asio::awaitable<Instant> round();
};

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
        auto members = storage::unsettled_members(tx, *id, batch);
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
        if (if_revision && *if_revision != incident.revision) return conflict("the incident was changed by somebody else; read it again");
        if (!incident.is_live()) return conflict("the incident is over");
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
        if (incident.state != IncidentState::proposed) return conflict("the incident is " + std::string(to_string(incident.state)));
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
            return conflict("the incident is " + std::string(to_string(incident.state)) + (incident.is_live() ? ": close it instead" : ""));
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
            return conflict("the incident is " + std::string(to_string(incident.state)) +
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
        if (!incident.is_live()) return conflict("the incident is over");
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

asio::awaitable<Result<Incident>> Incidents::post_status(IncidentId id, domain::BroadcastTexts texts, std::vector<std::string> channels,
                                                         Command command)
{
    const auto impl = impl_;
    const Command order = command;
    const auto apply = [&, impl](Transaction& tx, Incident& incident, Instant now) -> Result<void> {
        if (incident.state == IncidentState::dismissed || incident.state == IncidentState::proposed) {
            return conflict("the incident is " + std::string(to_string(incident.state)) + ": confirm it first");
        }
        if (const auto sound = check_texts(impl->settings, texts, incident, false); !sound) return sound;
        const auto concerned = [&](const ChannelSettings& channel) {
            const bool of_brand = incident.brands.empty() ||
                                  std::find(incident.brands.begin(), incident.brands.end(), channel.brand) != incident.brands.end();
            const bool asked = channels.empty() || std::find(channels.begin(), channels.end(), channel.id) != channels.end();
            return of_brand && asked && order.actor.may_see(channel.brand);
        };
        for (std::size_t i = 0; i < channels.size(); ++i) {
            const ChannelSettings* channel = impl->settings.channel(channels[i]);
            if (!channel || !concerned(*channel))
                return invalid("/channels/" + std::to_string(i), "is no channel of the incident's brands");
        }
        for (const ChannelSettings& channel : impl->settings.channels) {
            if (concerned(channel))
                queue_status(tx, impl->settings, id, channel, texts.of(channel.brand, channel.platform), order.actor.id, now);
        }
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.status_posted", apply);
}

asio::awaitable<Result<Incident>> Incidents::decide_status(IncidentId id, std::int64_t post_id, Decision decision, Command command)
{
    const auto impl = impl_;
    const auto apply = [&, impl](Transaction& tx, Incident&, Instant now) -> Result<void> {
        const auto post = storage::find_own_post(tx, post_id);
        if (!post || post->incident != id) return Error(ErrorKind::not_found, "there is no such status post");
        const ChannelSettings* channel = impl->settings.channel(post->channel);
        for (storage::OwnPostStep& step : storage::steps_of(tx, post_id)) {
            if (step.state != domain::Delivery::needs_decision) continue;
            if (decision.kind == Decision::Kind::published) {
                const auto platform = channel ? channel->platform : domain::Platform::facebook;
                auto named = domain::platform_id_in(platform, decision.platform_id);
                if (!named) return invalid("/platform_id", "must be the id that the post has on the platform, or its address there");
                step.state = domain::Delivery::published;
                step.platform_id = std::move(*named);
                step.reason.clear();
            } else if (decision.kind == Decision::Kind::resend) {
                step.state = domain::Delivery::queued;
                step.attempts = 0; // a person says that it is not there
                step.next_try = now;
                step.reason = "sent again by a person's decision";
            } else {
                step.state = domain::Delivery::failed;
                step.reason = "discarded by a person's decision";
            }
            settle_step(tx, *post, step, now);
            return {};
        }
        return conflict("there is nothing to decide");
    };
    co_return co_await impl->update(id, std::move(command), "incident.changed", apply);
}

asio::awaitable<Result<BroadcastPreview>> Incidents::preview(IncidentId id, Actor actor)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<BroadcastPreview> {
        const auto incident = visible_incident(tx, id, actor);
        if (!incident) return incident.error();
        return preview_of(tx, impl->settings, id, actor, now);
    };
    co_return co_await impl->db.read(unit);
}

asio::awaitable<Result<storage::Broadcast>> Incidents::broadcast(IncidentId id, domain::BroadcastTexts texts, Command command)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<storage::Broadcast> {
        auto incident = visible_incident(tx, id, command.actor);
        if (!incident) return incident.error();
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) return storage::find_broadcast(tx, **made);
        if (incident->state != IncidentState::confirmed) return conflict("the incident is " + std::string(to_string(incident->state)));
        if (const auto sound = check_texts(impl->settings, texts, *incident, true); !sound) return sound.error();
        storage::Broadcast broadcast;
        broadcast.incident = id;
        broadcast.texts = to_json(texts);
        broadcast.agent = command.actor.id;
        broadcast.cause = command.cause;
        broadcast.created_at = now;
        if (const auto stored = impl->store_broadcast(tx, broadcast, *incident, command, now); !stored) return stored.error();
        if (const auto kept = remember_made(tx, command, broadcast.id, now); !kept) return kept.error();
        return broadcast;
    };
    auto started = co_await impl->db.write(unit);
    impl->signal.notify();
    co_return started;
}

asio::awaitable<Result<Incident>> Incidents::stop_broadcast(IncidentId id, Command command)
{
    const auto impl = impl_;
    const auto apply = [&](Transaction& tx, Incident&, Instant now) -> Result<void> {
        auto running = storage::running_broadcast(tx, id);
        if (!running) return conflict("no text to all is being sent");
        storage::skip_waiting(tx, running->id, "stopped by a person");
        running->state = "stopped";
        running->ended_at = now;
        storage::save_broadcast(tx, *running);
        if (running->kind == "closing") storage::unsettle_members(tx, id); // who was not told comes back
        return {};
    };
    co_return co_await impl->update(id, std::move(command), "incident.broadcast_stopped", apply);
}

namespace {

/// Every ticket that was named, or which of them there is not.
Result<std::vector<domain::Ticket>> selected(Transaction& tx, const std::vector<TicketId>& ids, const Actor& actor)
{
    std::vector<domain::Ticket> tickets;
    std::vector<base::FieldError> missing;
    for (std::size_t at = 0; at < ids.size(); ++at) {
        auto ticket = visible_ticket(tx, ids[at], actor);
        if (ticket) tickets.push_back(std::move(*ticket));
        else missing.push_back({"/tickets/" + std::to_string(at), "there is no ticket " + std::to_string(ids[at].value)});
    }
    if (!missing.empty()) return Error(ErrorKind::invalid_input, "some of the tickets are not there", std::move(missing));
    return tickets;
}

/// Why a colleague reads it first, in words; empty: nobody does.
std::string why_selection_approval(Transaction& tx, const Settings& settings, const std::vector<domain::Ticket>& tickets,
                                   const domain::Agent& author)
{
    const auto& policy = settings.answering.approval;
    std::string why = domain::why_broadcast_approval(policy, author);
    for (std::size_t at = 0; why.empty() && at < tickets.size(); ++at) {
        why = domain::why_approval(policy, author, storage::labels_of(tx, tickets[at].id));
    }
    return why;
}

std::vector<std::string> brands_of_selection(const std::vector<domain::Ticket>& tickets)
{
    std::vector<std::string> brands;
    for (const domain::Ticket& ticket : tickets) {
        if (std::ranges::find(brands, ticket.brand) == brands.end()) brands.push_back(ticket.brand);
    }
    return brands;
}

} // namespace

asio::awaitable<Result<BroadcastPreview>> Incidents::preview_selection(std::vector<TicketId> tickets, Actor actor)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<BroadcastPreview> {
        const auto found = selected(tx, tickets, actor);
        if (!found) return found.error();
        return preview_of(tx, impl->settings, *found, actor, now);
    };
    co_return co_await impl->db.read(unit);
}

asio::awaitable<Result<storage::Broadcast>> Incidents::send_to_selection(std::vector<TicketId> tickets, domain::BroadcastTexts texts,
                                                                         Command command)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<storage::Broadcast> {
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) return storage::find_broadcast(tx, **made);
        auto found = selected(tx, tickets, command.actor);
        if (!found) return found.error();
        if (const auto sound = check_selection_texts(impl->settings, texts); !sound) return sound.error();
        storage::Broadcast broadcast;
        broadcast.kind = "selection";
        broadcast.texts = to_json(texts);
        broadcast.agent = command.actor.id;
        broadcast.cause = command.cause;
        broadcast.created_at = now;
        const auto author = storage::find_agent(tx, command.actor.id);
        if (!author) return author.error();
        const std::string why = why_selection_approval(tx, impl->settings, *found, *author);
        if (!why.empty()) broadcast.state = "awaiting_approval";
        const auto inserted = storage::insert_broadcast(tx, broadcast);
        if (!inserted) return inserted.error();
        broadcast.id = *inserted;
        if (const auto kept = remember_made(tx, command, broadcast.id, now); !kept) return kept.error();
        const auto brands = brands_of_selection(*found);
        const auto people = queue_tickets(tx, broadcast.id, std::move(*found));
        if (why.empty()) {
            tell(tx, "broadcast.started", now, std::nullopt, &command,
                 {{"broadcast", broadcast.id}, {"people", people}, {"brands", brands}});
        } else {
            ask_for_broadcast(tx, broadcast, brands, why, command, now);
        }
        return broadcast;
    };
    auto started = co_await impl->db.write(unit);
    impl->signal.notify();
    co_return started;
}

asio::awaitable<Result<storage::Broadcast>> Incidents::stop_selection(std::int64_t id, Command command)
{
    const auto impl = impl_;
    const Instant now = impl->clock.now();
    auto unit = [&](Transaction& tx) -> Result<storage::Broadcast> {
        auto running = storage::find_broadcast(tx, id);
        if (!running) return running;
        const bool waits = running->state == "awaiting_approval";
        if (!waits && running->state != "running") return conflict("the text is being sent no more");
        if (auto approval = waits ? storage::approval_of_broadcast(tx, id) : std::nullopt) {
            approval->state = "withdrawn";
            approval->decided_by = command.actor.id;
            approval->decided_at = now;
            storage::save_approval(tx, *approval);
        }
        storage::skip_waiting(tx, id, "stopped by a person");
        running->state = "stopped";
        running->ended_at = now;
        storage::save_broadcast(tx, *running);
        tell(tx, "broadcast.stopped", now, std::nullopt, &command, {{"broadcast", id}});
        return running;
    };
    co_return co_await impl->db.write(unit);
}

} // namespace sportello::engine
