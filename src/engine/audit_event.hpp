#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/engine/audit.hpp>

namespace sportello::engine {

/// What a person did and an event tells, in the audit too.
/// @param data  the event's
void audit_event(storage::Transaction& tx, const Command& command, const domain::Event& event, const nlohmann::json& data);

} // namespace sportello::engine
