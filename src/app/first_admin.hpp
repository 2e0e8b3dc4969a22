#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/storage/database.hpp>

#include <optional>
#include <string>

namespace sportello::app {

/// While nobody can log in as an admin: a token, good once and for a day, by which whoever reads the console becomes the
/// first one. An earlier token is good no more. @return nothing when there is an admin.
[[nodiscard]] base::Result<std::optional<std::string>> first_admin_token(storage::Database& db, base::Clock& clock, base::Random& random);

/// What the console shows of it.
[[nodiscard]] std::string first_admin_notice(const std::string& origin, const std::string& token, bool one_of_several);

} // namespace sportello::app
