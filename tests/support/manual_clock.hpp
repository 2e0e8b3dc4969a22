#pragma once

#include <sportello/base/clock.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <list>
#include <optional>

namespace sportello::test {

/// A clock that stands still until the test turns it. Waiting coroutines are woken in the order of their times.
class ManualClock final : public base::Clock {
public:
    explicit ManualClock(base::Instant start = base::from_micros(1'772'442'000'000'000)) : now_(start) {} // Mon 2026-03-02T09:00:00Z

    [[nodiscard]] base::Instant now() const noexcept override { return now_; }
    [[nodiscard]] base::Duration since_boot() const noexcept override { return now_ - base::Instant{}; }
    [[nodiscard]] std::unique_ptr<base::Timer> make_timer(boost::asio::any_io_executor executor) override
    {
        return std::make_unique<ManualTimer>(*this, std::move(executor));
    }

    /// Runs everything that is ready on `io`, then turns the clock to the next waiting time, until `until` is reached.
    void run_until(boost::asio::io_context& io, base::Instant until)
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
    void run_for(boost::asio::io_context& io, base::Duration duration) { run_until(io, now_ + duration); }
    /// Turns the clock without running anything; it may go back, as real ones do.
    void set(base::Instant now) { now_ = now; }

private:
    struct Waiting {
        base::Instant when;
        boost::asio::steady_timer* wake;
        bool* came;
    };

    class ManualTimer final : public base::Timer {
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

    [[nodiscard]] std::optional<base::Instant> next_wait() const
    {
        std::optional<base::Instant> earliest;
        for (const Waiting& w : waiting_) earliest = earliest ? std::min(*earliest, w.when) : w.when;
        return earliest;
    }
    void wake_due()
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

    base::Instant now_;
    std::list<Waiting> waiting_;
};

} // namespace sportello::test
