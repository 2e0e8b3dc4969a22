#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/storage/transaction.hpp>

#include <string_view>

namespace sportello::engine {

/// Tells each colleague whom the note names ("@anna"), if they may see the ticket: a notification each and one event.
void note_mentions(storage::Transaction& tx, const domain::Ticket& ticket, domain::NoteId note, std::string_view text,
                   const Command& command, base::Instant now);

} // namespace sportello::engine
