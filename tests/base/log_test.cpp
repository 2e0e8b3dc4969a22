#include <sportello/base/log.hpp>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace sportello::base {
namespace {

TEST(Log, HidesSecretsAndControlCharacters)
{
    testing::internal::CaptureStderr();
    set_up_logging("info");
    hide_in_logs("EAAtopsecret");
    spdlog::info("token EAAtopsecret\nand EAAtopsecret");
    const std::string written = testing::internal::GetCapturedStderr();
    EXPECT_EQ(written.find("topsecret"), std::string::npos);
    EXPECT_NE(written.find("token ***\\x0aand ***"), std::string::npos) << written;
}

} // namespace
} // namespace sportello::base
