#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/domain/promise.hpp>
#include <sportello/domain/triage.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

struct OutageNews;
struct PromiseBasis;

/// A rule that has fired, and what it did, in words.
struct FiredRule {
    const domain::TriageRule* rule = nullptr;
    std::vector<std::string> did;
};

/// A message of a customer that has found its ticket.
struct Arrival {
    storage::Transaction& tx;
    const Settings& settings;
    const domain::Message& message;
    domain::Ticket& ticket; ///< has no id yet while it is opened
    bool opens = false;     ///< the message opened the ticket
    base::Instant now{};
    PromiseBasis* promise_basis = nullptr;       ///< what promises of this transaction go by
    std::optional<domain::Promise> promise = {}; ///< made for this message, which begins to wait
    std::shared_ptr<OutageNews> outage = {};     ///< what was heard of an outage, from judge() to follow_up()
    // What judging has found, for what follows.
    std::vector<FiredRule> fired = {};
    std::optional<std::vector<std::string>> labels = {}; ///< that the ticket is to have; nothing: as they are
    std::string aside_why = {};                          ///< why the message sets the ticket aside
    bool brought_back = false;                           ///< it stood aside, and waits in the queue again
};

/// The rules that change the ticket itself, before it is stored and anybody is chosen for it: what it is about, how
/// urgent, what stands apart; then when it is due and what is promised.
void judge(Arrival& arrival);

/// What follows once ticket and message are stored: what needs the ticket's id, and what is told.
void follow_up(Arrival& arrival);

} // namespace sportello::engine
