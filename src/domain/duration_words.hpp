#pragma once

#include <sportello/base/time.hpp>

#include <chrono>
#include <string>

namespace sportello::domain {

/// "12 min", to the nearest minute.
inline std::string in_minutes(base::Duration duration)
{
    return std::to_string(std::chrono::round<std::chrono::minutes>(duration).count()) + " min";
}

} // namespace sportello::domain
