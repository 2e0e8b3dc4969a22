#pragma once

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/domain/text_pattern.hpp>
#include <sportello/domain/ticket_rules.hpp>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// What lets a rule look at a ticket.
enum class TriageTrigger {
    message,  ///< a customer wrote
    change,   ///< something about the ticket changed
    delivery, ///< a reply's delivery came to a state
    time      ///< so much office time has passed
};
/// Since when a rule of time counts.
enum class TriageClock {
    received, ///< the first unanswered message
    answered, ///< our last answer, while the customer is to speak
    assigned, ///< the present assignee got it
    created
};
[[nodiscard]] std::string_view to_string(TriageTrigger value);
[[nodiscard]] std::string_view to_string(TriageClock value);
[[nodiscard]] std::optional<TriageTrigger> parse_triage_trigger(std::string_view word);
[[nodiscard]] std::optional<TriageClock> parse_triage_clock(std::string_view word);

/// When a rule fires: all that is given must hold, of each list one entry. What is not given holds always.
struct TriageCondition {
    std::optional<TextPattern> text; ///< of the message; else of the customer's last one
    std::vector<std::string> channels;
    std::vector<std::string> brands;
    std::vector<std::string> languages; ///< "" is: not known
    std::vector<std::string> labels;
    std::vector<std::string> customers; ///< handles without '@' or names, lower case
    std::optional<bool> known_customer; ///< who has written before
    std::optional<Platform> platform;
    std::optional<Visibility> visibility;
    std::vector<MessageKind> kinds;
    std::vector<TicketStatus> statuses;
    std::vector<Priority> priorities;
    std::vector<Delivery> deliveries;
    std::optional<bool> assigned;
    std::optional<bool> office_open;
    /// Hours of the day, by the time zone of the brand's calendar; empty: any.
    std::map<std::string, std::shared_ptr<const Calendar>, std::less<>> hours;
    Duration after{}; ///< time: so much office time since the clock began
    TriageClock since = TriageClock::received;
};

/// What a rule does. Empty: not that.
struct TriageAction {
    std::vector<std::string> labels; ///< are added
    std::optional<Priority> priority;
    std::optional<std::string> team;
    bool hold = false;
    std::string aside;    ///< "spam", "noise"
    std::string proposal; ///< key of a canned reply that the agent is offered
    std::string note;     ///< stands in the ticket's story
};

struct TriageRule {
    std::string name;
    TriageTrigger trigger = TriageTrigger::message;
    TriageCondition when;
    TriageAction then;
    bool stop = false; ///< when it fires, no later rule is asked
};

/// What is known when rules are asked.
struct TriageFacts {
    const Ticket* ticket = nullptr;                   ///< never null
    const std::vector<std::string>* labels = nullptr; ///< never null
    std::string_view text;
    MessageKind kind = MessageKind::post;
    Visibility visibility = Visibility::public_;
    std::string_view customer_name;
    std::string_view customer_handle;
    bool known_customer = false;
    std::optional<Delivery> delivery;
    const Calendar* calendar = nullptr; ///< never null
    Instant at{};                       ///< when what is asked about happened
};

/// Whether all conditions but that of time hold.
[[nodiscard]] bool applies(const TriageRule& rule, const TriageFacts& facts);

/// The occasion on which a rule of time waits for its hour: it fires once on each.
struct TriageOccasion {
    std::string key;              ///< "received:1772442310000000"
    std::optional<Instant> since; ///< nothing: since it was first seen
};
/// Nothing: its clock does not run for this ticket.
[[nodiscard]] std::optional<TriageOccasion> occasion_of(const TriageRule& rule, const Ticket& ticket);

/// Does what the rule says to ticket and labels. @return what it did, each in words ("label guasto"); empty when all was
/// so already. Proposals and notes are the caller's to keep.
[[nodiscard]] std::vector<std::string> carry_out(const TriageRule& rule, Ticket& ticket, std::vector<std::string>& labels,
                                                 const ServiceTarget& target, Instant now);

/// The rule's conditions in words, for the story of the ticket: `text matches "guasto"; office closed`.
[[nodiscard]] std::string in_words(const TriageCondition& when);

} // namespace sportello::domain
