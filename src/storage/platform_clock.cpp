#include <sportello/storage/platform_clock.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement present{"SELECT ahead FROM platform_clock WHERE channel = $1"};
const Statement set_one{"INSERT INTO platform_clock (channel, ahead) VALUES ($1, $2) "
                        "ON CONFLICT (channel) DO UPDATE SET ahead = excluded.ahead"};

} // namespace

base::Duration clock_ahead(Transaction& tx, std::string_view channel)
{
    return std::chrono::microseconds(tx.first(present, first_number, channel).value_or(0));
}

void note_clock_ahead(Transaction& tx, std::string_view channel, base::Duration ahead)
{
    if (ahead == clock_ahead(tx, channel)) return;
    tx.run(set_one, channel, std::chrono::duration_cast<std::chrono::microseconds>(ahead).count());
}

} // namespace sportello::storage
