#include "facebook_page.hpp"
#include <sportello/base/digest.hpp>

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::Action;
using connectors::ActionKind;
using connectors::OutgoingFile;
using connectors::PublishRequest;
using connectors::ReadBackRequest;
using Class = PublishOutcome::Class;
using domain::Visibility;

/// What is written beside plain answers: files, private answers to comments, actions.
class FacebookWrite : public FacebookPage {
protected:
    FacebookWrite()
    {
        settings.credentials.app_secret = "example-app-secret";
        connector = connectors::make_connector(settings, transport, clock, random);
        proof = base::hmac_sha256_hex("example-app-secret", "page-token-of-acme");
    }

    http::Exchange serve(const Asked& asked) override
    {
        if (asked.request.method == http::Method::get) return FacebookPage::serve(asked);
        ++sends;
        return written;
    }
    PublishOutcome publish(PublishRequest request) { return run(connector->publish(std::move(request))); }
    PublishOutcome act(Action action) { return run(connector->act(std::move(action))); }
    [[nodiscard]] const Asked& sent() const { return transport.calls.back(); }

    static PublishRequest comment_request()
    {
        PublishRequest request;
        request.target_id = "900_701";
        request.root_id = "104_900";
        request.text = "Here is the form";
        return request;
    }
    PublishRequest message_request(base::Duration since_last_inbound = 1h) const
    {
        PublishRequest request;
        request.visibility = Visibility::private_;
        request.target_id = request.root_id = "t_10";
        request.recipient_id = "240";
        request.attempt_key = "attempt-1";
        request.last_inbound_at = clock.now() - since_last_inbound;
        return request;
    }
    static OutgoingFile picture() { return {"a\"b.png", "image/png", std::string("\x89PNG\r\n\0--x", 11), {}}; }
    static OutgoingFile picture_by_url() { return {"b.png", "image/png", {}, "https://acme.example/b.png"}; }

    http::Exchange written = answer(200, R"({"id":"900_705","message_id":"m_1","post_id":"104_905","success":true})");
    std::string proof;
    std::size_t sends = 0;
};

/// The parts of a multipart body: name -> (headers, content).
std::map<std::string, std::pair<std::string, std::string>> parts_of(const http::ClientRequest& request)
{
    const std::string type(request.headers.find("Content-Type").value_or(""));
    const std::string boundary = "--" + type.substr(type.find("boundary=") + 9);
    std::map<std::string, std::pair<std::string, std::string>> parts;
    for (auto at = request.body.find(boundary); at != std::string::npos;) {
        const auto end = request.body.find(boundary, at + boundary.size());
        if (end == std::string::npos) break;
        const std::string part = request.body.substr(at + boundary.size() + 2, end - at - boundary.size() - 4);
        const auto head = part.find("\r\n\r\n");
        const auto name = part.find("name=\"") + 6;
        parts[part.substr(name, part.find('"', name) - name)] = {part.substr(0, head), part.substr(head + 4)};
        at = end;
    }
    EXPECT_TRUE(request.body.ends_with(boundary + "--\r\n"));
    return parts;
}

TEST_F(FacebookWrite, ACommentTakesAFileWithItsText)
{
    auto request = comment_request();
    request.file = picture();
    EXPECT_EQ(publish(request).outcome, Class::published);
    EXPECT_EQ(sent().path, "/900_701/comments");
    EXPECT_TRUE(sent().request.fresh_connection);
    const auto parts = parts_of(sent().request);
    EXPECT_EQ(parts.at("message").second, "Here is the form");
    EXPECT_EQ(parts.at("source").second, picture().bytes);
    EXPECT_NE(parts.at("source").first.find("Content-Type: image/png"), std::string::npos);
    EXPECT_NE(parts.at("source").first.find("filename=\"a_b.png\""), std::string::npos);
    EXPECT_EQ(parts.at("appsecret_proof").second, proof);

    request.file = picture_by_url();
    publish(request);
    EXPECT_EQ(sent().form("attachment_url"), "https://acme.example/b.png");
    EXPECT_EQ(sent().form("appsecret_proof"), proof);
}

TEST_F(FacebookWrite, AFilesNameAndTypeEndNoHeader)
{
    auto request = comment_request();
    request.file = picture();
    request.file->name = "x\"\r\nContent-Type: text/html\r\n\r\n<b>";
    request.file->media_type = "text/html\r\nX-Evil: 1";
    publish(request);
    const auto parts = parts_of(sent().request);
    EXPECT_EQ(parts.size(), 4U);
    EXPECT_EQ(parts.at("source").second, picture().bytes);
    EXPECT_NE(parts.at("source").first.find("application/octet-stream"), std::string::npos);
}

TEST_F(FacebookWrite, AMessageIsATextOrAFile)
{
    auto request = message_request();
    request.file = picture_by_url();
    EXPECT_EQ(publish(request).platform_id, "m_1");
    EXPECT_EQ(Json::parse(sent().form("message")),
              (Json{{"metadata", "attempt-1"}, {"attachment", {{"type", "image"}, {"payload", {{"url", "https://acme.example/b.png"}}}}}}));
    request.file = picture();
    publish(request);
    const auto parts = parts_of(sent().request);
    EXPECT_EQ(Json::parse(parts.at("recipient").second), (Json{{"id", "240"}}));
    EXPECT_EQ(Json::parse(parts.at("message").second)["attachment"], (Json{{"type", "image"}, {"payload", Json::object()}}));
    EXPECT_EQ(parts.at("filedata").second, picture().bytes);
    const auto before = sends;
    request.text = "and a text";
    EXPECT_EQ(publish(request).outcome, Class::failed);
    EXPECT_EQ(sends, before);
}

TEST_F(FacebookWrite, OnlyTextGoesOutAfterADay)
{
    settings.human_agent = true;
    connector = connectors::make_connector(settings, transport, clock, random);
    auto request = message_request(25h);
    request.file = picture();
    EXPECT_EQ(publish(request).outcome, Class::failed);
    request.file.reset();
    request.text = "sorry for the wait";
    EXPECT_EQ(publish(request).outcome, Class::published);
    EXPECT_EQ(sent().form("tag"), "HUMAN_AGENT");
}

TEST_F(FacebookWrite, WhatIsTooLargeIsRefusedBeforeItIsSent)
{
    auto comment = comment_request();
    comment.text = "";
    EXPECT_EQ(publish(comment).outcome, Class::failed);
    for (int i = 0; i < 8001; ++i) comment.text += "é";
    EXPECT_EQ(publish(comment).outcome, Class::failed);
    auto message = message_request();
    message.text = std::string(2000, 'x');
    EXPECT_EQ(publish(message).outcome, Class::failed);
    message.text.clear();
    message.file = picture();
    message.file->bytes = std::string(8 * 1024 * 1024 + 1, 'x');
    EXPECT_EQ(publish(message).outcome, Class::failed);
    message.file->media_type = "application/pdf";
    message.file->bytes.clear();
    EXPECT_EQ(publish(message).outcome, Class::failed);
    message.file->url = "file:///etc/passwd";
    EXPECT_EQ(publish(message).outcome, Class::failed);
    EXPECT_EQ(sends, 0U);
    message.file->bytes = "%PDF";
    EXPECT_EQ(publish(message).outcome, Class::published);
    message.file.reset();
    message.text = std::string(1999, 'x');
    EXPECT_EQ(publish(message).outcome, Class::published);
}

TEST_F(FacebookWrite, ACommentIsAnsweredInPrivateForSevenDays)
{
    PublishRequest request;
    request.visibility = Visibility::private_;
    request.private_reply_to = "900_701";
    request.target_at = clock.now() - 6 * 24h;
    request.text = "We write to you here";
    request.attempt_key = "attempt-2";
    EXPECT_EQ(publish(request).platform_id, "m_1");
    EXPECT_EQ(sent().path, "/104/messages");
    EXPECT_EQ(Json::parse(sent().form("recipient")), (Json{{"comment_id", "900_701"}}));
    EXPECT_EQ(Json::parse(sent().form("message"))["metadata"], "attempt-2");
    request.private_reply_to = "104_900";
    publish(request);
    EXPECT_EQ(Json::parse(sent().form("recipient")), (Json{{"post_id", "104_900"}}));
    EXPECT_EQ(sends, 2U);
    request.target_at = clock.now() - 7 * 24h;
    EXPECT_EQ(publish(request).outcome, Class::failed);
    request.private_reply_to = "../x";
    request.target_at = clock.now();
    EXPECT_EQ(publish(request).outcome, Class::failed);
    EXPECT_EQ(sends, 2U);
}

struct Deed {
    const char* name;
    Action action;
    http::Method method;
    const char* path;
    std::map<std::string, std::string> form;
    friend void PrintTo(const Deed& deed, std::ostream* out) { *out << deed.name; }
};
Action action(ActionKind kind, const std::string& text = "")
{
    Action made;
    made.kind = kind;
    made.target_id = "900_701";
    made.text = text;
    return made;
}
Action new_post(const std::string& text, const std::string& link = "", std::optional<OutgoingFile> file = std::nullopt)
{
    Action made;
    made.kind = ActionKind::post;
    made.text = text;
    made.link = link;
    made.file = std::move(file);
    return made;
}
class FacebookDeed : public FacebookWrite, public testing::WithParamInterface<Deed> {};
TEST_P(FacebookDeed, IsOneCallWithTheProof)
{
    const auto outcome = act(GetParam().action);
    EXPECT_EQ(outcome.outcome, Class::published) << outcome.reason;
    EXPECT_EQ(sends, 1U);
    EXPECT_EQ(sent().request.method, GetParam().method);
    EXPECT_EQ(sent().path, GetParam().path);
    for (const auto& [name, value] : GetParam().form) EXPECT_EQ(sent().form(name), value) << name;
    EXPECT_EQ(GetParam().method == http::Method::del ? sent().parameter("appsecret_proof") : sent().form("appsecret_proof"), proof);
    EXPECT_EQ(outcome.platform_id.empty(), GetParam().action.kind != ActionKind::post);
}
INSTANTIATE_TEST_SUITE_P(
    Table, FacebookDeed,
    testing::Values(
        Deed{"Hide", action(ActionKind::hide), http::Method::post, "/900_701", {{"is_hidden", "true"}}},
        Deed{"Unhide", action(ActionKind::unhide), http::Method::post, "/900_701", {{"is_hidden", "false"}}},
        Deed{"Like", action(ActionKind::like), http::Method::post, "/900_701/likes", {}},
        Deed{"Unlike", action(ActionKind::unlike), http::Method::del, "/900_701/likes", {}},
        Deed{"Remove", action(ActionKind::remove), http::Method::del, "/900_701", {}},
        Deed{"Edit", action(ActionKind::edit, "better"), http::Method::post, "/900_701", {{"message", "better"}}},
        Deed{"Post", new_post("We open at 9"), http::Method::post, "/104/feed", {{"message", "We open at 9"}}},
        Deed{"PostALink", new_post("", "https://acme.example/"), http::Method::post, "/104/feed", {{"link", "https://acme.example/"}}},
        Deed{"PostAPicture",
             new_post("Look", "", OutgoingFile{"b.png", "image/png", {}, "https://acme.example/b.png"}),
             http::Method::post,
             "/104/photos",
             {{"caption", "Look"}, {"url", "https://acme.example/b.png"}}}),
    [](const auto& test) { return std::string(test.param.name); });

struct Ending {
    const char* name;
    ActionKind kind;
    http::Exchange exchange;
    Class outcome;
    State trouble = State::ok;
    friend void PrintTo(const Ending& ending, std::ostream* out) { *out << ending.name; }
};
http::Exchange refused(int status, int code, int subcode = 0)
{
    Json error{{"message", "words"}, {"type", "OAuthException"}, {"code", code}};
    if (subcode != 0) error["error_subcode"] = subcode;
    return answer(status, Json{{"error", error}}.dump());
}
class FacebookEnding : public FacebookWrite, public testing::WithParamInterface<Ending> {};
TEST_P(FacebookEnding, HasItsClass)
{
    written = GetParam().exchange;
    auto made = action(GetParam().kind, "text");
    const auto outcome = act(made);
    EXPECT_EQ(outcome.outcome, GetParam().outcome) << outcome.reason;
    EXPECT_EQ(outcome.trouble.state, GetParam().trouble);
    EXPECT_EQ(outcome.reason.empty(), outcome.outcome == Class::published);
    EXPECT_EQ(sends, 1U);
}
INSTANTIATE_TEST_SUITE_P(Table, FacebookEnding,
                         testing::Values(Ending{"Done", ActionKind::hide, answer(200, R"({"success":true})"), Class::published},
                                         Ending{"DoneInWords", ActionKind::hide, answer(200, R"({"success":"true"})"), Class::published},
                                         Ending{"DoneInTheOldForm", ActionKind::hide, answer(200, "true"), Class::published},
                                         Ending{"NotDone", ActionKind::hide, answer(200, R"({"success":false})"), Class::failed},
                                         Ending{"NothingSaid", ActionKind::hide, answer(200, "{}"), Class::unknown},
                                         Ending{"Html", ActionKind::hide, answer(200, "<html>"), Class::unknown},
                                         Ending{"ErrorInA200", ActionKind::hide, answer(200, R"({"error":{"code":190,"message":"x"}})"),
                                                Class::not_sent_probably, State::needs_authorisation},
                                         Ending{"ServerError", ActionKind::like, answer(502, "<html>"), Class::unknown, State::unavailable},
                                         Ending{"Unreachable", ActionKind::like, broken(false), Class::not_sent, State::unavailable},
                                         Ending{"BrokenOff", ActionKind::like, broken(true), Class::unknown, State::unavailable},
                                         Ending{"Limited", ActionKind::remove, refused(400, 32), Class::not_sent_probably,
                                                State::rate_limited},
                                         Ending{"NotOurs", ActionKind::remove, refused(403, 200), Class::failed, State::misconfigured},
                                         Ending{"GoneAlready", ActionKind::remove, refused(400, 100, 33), Class::published},
                                         Ending{"GoneBeforeItWasHidden", ActionKind::hide, refused(400, 100, 33), Class::failed},
                                         Ending{"CannotBeHidden", ActionKind::hide, refused(400, 100), Class::failed},
                                         Ending{"PostWithoutId", ActionKind::post, answer(200, R"({"success":true})"), Class::unknown},
                                         Ending{"PostTwice", ActionKind::post, refused(400, 506), Class::unknown}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(FacebookWrite, NothingIsDoneToWhatIsNotNamed)
{
    auto made = action(ActionKind::remove);
    for (const char* id : {"", "..", "104/feed", "a?b", "1,2"}) {
        made.target_id = id;
        EXPECT_EQ(act(made).outcome, Class::failed) << id;
    }
    EXPECT_EQ(act(new_post("")).outcome, Class::failed);
    EXPECT_EQ(act(new_post("t", "", OutgoingFile{"a.pdf", "application/pdf", "%PDF", {}})).outcome, Class::failed);
    EXPECT_EQ(act(action(ActionKind::edit)).outcome, Class::failed);
    EXPECT_EQ(sends, 0U);
}

TEST_F(FacebookWrite, NothingIsDoneThroughAnotherPage)
{
    transport.script = [&](const Asked& asked) {
        return asked.path == "/me" ? answer(Json{{"id", "105"}, {"name", "Another brand"}}) : serve(asked);
    };
    EXPECT_EQ(act(action(ActionKind::hide)).outcome, Class::not_sent);
    EXPECT_EQ(sends, 0U);
}

TEST_F(FacebookWrite, OurOwnPostIsReadBack)
{
    const auto when = clock.now();
    pages["/104/published_posts"] = [&](const Asked&) {
        return answer(edge(Json::array({post("104_906", "We open at 9", when + 1s, "104"), post("104_800", "old", when - 48h, "104")})));
    };
    ReadBackRequest request;
    request.since = when - 2min;
    const auto result = run(connector->read_back(request));
    EXPECT_TRUE(result.complete);
    ASSERT_EQ(result.own.size(), 1U);
    EXPECT_EQ(result.own[0].platform_id, "104_906");
    EXPECT_FALSE(result.parent_gone);
}

TEST_F(FacebookWrite, APrivateAnswerToACommentIsReadBack)
{
    const auto when = clock.now();
    ReadBackRequest request;
    request.visibility = Visibility::private_;
    request.private_reply_to = "900_701";
    request.since = when - 2min;
    Json commented = comment("900_701", "help", when - 1h);
    pages["/900_701"] = [&](const Asked&) { return answer(commented); };
    pages["/t_77/messages"] = [&](const Asked&) { return answer(edge(Json::array({comment("m_5", "We write here", when, "104")}))); };

    auto result = run(connector->read_back(request)); // no conversation anywhere
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.own.empty());
    EXPECT_EQ(transport.last(conversations)->parameter("user_id"), "240");

    pages[conversations] = [&](const Asked&) { return answer(edge(Json::array({Json{{"id", "t_77"}}}))); };
    result = run(connector->read_back(request)); // found by the person
    ASSERT_EQ(result.own.size(), 1U);
    EXPECT_EQ(result.own[0].root_id, "t_77");
    EXPECT_EQ(result.own[0].recipient_id, "240");

    pages.erase(conversations);
    commented["private_reply_conversation"] = {{"id", "t_77"}};
    result = run(connector->read_back(request)); // told by the comment
    EXPECT_EQ(result.own.size(), 1U);
    EXPECT_TRUE(result.complete);

    pages["/900_701"] = [](const Asked&) { return error(400, 100, 33, "does not exist"); };
    result = run(connector->read_back(request));
    EXPECT_TRUE(result.parent_gone);
    pages["/900_701"] = [](const Asked&) { return error(400, 190); };
    result = run(connector->read_back(request));
    EXPECT_FALSE(result.complete);
    EXPECT_EQ(result.trouble.state, State::needs_authorisation);
}

TEST_F(FacebookWrite, APlatformWithoutActionsFailsThem)
{
    class Plain final : public connectors::Connector {
        boost::asio::awaitable<connectors::PollResult> poll(std::string) override { co_return connectors::PollResult{}; }
        boost::asio::awaitable<connectors::RecheckResult> recheck(std::vector<std::string>) override
        {
            co_return connectors::RecheckResult{};
        }
        boost::asio::awaitable<PublishOutcome> publish(PublishRequest) override { co_return PublishOutcome{}; }
        boost::asio::awaitable<connectors::ReadBackResult> read_back(ReadBackRequest) override { co_return connectors::ReadBackResult{}; }
    } plain;
    const auto outcome = run(plain.act(action(ActionKind::hide)));
    EXPECT_EQ(outcome.outcome, Class::failed);
    EXPECT_EQ(outcome.reason, "\"hide\" cannot be done on this platform");
}

} // namespace
} // namespace sportello::test
