#pragma once

#include <sportello/base/time.hpp>

#include <map>
#include <string>
#include <string_view>

namespace sportello::api {

/// Slows guessing of passwords down without locking anybody out: the delay grows with the failures of one login from one
/// address (to 15 minutes), of one address (to 15 minutes) and of one login from anywhere (only to 5 seconds, so that a
/// stranger cannot keep its owner out). An attempt is counted when it begins, so attempts side by side count too.
class LoginThrottle {
public:
    /// @param now  any clock that does not go back, such as since_boot().
    /// @return how long to wait before another attempt is heard; zero: this one is heard, and counted as failed until
    /// succeeded() says otherwise.
    base::Duration attempt(std::string_view login, std::string_view address, base::Duration now);
    void succeeded(std::string_view login, std::string_view address);

private:
    struct Counter {
        int failures = 0;
        base::Duration heard_again{0};
        base::Duration last{0};
    };
    struct Rule {
        int free_attempts;
        base::Duration longest;
    };
    void count(const std::string& key, Rule rule, base::Duration now);
    void forget_old(base::Duration now);

    std::map<std::string, Counter, std::less<>> counters_;
};

} // namespace sportello::api
