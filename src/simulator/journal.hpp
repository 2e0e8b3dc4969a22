#pragma once

#include <sportello/base/error.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace sportello::simulator {

/// A file of lines that only grows. A line is in the system's hands, safe from the end of this process, when append
/// returns.
class Journal {
public:
    Journal() = default;
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Opens or creates `directory`/world.ndjson and hands each whole line to `replay`; a last line that a crash cut
    /// off is dropped. @return unavailable, with what to do, when the file cannot be used or is in use; otherwise
    /// replay's error.
    base::Result<void> open(const std::string& directory, const std::function<base::Result<void>(std::string_view)>& replay);
    /// Throws std::system_error when the disk refuses: going on would make the world forget.
    void append(std::string_view line);

private:
    int file_ = -1;
};

} // namespace sportello::simulator
