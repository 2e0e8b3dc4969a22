#include "commands.hpp"
#include "database.hpp"

#include <iostream>

namespace sportello::app {

int migrate(const Config& config)
{
    base::SystemClock clock;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    std::cout << config.database_url << ": up to date\n";
    return 0;
}

} // namespace sportello::app
