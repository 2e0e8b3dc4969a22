#include "support/run_to_end.hpp"

#include <boost/asio/co_spawn.hpp>

#include <stdexcept>

namespace sportello::test {

using namespace std::chrono_literals;

void run_to_end(boost::asio::io_context& io, ManualClock* clock, boost::asio::awaitable<void> task)
{
    bool ended = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& error) {
        failure = error;
        ended = true;
    });
    if (clock) {
        for (int steps = 0; !ended && steps < 1000; ++steps) clock->run_for(io, steps == 0 ? 0s : 1s);
    } else {
        io.restart();
        while (!ended && io.run_one() > 0) continue;
    }
    if (failure) std::rethrow_exception(failure);
    if (!ended) throw std::runtime_error(clock ? "the task did not end within 1000 simulated seconds" : "the task did not end");
}

} // namespace sportello::test
