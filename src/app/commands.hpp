#pragma once

#include "command_line.hpp"
#include "config.hpp"

namespace sportello::app {

// Each command answers the exit status and says on standard error what went wrong and what to do.

int serve(const CommandLine& line, const Config& config);
int check_config(const CommandLine& line);
int migrate(const CommandLine& line, const Config& config);
int quarantine(const Config& config);
int user(const CommandLine& line, const Config& config);
int channel(const CommandLine& line, const Config& config);
int plan(const CommandLine& line, const Config& config);
int audit(const CommandLine& line, const Config& config);
int rules(const CommandLine& line, const Config& config);
int backup(const CommandLine& line, const Config& config);
int restore(const CommandLine& line, const Config& config);
int alert(const CommandLine& line, const Config& config);

/// One line on standard error. @return  the exit status of a command that failed
int complain(const std::string& what);

/// Loads the configuration or prints its mistakes on standard error.
[[nodiscard]] std::optional<Config> config_or_complain(const std::filesystem::path& file);

} // namespace sportello::app
