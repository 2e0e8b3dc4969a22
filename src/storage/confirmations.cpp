#include <sportello/storage/confirmations.hpp>

#include "outbox_rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement attempt_by_key{"SELECT a.id, a.part_id, a.number FROM delivery_attempt a WHERE a.attempt_key = $1"};
const Statement part_of_channel{"SELECT " SPORTELLO_PART_COLUMNS ", " SPORTELLO_REPLY_COLUMNS " FROM reply_part p "
                                "JOIN reply r ON r.id = p.reply_id WHERE p.id = $1 AND p.channel = $2"};

} // namespace

std::optional<AttemptedPart> find_part_by_attempt_key(Transaction& tx, std::string_view channel, std::string_view key)
{
    const auto attempt_at = [](const Row& row) {
        Attempt attempt;
        attempt.id = id_at<domain::AttemptId>(row, 0);
        attempt.part = id_at<domain::PartId>(row, 1);
        attempt.number = small_number_at(row, 2);
        return attempt;
    };
    const auto attempt = tx.first(attempt_by_key, attempt_at, key);
    if (!attempt) return std::nullopt;
    const auto part_of = [](const Row& row) { return OutboxPart{.part = part_at(row, 0), .reply = reply_at(row, part_column_count)}; };
    auto part = tx.first(part_of_channel, part_of, attempt->part, channel);
    if (!part) return std::nullopt;
    return AttemptedPart{.part = std::move(*part), .attempt = *attempt};
}

} // namespace sportello::storage
