#include <sportello/domain/triage.hpp>

#include <sportello/base/text.hpp>

#include <algorithm>
#include <array>

namespace sportello::domain {
namespace {

constexpr std::array<std::string_view, 4> triggers{"message", "change", "delivery", "time"};
constexpr std::array<std::string_view, 4> clocks{"received", "answered", "assigned", "created"};

template <class Word, std::size_t N> std::optional<Word> parse(const std::array<std::string_view, N>& words, std::string_view word)
{
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) return std::nullopt;
    return static_cast<Word>(found - words.begin());
}

/// An empty list admits everything.
template <class List, class Value> bool admits(const List& list, const Value& value)
{
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

template <class Value> bool is_as_wanted(const std::optional<Value>& wanted, const Value& value)
{
    return !wanted || *wanted == value;
}

bool is_one_of(const std::vector<std::string>& customers, const TriageFacts& facts)
{
    if (customers.empty()) return true;
    const auto is_theirs = [&](std::string_view name) {
        return !name.empty() && std::find(customers.begin(), customers.end(), base::fold(name)) != customers.end();
    };
    return is_theirs(facts.customer_handle) || is_theirs(facts.customer_name);
}

bool has_one_of(const std::vector<std::string>& wanted, const std::vector<std::string>& labels)
{
    return wanted.empty() || std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
               return std::find(wanted.begin(), wanted.end(), label) != wanted.end();
           });
}

bool is_in_time(const TriageCondition& when, const TriageFacts& facts)
{
    if (when.office_open && *when.office_open != facts.calendar->is_open(facts.at)) return false;
    if (when.hours.empty()) return true;
    const auto hours = when.hours.find(facts.calendar->spec().time_zone);
    return hours != when.hours.end() && hours->second->is_open(facts.at);
}

std::string words_of(const std::vector<std::string>& list)
{
    std::string words;
    for (const std::string& word : list) (words += words.empty() ? "" : " or ") += word.empty() ? "unknown" : word;
    return words;
}

template <class Value> std::string names_of(const std::vector<Value>& list)
{
    std::vector<std::string> names;
    for (const Value value : list) names.emplace_back(to_string(value));
    return words_of(names);
}

} // namespace

std::string_view to_string(TriageTrigger value)
{
    return triggers[static_cast<std::size_t>(value)];
}
std::string_view to_string(TriageClock value)
{
    return clocks[static_cast<std::size_t>(value)];
}
std::optional<TriageTrigger> parse_triage_trigger(std::string_view word)
{
    return parse<TriageTrigger>(triggers, word);
}
std::optional<TriageClock> parse_triage_clock(std::string_view word)
{
    return parse<TriageClock>(clocks, word);
}

bool applies(const TriageRule& rule, const TriageFacts& facts)
{
    const TriageCondition& when = rule.when;
    const Ticket& ticket = *facts.ticket;
    // What costs most is asked last.
    return admits(when.brands, ticket.brand) && admits(when.channels, ticket.channel) && is_as_wanted(when.platform, ticket.platform) &&
           is_as_wanted(when.visibility, facts.visibility) && admits(when.kinds, facts.kind) && admits(when.statuses, ticket.status) &&
           admits(when.priorities, ticket.priority) && admits(when.languages, ticket.language) &&
           is_as_wanted(when.assigned, ticket.assignee.has_value()) && is_as_wanted(when.known_customer, facts.known_customer) &&
           (when.deliveries.empty() || (facts.delivery && admits(when.deliveries, *facts.delivery))) &&
           has_one_of(when.labels, *facts.labels) && is_one_of(when.customers, facts) && is_in_time(when, facts) &&
           (!when.text || when.text->matches(facts.text));
}

std::optional<TriageOccasion> occasion_of(const TriageRule& rule, const Ticket& ticket)
{
    const auto since = [&](Instant at) {
        return TriageOccasion{std::string(to_string(rule.when.since)) + ":" + std::to_string(base::to_micros(at)), at};
    };
    switch (rule.when.since) {
    case TriageClock::received:
        if (ticket.waiting_since) return since(*ticket.waiting_since);
        break;
    case TriageClock::answered:
        if (ticket.status == TicketStatus::pending && ticket.last_direction == Direction::outbound) return since(ticket.last_at);
        break;
    case TriageClock::assigned:
        if (ticket.assignee) return TriageOccasion{"assigned:" + std::to_string(ticket.assignee->value), std::nullopt};
        break;
    case TriageClock::created:
        if (ticket.status != TicketStatus::closed) return since(ticket.created_at);
        break;
    }
    return std::nullopt;
}

std::vector<std::string> carry_out(const TriageRule& rule, Ticket& ticket, std::vector<std::string>& labels, const ServiceTarget& target,
                                   Instant now)
{
    std::vector<std::string> did;
    const TriageAction& then = rule.then;
    for (const std::string& label : then.labels) {
        if (std::find(labels.begin(), labels.end(), label) != labels.end()) continue;
        labels.push_back(label);
        did.push_back("label " + label);
    }
    if (then.priority && *then.priority != ticket.priority) {
        ticket.priority = *then.priority;
        ticket.priority_why = "rule \"" + rule.name + "\"";
        did.push_back("priority " + std::string(to_string(ticket.priority)));
    }
    if (then.team && *then.team != ticket.team) {
        ticket.team = *then.team;
        did.push_back("team " + ticket.team);
    }
    if (then.hold && ticket.status != TicketStatus::on_hold && change_status(ticket, TicketStatus::on_hold, target, now)) {
        ticket.status_reason = "rule \"" + rule.name + "\"";
        did.emplace_back("put on hold");
    }
    if (!then.aside.empty() && ticket.aside.empty()) {
        ticket.aside = then.aside;
        did.push_back("set aside as " + then.aside);
    }
    if (!then.proposal.empty()) did.push_back("proposes the answer " + then.proposal);
    if (!then.note.empty()) did.push_back("notes: " + then.note);
    if (!did.empty()) ticket.updated_at = now;
    return did;
}

std::string in_words(const TriageCondition& when)
{
    std::string words;
    const auto say = [&](std::string what) { (words += words.empty() ? "" : "; ") += what; };
    if (when.text) say("text matches \"" + when.text->source() + "\"");
    if (!when.brands.empty()) say("brand " + words_of(when.brands));
    if (!when.channels.empty()) say("channel " + words_of(when.channels));
    if (when.platform) say("on " + std::string(to_string(*when.platform)));
    if (when.visibility) say(std::string(to_string(*when.visibility)));
    if (!when.kinds.empty()) say("a " + names_of(when.kinds));
    if (!when.languages.empty()) say("language " + words_of(when.languages));
    if (!when.labels.empty()) say("label " + words_of(when.labels));
    if (!when.statuses.empty()) say("status " + names_of(when.statuses));
    if (!when.priorities.empty()) say("priority " + names_of(when.priorities));
    if (when.assigned) say(*when.assigned ? "assigned" : "with nobody");
    if (when.known_customer) say(*when.known_customer ? "a customer who has written before" : "a new customer");
    if (!when.customers.empty()) say("one of " + std::to_string(when.customers.size()) + " named customers");
    if (!when.deliveries.empty()) say("a reply is " + names_of(when.deliveries));
    if (when.office_open) say(*when.office_open ? "office open" : "office closed");
    if (!when.hours.empty()) say("at these hours");
    if (when.after > Duration::zero()) {
        const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(when.after).count();
        say(std::to_string(minutes) + " office minutes since " + std::string(to_string(when.since)));
    }
    return words.empty() ? "always" : words;
}

} // namespace sportello::domain
