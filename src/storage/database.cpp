#include <sportello/storage/database.hpp>

#include "engine_of.hpp"
#include "postgresql/connection.hpp"
#include "postgresql/database.hpp"
#include "sqlite/database.hpp"

namespace sportello::storage {

bool is_postgresql(const Transaction& tx)
{
    return dynamic_cast<const postgresql::Connection*>(&tx) != nullptr;
}

base::Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options, base::Clock& clock)
{
    constexpr std::string_view scheme = "sqlite:";
    if (options.url.starts_with(scheme) && options.url.size() > scheme.size()) {
        return sqlite::open_database(options.url.substr(scheme.size()), options, clock);
    }
    if (options.url.starts_with("postgresql://") || options.url.starts_with("postgres://")) {
        return postgresql::open_database(options, clock);
    }
    return base::Error(base::ErrorKind::invalid_input, "storage.url: expected \"sqlite:\" and the path of a file, or \"postgresql://…\"");
}

} // namespace sportello::storage
