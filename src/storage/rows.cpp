#include "rows.hpp"

namespace sportello::storage {

std::vector<std::string> split(std::string_view joined, char separator)
{
    std::vector<std::string> parts;
    while (!joined.empty()) {
        const auto end = joined.find(separator);
        parts.emplace_back(joined.substr(0, end));
        joined = end == std::string_view::npos ? std::string_view() : joined.substr(end + 1);
    }
    return parts;
}

std::string join(const std::vector<std::string>& parts, char separator)
{
    std::string joined;
    for (const std::string& part : parts) {
        if (!joined.empty()) joined += separator;
        joined += part;
    }
    return joined;
}

} // namespace sportello::storage
