#pragma once

#include "json_writer.hpp"
#include "sessions.hpp"

namespace sportello::api {

/// `{id, login, name, role, available, capacity, brands, csrf_token}`
void write_me(JsonWriter& json, const Caller& caller);
void write_agent(JsonWriter& json, const domain::Agent& agent, std::int64_t open_tickets);
/// A JSON array of everybody, with what they have open.
void write_agents(JsonWriter& json, storage::Transaction& tx);

} // namespace sportello::api
