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

TEST_F(Pages, ACustomerChangesAndTakesBackWhatTheyWrote)
{
    const std::string path = "/facebook/" + std::string(page);
    const auto id = visitor_posts("Linea mutta");
    const auto changed = submit(path + "/edit", "id=" + id + "&text=Linea+muta");
    EXPECT_EQ(changed.status, 303);
    EXPECT_EQ(changed.headers.find("Location"), path + "?author=Mario%20Rossi#i-" + id);
    EXPECT_EQ(graph("/" + id)["message"], "Linea muta");
    EXPECT_NE(get(path + "/items", "").body.find("data-mark=\"edited\""), std::string::npos);
    EXPECT_EQ(submit(path + "/edit", "id=" + id + "&text=").status, 422);
    EXPECT_EQ(submit(path + "/delete", "id=" + id).status, 303);
    EXPECT_TRUE(simulator.world().find(Platform::facebook, id)->deleted);
    EXPECT_EQ(submit(path + "/delete", "id=" + id).status, 422);
    const auto own = writes(Platform::facebook, Kind::post, page, "Siamo aperti");
    EXPECT_EQ(submit(path + "/delete", "id=" + own).status, 422) << "what the company wrote is the company's";
    EXPECT_EQ(submit("/facebook/104000000000001/delete", "id=" + visitor_posts("altrove")).status, 422);
}

TEST_F(Pages, ShowsWhatBecameOfAComment)
{
    const auto top = writes(Platform::facebook, Kind::comment, "Anna", "uno", writes(Platform::facebook, Kind::post, page, "Aperti"));
    const auto answer = writes(Platform::facebook, Kind::comment, "Ivo", "due", top);
    ASSERT_TRUE(simulator.world().mark(top, simulator::World::Mark::liked, true));
    ASSERT_TRUE(simulator.world().mark(answer, simulator::World::Mark::hidden, true));
    const auto html = get("/facebook/" + std::string(page) + "/items", "").body;
    EXPECT_NE(html.find("class=\"item nested deeper hidden\" id=\"i-" + answer + "\""), std::string::npos) << html;
    EXPECT_NE(html.find("data-mark=\"hidden\""), std::string::npos);
    EXPECT_NE(html.find("data-mark=\"liked\""), std::string::npos);
}

TEST_F(Pages, ShowsPicturesAndNamesOtherFiles)
{
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = "http://simulator.test/facebook/" + std::string(page);
    request.headers.set("Content-Type", "multipart/form-data; boundary=B");
    const auto field = [](const std::string& name, const std::string& value) {
        return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    };
    request.body = field("author", "Anna") + field("kind", "public") + field("text", "") + field("in_reply_to", "") +
                   "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"><script>.svg\"\r\nContent-Type: image/svg+xml\r\n"
                   "\r\n<svg onload=alert(1)/>\r\n--B--\r\n";
    EXPECT_EQ(call(request).status, 303);
    const auto shown = get("/facebook/" + std::string(page) + "/items", "");
    EXPECT_NE(shown.body.find("<img class=\"picture\" loading=\"lazy\" src=\"/media/"), std::string::npos) << shown.body;
    EXPECT_EQ(shown.body.find("<script"), std::string::npos);
    const auto media = simulator.world().items().back().media.at(0);
    const auto file = get(media.url, "");
    EXPECT_EQ(file.headers.find("Content-Type"), "application/octet-stream") << "a drawing with a script in it is not shown";
    EXPECT_NE(file.headers.find("Content-Security-Policy")->find("sandbox"), std::string_view::npos);

    simulator::NewItem message;
    message.account = page;
    message.kind = Kind::direct_message;
    message.author = "Anna";
    message.media = {{"file", "javascript:alert(1)", "bolletta.pdf"}, {"link", "https://example.org/?a=1&b=\"", "Un sito"}};
    ASSERT_TRUE(simulator.write(message));
    const auto html = get("/facebook/" + std::string(page) + "/items", "").body;
    EXPECT_EQ(html.find("javascript:"), std::string::npos) << "named, not linked";
    EXPECT_NE(html.find("href=\"https://example.org/?a=1&amp;b=&quot;\""), std::string::npos) << html;
}

} // namespace
} // namespace sportello::test
