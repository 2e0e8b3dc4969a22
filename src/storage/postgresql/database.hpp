#pragma once

#include <sportello/storage/database.hpp>

namespace sportello::storage::postgresql {

/// @param options  url: "postgresql://…" as libpq takes it.
base::Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options, base::Clock& clock);

} // namespace sportello::storage::postgresql
