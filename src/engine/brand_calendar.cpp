#include <sportello/engine/brand_calendar.hpp>

#include <sportello/domain/calendar.hpp>

#include <deque>
#include <mutex>
#include <utility>

namespace sportello::engine {

namespace {

/// Each exchange waits for a commit, so a unit that still holds the oldest of so many would have run all that time.
constexpr std::size_t kept_calendars = 256;

} // namespace

struct BrandCalendar::State {
    std::shared_ptr<const domain::Calendar> configured;
    std::mutex mutex;
    std::shared_ptr<const domain::Calendar> current;
    std::deque<std::shared_ptr<const domain::Calendar>> before;
};

BrandCalendar::BrandCalendar(std::shared_ptr<const domain::Calendar> configured) : state_(std::make_shared<State>())
{
    state_->current = configured;
    state_->configured = std::move(configured);
}

const domain::Calendar* BrandCalendar::get() const
{
    return current().get();
}

std::shared_ptr<const domain::Calendar> BrandCalendar::current() const
{
    if (!state_) return nullptr;
    const std::lock_guard lock(state_->mutex);
    return state_->current;
}

std::shared_ptr<const domain::Calendar> BrandCalendar::configured() const
{
    return state_ ? state_->configured : nullptr;
}

void BrandCalendar::exchange(std::shared_ptr<const domain::Calendar> calendar) const
{
    const std::lock_guard lock(state_->mutex);
    state_->before.push_back(std::exchange(state_->current, std::move(calendar)));
    if (state_->before.size() > kept_calendars) state_->before.pop_front();
}

} // namespace sportello::engine
