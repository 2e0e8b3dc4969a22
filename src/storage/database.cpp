#include <sportello/storage/database.hpp>

#include "sqlite/database.hpp"

namespace sportello::storage {

base::Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options, base::Clock& clock)
{
    constexpr std::string_view scheme = "sqlite:";
    if (options.url.starts_with(scheme) && options.url.size() > scheme.size()) {
        return sqlite::open_database(options.url.substr(scheme.size()), options, clock);
    }
    return base::Error(base::ErrorKind::invalid_input,
                       "storage.url is \"" + options.url + "\": expected \"sqlite:\" and the path of a file");
}

} // namespace sportello::storage
