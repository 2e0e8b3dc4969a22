#pragma once

#include <sportello/base/time.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace sportello::api {

/// Keeps whoever forges deliveries from costing more than an answer: after some false signatures in a minute an address is
/// not heard until the minute is over. A platform that shares the address loses nothing but haste: polling reads the same.
class HookThrottle {
public:
    /// @param now  any clock that does not go back. @return zero: heard; else how long to wait.
    [[nodiscard]] base::Duration wait(std::string_view address, base::Duration now) const;
    void forged(std::string_view address, base::Duration now);

private:
    struct Window {
        base::Duration begun{0};
        int forged = 0;
    };
    std::map<std::string, Window, std::less<>> windows_;
};

} // namespace sportello::api
