// What browsers report of our pages: written down without what is nobody's business, and never in a stranger's quantity.
#include "support/caught_log.hpp"
#include "desk.hpp"

#include <gmock/gmock.h>

namespace sportello {
namespace {

using http::Method;
using test::CaughtLog;
using test::Desk;
using test::json;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

json violation(const std::string& blocked)
{
    return {{"type", "csp-violation"},
            {"age", 10},
            {"url", "https://sportello.example/login?next=secret-of-the-url"},
            {"user_agent", "Mozilla/5.0"},
            {"body",
             {{"documentURL", "https://sportello.example/login?next=secret-of-the-page#secret-of-the-place"},
              {"effectiveDirective", "script-src-elem"},
              {"blockedURL", blocked},
              {"sample", "secret of the sample"},
              {"sourceFile", "https://sportello.example/assets/app.js"},
              {"lineNumber", 7}}}};
}

class PolicyReports : public testing::Test {
protected:
    http::Response report(const std::string& body, const std::string& type = "application/reports+json",
                          const std::string& address = "192.0.2.7")
    {
        auto request = Desk::request(Method::post, "/hooks/page-policy", nullptr, body);
        request.headers.set("Content-Type", type);
        request.remote_address = address;
        return desk.send(request);
    }
    std::string metrics() { return desk.send(Desk::request(Method::get, "/metrics")).body; }

    Desk desk;
};

TEST_F(PolicyReports, AreCountedAndWrittenDownWithoutSecrets)
{
    const CaughtLog log;
    const json reports{violation("https://evil.example/x.js?token=secret-of-the-script"),
                       violation("inline"),
                       {{"type", "deprecation"}, {"body", json::object()}},
                       {{"type", "csp-violation"}, {"body", "none"}},
                       7};
    EXPECT_EQ(report(reports.dump()).status, 204);
    EXPECT_THAT(log.text(), HasSubstr("script-src-elem stopped https://evil.example/x.js on https://sportello.example/login, from "
                                      "https://sportello.example/assets/app.js:7"));
    EXPECT_THAT(log.text(), HasSubstr("stopped inline on"));
    EXPECT_THAT(log.text(), Not(HasSubstr("secret")));
    EXPECT_THAT(metrics(), HasSubstr("sportello_page_policy_violations_total 2"));
}

TEST_F(PolicyReports, WhatIsNoneIsRefusedAndTooManyAreNotRead)
{
    EXPECT_EQ(report("[]", "application/json").status, 415) << "what any page's form could send";
    EXPECT_EQ(report("{}").status, 422);
    EXPECT_EQ(report("[").status, 422);
    EXPECT_EQ(report(std::string(1'000, '[')).status, 422);
    json many = json::array();
    for (int i = 0; i < 100; ++i) many.push_back(violation("inline"));
    EXPECT_EQ(report(many.dump()).status, 204);
    EXPECT_THAT(metrics(), HasSubstr("sportello_page_policy_violations_total 20"));

    http::Response last;
    for (int i = 0; i < 30; ++i) last = report("[]");
    EXPECT_EQ(last.status, 429);
    EXPECT_TRUE(last.headers.has("Retry-After"));
    EXPECT_EQ(report("[]", "application/reports+json", "192.0.2.8").status, 204) << "others are heard";
    desk.house.run_for(61s);
    EXPECT_EQ(report("[]").status, 204) << "and so is it, later";
}

} // namespace
} // namespace sportello
