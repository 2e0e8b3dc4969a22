#include "commands.hpp"
#include "database.hpp"

#include <sportello/base/random.hpp>
#include <sportello/storage/lineage.hpp>

#include <iostream>

namespace sportello::app {

int quarantine(const Config& config)
{
    base::SystemClock clock;
    base::SystemRandom random;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    // Another life than the one that the file beside the database tells of: the next start takes it for a restored one.
    const std::string token = random.token(16);
    const auto ordered = db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
        storage::begin_lineage(tx, token, clock.now());
        return {};
    });
    if (!ordered) {
        std::cerr << "sportello: " << ordered.error().what() << "\n";
        return 1;
    }
    std::cout << config.database_url << ": at the next start every reply not known to be published is read back before it is sent\n";
    return 0;
}

} // namespace sportello::app
