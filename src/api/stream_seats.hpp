#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace sportello::api {

/// Keeps one session or token from holding all connections: how many live streams each has open.
class StreamSeats {
public:
    explicit StreamSeats(std::size_t most_each) : most_each_(most_each), taken_(std::make_shared<Taken>()) {}

    /// Held as long as a stream is open; free again when the last copy is gone.
    using Seat = std::shared_ptr<const void>;
    /// @param credential  whose stream it is (Caller::credential). @return null: all of theirs are taken.
    [[nodiscard]] Seat take(const std::string& credential);

private:
    using Taken = std::map<std::string, std::size_t>;
    std::size_t most_each_;
    std::shared_ptr<Taken> taken_; ///< shared with the seats, which may outlive this
};

} // namespace sportello::api
