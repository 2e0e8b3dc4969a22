#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Canned texts speak of whom and what they are used for: "Gentile {{customer.name}}, … {{signature}}".
namespace sportello::domain {

/// The names that a canned text may hold between "{{" and "}}", sorted.
[[nodiscard]] const std::vector<std::string_view>& placeholder_names();

/// What is wrong with a text: the first name in it that is none of them, and which there are; nothing when all are known.
[[nodiscard]] std::optional<std::string> wrong_placeholder(std::string_view text);

struct Expansion {
    std::string text;
    std::vector<std::string> missing; ///< names that have no value here; their places are empty. Each once, as they come
};

/// Puts values in the places of names, once: a value is never looked at again, so braces that a customer wrote stay
/// braces. Blanks around a name are allowed. What is no name of ours stays as it stands.
/// @param value_of  the value of a known name; empty: there is none
[[nodiscard]] Expansion expand(std::string_view text, const std::function<std::string(std::string_view name)>& value_of);

} // namespace sportello::domain
