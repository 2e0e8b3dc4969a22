#include "first_admin.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/access.hpp>

#include <chrono>

namespace sportello::app {

base::Result<std::optional<std::string>> first_admin_token(storage::Database& db, base::Clock& clock, base::Random& random)
{
    using namespace std::chrono_literals;
    const auto token = random.token();
    const auto now = clock.now();
    return db.write_now([&](storage::Transaction& tx) -> base::Result<std::optional<std::string>> {
        if (storage::has_admin(tx)) {
            storage::delete_access_links(tx, std::nullopt);
            return std::optional<std::string>();
        }
        storage::replace_access_link(tx, {.token_hash = base::sha256_hex(token),
                                          .kind = "first_admin",
                                          .agent = std::nullopt,
                                          .created_at = now,
                                          .expires_at = now + 24h});
        return std::optional(token);
    });
}

std::string first_admin_notice(const std::string& origin, const std::string& token, bool one_of_several)
{
    const std::string which = one_of_several ? "(Each node shows such a page; the one of the node that started last is good.)\n" : "";
    return "Nobody can log in as an admin yet. Become the first one, within a day, on this page:\n\n    " + origin + "/access#" + token +
           "\n\n" + which + "or on this machine: sportello user add LOGIN --role admin --name NAME --config FILE\n";
}

} // namespace sportello::app
