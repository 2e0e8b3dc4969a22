#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/base/random.hpp>
#include <sportello/domain/phone_desk.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/phone_calls.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;

struct HandoverRequest {
    std::string callback_number;       ///< empty: the customer's, if it is known
    std::string note;                  ///< what the phone desk must know
    std::optional<base::Instant> slot; ///< nothing: the first with room
};

struct Handover {
    std::int64_t id = 0;
    domain::TicketId ticket;
    std::string callback_number;
    std::string note;
    std::string reference; ///< what customer and phone desk say aloud: "S-7K3M4A"
    base::Instant at{};
    std::optional<storage::PhoneCall> call; ///< nothing: no phone desk is configured, so nobody knows when
};

/// A slot with room.
struct FreeSlot {
    base::Instant at{};
    std::int64_t free = 0;
    std::int64_t capacity = 0;
};

struct CallResult {
    domain::CallOutcome outcome = domain::CallOutcome::back;
    std::string note;                  ///< may be empty; becomes a note of the ticket
    std::optional<base::Instant> slot; ///< of the next call, with not_reached; nothing: the first with room
};

/// Passes tickets to the phone with a slot that the desk can keep, and takes back what came of the calls. The customer
/// gets slot and code in private only, and so is the number asked for; what cannot be written is told to the agent.
/// Errors: not_found, conflict (the slot is full, the outcome was told before, no number is known), invalid_input.
class PhoneDesk {
public:
    /// @param outbox_work  called after something was put into the outbox
    PhoneDesk(storage::Database& db, const Settings& settings, base::Clock& clock, base::Random& random, std::function<void()> outbox_work);

    boost::asio::awaitable<Result<Handover>> hand_over(domain::TicketId id, HandoverRequest request, Command command);
    /// Asks the customer in private for a number. conflict with pointer "/route" where that is not possible.
    boost::asio::awaitable<Result<domain::Reply>> ask_number(domain::TicketId id, Command command);
    /// The next slots with room, at most `limit`; none without a phone desk.
    boost::asio::awaitable<Result<std::vector<FreeSlot>>> free_slots(std::size_t limit);
    /// Planned calls by slot, for the actor's brands and, of the role phone, their desks.
    boost::asio::awaitable<Result<std::vector<storage::PhoneCall>>>
    calls(std::optional<base::Instant> due_until, std::optional<storage::CallCursor> after, std::int64_t limit, Actor actor);
    boost::asio::awaitable<Result<storage::PhoneCall>> tell_outcome(std::int64_t handover, CallResult result, Command command);

private:
    struct Unit;

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    base::Random& random_;
    std::function<void()> outbox_work_;
};

} // namespace sportello::engine
