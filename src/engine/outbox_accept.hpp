#pragma once

#include <sportello/engine/outbox.hpp>

/// The units of work that people's requests to the outbox run.
namespace sportello::engine {

[[nodiscard]] Result<domain::Reply> accept_reply(storage::Transaction& tx, const Settings& settings, domain::TicketId id,
                                                 const ReplyDraft& draft, const Command& command, base::Instant now);
[[nodiscard]] Result<domain::Reply> cancel_reply(storage::Transaction& tx, domain::ReplyId id, const Command& command, base::Instant now);
[[nodiscard]] Result<domain::Reply> send_reply_now(storage::Transaction& tx, domain::ReplyId id, const Command& command, base::Instant now);
[[nodiscard]] Result<domain::Reply> decide_reply(storage::Transaction& tx, const Settings& settings, domain::ReplyId id,
                                                 const Decision& decision, const Command& command, base::Instant now);

} // namespace sportello::engine
