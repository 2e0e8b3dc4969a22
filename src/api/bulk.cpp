// One change to many tickets, with a result for each: what fails for one does not keep back the others.
#include "context.hpp"
#include "fields.hpp"
#include "json_writer.hpp"
#include "ticket_json.hpp"

#include <sportello/storage/tickets.hpp>

#include <algorithm>
#include <set>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::Ticket;
using domain::TicketId;
using http::Method;
using storage::Transaction;

constexpr std::size_t most_tickets = 500;
constexpr std::size_t most_labels = 20; // of a ticket

struct BulkChange {
    engine::TicketChange fields; ///< labels not among them
    std::vector<std::string> add_labels;
    std::vector<std::string> remove_labels;
    bool take = false;
};

struct Item {
    std::int64_t ticket = 0;
    std::optional<std::int32_t> revision; ///< only if it is still this one
};

std::vector<std::string> read_labels(Fields& fields, std::string_view name)
{
    auto labels = fields.maybe_texts(name, most_labels, {1, 50}).value_or(std::vector<std::string>());
    const auto has_lines = [](const std::string& label) { return label.find_first_of("\r\n") != std::string::npos; };
    if (std::ranges::any_of(labels, has_lines)) fields.wrong_value(name, "a label has one line");
    return labels;
}

BulkChange read_change(Fields& fields)
{
    BulkChange change;
    auto& ticket = change.fields;
    ticket.status = fields.maybe_word("status", parse_settable_status, "open, pending, on_hold, solved");
    ticket.status_reason = fields.maybe_text("status_reason", {1, 200});
    if (const auto assignee = fields.nullable_number("assignee")) {
        ticket.assignee = *assignee ? std::optional(domain::AgentId{**assignee}) : std::nullopt;
    }
    ticket.priority = fields.maybe_word("priority", domain::parse_priority, "low, normal, high, urgent");
    ticket.aside = fields.maybe_word("aside", parse_settable_aside, "spam, noise, or nothing to bring it back");
    ticket.snoozed_until = fields.nullable_time("snoozed_until");
    change.add_labels = read_labels(fields, "add_labels");
    change.remove_labels = read_labels(fields, "remove_labels");
    change.take = fields.maybe_flag("take").value_or(false);
    if (change.take && ticket.assignee) fields.wrong_value("take", "either take them or assign them");
    return change;
}

std::vector<Item> read_items(Fields& fields)
{
    std::vector<Item> items;
    std::set<std::int64_t> seen;
    fields.objects("items", most_tickets, [&](std::size_t, Fields& one) {
        Item item;
        item.ticket = one.maybe_number("ticket", 1, INT64_MAX).value_or(0);
        if (!one.has("ticket")) one.missing("ticket");
        if (const auto revision = one.maybe_number("revision", 1, INT32_MAX)) item.revision = static_cast<std::int32_t>(*revision);
        if (item.ticket != 0 && !seen.insert(item.ticket).second) one.wrong_value("ticket", "is there more than once");
        items.push_back(item);
    });
    if (!fields.has("items")) fields.missing("items");
    else if (items.empty()) fields.wrong_value("items", "at least one ticket expected");
    return items;
}

std::vector<std::string> changed_labels(std::vector<std::string> labels, const BulkChange& change)
{
    for (const auto& label : change.add_labels) {
        if (std::ranges::find(labels, label) == labels.end()) labels.push_back(label);
    }
    std::erase_if(labels,
                  [&](const std::string& label) { return std::ranges::find(change.remove_labels, label) != change.remove_labels.end(); });
    return labels;
}

/// The ticket before the change, for one undo of all.
struct Before {
    Ticket ticket;
    std::vector<std::string> labels;
};

awaitable<Result<Before>> look(Context& context, Call& call, TicketId id)
{
    const auto actor = call.caller->actor();
    auto read = [&](Transaction& tx) -> Result<Before> {
        auto ticket = visible_ticket(tx, id, actor);
        if (!ticket) return ticket.error();
        return Before{.ticket = std::move(*ticket), .labels = storage::labels_of(tx, id)};
    };
    co_return co_await context.db.read(read);
}

/// One ticket's share: in a unit of work of its own, so that a mass of them does not hold the writer.
awaitable<Result<Ticket>> change_one(Context& context, Call& call, const Item& item, const BulkChange& change, const Before& before)
{
    engine::Command order = command(call);
    order.idempotency_key.clear(); // the whole request has it
    auto fields = change.fields;
    if (change.take) fields.assignee = std::optional(call.caller->agent.id);
    if (!change.add_labels.empty() || !change.remove_labels.empty()) {
        auto labels = changed_labels(before.labels, change);
        if (labels.size() > most_labels) co_return Error(ErrorKind::invalid_input, "the ticket would have more than 20 labels");
        fields.labels = std::move(labels);
    }
    const auto revision = item.revision ? item.revision : fields.labels ? std::optional(before.ticket.revision) : std::nullopt;
    co_return co_await context.engine.ticketing().change(TicketId{item.ticket}, std::move(fields), std::move(order), revision);
}

/// What PATCH on the ticket would take to make it as it was.
void write_undo(JsonWriter& json, const BulkChange& change, const Before& before)
{
    const auto& ticket = before.ticket;
    json.key("undo").open_object();
    // Nobody makes a ticket new again.
    const bool was_new = ticket.status == domain::TicketStatus::new_;
    if (change.fields.status) json.member("status", domain::to_string(was_new ? domain::TicketStatus::open : ticket.status));
    if (change.fields.assignee || change.take) {
        json.member("assignee", ticket.assignee ? std::optional(ticket.assignee->value) : std::nullopt);
    }
    if (change.fields.priority) json.member("priority", domain::to_string(ticket.priority));
    if (change.fields.snoozed_until) json.member("snoozed_until", ticket.snoozed_until);
    if (change.fields.aside) json.member("aside", ticket.aside);
    if (!change.add_labels.empty() || !change.remove_labels.empty()) {
        json.key("labels").open_array();
        for (const auto& label : before.labels) json.value(label);
        json.close_array();
    }
    json.close_object();
}

void write_failure(JsonWriter& json, const Error& error)
{
    const auto problem = problem_of(error);
    json.member("status", problem.status).member("code", problem.code).member("detail", problem.detail);
}

/// POST /v1/tickets/bulk
awaitable<Answer> change_many(Context& context, Call& call)
{
    Fields fields(call.request.body);
    const auto items = read_items(fields);
    BulkChange change;
    bool nothing = false;
    fields.object("change", [&](Fields& inside) {
        change = read_change(inside);
        nothing = inside.empty();
    });
    if (!fields.has("change")) fields.missing("change");
    if (nothing) fields.wrong_value("change", "at least one field to change expected");
    if (const auto problem = fields.refusal()) co_return call.refuse(*problem);

    std::string body;
    JsonWriter json(body);
    std::int64_t changed = 0;
    json.open_object().key("items").open_array();
    for (const Item& item : items) {
        json.open_object().member("ticket", item.ticket);
        const auto before = co_await look(context, call, TicketId{item.ticket});
        if (!before) {
            write_failure(json, before.error());
            json.close_object();
            continue;
        }
        const auto done = co_await change_one(context, call, item, change, *before);
        if (done) {
            ++changed;
            json.member("status", 200).member("revision", done->revision);
            write_undo(json, change, *before);
        } else {
            write_failure(json, done.error());
        }
        json.close_object();
    }
    json.close_array().member("changed", changed).member("failed", static_cast<std::int64_t>(items.size()) - changed).close_object();
    co_return json_response(200, std::move(body));
}

} // namespace

std::span<const Route> bulk_routes()
{
    static constexpr Route routes[] = {
        {Method::post, "/v1/tickets/bulk", Access::agent, change_many},
    };
    return routes;
}

} // namespace sportello::api
