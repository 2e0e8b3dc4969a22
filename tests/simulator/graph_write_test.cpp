#include "platforms.hpp"
#include <sportello/base/digest.hpp>

#include <filesystem>
#include <fstream>
#include <set>

namespace sportello::test {
namespace {

class GraphWrite : public Platforms {
protected:
    json write(const std::string& path, const json& body) { return json::parse(post("/v25.0" + path, body, page_token).body); }
    json sends(const std::string& person, const std::string& text, const std::string& tag = "")
    {
        json body{{"recipient", {{"id", person}}},
                  {"messaging_type", tag.empty() ? "RESPONSE" : "MESSAGE_TAG"},
                  {"message", {{"text", text}, {"metadata", "part-1"}}}};
        if (!tag.empty()) body["tag"] = tag;
        return write("/me/messages", body);
    }
    std::string person_who_wrote()
    {
        return simulator.world().find(Platform::facebook, writes(Platform::facebook, Kind::direct_message, "Anna", "ciao"))->author_id;
    }
};

TEST_F(GraphWrite, ACommentOfThePageStandsUnderWhatItAnswers)
{
    const auto post = visitor_posts("Guasto");
    const auto top = write("/" + post + "/comments", {{"message", "Ci guardiamo subito"}})["id"].get<std::string>();
    const auto reply = write("/" + top + "/comments", {{"message", "Risolto"}})["id"].get<std::string>();
    const auto rows = graph("/" + post + "/comments?filter=stream&fields=id,from,parent{id},application");
    ASSERT_EQ(ids(rows), (std::vector{top, reply}));
    EXPECT_EQ(rows["data"][0]["from"]["id"], page);
    EXPECT_FALSE(rows["data"][0].contains("parent"));
    EXPECT_EQ(rows["data"][1]["parent"]["id"], top);
    EXPECT_TRUE(rows["data"][1].contains("application"));
}

TEST_F(GraphWrite, ParametersAreTakenFromFormsAndQueriesToo)
{
    const auto on = visitor_posts("Guasto");
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = "http://simulator.test/graph/v25.0/" + on + "/comments?access_token=" + page_token;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = "message=Citt%C3%A0+e+paesi";
    const auto id = json::parse(call(request).body)["id"].get<std::string>();
    EXPECT_EQ(graph("/" + id)["message"], "Città e paesi");
}

TEST_F(GraphWrite, PostingOnACommentWithoutTheEdgeEditsAndAnswersNoId)
{
    const auto comment = write("/" + visitor_posts("Guasto") + "/comments", {{"message", "uno"}})["id"].get<std::string>();
    EXPECT_EQ(write("/" + comment, {{"message", "due"}}), json({{"success", true}}));
    EXPECT_EQ(graph("/" + comment)["message"], "due");
}

TEST_F(GraphWrite, ProofMustBeTheTokensOwn)
{
    const auto proof = base::hmac_sha256_hex(simulator::app_secret, page_token);
    EXPECT_EQ(graph("/me?appsecret_proof=" + proof)["name"], "TIM");
}

struct Window {
    const char* name;
    base::Duration after;
    const char* tag;
    int code; ///< 0: accepted
};
void PrintTo(const Window& window, std::ostream* out)
{
    *out << window.name;
}
class MessagingWindow : public GraphWrite, public testing::WithParamInterface<Window> {};

TEST_P(MessagingWindow, DecidesByTheLastMessageOfThePerson)
{
    const auto person = person_who_wrote();
    clock.set(clock.now() + GetParam().after);
    const auto body = sends(person, "Buongiorno", GetParam().tag);
    EXPECT_EQ(body.value("error", json::object()).value("code", 0), GetParam().code) << body;
    if (GetParam().code == 0) {
        EXPECT_EQ(body["recipient_id"], person);
        const auto id = body["message_id"].get<std::string>();
        EXPECT_EQ(graph("/" + id + "?fields=message,from")["from"]["id"], page);
        EXPECT_EQ(simulator.world().find(Platform::facebook, id)->metadata, "part-1");
    }
}
INSTANTIATE_TEST_SUITE_P(Table, MessagingWindow,
                         testing::Values(Window{"AtOnce", 1min, "", 0}, Window{"AtTheEndOfTheDay", 24h, "", 0},
                                         Window{"TooLate", 24h + 1s, "", 10}, Window{"ByAHuman", 24h * 7, "HUMAN_AGENT", 0},
                                         Window{"TooLateForAHuman", 24h * 7 + 1s, "HUMAN_AGENT", 10},
                                         Window{"RetiredTag", 25h, "ACCOUNT_UPDATE", 100}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(GraphWrite, AMessageToSomebodyWhoNeverWroteIsRefused)
{
    const auto commenter = simulator.world().find(Platform::facebook, visitor_posts("Guasto"))->author_id;
    EXPECT_EQ(sends(commenter, "ciao")["error"]["code"], 551);
    EXPECT_EQ(sends("123", "ciao")["error"]["error_subcode"], 2018001);
}

TEST_F(GraphWrite, APrivateReplyToACommentGoesOnce)
{
    const auto post = visitor_posts("Guasto");
    const json body{{"recipient", {{"comment_id", post}}}, {"message", {{"text", "Le scriviamo qui"}}}};
    EXPECT_TRUE(write("/me/messages", body).contains("message_id"));
    EXPECT_EQ(write("/me/messages", body)["error"]["code"], 10900);
}

TEST_F(GraphWrite, APostOfSeveralPhotosIsMadeOfUploads)
{
    json media = json::array();
    for (const char* url : {"https://scontent.example/1.jpg", "https://scontent.example/2.jpg"}) {
        media.push_back({{"media_fbid", write("/me/photos", {{"url", url}, {"published", false}})["id"]}});
    }
    EXPECT_TRUE(ids(graph("/me/posts")).empty()) << "not to be seen yet";
    const auto id = write("/me/feed", {{"message", "Nuovi modem"}, {"attached_media", media}})["id"].get<std::string>();
    const auto body = graph("/" + id + "?fields=attachments{type,subattachments{media}}");
    EXPECT_EQ(body["attachments"]["data"][0]["type"], "album");
    EXPECT_EQ(body["attachments"]["data"][0]["subattachments"]["data"][1]["media"]["image"]["src"], "https://scontent.example/2.jpg");
    EXPECT_EQ(write("/me/feed", {{"message", "x"}, {"attached_media", {{{"media_fbid", "9"}}}}})["error"]["code"], 100);
}

TEST_F(GraphWrite, AnUploadedFileIsServedAgain)
{
    const auto on = visitor_posts("Dove trovo il modulo?");
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = "http://simulator.test/v25.0/" + on + "/comments?access_token=" + page_token;
    request.headers.set("Content-Type", "multipart/form-data; boundary=B");
    request.body = "--B\r\nContent-Disposition: form-data; name=\"source\"; filename=\"a b.png\"\r\nContent-Type: image/png\r\n\r\n"
                   "\x89PNG\r\n--B--\r\n";
    const auto id = json::parse(call(request).body)["id"].get<std::string>();
    const auto url = graph("/" + id + "?fields=attachment")["attachment"]["media"]["image"]["src"].get<std::string>();
    EXPECT_TRUE(url.starts_with("http://simulator.test/media/") && url.ends_with("/a%20b.png")) << url;
    const auto file = get(url, "");
    EXPECT_EQ(file.body, "\x89PNG");
    EXPECT_EQ(file.headers.find("Content-Type"), "image/png");
    EXPECT_EQ(get("http://simulator.test/media/x/a%20b.png", "").status, 404);
}

TEST_F(GraphWrite, ErrorsAreSaidAsTheyWereRecorded)
{
    const auto file = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "../shared/reference/facebook/errors.json";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "the recorded errors are not here: " << file;
    const std::set<int> several{0, 1, 100}; // codes that stand for more than one text
    int compared = 0;
    for (const auto& entry : json::parse(std::ifstream(file))) {
        auto recorded = entry["body"]["error"];
        const int code = recorded.value("code", 0);
        const int subcode = recorded.value("error_subcode", 0);
        if (several.contains(code) && subcode != 2018047 && subcode != 2018292) continue;
        json fault{{"platform", "facebook"}, {"endpoint", "read"}, {"kind", "error"}, {"count", 1}, {"code", code}, {"subcode", subcode}};
        ASSERT_EQ(post("/control/faults", fault).status, 201);
        const auto response = get("/v25.0/me", page_token);
        auto said = json::parse(response.body)["error"];
        if (entry["http_status"].is_number()) { EXPECT_EQ(response.status, entry["http_status"]) << entry; }
        EXPECT_TRUE(said.erase("fbtrace_id"));
        recorded.erase("fbtrace_id");
        EXPECT_EQ(said, recorded);
        ++compared;
    }
    EXPECT_GE(compared, 12);
}

} // namespace
} // namespace sportello::test
