#pragma once

#include "json_writer.hpp"

#include <sportello/engine/routes.hpp>
#include <sportello/storage/by_hand.hpp>

#include <string_view>

namespace sportello::api {

void write_message_routes(JsonWriter& json, const engine::MessageRoutes& routes);

/// @param agent_name  of who answers
void write_by_hand(JsonWriter& json, const storage::ByHand& wait, std::string_view agent_name);

} // namespace sportello::api
