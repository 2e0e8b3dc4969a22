#include "ticket_filter.hpp"

#include "ticket_json.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>

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

constexpr std::size_t longest_search = 200; // characters
constexpr std::size_t horizon_size = std::size(storage::search_kinds);
constexpr std::int64_t greatest_reference = INT64_C(1) << 58;

/// With words to look for, the best come first unless something else is asked for.
void read_sort(Query& query, TicketListRequest& request)
{
    const auto word = query.text("sort");
    const auto sort = word ? parse_sort(*word) : std::nullopt;
    const bool by_words = word == "relevance";
    if (word && !sort && !(by_words && request.search)) {
        query.wrong("sort", request.search ? "expected one of relevance, -updated, due" : "expected one of -updated, due");
    }
    if (request.search) request.search->sort = sort;
    request.filter.sort = sort.value_or(TicketSort::updated);
}

} // namespace

std::optional<TicketSearch> read_search_words(Query& query)
{
    const auto text = query.text("q");
    const auto from = query.time("from");
    const auto until = query.time("to");
    if (!text) {
        if (from) query.wrong("from", "goes with q only");
        if (until) query.wrong("to", "goes with q only");
        return std::nullopt;
    }
    if (base::count_code_points(*text) > longest_search) query.wrong("q", "at most 200 characters expected");
    if (from && until && *until <= *from) query.wrong("to", "a time after from expected");
    return TicketSearch{.text = std::string(*text), .from = from, .until = until, .sort = {}};
}

std::optional<SearchCursor> read_search_cursor(Query& query)
{
    const auto text = query.text("cursor");
    if (!text) return std::nullopt;
    const auto numbers = read_cursor(*text, "search", horizon_size + 1);
    const auto usable = [](std::int64_t number) { return number >= 0 && number < greatest_reference; };
    if (!numbers || !std::all_of(numbers->begin(), numbers->end(), usable)) {
        query.wrong("cursor", "a next_cursor of this search expected");
        return std::nullopt;
    }
    return SearchCursor{.horizon = {numbers->begin(), numbers->end() - 1}, .offset = numbers->back()};
}

std::string write_search_cursor(const engine::SearchHorizon& horizon, std::int64_t offset)
{
    return write_cursor("search", {horizon[0], horizon[1], horizon[2], horizon[3], horizon[4], offset});
}

TicketFilter read_ticket_filter(Query& query, const Caller& caller, const engine::Settings& settings, base::Instant now)
{
    TicketFilter filter;
    filter.statuses = read_statuses(query);
    read_assignee(query, filter, caller);
    read_place(query, filter, caller, settings);
    filter.priority = query.word("priority", domain::parse_priority, "low, normal, high, urgent");
    filter.aside = query.word("aside", parse_aside, "spam, noise, incident, merged");
    if (const auto label = query.text("label")) filter.label = std::string(*label);
    if (const auto customer = query.number("customer", 1, INT64_MAX)) filter.customer = domain::CustomerId{*customer};
    filter.snoozed = query.flag("snoozed");
    if (query.flag("overdue").value_or(false)) filter.overdue_at = now;
    return filter;
}

TicketListRequest read_ticket_list(Query& query, const Caller& caller, const engine::Settings& settings, base::Instant now)
{
    TicketListRequest request;
    request.filter = read_ticket_filter(query, caller, settings, now);
    if (const auto incident = query.number("incident", 1, INT64_MAX)) request.incident = domain::IncidentId{*incident};
    request.search = read_search_words(query);
    read_sort(query, request);
    request.limit = query.limit();
    if (request.search) {
        request.after_hit = read_search_cursor(query);
        return request;
    }
    if (const auto text = query.text("cursor")) {
        if (const auto walk = read_walk(*text, request.filter.sort)) request.walk = *walk;
        else query.wrong("cursor", "a next_cursor of this list, with the same sort, expected");
    }
    return request;
}

} // namespace sportello::api
