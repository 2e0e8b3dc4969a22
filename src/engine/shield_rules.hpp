#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <string_view>

/// The shield inside the engine's own transactions.
namespace sportello::engine {

/// The message as lists show it: subject and last line of a ticket are made of this, since they stand where everybody looks.
[[nodiscard]] domain::Message for_lists(const Settings& settings, const domain::Message& message);

/// A text that is to stand in public holds no personal data, least of all what the customer wrote; nothing that was
/// released in this ticket counts.
/// @param release  its author says that what looks like it is none: that is released, and told
/// @return invalid_input with the pointers "/text" (which kind) and "/release_personal_data"
[[nodiscard]] base::Result<void> check_public_text(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                                   std::string_view text, bool release, const Command& command, base::Instant now);

} // namespace sportello::engine
