#include "commands.hpp"

#include <sportello/base/log.hpp>

#include <exception>
#include <iostream>

namespace {

int run(int argc, const char* const* argv)
{
    using namespace sportello::app;
    std::string complaint;
    const auto line = read_command_line(argc, argv, complaint);
    if (!line) {
        std::cerr << "sportello: " << complaint << "\n";
        return 2;
    }
    if (line->help || line->command == "help") {
        std::cout << manual(line->command);
        return 0;
    }
    if (line->command == "version") {
        std::cout << "sportello " SPORTELLO_VERSION "\n";
        return 0;
    }
    if (line->command == "check-config") return check_config(*line);
    const auto config = config_or_complain(line->config);
    if (!config) return 1;
    sportello::base::set_up_logging(config->log_level, config->log_json);
    if (line->command == "migrate") return migrate(*line, *config);
    if (line->command == "quarantine") return quarantine(*config);
    if (line->command == "user") return user(*line, *config);
    if (line->command == "channel") return channel(*line, *config);
    if (line->command == "plan") return plan(*line, *config);
    if (line->command == "audit") return audit(*line, *config);
    if (line->command == "rules") return rules(*line, *config);
    if (line->command == "backup") return backup(*line, *config);
    if (line->command == "restore") return restore(*line, *config);
    if (line->command == "alert") return alert(*line, *config);
    return serve(*line, *config);
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "sportello: " << error.what() << "\n";
        return 1;
    }
}
