#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Which replies answer nothing: they stop no clock, whoever ordered them.
namespace sportello::storage {

struct AutomaticMark {
    std::string purpose;                     ///< "acknowledgement", "rating", …
    std::optional<base::Instant> expires_at; ///< not sent any more from then on
};

/// Marks a reply that was just stored.
void mark_automatic(Transaction& tx, domain::ReplyId reply, std::string_view purpose, std::optional<base::Instant> expires_at);
/// Nothing for a person's answer.
std::optional<AutomaticMark> automatic_mark(Transaction& tx, domain::ReplyId reply);

} // namespace sportello::storage
