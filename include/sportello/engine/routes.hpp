#pragma once

#include <sportello/domain/reply_routes.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// The ways in which one message can be answered now.
struct MessageRoutes {
    domain::MessageId message;
    std::string platform_id;
    std::vector<domain::ReplyRoute> routes;
    std::optional<domain::TicketId> private_ticket; ///< where a private_message to the author of a public one is written
    std::string conversation_id;                    ///< of the platform: where it goes; empty: there is none
    std::string recipient_id;                       ///< whom it goes to
    std::string private_link;                       ///< what an invitation links to
    std::string permalink;                          ///< where one answers by hand; may be empty
};

/// @param message  an inbound one of the ticket
/// @param except   a reply that is about to be sent: it does not stand in its own way
[[nodiscard]] MessageRoutes routes_of(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                      const domain::Message& message, base::Instant now, domain::ReplyId except = {});

/// Where a ticket is answered when nobody says otherwise: in public what is public, else in private.
[[nodiscard]] domain::RouteKind usual_route(const domain::Ticket& ticket);

/// Of a ticket's inbound messages, the newest first, at most `limit`. By platform time, as people read them.
[[nodiscard]] std::vector<MessageRoutes> routes_of_ticket(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                                          base::Instant now, std::int64_t limit);

} // namespace sportello::engine
