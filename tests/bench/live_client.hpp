#pragma once

#include "figures.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sportello::bench {

/// Many open WebSockets of one process, read by one thread.
class LiveStreams {
public:
    /// @param target  "/v1/live"; @param fields  header lines of each upgrade, each with its line end
    LiveStreams(std::uint16_t port, std::size_t count, const std::string& target, const std::string& fields);
    ~LiveStreams();
    LiveStreams(const LiveStreams&) = delete;
    LiveStreams& operator=(const LiveStreams&) = delete;

    struct Heard {
        Spread seconds;          ///< from asking until one stream has it, over all streams and events
        double last_seconds = 0; ///< median over the events: until every stream has it
        std::size_t open = 0;    ///< streams that are open at the end
        std::size_t frames = 0;  ///< of these events, over all streams
        bool each_once = true;   ///< every stream that is open heard each event once
    };
    /// Asks for `events` events, one every `every_seconds`, and listens until all have come or `patience_seconds` after
    /// the last. @param ask  makes event number n, from 0; its frame holds `"bench-N"`
    Heard listen(std::size_t events, double every_seconds, double patience_seconds, const std::function<void(std::size_t)>& ask);
    /// Sends a text frame on the first stream (for the bare server).
    void say(const std::string& text);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A stream that is never read, with small buffers. Counts as cut when the server has ended it.
class SlowStream {
public:
    SlowStream(std::uint16_t port, const std::string& target, const std::string& fields);
    ~SlowStream();
    SlowStream(const SlowStream&) = delete;
    SlowStream& operator=(const SlowStream&) = delete;
    /// @return whether it was cut within `seconds`
    [[nodiscard]] bool is_cut_within(double seconds) const;

private:
    int descriptor_ = -1;
};

/// As many open files as the machine lets this process and its children have.
void allow_many_files();

} // namespace sportello::bench
