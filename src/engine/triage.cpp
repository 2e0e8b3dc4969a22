#include "triage.hpp"

#include "facts.hpp"

#include <sportello/domain/language.hpp>
#include <sportello/domain/noise.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/tickets.hpp>
#include <sportello/storage/triage.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sportello::engine {
namespace {

using domain::Message;
using domain::Ticket;
using domain::TriageRule;
using domain::TriageTrigger;

/// Only these two are undone by a question: what else stands apart has other reasons.
bool is_set_aside(const Ticket& ticket)
{
    return ticket.aside == "spam" || ticket.aside == "noise";
}

void note_language(Arrival& arrival)
{
    if (!arrival.ticket.language.empty()) return;
    const BrandSettings* brand = arrival.settings.brand(arrival.message.brand);
    arrival.ticket.language = domain::language_of(arrival.message.text, brand ? std::string_view(brand->language) : std::string_view());
}

void judge_noise(Arrival& arrival)
{
    if (!arrival.settings.set_noise_aside) return;
    if (!arrival.opens && !is_set_aside(arrival.ticket)) return;
    domain::NoiseVerdict verdict = domain::judge_noise(arrival.message, false);
    // Few have come so far that their pictures must be looked for.
    if (!verdict.aside.empty() && !storage::attachments_of(arrival.tx, arrival.message.id).empty())
        verdict = domain::judge_noise(arrival.message, true);
    if (arrival.opens && !verdict.aside.empty()) {
        arrival.ticket.aside = verdict.aside;
        arrival.aside_why = verdict.why;
    } else if (!arrival.opens && verdict.aside.empty()) {
        arrival.ticket.aside.clear();
        arrival.brought_back = true;
    }
}

const domain::Calendar* calendar_of(const Settings& settings, std::string_view brand)
{
    return target_of(settings, brand).calendar;
}

void name_customer(RuleFacts& gathered, storage::Transaction& tx, domain::IdentityId identity)
{
    const auto person = storage::find_identity(tx, identity);
    if (!person) return;
    gathered.name = person->name;
    gathered.handle = person->handle;
}

void point_at(RuleFacts& gathered)
{
    gathered.facts.labels = &gathered.labels;
    gathered.facts.customer_name = gathered.name;
    gathered.facts.customer_handle = gathered.handle;
    gathered.facts.text = gathered.text;
}

void ask_rules(Arrival& arrival)
{
    const auto& rules = arrival.settings.rules;
    const auto is_for_messages = [](const TriageRule& rule) { return rule.trigger == TriageTrigger::message; };
    if (std::none_of(rules.begin(), rules.end(), is_for_messages)) return;
    RuleFacts gathered;
    if (!arrival.opens) gathered.labels = storage::labels_of(arrival.tx, arrival.ticket.id);
    gathered.text = arrival.message.text;
    name_customer(gathered, arrival.tx, arrival.ticket.identity);
    gathered.facts.ticket = &arrival.ticket;
    gathered.facts.kind = arrival.message.kind;
    gathered.facts.visibility = arrival.message.visibility;
    gathered.facts.known_customer = storage::has_written_before(arrival.tx, arrival.ticket.identity, arrival.message.at);
    gathered.facts.calendar = calendar_of(arrival.settings, arrival.message.brand);
    gathered.facts.at = arrival.message.at;
    point_at(gathered);
    const auto labels_before = gathered.labels;
    const auto target = target_of(arrival.settings, arrival.message.brand);
    for (const TriageRule& rule : rules) { // each sees what those before it did
        if (!is_for_messages(rule) || !domain::applies(rule, gathered.facts)) continue;
        auto did = domain::carry_out(rule, arrival.ticket, gathered.labels, target, arrival.now);
        if (!did.empty()) arrival.fired.push_back({&rule, std::move(did)});
        if (rule.stop) break;
    }
    if (gathered.labels != labels_before) arrival.labels = std::move(gathered.labels);
}

} // namespace

void triage(Arrival& arrival)
{
    note_language(arrival);
    judge_noise(arrival);
    ask_rules(arrival);
}

void keep_triage(Arrival& arrival)
{
    const domain::TicketId id = arrival.ticket.id;
    if (arrival.labels) storage::set_labels(arrival.tx, id, *arrival.labels);
    if (!arrival.aside_why.empty()) {
        tell(arrival.tx, "ticket.set_aside", arrival.now, id, nullptr,
             {{"aside", arrival.ticket.aside}, {"why", arrival.aside_why}, {"message", arrival.message.id.value}});
    }
    if (arrival.brought_back) {
        tell(arrival.tx, "ticket.brought_back", arrival.now, id, nullptr,
             {{"aside", ""}, {"why", "the customer wrote something that may want an answer"}, {"message", arrival.message.id.value}});
    }
    for (const FiredRule& fired : arrival.fired) {
        (void)storage::note_firing(arrival.tx, id, fired.rule->name, "message:" + std::to_string(arrival.message.id.value), arrival.now);
        tell_fired(arrival.tx, id, fired, 1, arrival.now);
    }
}

void gather_facts(RuleFacts& gathered, storage::Transaction& tx, const Settings& settings, const Ticket& ticket, base::Instant at)
{
    gathered.labels = storage::labels_of(tx, ticket.id);
    name_customer(gathered, tx, ticket.identity);
    gathered.facts.visibility = ticket.visibility;
    if (ticket.last_inbound) {
        if (const auto message = storage::find_message(tx, *ticket.last_inbound)) {
            gathered.text = message->text;
            gathered.facts.kind = message->kind;
            gathered.facts.visibility = message->visibility;
        }
    }
    gathered.facts.ticket = &ticket;
    gathered.facts.known_customer = storage::has_written_before(tx, ticket.identity, ticket.first_inbound_at);
    gathered.facts.calendar = calendar_of(settings, ticket.brand);
    gathered.facts.at = at;
    point_at(gathered);
}

void tell_fired(storage::Transaction& tx, domain::TicketId ticket, const FiredRule& fired, int depth, base::Instant now)
{
    const TriageRule& rule = *fired.rule;
    if (!rule.then.proposal.empty()) storage::propose_reply(tx, ticket, rule.then.proposal, rule.name, now);
    tell(
        tx, "rule.fired", now, ticket, nullptr,
        {{"rule", rule.name}, {"on", to_string(rule.trigger)}, {"why", domain::in_words(rule.when)}, {"did", fired.did}, {"depth", depth}});
}

} // namespace sportello::engine
