#pragma once

#include <sportello/base/clock.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <optional>

namespace sportello::test {

/// A clock that stands still until the test turns it. Waiting coroutines are woken in the order of their times.
class ManualClock final : public base::Clock {
public:
    explicit ManualClock(base::Instant start = base::from_micros(1'772'442'000'000'000)) : now_(start) {} // Mon 2026-03-02T09:00:00Z

    [[nodiscard]] base::Instant now() const noexcept override { return now_; }
    [[nodiscard]] base::Duration since_boot() const noexcept override { return now_ - base::Instant{}; }
    [[nodiscard]] std::unique_ptr<base::Timer> make_timer(boost::asio::any_io_executor executor) override;

    /// Runs everything that is ready on `io`, then turns the clock to the next waiting time, until `until` is reached.
    void run_until(boost::asio::io_context& io, base::Instant until);
    void run_for(boost::asio::io_context& io, base::Duration duration) { run_until(io, now_ + duration); }
    /// Turns the clock without running anything; it may go back, as real ones do.
    void set(base::Instant now) { now_ = now; }

private:
    struct Waiting {
        base::Instant when;
        boost::asio::steady_timer* wake;
        bool* came;
    };

    class ManualTimer;

    [[nodiscard]] std::optional<base::Instant> next_wait() const;
    void wake_due();

    base::Instant now_;
    std::list<Waiting> waiting_;
};

} // namespace sportello::test
