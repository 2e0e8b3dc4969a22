#include <sportello/storage/automatic.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement insert_mark{"INSERT INTO automatic_reply (reply_id, purpose, expires_at) VALUES ($1, $2, $3)"};
const Statement mark_of{"SELECT purpose, expires_at FROM automatic_reply WHERE reply_id = $1"};

} // namespace

void mark_automatic(Transaction& tx, domain::ReplyId reply, std::string_view purpose, std::optional<base::Instant> expires_at)
{
    tx.run(insert_mark, reply, purpose, expires_at);
}

std::optional<AutomaticMark> automatic_mark(Transaction& tx, domain::ReplyId reply)
{
    const auto make = [](const Row& row) { return AutomaticMark{.purpose = row.string(0), .expires_at = row.maybe_instant(1)}; };
    return tx.first(mark_of, make, reply);
}

} // namespace sportello::storage
