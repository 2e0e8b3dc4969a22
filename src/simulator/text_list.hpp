#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sportello::simulator {

/// The parts of "a,b,c"; empty parts are left out.
[[nodiscard]] inline std::vector<std::string> split_list(std::string_view text, char separator = ',')
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = text.find(separator);
        if (end != 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return parts;
}

} // namespace sportello::simulator
