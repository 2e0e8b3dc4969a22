#pragma once

#include <sportello/base/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace sportello::base {

/// One waiting place of one coroutine. Not shared between threads.
class Timer {
public:
    virtual ~Timer() = default;
    /// Waits until the clock shows `when` or cancel() is called.
    /// @return true when the time came (at once if `when` is past), false when cancelled.
    virtual boost::asio::awaitable<bool> wait_until(Instant when) = 0;
    /// Wakes the waiting coroutine, if any, with false. A later wait_until waits again.
    virtual void cancel() = 0;
};

/// The only door to the system's time. Tests pass one that they turn by hand (tests/support/manual_clock.hpp).
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const noexcept = 0;
    /// Time since boot, suspended time included; never goes back. Tells a sleeping process or a wrong wall clock.
    [[nodiscard]] virtual Duration since_boot() const noexcept = 0;
    [[nodiscard]] virtual std::unique_ptr<Timer> make_timer(boost::asio::any_io_executor executor) = 0;
};

/// The machine's own clock.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const noexcept override;
    [[nodiscard]] Duration since_boot() const noexcept override;
    [[nodiscard]] std::unique_ptr<Timer> make_timer(boost::asio::any_io_executor executor) override;
};

/// A wake-up call between two coroutines of one executor: a notify() before the wait is kept, many count as one.
class Signal {
public:
    Signal(Clock& clock, boost::asio::any_io_executor executor);
    void notify();
    /// Waits for notify() or until `when`, whichever is first. @return true if notified.
    boost::asio::awaitable<bool> wait_until(Instant when);

private:
    std::unique_ptr<Timer> timer_;
    bool notified_ = false;
};

} // namespace sportello::base
