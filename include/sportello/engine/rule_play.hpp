#pragma once

#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sportello::engine {

/// One firing, as a sample: its text is masked.
struct PlayedFiring {
    domain::TicketId ticket;
    base::Instant at{};
    std::string text;
    std::vector<std::string> did;
};
/// What a rule would have done.
struct PlayedRule {
    std::string name;
    domain::TriageTrigger trigger = domain::TriageTrigger::message;
    std::string when; ///< in words
    std::int64_t fired = 0;
    std::int64_t tickets = 0;
    std::vector<PlayedFiring> samples; ///< the first few
};
struct RulePlay {
    std::int64_t messages = 0; ///< of customers
    std::int64_t tickets = 0;
    std::int64_t noise = 0; ///< messages that would be set aside, had they opened a ticket
    std::int64_t spam = 0;
    std::vector<PlayedRule> rules; ///< in their order
};

/// Plays what customers wrote since then, and what became of it, to the rules. Reads only.
///
/// Rules for messages see each ticket grow from nothing, as it did. Rules of time see how long was waited for each answer.
/// Rules for changes and deliveries, and conditions on status, assignee and the like in rules of time, are asked of
/// the tickets as they stand now: their past is not kept.
[[nodiscard]] RulePlay play_rules(storage::Transaction& tx, const Settings& settings, base::Instant since, base::Instant now);

} // namespace sportello::engine
