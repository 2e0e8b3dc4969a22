#pragma once

#include <sportello/engine/settings.hpp>
#include <sportello/storage/by_hand.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>

namespace sportello::engine {

/// The wait that an own message of the platform ends, if any.
[[nodiscard]] std::optional<storage::ByHand> wait_ended_by(storage::Transaction& tx, const domain::Message& own);

/// The message is the answer that its agent wrote by hand: a published reply of that agent, at the platform's time.
void credit_hand_written(storage::Transaction& tx, const Settings& settings, storage::ByHand wait, const domain::Message& own,
                         base::Instant now);

/// An own message that is no reply of ours: is it a second copy of one? Then that is told (I10).
void look_for_double(storage::Transaction& tx, const Settings& settings, domain::TicketId ticket, const domain::Message& own,
                     base::Instant now);

} // namespace sportello::engine
