#include "platforms.hpp"

namespace sportello::test {
namespace {

class Pages : public Platforms {
protected:
    http::Response submit(const std::string& path, const std::string& form)
    {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = "http://simulator.test" + path;
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.body = form;
        return call(request);
    }
};

TEST_F(Pages, ACustomerWritesAndSeesTheAnswerUnderIt)
{
    const auto sent = submit("/facebook/" + std::string(page), "kind=public&author=Anna+Bruni&text=Linea+muta&in_reply_to=");
    EXPECT_EQ(sent.status, 303);
    EXPECT_EQ(sent.headers.find("Location"), "/facebook/104000000000002?author=Anna%20Bruni&kind=public");
    const auto id = ids(graph("/me/feed")).at(0);
    post("/v25.0/" + id + "/comments", {{"message", "Arriviamo"}}, page_token);
    const auto html = get("/facebook/" + std::string(page), "").body;
    EXPECT_NE(html.find("data-testid=\"item\" data-id=\"" + id + "\" data-own=\"false\""), std::string::npos);
    EXPECT_NE(html.find("Linea muta"), std::string::npos);
    EXPECT_LT(html.find("Linea muta"), html.find("Arriviamo"));
    EXPECT_NE(html.find("data-own=\"true\""), std::string::npos);
}

TEST_F(Pages, OnXTheHandleIsPutInFrontAndPrivateMessagesStandApart)
{
    submit("/x/TIM_Sportello", "kind=public&author=mario&text=guasto");
    submit("/x/TIM_Sportello", "kind=direct_message&author=mario&text=il+mio+numero");
    EXPECT_EQ(x("/users/" + std::string(user) + "/mentions")["data"][0]["text"], "@TIM_Sportello guasto");
    EXPECT_EQ(ids(x("/dm_events")).size(), 1U);
    const auto html = get("/x/TIM_Sportello/items", "").body;
    EXPECT_LT(html.find("Messaggi privati"), html.find("il mio numero"));
}

TEST_F(Pages, WhatPeopleWriteIsNeverMarkup)
{
    visitor_posts("<script>alert(1)</script>", "<img src=x onerror=alert(1)>");
    const auto response = get("/facebook/" + std::string(page) + "?author=\"><script>", "");
    EXPECT_EQ(response.body.find("<script>"), std::string::npos);
    EXPECT_EQ(response.body.find("<img"), std::string::npos);
    EXPECT_NE(response.body.find("&lt;script&gt;alert(1)"), std::string::npos);
    EXPECT_NE(response.headers.find("Content-Security-Policy")->find("script-src 'self'"), std::string_view::npos);
}

TEST_F(Pages, AMistakeIsToldAndWhatWasTypedStays)
{
    const auto response = submit("/facebook/" + std::string(page), "kind=public&author=Anna&text=ciao&in_reply_to=1_2");
    EXPECT_EQ(response.status, 422);
    EXPECT_NE(response.body.find("role=\"alert\""), std::string::npos);
    EXPECT_NE(response.body.find(">ciao</textarea>"), std::string::npos);
    EXPECT_EQ(get("/x/nessuno", "").status, 404);
}

TEST_F(Pages, TheIndexLeadsToEveryAccount)
{
    const auto html = get("/", "").body;
    for (const auto& account : simulator::demo_accounts()) {
        EXPECT_NE(html.find("href=\"" + simulator::page_path(account) + "\""), std::string::npos) << account.account;
    }
}

} // namespace
} // namespace sportello::test
