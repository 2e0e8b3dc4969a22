#include "facts.hpp"

#include "audit_event.hpp"

#include <sportello/base/tally.hpp>

#include <sportello/domain/calendar.hpp>
#include <sportello/engine/ticketing.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/idempotency.hpp>
#include <sportello/storage/phone_calls.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <charconv>

namespace sportello::engine {

domain::ServiceTarget target_of(const Settings& settings, std::string_view brand)
{
    static const domain::Calendar always = domain::Calendar::always_open();
    const BrandSettings* found = settings.brand(brand);
    if (!found) return {.calendar = &always, .first_response = std::chrono::hours(1)};
    return {.calendar = found->calendar.get(),
            .first_response = found->first_response,
            .next_response = found->next_response,
            .resolution = found->resolution,
            .warn_at = found->warn_at};
}

domain::ServiceTarget target_of(const Settings& settings, const domain::Ticket& ticket)
{
    domain::ServiceTarget target = target_of(settings, ticket.brand);
    const BrandSettings* brand = settings.brand(ticket.brand);
    if (!brand || brand->target_overrides.empty()) return target;
    domain::TargetPlan plan;
    plan.usual = {target.first_response, target.next_response, target.resolution, target.warn_at};
    plan.overrides = brand->target_overrides;
    const domain::TargetTimes times = domain::target_times(plan, ticket.channel, ticket.platform, ticket.priority);
    target.first_response = times.first_response;
    target.next_response = times.next_response;
    target.resolution = times.resolution;
    target.warn_at = times.warn_at;
    return target;
}

bool may_see_ticket(storage::Transaction& tx, const domain::Ticket& ticket, const Actor& actor)
{
    if (!actor.may_see(ticket.brand)) return false;
    return actor.role != domain::Role::phone || storage::has_call(tx, ticket.id, actor.teams);
}

base::Result<domain::Ticket> visible_ticket(storage::Transaction& tx, domain::TicketId id, const Actor& actor)
{
    auto ticket = storage::find_ticket(tx, id);
    if (ticket && !may_see_ticket(tx, *ticket, actor)) {
        return base::Error(base::ErrorKind::not_found, "there is no ticket " + std::to_string(id.value));
    }
    return ticket;
}

base::Result<domain::Ticket> workable_ticket(storage::Transaction& tx, domain::TicketId id, const Actor& actor)
{
    auto ticket = visible_ticket(tx, id, actor);
    if (!ticket || actor.id.value == 0) return ticket;
    const domain::Belonging belonging{.brand = ticket->brand, .team = ticket->team, .assignee = ticket->assignee};
    if (domain::authorize(actor.standing(), domain::Deed::work, belonging) == domain::Verdict::allowed) return ticket;
    return base::Error(base::ErrorKind::forbidden,
                       "This ticket is the work of the team " + ticket->team + ": its members and supervisors change and answer it.");
}

base::Error invalid(std::string pointer, std::string detail)
{
    return base::Error(base::ErrorKind::invalid_input, detail, {{std::move(pointer), detail}});
}

domain::TicketId where_it_is_now(storage::Transaction& tx, domain::TicketId id)
{
    for (int depth = 0; depth < 10; ++depth) {
        const auto ticket = storage::find_ticket(tx, id);
        if (!ticket || !ticket->merged_into) break;
        id = *ticket->merged_into;
    }
    return id;
}

void tell(storage::Transaction& tx, std::string_view type, base::Instant at, std::optional<domain::TicketId> ticket, const Command* command,
          const nlohmann::json& data)
{
    base::tally("events", type);
    domain::Event event;
    event.type = type;
    event.at = at;
    event.ticket = ticket;
    if (command) {
        event.actor = command->actor.id;
        event.cause = command->cause;
    }
    event.data = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    storage::append_event(tx, event);
    if (command && command->actor.id != domain::AgentId{}) audit_event(tx, *command, event, data);
}

nlohmann::json agent_data(std::optional<domain::AgentId> agent, std::string_view why)
{
    return {{"assignee", agent ? nlohmann::json(agent->value) : nlohmann::json()}, {"why", why}};
}

base::Result<std::optional<std::int64_t>> made_before(storage::Transaction& tx, const Command& command)
{
    if (command.idempotency_key.empty()) return std::optional<std::int64_t>();
    const auto kept = storage::find_answer(tx, command.actor.id, command.idempotency_key);
    if (!kept) return std::optional<std::int64_t>();
    if (kept->request_hash != command.request_hash) {
        return base::Error(base::ErrorKind::invalid_input, "this Idempotency-Key was used for another request; make a new key for each",
                           {{"header:Idempotency-Key", "already used with another request"}});
    }
    // Between the look of the request that repeats it, at this node, and now, the first one was answered, at another.
    if (kept->status != storage::made_without_answer) {
        return base::Error(base::ErrorKind::conflict,
                           "a request with this Idempotency-Key was answered a moment ago; ask again for its answer");
    }
    std::int64_t id = 0;
    std::from_chars(kept->body.data(), kept->body.data() + kept->body.size(), id);
    return std::optional(id);
}

base::Result<void> remember_made(storage::Transaction& tx, const Command& command, std::int64_t id, base::Instant now)
{
    if (command.idempotency_key.empty()) return {};
    return storage::keep_answer(tx, command.actor.id, command.idempotency_key,
                                {command.request_hash, storage::made_without_answer, std::to_string(id)}, now);
}

} // namespace sportello::engine
