#include "ticket_filter.hpp"

#include "ticket_json.hpp"

#include <algorithm>

namespace sportello::api {
namespace {

using domain::TicketStatus;
using storage::TicketFilter;
using storage::TicketSort;

std::vector<TicketStatus> read_statuses(Query& query)
{
    std::vector<TicketStatus> statuses;
    auto text = query.text("status");
    if (!text) return statuses;
    for (auto rest = *text;;) {
        const auto comma = rest.find(',');
        const auto word = rest.substr(0, comma);
        if (word == "active") {
            statuses.insert(statuses.end(), {TicketStatus::new_, TicketStatus::open, TicketStatus::pending, TicketStatus::on_hold});
        } else if (const auto status = domain::parse_ticket_status(word)) {
            statuses.push_back(*status);
        } else {
            query.wrong("status", "new, open, pending, on_hold, solved, closed or active, separated by commas, expected");
            break;
        }
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    std::sort(statuses.begin(), statuses.end());
    statuses.erase(std::unique(statuses.begin(), statuses.end()), statuses.end());
    return statuses;
}

void read_assignee(Query& query, TicketFilter& filter, const Caller& caller)
{
    const auto text = query.text("assignee");
    if (!text) return;
    const auto id = read_number(*text);
    if (*text == "me") filter.assignee = caller.agent.id;
    else if (*text == "none") filter.assignee = TicketFilter::Nobody{};
    else if (id) filter.assignee = domain::AgentId{*id};
    else query.wrong("assignee", "an agent's id, me, or none expected");
}

/// A brand or channel that the caller may not see does not exist for them.
void read_place(Query& query, TicketFilter& filter, const Caller& caller, const engine::Settings& settings)
{
    const auto actor = caller.actor();
    filter.brands = caller.agent.brands;
    if (const auto brand = query.text("brand")) {
        if (settings.brand(*brand) != nullptr && actor.may_see(*brand)) filter.brands = {std::string(*brand)};
        else query.wrong("brand", "there is no such brand");
    }
    if (const auto channel = query.text("channel")) {
        const auto* known = settings.channel(*channel);
        if (known != nullptr && actor.may_see(known->brand)) filter.channel = std::string(*channel);
        else query.wrong("channel", "there is no such channel");
    }
}

std::optional<std::string> parse_aside(std::string_view word)
{
    const bool known = word == "spam" || word == "noise" || word == "incident" || word == "merged";
    return known ? std::optional(std::string(word)) : std::nullopt;
}

std::optional<TicketSort> parse_sort(std::string_view word)
{
    if (word == "due") return TicketSort::due;
    if (word == "-updated") return TicketSort::updated;
    return std::nullopt;
}

} // namespace

TicketListRequest read_ticket_list(Query& query, const Caller& caller, const engine::Settings& settings, base::Instant now)
{
    TicketListRequest request;
    auto& filter = request.filter;
    filter.statuses = read_statuses(query);
    read_assignee(query, filter, caller);
    read_place(query, filter, caller, settings);
    filter.priority = query.word("priority", domain::parse_priority, "low, normal, high, urgent");
    filter.aside = query.word("aside", parse_aside, "spam, noise, incident, merged");
    if (const auto label = query.text("label")) filter.label = std::string(*label);
    if (const auto customer = query.number("customer", 1, INT64_MAX)) filter.customer = domain::CustomerId{*customer};
    if (query.flag("overdue").value_or(false)) filter.overdue_at = now;
    filter.sort = query.word("sort", parse_sort, "-updated, due").value_or(TicketSort::updated);
    request.limit = query.limit();
    if (const auto text = query.text("cursor")) {
        if (const auto numbers = read_cursor(*text, cursor_word(filter.sort), 2)) {
            request.after = storage::TicketCursor{(*numbers)[0], (*numbers)[1]};
        } else {
            query.wrong("cursor", "a next_cursor of this list, with the same sort, expected");
        }
    }
    return request;
}

} // namespace sportello::api
