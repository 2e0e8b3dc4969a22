#pragma once

#include <sportello/base/clock.hpp>

#include <list>

namespace sportello::simulator {

/// The simulated platforms' clock: another one, put forward by as much as somebody has asked for. Whoever waits for a
/// time that has come that way goes on at once.
class ShiftedClock final : public base::Clock {
public:
    explicit ShiftedClock(base::Clock& clock) : state_(std::make_shared<State>(clock)) {}
    [[nodiscard]] base::Instant now() const noexcept override { return state_->clock.now() + state_->shift; }
    [[nodiscard]] base::Duration since_boot() const noexcept override { return state_->clock.since_boot() + state_->shift; }
    [[nodiscard]] std::unique_ptr<base::Timer> make_timer(boost::asio::any_io_executor executor) override;
    void advance(base::Duration by);
    [[nodiscard]] base::Duration shift() const { return state_->shift; }

private:
    class ShiftedTimer;
    struct State { ///< shared with the timers: a coroutine that waits may outlive the simulator
        explicit State(base::Clock& under) : clock(under) {}
        base::Clock& clock;
        base::Duration shift{0};
        std::list<ShiftedTimer*> timers;
    };

    std::shared_ptr<State> state_;
};

} // namespace sportello::simulator
