#pragma once

#include <memory>

namespace sportello::domain {
class Calendar;
}

namespace sportello::engine {

/// The office hours in force for one brand: the configuration's, with what supervisors entered for single dates.
/// Exchangeable while the counter runs, from any thread; copies see the same hours.
class BrandCalendar {
public:
    BrandCalendar() = default;                                         ///< none; get() is null
    BrandCalendar(std::shared_ptr<const domain::Calendar> configured); // NOLINT: settings are written with plain calendars

    /// Stays valid while units of work that asked for it can be under way: the last few hundred calendars are kept.
    [[nodiscard]] const domain::Calendar* get() const;
    [[nodiscard]] std::shared_ptr<const domain::Calendar> current() const;
    /// What the configuration says, without what was entered.
    [[nodiscard]] std::shared_ptr<const domain::Calendar> configured() const;
    std::shared_ptr<const domain::Calendar> operator->() const { return current(); }
    const domain::Calendar& operator*() const { return *get(); }
    explicit operator bool() const { return get() != nullptr; }

    /// From now on these hours hold.
    void exchange(std::shared_ptr<const domain::Calendar> calendar) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace sportello::engine
