#include "login_throttle.hpp"

#include <gtest/gtest.h>

namespace sportello::api {
namespace {

using namespace std::chrono_literals;

TEST(LoginThrottle, FreeAttemptsThenAGrowingDelay)
{
    LoginThrottle throttle;
    base::Duration now = 1h;
    for (int attempt = 0; attempt < 5; ++attempt) ASSERT_EQ(throttle.attempt("anna", "here", now), 0s) << attempt;
    base::Duration before{0};
    for (int attempt = 0; attempt < 8; ++attempt) {
        const auto wait = throttle.attempt("anna", "here", now);
        ASSERT_GT(wait, before);
        before = wait;
        now += wait;
        ASSERT_EQ(throttle.attempt("anna", "here", now), 0s);
    }
}

TEST(LoginThrottle, AStrangerKeepsTheOwnerOutForSecondsOnly)
{
    LoginThrottle throttle;
    base::Duration now = 1h;
    for (int attempt = 0; attempt < 1000; ++attempt) {
        (void)throttle.attempt("anna", "address " + std::to_string(attempt), now);
        now += 10ms;
    }
    EXPECT_LE(throttle.attempt("anna", "home", now), 5s);
}

TEST(LoginThrottle, OneAddressTryingManyNamesIsSlowedToo)
{
    LoginThrottle throttle;
    int heard = 0;
    for (int attempt = 0; attempt < 100; ++attempt) { heard += throttle.attempt("name " + std::to_string(attempt), "here", 1h) == 0s; }
    EXPECT_LE(heard, 31);
}

TEST(LoginThrottle, SuccessForgets)
{
    LoginThrottle throttle;
    for (int attempt = 0; attempt < 5; ++attempt) (void)throttle.attempt("anna", "here", 1h);
    throttle.succeeded("anna", "here");
    EXPECT_EQ(throttle.attempt("anna", "here", 1h), 0s);
}

} // namespace
} // namespace sportello::api
