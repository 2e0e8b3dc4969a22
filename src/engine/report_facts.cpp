#include "report_facts.hpp"

#include "facts.hpp"

#include <sportello/storage/automatic.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/reports.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::engine {
namespace {

using base::Instant;
using domain::Event;
using nlohmann::json;
using storage::Fact;
using storage::FactKind;

std::int64_t number_in(const json& data, const char* name)
{
    const auto found = data.find(name);
    return found != data.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string text_in(const json& data, const char* name)
{
    const auto found = data.find(name);
    return found != data.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_in_work(const std::string& status)
{
    return status == "open" || status == "pending" || status == "on_hold";
}

std::int64_t seconds_between(Instant from, Instant until)
{
    return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(until - from).count());
}

} // namespace

void FactReader::read(const Event& event)
{
    if (!event.ticket) return;
    touched_.insert(*event.ticket);
    const json data = json::parse(event.data, nullptr, false);
    if (!data.is_object()) return;
    const auto put = [&](FactKind kind, std::int64_t reference, Instant at, std::optional<domain::AgentId> agent = std::nullopt) {
        storage::put_fact(tx_, Fact{kind, reference, at, *event.ticket, agent});
    };
    const auto written_at = [&] { // the platform's own time
        const auto message = storage::find_message(tx_, domain::MessageId{number_in(data, "message")});
        return message ? message->at : event.at;
    };
    const bool opens = event.type == "ticket.created";
    if (opens || event.type == "message.received") {
        const Instant at = written_at();
        const std::int64_t message = number_in(data, "message");
        if (opens) put(FactKind::opened, event.ticket->value, at);
        if (message > 0) put(FactKind::received, message, at);
        if (data.value("reopened", false)) put(FactKind::reopened, event.seq, at);
    } else if (event.type == "message.written_elsewhere") {
        put(FactKind::answered, -number_in(data, "message"), written_at()); // replies have the numbers above
    } else if (event.type == "reply.published") {
        const auto reply = storage::find_reply(tx_, domain::ReplyId{number_in(data, "reply")});
        if (!reply || storage::automatic_mark(tx_, reply->id)) return; // it answers nothing
        put(FactKind::answered, reply->id.value, reply->published_at.value_or(event.at), reply->author);
    } else if (event.type == "ticket.breached") {
        const std::string clock = text_in(data, "clock");
        if (clock == "response") put(FactKind::breached_response, event.seq, event.at);
        if (clock == "resolution") put(FactKind::breached_resolution, event.seq, event.at);
    } else if (event.type == "ticket.handed_over") {
        put(FactKind::handed_over, event.seq, event.at, event.actor);
    }
    const std::string status = text_in(data, "status");
    const std::string was = text_in(data, "was");
    if (event.type != "ticket.closed" && status == "solved" && was != "solved") put(FactKind::solved, event.seq, event.at, event.actor);
    if (was == "solved" && is_in_work(status)) put(FactKind::reopened, event.seq, event.at, event.actor);
}

void FactReader::refresh_tickets()
{
    for (const domain::TicketId id : touched_) refresh(id);
    touched_.clear();
}

void FactReader::refresh(domain::TicketId id)
{
    const auto ticket = storage::find_ticket(tx_, id);
    if (!ticket) return;
    const auto before = storage::find_report_ticket(tx_, id);
    storage::ReportTicket known;
    known.ticket = id;
    known.brand = ticket->brand;
    known.channel = ticket->channel;
    known.opened_at = ticket->created_at;
    known.outcome = domain::outcome_of(*ticket, storage::was_handed_over(tx_, id));
    known.labels = storage::labels_of(tx_, id);
    known.incident = ticket->incident;
    if (ticket->first_response_at) {
        known.answered_at = ticket->first_response_at;
        known.answered_by = storage::author_of_response(tx_, id, *ticket->first_response_at);
        known.office_seconds = ticket->first_response_office_seconds;
        known.clock_seconds = seconds_between(ticket->first_inbound_at, *ticket->first_response_at);
        if (before && before->answered_at == known.answered_at) { // a target of later days judges nothing of before
            known.in_target = before->in_target;
        } else if (known.office_seconds) {
            const auto target = std::chrono::duration_cast<std::chrono::seconds>(target_of(settings_, *ticket).first_response).count();
            known.in_target = *known.office_seconds <= target;
        }
    }
    storage::put_report_ticket(tx_, known);
}

} // namespace sportello::engine
