#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>

/// What the counter sends by itself, through the same outbox as people's replies: stored before anybody is told, published
/// once. An automatic reply answers nothing: it stops no clock, changes nothing of its ticket, and nobody gets the ticket.
namespace sportello::engine {

struct AutomaticDraft {
    std::string text;
    std::string purpose = {}; ///< for the event: "acknowledgement", "rating", "handover", …
    /// Not sent any more from then on, whatever held it back; nothing: as long as the platform allows it.
    std::optional<base::Instant> expires_at = {};
    /// A person pressed the button (a broadcast, a hand-over): every open route may be taken, also in public and in a human
    /// agent's week, and that person is its author. It still stops no clock.
    const Command* ordered_by = nullptr;
    std::optional<domain::RouteKind> route = {};   ///< with ordered_by: nothing is the usual one for the ticket
    std::optional<domain::MessageId> answers = {}; ///< nothing: the newest message that is still there
};

/// Puts it into the outbox, with "reply.accepted". The ticket must be stored; it is not changed (so it may be saved before
/// or after, in the same transaction). The outbox wakes when the transaction is committed.
/// @return conflict with pointer "/route" where the platform does not allow it; invalid_input for a text that is empty or
/// does not fit.
base::Result<domain::Reply> enqueue_automatic(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                              const AutomaticDraft& draft, base::Instant now);

} // namespace sportello::engine
