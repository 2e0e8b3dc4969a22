#include "twitter_account.hpp"

#include <algorithm>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::Action;
using connectors::ActionKind;
using connectors::OutgoingFile;
using connectors::PublishRequest;
using Class = PublishOutcome::Class;
using domain::Visibility;
using http::Method;

/// What we do on X beside answering with words.
class TwitterWrite : public TwitterAccount {
protected:
    TwitterWrite()
    {
        pages["/tweets"] = [](const Asked&) { return answer(201, R"({"data":{"id":"2028399913989046273","text":"x"}})"); };
        pages["/media/upload"] = [this](const Asked& asked) {
            if (asked.request.method == Method::post) return answer(Json{{"data", {{"id", media}, {"media_key", "3_" + media}}}});
            return answer(
                Json{{"data", {{"id", media}, {"processing_info", {{"state", states.at(asked_state++)}, {"check_after_secs", 1}}}}}});
        };
        pages["/media/upload/initialize"] = [this](const Asked&) { return answer(Json{{"data", {{"id", media}}}}); };
        pages["/media/upload/" + media + "/append"] = [](const Asked&) { return answer(204, ""); };
        pages["/media/upload/" + media + "/finalize"] = [this](const Asked&) {
            Json data{{"id", media}};
            if (!states.empty()) data["processing_info"] = {{"state", "pending"}, {"check_after_secs", 1}};
            return answer(Json{{"data", data}});
        };
    }
    PublishOutcome act(Action action) { return run(connector->act(std::move(action))); }
    /// With the clock turned on while it waits for X.
    PublishOutcome publish(PublishRequest request)
    {
        boost::asio::io_context io;
        return run_to_end(io, &clock, connector->publish(std::move(request)));
    }
    static OutgoingFile picture(std::size_t size = 100) { return {"a.png", "image/png", std::string(size, 'p'), ""}; }
    static OutgoingFile video(std::size_t size) { return {"a.mp4", "video/mp4", std::string(size, 'v'), ""}; }
    static PublishRequest reply()
    {
        PublishRequest request;
        request.target_id = "2028396182971088897";
        request.text = "Look";
        return request;
    }
    static Action action(ActionKind kind, const std::string& target)
    {
        Action action;
        action.kind = kind;
        action.target_id = target;
        return action;
    }
    [[nodiscard]] std::vector<std::string> paths() const
    {
        std::vector<std::string> all;
        for (const auto& asked : transport.calls) {
            if (asked.path != "/users/me") all.push_back(std::string(http::to_string(asked.request.method)) + " " + asked.path);
        }
        return all;
    }

    const std::string media = "2028399662330806273";
    std::vector<std::string> states;
    std::size_t asked_state = 0;
};

TEST_F(TwitterWrite, APictureIsUploadedInOneGoAndHungAtTheReply)
{
    auto request = reply();
    request.file = picture();
    const auto outcome = publish(request);
    EXPECT_EQ(outcome.platform_id, "2028399913989046273");
    EXPECT_EQ(paths(), (std::vector<std::string>{"POST /media/upload", "POST /tweets"}));
    const auto& upload = transport.last("/media/upload")->request;
    EXPECT_TRUE(upload.headers.find("Content-Type")->starts_with("multipart/form-data; boundary="));
    for (const char* part :
         {"name=\"media_category\"\r\n\r\ntweet_image\r\n", "name=\"media_type\"\r\n\r\nimage/png\r\n", "name=\"media\"; filename="}) {
        EXPECT_NE(upload.body.find(part), std::string::npos) << part;
    }
    EXPECT_NE(upload.body.find("\r\n\r\n" + std::string(100, 'p') + "\r\n--"), std::string::npos);
    EXPECT_EQ(Json::parse(transport.last("/tweets")->request.body),
              (Json{{"text", "Look"}, {"reply", {{"in_reply_to_tweet_id", "2028396182971088897"}}}, {"media", {{"media_ids", {media}}}}}));
}

TEST_F(TwitterWrite, AVideoGoesInChunksAndIsWaitedFor)
{
    states = {"in_progress", "succeeded"};
    auto request = reply();
    request.text.clear();
    request.file = video(std::size_t{9} * 1024 * 1024);
    EXPECT_EQ(publish(request).outcome, Class::published);
    const std::string base = "POST /media/upload/" + media;
    EXPECT_EQ(paths(), (std::vector<std::string>{"POST /media/upload/initialize", base + "/append", base + "/append", base + "/append",
                                                 base + "/finalize", "GET /media/upload", "GET /media/upload", "POST /tweets"}));
    EXPECT_EQ(Json::parse(transport.last("/media/upload/initialize")->request.body),
              (Json{{"media_type", "video/mp4"}, {"total_bytes", 9 * 1024 * 1024}, {"media_category", "tweet_video"}}));
    EXPECT_EQ(transport.last("/media/upload")->parameter("command"), "STATUS");
    EXPECT_NE(transport.last("/media/upload/" + media + "/append")->request.body.find("name=\"segment_index\"\r\n\r\n2\r\n"),
              std::string::npos);
    EXPECT_FALSE(Json::parse(transport.last("/tweets")->request.body).contains("text"));
}

TEST_F(TwitterWrite, AFileInPrivateHasACategoryOfItsOwn)
{
    pages["/dm_conversations/with/1205290000000000001/messages"] = [](const Asked&) {
        return answer(201, R"({"data":{"dm_conversation_id":"1-2","dm_event_id":"2028411238609846273"}})");
    };
    auto request = reply();
    request.visibility = Visibility::private_;
    request.recipient_id = "1205290000000000001";
    request.file = picture();
    EXPECT_EQ(publish(request).platform_id, "2028411238609846273");
    EXPECT_NE(transport.last("/media/upload")->request.body.find("dm_image"), std::string::npos);
    EXPECT_EQ(Json::parse(transport.calls.back().request.body), (Json{{"text", "Look"}, {"attachments", {{{"media_id", media}}}}}));
}

TEST_F(TwitterWrite, AFileThatXDoesNotTakeEndsTheReplyBeforeItIsSent)
{
    struct Case {
        OutgoingFile file;
        http::Exchange upload;
        Class outcome;
    };
    const auto fine = answer(Json{{"data", {{"id", media}}}});
    for (const auto& [file, upload, expected] : {
             Case{picture(6'000'000), fine, Class::failed},
             Case{picture(0), fine, Class::failed},
             Case{{"a.pdf", "application/pdf", "x", ""}, fine, Class::failed},
             Case{{"a.png", "image/png", "", "https://example.org/a.png"}, fine, Class::failed},
             Case{picture(), answer(400, R"({"title":"Invalid Request","detail":"Invalid media"})"), Class::failed},
             Case{picture(), answer(503, ""), Class::not_sent},
             Case{picture(), broken(true), Class::not_sent},
             Case{picture(), answer(429, "{}"), Class::not_sent},
             Case{picture(), answer(200, "<html>"), Class::not_sent},
         }) {
        transport.calls.clear();
        pages["/media/upload"] = [&](const Asked&) { return upload; };
        auto request = reply();
        request.file = file;
        const auto outcome = publish(request);
        EXPECT_EQ(outcome.outcome, expected) << outcome.reason;
        EXPECT_FALSE(outcome.reason.empty());
        const auto all = paths();
        EXPECT_EQ(std::count(all.begin(), all.end(), "POST /tweets"), 0);
    }
    states = {"failed"};
    pages["/media/upload"] = [this](const Asked&) {
        return answer(Json{{"data", {{"id", media}, {"processing_info", {{"state", "failed"}, {"error", {{"message", "no film"}}}}}}}});
    };
    auto request = reply();
    request.file = video(10);
    EXPECT_EQ(publish(request).outcome, Class::failed);
}

TEST_F(TwitterWrite, HidesAndShowsAReply)
{
    pages["/tweets/2028396182971088897/hidden"] = [](const Asked& asked) {
        return answer(Json{{"data", Json::parse(asked.request.body)}});
    };
    EXPECT_EQ(act(action(ActionKind::hide, "2028396182971088897")).outcome, Class::published);
    EXPECT_EQ(transport.calls.back().request.method, Method::put);
    EXPECT_EQ(transport.calls.back().request.body, R"({"hidden":true})");
    EXPECT_EQ(act(action(ActionKind::unhide, "2028396182971088897")).outcome, Class::published);
    EXPECT_EQ(transport.calls.back().request.body, R"({"hidden":false})");
}

TEST_F(TwitterWrite, RemovesAPostAndAMessage)
{
    pages["/tweets/2028399913989046273"] = [](const Asked&) { return answer(Json{{"data", {{"deleted", true}}}}); };
    pages["/dm_events/2028411238609846273"] = pages["/tweets/2028399913989046273"];
    EXPECT_EQ(act(action(ActionKind::remove, "2028399913989046273")).outcome, Class::published);
    EXPECT_EQ(transport.calls.back().request.method, Method::del);
    auto message = action(ActionKind::remove, "2028411238609846273");
    message.visibility = Visibility::private_;
    EXPECT_EQ(act(message).outcome, Class::published);
    EXPECT_EQ(transport.calls.back().path, "/dm_events/2028411238609846273");
}

TEST_F(TwitterWrite, WhatIsGoneAlreadyIsRemoved)
{
    pages["/tweets/2028399913989046273"] = [](const Asked&) {
        return answer(404, R"({"title":"Not Found Error","detail":"gone","type":"https://api.x.com/2/problems/resource-not-found"})");
    };
    EXPECT_EQ(act(action(ActionKind::remove, "2028399913989046273")).outcome, Class::published);
    pages["/tweets/2028399913989046273/hidden"] = pages["/tweets/2028399913989046273"];
    EXPECT_EQ(act(action(ActionKind::hide, "2028399913989046273")).outcome, Class::failed);
}

TEST_F(TwitterWrite, AnActionEndsByTheTable)
{
    struct Case {
        http::Exchange exchange;
        Class outcome;
    };
    for (const auto& [exchange, expected] : {
             Case{broken(false), Class::not_sent},
             Case{broken(true), Class::unknown},
             Case{answer(500, ""), Class::unknown},
             Case{answer(200, "<html>"), Class::unknown},
             Case{answer(Json{{"data", {{"hidden", false}}}}), Class::unknown},
             Case{answer(401, R"({"title":"Unauthorized"})"), Class::not_sent_probably},
             Case{answer(429, "{}"), Class::not_sent_probably},
             Case{answer(403, R"({"detail":"You are not allowed to hide this reply.","title":"Forbidden"})"), Class::failed},
             Case{answer(400, R"({"detail":"bad"})"), Class::failed},
         }) {
        pages["/tweets/2028396182971088897/hidden"] = [&](const Asked&) { return exchange; };
        const auto outcome = act(action(ActionKind::hide, "2028396182971088897"));
        EXPECT_EQ(outcome.outcome, expected) << outcome.reason;
        EXPECT_FALSE(outcome.reason.empty());
    }
}

TEST_F(TwitterWrite, LikesNothingAndEditsNothingAndSaysWhy)
{
    for (const auto kind : {ActionKind::like, ActionKind::unlike, ActionKind::edit}) {
        const auto outcome = act(action(kind, "2028396182971088897"));
        EXPECT_EQ(outcome.outcome, Class::failed);
        EXPECT_NE(outcome.reason.find("API"), std::string::npos);
    }
    EXPECT_TRUE(transport.calls.empty());
    EXPECT_EQ(act(action(ActionKind::hide, "x/../y")).outcome, Class::failed);
}

TEST_F(TwitterWrite, PostsWithAPictureAndALink)
{
    auto post = action(ActionKind::post, "");
    post.text = "The line is back";
    post.link = "https://example.org/news";
    post.file = picture();
    EXPECT_EQ(act(post).platform_id, "2028399913989046273");
    EXPECT_EQ(Json::parse(transport.last("/tweets")->request.body),
              (Json{{"text", "The line is back\nhttps://example.org/news"}, {"media", {{"media_ids", {media}}}}}));
    EXPECT_EQ(act(action(ActionKind::post, "")).outcome, Class::failed) << "nothing to say";
}

TEST_F(TwitterWrite, APostThatIsSecondsOldIsAnsweredAgainLater)
{
    pages["/tweets"] = [](const Asked&) {
        return answer(403, R"({"detail":"You attempted to reply to a Tweet that is deleted or not visible to you.","title":"Forbidden"})");
    };
    auto request = reply();
    const auto written = base::from_micros(1'772'442'310'000'000); // by its id, to the second
    clock.set(written + 10s);
    const auto soon = publish(request);
    EXPECT_EQ(soon.outcome, Class::not_sent);
    ASSERT_TRUE(soon.not_before.has_value());
    EXPECT_GT(*soon.not_before, written + 30s);
    clock.set(written + 2min);
    EXPECT_EQ(publish(request).outcome, Class::failed);
}

TEST_F(TwitterWrite, TheReplyRuleSaysWhatToDoInstead)
{
    pages["/tweets"] = [](const Asked&) {
        return answer(
            403, R"({"detail":"You can only reply to or quote posts where you are mentioned or are the author.","title":"Forbidden"})");
    };
    const auto outcome = publish(reply());
    EXPECT_EQ(outcome.outcome, Class::failed);
    EXPECT_NE(outcome.reason.find("write in private, or answer by hand"), std::string::npos);
    EXPECT_EQ(outcome.trouble.state, State::ok) << "the channel is fine";
}

} // namespace
} // namespace sportello::test
