#include "incidents_impl.hpp"

#include "broadcast_preview.hpp"

#include <sportello/storage/tickets.hpp>

#include <algorithm>

namespace sportello::engine {
namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::TicketId;
using storage::Transaction;

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
        if (!waits && running->state != "running") return in_conflict("the text is being sent no more");
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