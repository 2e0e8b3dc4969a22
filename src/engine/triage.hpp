#pragma once

#include "arrival.hpp"

#include <sportello/domain/triage.hpp>

#include <string>
#include <vector>

namespace sportello::engine {

/// What the customer wrote in, whether it asks anything, and the rules for messages.
void triage(Arrival& arrival);
/// Labels, proposals and the story of what triage has done.
void keep_triage(Arrival& arrival);

/// What a rule asks about a ticket, with the texts that it borrows.
struct RuleFacts {
    RuleFacts() = default;
    RuleFacts(const RuleFacts&) = delete;
    RuleFacts& operator=(const RuleFacts&) = delete;

    std::vector<std::string> labels;
    std::string name;
    std::string handle;
    std::string text;
    domain::TriageFacts facts;
};
/// About a stored ticket and its customer's last message, `at` this time.
void gather_facts(RuleFacts& gathered, storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket, base::Instant at);

/// Tells what a rule has done to a stored ticket, and keeps what it proposes.
/// @param depth  1: something else than a rule set it off
void tell_fired(storage::Transaction& tx, domain::TicketId ticket, const FiredRule& fired, int depth, base::Instant now);

} // namespace sportello::engine
