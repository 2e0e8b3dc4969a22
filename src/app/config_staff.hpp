#pragma once

#include "toml_reader.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/engine/settings.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::app {

using Calendars = std::map<std::string, std::shared_ptr<const domain::Calendar>, std::less<>>;

/// [assignment]
void read_assignment(TableReader& root, engine::AssignmentSettings& assignment);
/// Each [[team]].
/// @param secret  reads the secret behind "env:NAME" or "file:PATH"
void read_teams(TableReader& root, const Calendars& calendars, const std::function<std::string(TableReader&, std::string_view)>& secret,
                std::vector<engine::TeamSettings>& teams);
/// What an [[agent]] can do and to which teams they belong.
void read_abilities(TableReader& reader, const engine::Settings& settings, AgentConfig& agent);
/// [rota], each [[shift]] and each [[absence]]; after the agents.
void read_rota(TableReader& root, const std::vector<AgentConfig>& agents, engine::RotaSettings& rota);

} // namespace sportello::app
