#pragma once

#include <sportello/storage/replies.hpp>

#include <optional>
#include <string_view>

namespace sportello::storage {

/// A part and the try of it that went out under a key of ours.
struct AttemptedPart {
    OutboxPart part;
    Attempt attempt;
};
/// @return nothing when the channel never sent anything under that key.
std::optional<AttemptedPart> find_part_by_attempt_key(Transaction& tx, std::string_view channel, std::string_view key);

} // namespace sportello::storage
