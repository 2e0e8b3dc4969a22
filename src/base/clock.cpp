#include <sportello/base/clock.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <time.h>

namespace sportello::base {
namespace asio = boost::asio;
namespace {

class SystemTimer final : public Timer {
public:
    SystemTimer(Clock& clock, asio::any_io_executor executor) : clock_(clock), timer_(std::move(executor)) {}

    asio::awaitable<bool> wait_until(Instant when) override
    {
        // A far instant would overflow the steady clock; nobody waits a year in one go.
        const Duration left = std::min<Duration>(when - clock_.now(), std::chrono::hours(24 * 365));
        if (left <= Duration::zero()) co_return true;
        timer_.expires_after(left);
        boost::system::error_code ignored_when_cancelled;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored_when_cancelled));
        co_return !ignored_when_cancelled;
    }

    void cancel() override { timer_.cancel(); }

private:
    Clock& clock_;
    asio::steady_timer timer_;
};

Duration read_clock(clockid_t id) noexcept
{
    timespec spec{};
    clock_gettime(id, &spec);
    return std::chrono::seconds(spec.tv_sec) + std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(spec.tv_nsec));
}

} // namespace

Instant SystemClock::now() const noexcept
{
    return Instant(read_clock(CLOCK_REALTIME));
}

Duration SystemClock::since_boot() const noexcept
{
    return read_clock(CLOCK_BOOTTIME);
}

std::unique_ptr<Timer> SystemClock::make_timer(asio::any_io_executor executor)
{
    return std::make_unique<SystemTimer>(*this, std::move(executor));
}

Signal::Signal(Clock& clock, asio::any_io_executor executor) : timer_(clock.make_timer(std::move(executor))) {}

void Signal::notify()
{
    notified_ = true;
    timer_->cancel();
}

asio::awaitable<bool> Signal::wait_until(Instant when)
{
    if (!notified_) co_await timer_->wait_until(when);
    co_return std::exchange(notified_, false);
}

} // namespace sportello::base
