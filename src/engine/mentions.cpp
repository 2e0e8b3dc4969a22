#include "mentions.hpp"

#include "facts.hpp"

#include <sportello/domain/mentions.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/notifications.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {

void note_mentions(storage::Transaction& tx, const domain::Ticket& ticket, domain::NoteId note, std::string_view text,
                   const Command& command, base::Instant now)
{
    nlohmann::json told = nlohmann::json::array();
    for (const std::string& login : domain::mentions_in(text)) {
        const auto found = storage::find_agent_by_login(tx, login);
        if (!found || found->agent.disabled || found->agent.id == command.actor.id) continue;
        const domain::Agent& agent = found->agent;
        const Actor reader{agent.id, agent.role, agent.brands, agent.teams};
        if (!visible_ticket(tx, ticket.id, reader)) continue;
        storage::Notification notification;
        notification.agent = agent.id;
        notification.kind = "mention";
        notification.ticket = ticket.id;
        notification.item = note.value;
        notification.actor = command.actor.id;
        notification.at = now;
        storage::insert_notification(tx, notification);
        told.push_back(agent.id.value);
    }
    if (!told.empty()) tell(tx, "agent.mentioned", now, ticket.id, &command, {{"note", note.value}, {"agents", told}});
}

} // namespace sportello::engine
