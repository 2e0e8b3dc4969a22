#pragma once

#include <sys/types.h>

namespace sportello::bench {

/// Seconds of processor time that a running process has used, of all its threads; 0 when there is none.
[[nodiscard]] double processor_seconds_of(pid_t process);
/// The same of a process and all that descend from it, those that ended among them.
[[nodiscard]] double processor_seconds_of_family(pid_t process);

} // namespace sportello::bench
