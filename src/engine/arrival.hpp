#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/domain/promise.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <memory>
#include <optional>

namespace sportello::engine {

struct OutageNews;
struct PromiseBasis;

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
};

/// The rules that change the ticket itself, before it is stored and anybody is chosen for it: what it is about, how
/// urgent, what stands apart; then when it is due and what is promised.
void judge(Arrival& arrival);

/// What follows once ticket and message are stored: what needs the ticket's id, and what is told.
void follow_up(Arrival& arrival);

} // namespace sportello::engine
