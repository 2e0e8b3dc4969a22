#pragma once

#include <sportello/base/time.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace sportello::api {

/// Keeps a stranger from costing more than an answer: after so many offences in a minute an address is not heard until the
/// minute is over.
class AddressThrottle {
public:
    /// @param most  offences a minute that are borne
    explicit AddressThrottle(int most) : most_(most) {}

    /// @param now  any clock that does not go back. @return zero: heard; else how long to wait.
    [[nodiscard]] base::Duration wait(std::string_view address, base::Duration now) const;
    void offended(std::string_view address, base::Duration now);

private:
    struct Window {
        base::Duration begun{0};
        int offences = 0;
    };
    int most_;
    std::map<std::string, Window, std::less<>> windows_;
};

} // namespace sportello::api
