#include <sportello/base/log.hpp>
#include <sportello/base/tally.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
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

TEST(Log, AsJsonEachLineIsAnObjectWhateverIsWritten)
{
    testing::internal::CaptureStderr();
    set_up_logging("info", true);
    hide_in_logs("EAAtopsecret");
    spdlog::warn("[abc-7] GET /v1/tickets 200 3 ms EAAtopsecret");
    spdlog::info("a \"quote\", a \\ and \n\x01 \xff è");
    const std::string written = testing::internal::GetCapturedStderr();
    set_up_logging("info");
    const auto end = written.find('\n');
    const auto first = nlohmann::json::parse(written.substr(0, end)), second = nlohmann::json::parse(written.substr(end + 1));
    EXPECT_EQ(first.at("request"), "abc-7");
    EXPECT_EQ(first.at("level"), "warning");
    EXPECT_EQ(first.at("message"), "GET /v1/tickets 200 3 ms ***");
    EXPECT_FALSE(second.contains("request"));
    EXPECT_EQ(second.at("message"), "a \"quote\", a \\ and \n\x01 \xEF\xBF\xBD è");
}

TEST(Tally, CountsByNameAndOwner)
{
    tally("tests", "a");
    tally("tests", "b", 2.5);
    tally("tests", "a");
    std::vector<double> totals;
    for (const Tallied& one : tallied()) {
        if (one.what == "tests") totals.push_back(one.total);
    }
    EXPECT_EQ(totals, (std::vector<double>{2, 2.5}));
}

} // namespace
} // namespace sportello::base
