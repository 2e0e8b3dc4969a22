#pragma once

#include <sportello/base/text.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace sportello::simulator {

/// The first character of a text in clean UTF-8.
[[nodiscard]] inline std::string_view first_character(std::string_view text)
{
    const auto lead = text.empty() ? 0U : static_cast<unsigned char>(text[0]);
    return text.substr(0, lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
}

/// A round picture of somebody: the initials of a name on one of six colours.
[[nodiscard]] inline std::string avatar_html(std::string_view name)
{
    std::string initials(first_character(name));
    if (const auto blank = name.rfind(' '); blank != std::string_view::npos) initials += first_character(name.substr(blank + 1));
    const auto colour = std::to_string(std::hash<std::string_view>{}(name) % 6);
    return "<span class=\"avatar c" + colour + "\" aria-hidden=\"true\">" + base::escape_html(initials) + "</span>";
}

} // namespace sportello::simulator
