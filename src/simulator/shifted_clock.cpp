#include "shifted_clock.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace sportello::simulator {
namespace asio = boost::asio;

class ShiftedClock::ShiftedTimer final : public base::Timer {
public:
    ShiftedTimer(std::shared_ptr<State> state, asio::any_io_executor executor)
        : state_(std::move(state)), timer_(state_->clock.make_timer(std::move(executor)))
    {
        state_->timers.push_back(this);
    }
    ~ShiftedTimer() override { state_->timers.remove(this); }

    asio::awaitable<bool> wait_until(base::Instant when) override
    {
        cancelled_ = false;
        while (!cancelled_) {
            const bool came = co_await timer_->wait_until(when - state_->shift);
            if (came) co_return true;
        }
        co_return false;
    }
    void cancel() override
    {
        cancelled_ = true;
        timer_->cancel();
    }
    void shift() { timer_->cancel(); } ///< whoever waits looks at the clock again

private:
    std::shared_ptr<State> state_;
    std::unique_ptr<base::Timer> timer_;
    bool cancelled_ = false;
};

std::unique_ptr<base::Timer> ShiftedClock::make_timer(asio::any_io_executor executor)
{
    return std::make_unique<ShiftedTimer>(state_, std::move(executor));
}

void ShiftedClock::advance(base::Duration by)
{
    state_->shift += by;
    for (auto* timer : state_->timers) timer->shift();
}

} // namespace sportello::simulator
