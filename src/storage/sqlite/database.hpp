#pragma once

#include <sportello/storage/database.hpp>

#include <string>

namespace sportello::storage::sqlite {

/// @param location  what follows "sqlite:" in the url: a path, or ":memory:".
base::Result<std::unique_ptr<Database>> open_database(const std::string& location, const DatabaseOptions& options, base::Clock& clock);

} // namespace sportello::storage::sqlite
