#pragma once

#include <sportello/domain/model.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace sportello::domain {

/// What is known of a message that looks for its ticket.
struct ThreadingFacts {
    bool own = false;                      ///< written by the channel's own account
    bool is_root = false;                  ///< its root_id is itself: it answers nothing
    std::optional<IdentityId> identity;    ///< of its author; nothing for own items
    std::optional<TicketId> parent_ticket; ///< ticket of the message it answers, when that is known
    /// A ticket that stands under the same root (post or private conversation) of the same channel.
    struct UnderRoot {
        TicketId ticket;
        IdentityId identity;
        bool done = false; ///< solved or closed
    };
    std::span<const UnderRoot> under_root;
    bool before_start = false; ///< written before its channel counted
    /// A customer's message: the ticket of the nearest message above it, in the chain of what answers what, that is of
    /// the same person or was an answer to them.
    std::optional<TicketId> chain_ticket = {};
    bool chain_done = false; ///< that one is solved or closed, and the person has a later one under this root
    /// A private message: the public ticket in which we lately asked this person to write to us in private.
    std::optional<TicketId> invited_from = {};
    /// The customer's open ticket of the same channel and visibility, last written in within the policy's time.
    std::optional<TicketId> open_ticket = {};
};

/// What a brand wants of threading and of a ticket's end; 0 s: never.
struct ThreadingPolicy {
    Duration join_open_within{}; ///< a new post joins the customer's ticket that is open and was written in so lately
    Duration join_after_invitation = std::chrono::hours(24 * 7); ///< a private message joins the ticket that invited to it
    Duration reopen_within = std::chrono::hours(24 * 7);         ///< a message reopens a ticket solved so lately; later it follows it up
    Duration close_solved_after = std::chrono::hours(24 * 14);   ///< a solved ticket is closed for good
};

/// Where a message belongs, and why, in words.
struct ThreadingDecision {
    enum class Kind {
        join,            ///< `ticket`
        open,            ///< a new ticket for `identity`
        wait_for_parent, ///< own item whose ticket is not known yet: shown when it is
        join_as_context, ///< `ticket`, whose clocks and status it does not touch: it is from before the channel counted
        context_only,    ///< our own root post: never a ticket, the background of others
        wait_as_context  ///< from before the channel counted: the next ticket of its author under this root takes it along
    };
    Kind kind = Kind::open;
    TicketId ticket; ///< for join
    std::string why; ///< nothing for wait_as_context: no ticket tells it
};

/// One ticket per person, brand and matter: what one person writes under one root, and the company's answers to it,
/// never lie in two tickets; other people under the same root get their own. Own items never open a ticket: they go to
/// the ticket of the message they answer, else to the only ticket under the root, else they wait. What was written
/// before the channel counted is background: it opens nothing and moves no clock.
/// A customer's message goes, in this order, to the ticket of its chain of answers, of the invitation it follows (unless
/// the conversation has a ticket in work), of its root, or to the customer's open one within the policy's time. A person
/// whom the platform does not tell stands alone.
[[nodiscard]] ThreadingDecision thread(const ThreadingFacts& facts);

/// Whether a message goes on with the ticket that it found, or takes its matter up again in one of its own.
struct Continuation {
    bool follow_up = false; ///< a new ticket, whose follow_up_of is that one
    std::string why;        ///< in words; empty when the ticket was not at its end
};
/// Closed is final, and so is solved after the policy's time. What was written before the ticket's last answer and comes
/// in late changes nothing, and stays where it belongs.
[[nodiscard]] Continuation continuation(const Ticket& ticket, const Message& message, const ThreadingPolicy& policy, Instant now);

} // namespace sportello::domain
