#pragma once

#include <sportello/base/time.hpp>

#include <chrono>

namespace sportello::engine {

/// How long a worker that knows of nothing to do sleeps before it looks all the same: a wake-up that was missed costs no more.
inline constexpr base::Duration idle_look = std::chrono::minutes(10);

/// Nothing that may be tried again waits longer, whatever a platform asks for (I12): it is asked again whether it meant it.
inline constexpr base::Duration longest_wait = std::chrono::hours(1);

/// How long a series of restarts counts as one cause.
inline constexpr base::Duration restart_series = std::chrono::hours(24);

} // namespace sportello::engine
