#pragma once

#include <sportello/domain/model.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// Somebody is answering a message by hand, on the platform itself.
struct HandWait {
    std::string_view target;       ///< the platform id of the message
    std::vector<std::string> path; ///< ids of what stands above it in its thread, without the root
    std::string_view root;
    std::string_view text; ///< what was to be written
    Instant since{};
};

/// Which of these waits, all under one root, an own message that was read from the platform ends: the one whose message it
/// answers. A platform may file it further up in the thread; right under the root it counts only with the very text. Nothing
/// when it was written too early or answers none of them.
[[nodiscard]] std::optional<std::size_t> ended_wait(std::span<const HandWait> waits, const Message& own);

} // namespace sportello::domain
