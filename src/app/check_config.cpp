#include "commands.hpp"

#include <iostream>

namespace sportello::app {

int complain(const std::string& what)
{
    std::cerr << "sportello: " << what << "\n";
    return 1;
}

std::optional<Config> config_or_complain(const std::filesystem::path& file)
{
    LoadedConfig loaded = load_config(file, process_environment);
    for (const ConfigProblem& warning : loaded.warnings) std::cerr << warning.to_string() << " (warning)\n";
    for (const ConfigProblem& problem : loaded.problems) std::cerr << problem.to_string() << "\n";
    if (!loaded.config) {
        std::cerr << "sportello: " << loaded.problems.size() << (loaded.problems.size() == 1 ? " mistake" : " mistakes")
                  << " in the configuration; nothing was started\n";
    }
    return std::move(loaded.config);
}

int check_config(const CommandLine& line)
{
    const auto config = config_or_complain(line.config);
    if (!config) return 1;
    std::cout << line.config.string() << ": " << config->engine.brands.size() << " brands, " << config->engine.channels.size()
              << " channels, " << config->agents.size() << " agents: no mistakes\n";
    return 0;
}

} // namespace sportello::app
