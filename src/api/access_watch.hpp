#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace sportello::api {

/// Sees within a second that another process (the command line, another server) changed what somebody may do: one small
/// question a second, while a stream is open. A request needs no watch: what is known of its caller is believed for a second.
class AccessWatch {
public:
    /// @param changed  called on the executor
    AccessWatch(boost::asio::any_io_executor executor, storage::Database& db, base::Clock& clock, std::function<void()> changed);
    ~AccessWatch();

    /// It watches for as long as somebody holds what this answers.
    [[nodiscard]] std::shared_ptr<void> join();

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace sportello::api
