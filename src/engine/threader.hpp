#pragma once

#include "pool.hpp"
#include "promises.hpp"

#include <sportello/engine/settings.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/transaction.hpp>

#include <map>
#include <optional>
#include <string>

namespace sportello::engine {

/// Puts new messages of the inbox into tickets, and new tickets into hands, inside one transaction.
class Threader {
public:
    /// @param batch  messages that will be threaded
    Threader(storage::Transaction& tx, const Settings& settings, base::Instant now, std::size_t batch)
        : tx_(tx), settings_(settings), now_(now), at_once_(tx, settings, now, batch)
    {
    }

    void thread(const storage::NewMessage& entry);

private:
    void thread_inbound(const storage::NewMessage& entry);
    void thread_own(const domain::Message& message);
    void open(const storage::NewMessage& entry, std::string_view why, std::optional<domain::TicketId> follow_up_of = std::nullopt);
    /// Joins the ticket, or follows it up with another when it is at its end.
    void go_on(domain::TicketId id, const storage::NewMessage& entry, std::string_view why);
    void join(domain::Ticket ticket, const domain::Message& message, std::string_view why);
    /// What speaks for a ticket of this person: see domain::ThreadingFacts.
    [[nodiscard]] std::optional<domain::TicketId> chain_ticket(const domain::Message& message);
    [[nodiscard]] std::optional<domain::TicketId> inviting_ticket(const domain::Message& message);
    [[nodiscard]] std::optional<domain::TicketId> open_ticket(const storage::NewMessage& entry);
    [[nodiscard]] bool is_done(domain::TicketId id);
    [[nodiscard]] const domain::ThreadingPolicy& policy_of(const std::string& brand) const;
    void join_own(domain::TicketId id, const domain::Message& message);
    /// While one of our sends to this ticket is under way, the message may be its effect, seen before its answer: it waits
    /// until the send is settled, which then binds it or lets it go on. @return whether it waits.
    bool wait_for_send(domain::TicketId id, const domain::Message& message);
    /// @return whether it is an answer that somebody wrote by hand, or waits until that can be told.
    bool end_by_hand(const domain::Message& message);
    /// Own items that came before what they answer find their ticket now.
    void adopt_waiting(const domain::Message& message);
    void join_as_context(domain::TicketId id, const domain::Message& message);
    /// The answer to our question how satisfied the person is: no matter of its own. @return whether it was one.
    bool take_rating(const domain::Message& message);
    /// What this person and the company wrote here before the channel counted is the new ticket's background.
    void adopt_context(domain::TicketId id, const domain::Message& message);
    /// Whether the message was written before its channel counted.
    [[nodiscard]] bool before_start(const domain::Message& message);

    storage::Transaction& tx_;
    const Settings& settings_;
    base::Instant now_;
    AtOnce at_once_;
    PromiseBasis promise_basis_;
    std::map<std::string, std::optional<base::Instant>, std::less<>> start_of_; ///< by channel
};

} // namespace sportello::engine
