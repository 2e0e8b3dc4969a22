#pragma once

#include <sportello/base/time.hpp>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace sportello::api {

/// Slows guessing of passwords down without locking anybody out: the delay grows with the failures of one login from one
/// address (to 15 minutes), of one address (to 15 minutes) and of one login from anywhere (only to 5 seconds, so that a
/// stranger cannot keep its owner out). An attempt is counted when it begins, so attempts side by side count too.
class LoginThrottle {
public:
    /// How much one login from anywhere is slowed down.
    struct Rule {
        int free_attempts;
        base::Duration longest;
    };
    /// @param spares_known  an address from which this login once succeeded is bound by its own count only
    explicit LoginThrottle(Rule of_login = {10, std::chrono::seconds(5)}, bool spares_known = false)
        : of_login_(of_login), spares_known_(spares_known)
    {
    }

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
    void count(const std::string& key, Rule rule, base::Duration now);
    void forget_old(base::Duration now);

    Rule of_login_;
    bool spares_known_;
    std::map<std::string, Counter, std::less<>> counters_;
    std::set<std::string, std::less<>> known_; ///< logins and addresses that succeeded
};

} // namespace sportello::api
