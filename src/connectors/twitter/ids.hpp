#pragma once

#include <sportello/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::connectors::twitter {

/// 1 to 19 digits: an id of a post, an event or a user.
[[nodiscard]] bool is_id(std::string_view text);
/// The order of ids as numbers, without ever making numbers of them.
[[nodiscard]] bool id_less(std::string_view a, std::string_view b);
/// When a post or event got its id, to the millisecond; nothing for ids older than the scheme (before November 2010).
[[nodiscard]] std::optional<base::Instant> time_of_id(std::string_view id);
/// The smallest id of that millisecond; empty before the scheme's first.
[[nodiscard]] std::string first_id_at(base::Instant when);
/// A one-to-one conversation "B-A" or "A-B" always as "A-B", the smaller id first; anything else as it is.
[[nodiscard]] std::string normal_conversation(std::string_view id);
/// The other member of a one-to-one conversation; empty for a group, or when `self` is no member.
[[nodiscard]] std::string other_member(std::string_view conversation, std::string_view self);

} // namespace sportello::connectors::twitter
