#pragma once

#include <sportello/domain/attendance.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/staff.hpp>
#include <sportello/storage/transaction.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// An agent with what is known of their being there.
struct StaffMember {
    domain::Agent agent;
    std::optional<domain::ShiftPlan> plan; ///< nothing: no rota binds them
    std::optional<base::Instant> last_seen;
    domain::Presence presence;

    [[nodiscard]] domain::AttendanceFacts facts(const Settings& settings) const;
};

/// Everybody, as it stands in one transaction; in the order of their ids.
[[nodiscard]] std::vector<StaffMember> staff_of(storage::Transaction& tx, const Settings& settings, base::Instant now);
/// One of them. @return not_found
[[nodiscard]] base::Result<StaffMember> staff_member(storage::Transaction& tx, const Settings& settings, domain::AgentId id,
                                                     base::Instant now);

/// The entries that hold for each person: those of the table, else the configuration's.
/// @param from  older dates are left out ("2026-03-02")
[[nodiscard]] std::map<domain::AgentId, std::vector<domain::ShiftEntry>>
rota_of(storage::Transaction& tx, const Settings& settings, const std::vector<domain::Agent>& agents, std::string_view from);

/// The ticket goes back to the queue, with the reason; told as an event. Stored by the caller.
void release(storage::Transaction& tx, domain::Ticket& ticket, const std::string& why, base::Instant now);
/// Somebody who is not there keeps a ticket only as long as nothing is to be done: when it begins to wait for us, it goes
/// back to the queue. A short absence that the person announced does not count. @return whether it went back.
bool release_if_absent(storage::Transaction& tx, const Settings& settings, domain::Ticket& ticket, base::Instant now);

} // namespace sportello::engine
