#include <sportello/engine/audit.hpp>

#include "audit_event.hpp"

#include <sportello/storage/audit.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace sportello::engine {
namespace {

std::string text_of(const nlohmann::json& value)
{
    return value.is_null() ? std::string() : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// What is told of these is about the counter itself and names no customer; of everything else the event log keeps the
/// details, where an erasure reaches them.
constexpr std::array<std::string_view, 14> with_details{"canned_reply", "macro",    "label",  "view",          "agent",
                                                        "channel",      "incident", "office", "personal_data", "rota",
                                                        "outbox",       "presence", "shift",  "reports"};

storage::AuditEntry entry_of(const Act& act, const nlohmann::json& before, const nlohmann::json& after, base::Instant now)
{
    storage::AuditEntry entry;
    entry.at = now;
    entry.action = act.action;
    entry.object = act.object;
    entry.object_id = act.object_id;
    entry.brand = act.brand;
    entry.reason = act.reason;
    entry.before = text_of(before);
    entry.after = text_of(after);
    return entry;
}

} // namespace

void audit_event(storage::Transaction& tx, const Command& command, const domain::Event& event, const nlohmann::json& data)
{
    const std::string noun = event.type.substr(0, event.type.find('.'));
    Act act{.action = event.type, .object = noun};
    if (event.ticket) {
        act.object = "ticket";
        act.object_id = std::to_string(event.ticket->value);
        act.brand = storage::brand_of_ticket(tx, *event.ticket);
    } else {
        auto id = data.find(noun);
        if (id == data.end()) id = data.find("id");
        if (id != data.end()) act.object_id = id->is_string() ? id->get<std::string>() : id->dump();
    }
    if (const auto brand = data.find("brand"); act.brand.empty() && brand != data.end() && brand->is_string())
        act.brand = brand->get<std::string>();
    const bool tells = std::ranges::find(with_details, noun) != with_details.end();
    audit(tx, command, act, nlohmann::json(), tells ? data : nlohmann::json(), event.at);
}

void audit(storage::Transaction& tx, const Command& command, const Act& act, const nlohmann::json& before, const nlohmann::json& after,
           base::Instant now)
{
    auto entry = entry_of(act, before, after, now);
    entry.actor = command.actor.id;
    entry.from = command.from;
    storage::append_audit(tx, std::move(entry));
}

void audit(storage::Transaction& tx, const Command& command, const Act& act, base::Instant now)
{
    audit(tx, command, act, nlohmann::json(), nlohmann::json(), now);
}

void audit_console(storage::Transaction& tx, const Act& act, const nlohmann::json& before, const nlohmann::json& after, base::Instant now)
{
    storage::append_audit(tx, entry_of(act, before, after, now));
}

} // namespace sportello::engine
