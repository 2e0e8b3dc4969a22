#pragma once

#include <sportello/domain/model.hpp>

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
    };
    std::span<const UnderRoot> under_root;
    bool before_start = false; ///< written before its channel counted
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
[[nodiscard]] ThreadingDecision thread(const ThreadingFacts& facts);

} // namespace sportello::domain
