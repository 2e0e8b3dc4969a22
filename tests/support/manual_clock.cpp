#include "support/manual_clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace sportello::test {

class ManualClock::ManualTimer final : public base::Timer {
public:
    ManualTimer(ManualClock& clock, boost::asio::any_io_executor executor) : clock_(clock), timer_(std::move(executor)) {}
    ~ManualTimer() override { cancel(); }
    boost::asio::awaitable<bool> wait_until(base::Instant when) override
    {
        if (when <= clock_.now_) co_return true;
        bool came = false;
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
        clock_.waiting_.push_back({when, &timer_, &came});
        boost::system::error_code ignored;
        co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        clock_.waiting_.remove_if([this](const Waiting& w) { return w.wake == &timer_; });
        co_return came;
    }
    void cancel() override
    {
        clock_.waiting_.remove_if([this](const Waiting& w) { return w.wake == &timer_; });
        timer_.cancel();
    }

private:
    ManualClock& clock_;
    boost::asio::steady_timer timer_;
};

std::unique_ptr<base::Timer> ManualClock::make_timer(boost::asio::any_io_executor executor)
{
    return std::make_unique<ManualTimer>(*this, std::move(executor));
}

void ManualClock::run_until(boost::asio::io_context& io, base::Instant until)
{
    for (;;) {
        io.restart();
        io.poll();
        const auto next = next_wait();
        if (!next || *next > until) break;
        now_ = std::max(now_, *next);
        wake_due();
    }
    now_ = std::max(now_, until);
    wake_due();
    io.restart();
    io.poll();
}

std::optional<base::Instant> ManualClock::next_wait() const
{
    std::optional<base::Instant> earliest;
    for (const Waiting& w : waiting_) earliest = earliest ? std::min(*earliest, w.when) : w.when;
    return earliest;
}

void ManualClock::wake_due()
{
    for (auto w = waiting_.begin(); w != waiting_.end();) {
        if (w->when > now_) {
            ++w;
            continue;
        }
        *w->came = true;
        w->wake->cancel();
        w = waiting_.erase(w);
    }
}

} // namespace sportello::test
