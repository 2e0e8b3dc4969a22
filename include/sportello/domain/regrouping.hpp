#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/domain/ticket_rules.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

/// Merging tickets, splitting them, and taking either back.
namespace sportello::domain {

/// One thing that was said in a ticket.
struct Said {
    MessageId message; ///< of the customer; 0: ours
    Instant at{};      ///< platform time; of a reply that is not out yet: its acceptance
    Direction direction = Direction::inbound;
    std::string text;
    bool out = true; ///< ours: it stands on the platform
};

/// Makes of what was said what a ticket repeats of it: its span, its last line, its count, the first response and the
/// waiting, by the same rules as if all had come in order. Waiting only while it is our turn. Without anything that a
/// customer said the ticket stays as it is.
void recount(Ticket& ticket, std::vector<Said> said, const ServiceTarget& target, Instant now);

/// What of a ticket is under way, and must not move.
struct UnderWay {
    bool reply = false;   ///< one of its replies is not settled
    bool by_hand = false; ///< somebody is answering it on the platform
};

/// Whether `source` may become a part of `target`. @return conflict or invalid_input (pointer /into), in words.
[[nodiscard]] base::Result<void> may_merge(const Ticket& source, const Ticket& target, UnderWay of_source);

/// Moves the source's place into the target: the source stands aside and is closed, the target takes over what is more
/// urgent, and is open when the source was waiting. Messages, and what is counted of them, are the caller's.
void merge(Ticket& source, Ticket& target, Instant now);
/// Its messages are in `into` now: it waits nowhere, is closed, and counts no more.
void stand_aside(Ticket& ticket, TicketId into, std::string reason, Instant now);
// Why a target is open, and why it has its priority, when merging `source` made it so.
[[nodiscard]] std::string opened_by_merging(TicketId source);
[[nodiscard]] std::string urged_by_merging(TicketId source);

/// Whether `chosen` may leave the ticket. @param inbound  all that customers wrote in it
/// @return conflict or invalid_input (pointer /messages), in words.
[[nodiscard]] base::Result<void> may_split(const Ticket& ticket, std::span<const Message> inbound, std::span<const MessageId> chosen,
                                           UnderWay of_ticket);

/// What happened since a merge or split.
struct SinceRegrouping {
    bool undone = false;
    bool answered = false;                    ///< what was moved was answered where it is now
    std::optional<TicketId> regrouped = {};   ///< a later merge or split of the same tickets, with this one
    UnderWay under_way = {};                  ///< where it is now
    TicketStatus status = TicketStatus::open; ///< of the ticket where it is now
};
/// Whether it may be taken back. @param to  the ticket where what was moved is now
/// @return conflict, in words: what stands against it.
[[nodiscard]] base::Result<void> may_undo(const SinceRegrouping& since, TicketId to);

} // namespace sportello::domain
