#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::storage {

/// An internal note of an agent; read back through the timeline.
domain::NoteId insert_note(Transaction& tx, domain::TicketId ticket, domain::AgentId agent, std::string_view text, base::Instant now);

struct Note {
    domain::TicketId ticket;
    domain::AgentId agent;
    std::string text;
    base::Instant at{};
};
std::optional<Note> find_note(Transaction& tx, domain::NoteId id);

} // namespace sportello::storage
