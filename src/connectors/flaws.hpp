#pragma once

#include "json.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace sportello::connectors {

enum class Shape { text, flag, object, list };

/// What a member of an object should be, if it is there; null counts as not there.
struct Expected {
    std::string_view name;
    Shape shape = Shape::text;
};

/// Why not all of an object could be read, in words; empty when all was.
///
/// @param own_members  members that are objects of their own and looked at by themselves ("comments")
[[nodiscard]] std::string flaws_of(const Json& row, std::initializer_list<Expected> expected,
                                   std::initializer_list<std::string_view> own_members = {});

} // namespace sportello::connectors
