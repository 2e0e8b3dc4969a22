#pragma once

#include "context.hpp"

namespace sportello::api {

/// The answer to a reply that was not accepted: what the customer wrote meanwhile (409 stale_reply), or the code of what
/// stands in its way.
[[nodiscard]] boost::asio::awaitable<Answer> refuse_reply(Context& context, Call& call, domain::TicketId id, domain::MessageId last_seen,
                                                          base::Error error);

} // namespace sportello::api
