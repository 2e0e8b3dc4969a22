#include "reactions.hpp"

#include "facts.hpp"
#include "patience.hpp"

#include <sportello/storage/events.hpp>
#include <sportello/storage/tickets.hpp>
#include <sportello/storage/triage.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Instant;
using base::Result;
using domain::Ticket;
using domain::TriageRule;
using domain::TriageTrigger;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr std::string_view rules_reader = "rules";
constexpr std::int64_t at_once = 200;
constexpr int deepest = 3; // so many rules set each other off in a row
constexpr base::Duration after_failure = 5s;

const TriageRule* find_rule(const Settings& settings, std::string_view name)
{
    const auto found =
        std::find_if(settings.rules.begin(), settings.rules.end(), [&](const TriageRule& rule) { return rule.name == name; });
    return found == settings.rules.end() || found->trigger != TriageTrigger::time ? nullptr : &*found;
}

/// Reacts inside one transaction.
class Reaction {
public:
    Reaction(Transaction& tx, const Settings& settings, Instant now) : tx_(tx), settings_(settings), now_(now) {}

    void to_event(const domain::Event& event)
    {
        const auto ticket = storage::find_ticket(tx_, *event.ticket);
        if (!ticket || ticket->merged_into) return;
        const auto data = nlohmann::json::parse(event.data, nullptr, false);
        plan(*ticket, event.at);
        if (ticket->status == domain::TicketStatus::closed) return;
        if (event.type.starts_with("reply.")) to_delivery(ticket->id, data);
        to_change(ticket->id, event, data);
    }

    /// When rules of time are to look at this ticket.
    void plan(const Ticket& ticket, Instant seen_at)
    {
        for (const TriageRule& rule : settings_.rules) {
            if (rule.trigger == TriageTrigger::time) plan(rule, ticket, seen_at);
        }
    }

    void to_hour(const storage::RuleDue& due)
    {
        storage::drop_rule_due(tx_, due.ticket, due.rule);
        const TriageRule* rule = find_rule(settings_, due.rule);
        auto ticket = storage::find_ticket(tx_, due.ticket);
        if (!rule || !ticket || ticket->status == domain::TicketStatus::closed) return;
        const auto occasion = domain::occasion_of(*rule, *ticket);
        if (!occasion || occasion->key != due.occasion) return; // a change has come between, and plans anew
        const auto* calendar = target_of(settings_, ticket->brand).calendar;
        if (calendar->between(due.since, now_) < rule->when.after) { // the office's hours have changed
            if (const auto later = calendar->add(due.since, rule->when.after))
                storage::plan_rule(tx_, {due.ticket, due.rule, due.occasion, due.since, *later});
            return;
        }
        RuleFacts gathered;
        gather_facts(gathered, tx_, settings_, *ticket, now_);
        if (domain::applies(*rule, gathered.facts)) (void)fire(*rule, *ticket, gathered.labels, due.occasion, 1);
    }

private:
    void plan(const TriageRule& rule, const Ticket& ticket, Instant seen_at)
    {
        const auto known = storage::find_rule_due(tx_, ticket.id, rule.name);
        const auto occasion = domain::occasion_of(rule, ticket);
        if (known && occasion && known->occasion == occasion->key) return;
        const auto* calendar = target_of(settings_, ticket.brand).calendar;
        std::optional<Instant> due;
        const Instant since = occasion && occasion->since ? *occasion->since : seen_at;
        if (occasion && !storage::has_fired(tx_, ticket.id, rule.name, occasion->key)) due = calendar->add(since, rule.when.after);
        if (due) storage::plan_rule(tx_, {ticket.id, rule.name, occasion->key, since, *due});
        else if (known) storage::drop_rule_due(tx_, ticket.id, rule.name);
    }

    void to_delivery(domain::TicketId id, const nlohmann::json& data)
    {
        const auto state = data.is_object() && data.contains("delivery") && data["delivery"].is_object()
                               ? data["delivery"].value("state", "")
                               : std::string();
        const auto delivery = domain::parse_delivery(state);
        if (!delivery || !data.contains("reply") || !data["reply"].is_number_integer()) return;
        const std::string occasion = "reply:" + std::to_string(data["reply"].get<std::int64_t>()) + ":" + state;
        for (const TriageRule& rule : settings_.rules) {
            if (rule.trigger != TriageTrigger::delivery) continue;
            auto ticket = storage::find_ticket(tx_, id); // as the rules before have left it
            RuleFacts gathered;
            gather_facts(gathered, tx_, settings_, *ticket, now_);
            gathered.facts.delivery = delivery;
            if (!domain::applies(rule, gathered.facts)) continue;
            if (fire(rule, *ticket, gathered.labels, occasion, 1) && rule.stop) return;
        }
    }

    void to_change(domain::TicketId id, const domain::Event& event, const nlohmann::json& data)
    {
        const bool by_rule = event.type == "rule.fired" && data.is_object();
        const std::string cause = by_rule ? data.value("rule", "") : std::string();
        const int depth = by_rule ? data.value("depth", deepest) : 0;
        for (const TriageRule& rule : settings_.rules) {
            if (rule.trigger != TriageTrigger::change) continue;
            auto ticket = storage::find_ticket(tx_, id);
            RuleFacts gathered;
            gather_facts(gathered, tx_, settings_, *ticket, now_);
            if (!domain::applies(rule, gathered.facts)) {
                storage::forget_firing(tx_, id, rule.name, "change");
                continue;
            }
            if (depth >= deepest || rule.name == cause) continue;
            if (fire(rule, *ticket, gathered.labels, "change", depth + 1) && rule.stop) return;
        }
    }

    /// @return whether it fired: not when it had on this occasion.
    bool fire(const TriageRule& rule, Ticket& ticket, std::vector<std::string> labels, std::string_view occasion, int depth)
    {
        if (!storage::note_firing(tx_, ticket.id, rule.name, occasion, now_)) return false;
        const Ticket before = ticket;
        const auto labels_before = labels;
        FiredRule fired{&rule, domain::carry_out(rule, ticket, labels, target_of(settings_, ticket.brand), now_)};
        if (fired.did.empty()) return true;
        (void)storage::save_ticket(tx_, ticket, &before); // read in this transaction: nobody was faster
        if (labels != labels_before) storage::set_labels(tx_, ticket.id, std::move(labels));
        tell_fired(tx_, ticket.id, fired, depth, now_);
        return true;
    }

    Transaction& tx_;
    const Settings& settings_;
    Instant now_;
};

/// What rules do not wait for: looks, not changes.
bool concerns_rules(const domain::Event& event)
{
    return event.ticket && !event.type.starts_with("personal_data.");
}

} // namespace

Reactions::Reactions(asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock)
    : db_(db), settings_(settings), clock_(clock), signal_(clock, std::move(executor))
{
    for (const TriageRule& rule : settings.rules) {
        active_ = active_ || rule.trigger != TriageTrigger::message;
        timed_ = timed_ || rule.trigger == TriageTrigger::time;
    }
}

void Reactions::stop()
{
    stopping_ = true;
    signal_.notify();
}

void Reactions::wake()
{
    if (active_) signal_.notify();
}

asio::awaitable<void> Reactions::run()
{
    const auto placed = co_await take_place();
    if (!placed) spdlog::error("rules: {}", placed.error().what());
    if (!active_) co_return;
    if (timed_) {
        const auto planned = co_await plan_open_tickets();
        if (!planned) spdlog::error("rules: {}", planned.error().what());
    }
    while (!stopping_) {
        const auto read = co_await read_events();
        const auto fired = co_await fire_due();
        if (!read || !fired) spdlog::error("rules: {}; trying again", read ? fired.error().what() : read.error().what());
        const bool more = read && fired && (*read || *fired);
        if (more) continue;
        const auto due = co_await next_due();
        const Instant now = clock_.now();
        const Instant latest = now + (read && fired ? idle_look : after_failure);
        const Instant wake_at = std::clamp(due.value_or(latest), Instant(now + 1s), latest);
        if (!stopping_) co_await signal_.wait_until(wake_at);
    }
}

/// Rules look at what happens from now on: a log that nobody has read for them is not played to them.
asio::awaitable<Result<void>> Reactions::take_place()
{
    auto look = [](Transaction& tx) -> Result<bool> { return storage::reader_place(tx, rules_reader).has_value(); };
    const auto known = co_await db_.read(look);
    if (!known) co_return known.error();
    if (*known == active_) co_return Result<void>();
    auto place = [&](Transaction& tx) -> Result<void> {
        if (active_) storage::move_reader(tx, rules_reader, storage::last_seq(tx));
        else storage::forget_reader(tx, rules_reader);
        return {};
    };
    co_return co_await db_.write(place);
}

/// A rule that was configured since, and tickets that it has not seen.
asio::awaitable<Result<void>> Reactions::plan_open_tickets()
{
    storage::TicketFilter filter;
    filter.statuses = {domain::TicketStatus::new_, domain::TicketStatus::open, domain::TicketStatus::pending, domain::TicketStatus::on_hold,
                       domain::TicketStatus::solved};
    std::optional<storage::TicketCursor> after;
    const Instant now = clock_.now();
    for (bool more = true; more && !stopping_;) {
        std::optional<storage::TicketCursor> reached;
        auto unit = [&](Transaction& tx) -> Result<bool> {
            std::vector<domain::TicketId> ids;
            storage::for_each_ticket_row(tx, filter, after, at_once, [&](const storage::TicketRow& row) {
                ids.push_back(row.id);
                reached = row.cursor;
            });
            Reaction reaction(tx, settings_, now);
            for (const domain::TicketId id : ids) {
                if (const auto ticket = storage::find_ticket(tx, id)) reaction.plan(*ticket, now);
            }
            return static_cast<std::int64_t>(ids.size()) == at_once;
        };
        const auto full = co_await db_.write(unit);
        if (!full) co_return full.error();
        after = reached;
        more = *full;
    }
    co_return Result<void>();
}

asio::awaitable<Result<bool>> Reactions::read_events()
{
    auto look = [](Transaction& tx) -> Result<bool> { return storage::last_seq(tx) > storage::reader_place(tx, rules_reader).value_or(0); };
    const auto any = co_await db_.read(look);
    if (!any) co_return any.error();
    if (!*any) co_return false;
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<bool> {
        const std::int64_t place = storage::reader_place(tx, rules_reader).value_or(0);
        std::vector<domain::Event> events;
        storage::events_since(tx, place, at_once, [&](const domain::Event& event) { events.push_back(event); });
        if (events.empty()) return false;
        Reaction reaction(tx, settings_, now);
        for (const domain::Event& event : events) {
            if (concerns_rules(event)) reaction.to_event(event);
        }
        storage::move_reader(tx, rules_reader, events.back().seq);
        return true;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<bool>> Reactions::fire_due()
{
    const Instant now = clock_.now();
    auto look = [&](Transaction& tx) -> Result<bool> { return !storage::rules_due(tx, now, 1).empty(); };
    const auto any = co_await db_.read(look);
    if (!any) co_return any.error();
    if (!*any) co_return false;
    auto unit = [&](Transaction& tx) -> Result<bool> {
        Reaction reaction(tx, settings_, now);
        for (const storage::RuleDue& due : storage::rules_due(tx, now, at_once)) reaction.to_hour(due);
        return true;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<std::optional<Instant>> Reactions::next_due()
{
    auto look = [](Transaction& tx) -> Result<std::optional<Instant>> { return storage::next_rule_due(tx); };
    const auto next = co_await db_.read(look);
    co_return next ? *next : std::nullopt;
}

} // namespace sportello::engine
