#include "platforms.hpp"

#include <filesystem>
#include <fstream>
#include <set>

namespace sportello::test {
namespace {

class GraphRead : public Platforms {};

int code(const json& body)
{
    return body.value("error", json::object()).value("code", 0);
}

TEST_F(GraphRead, FeedShowsTheNewestPostFirstWithTheFieldsAskedFor)
{
    const auto first = visitor_posts("La linea è giù");
    const auto second = visitor_posts("Il modem non parte", "Anna Bruni");
    const auto body = graph("/" + std::string(page) + "/feed?fields=id,message,from,created_time,updated_time,permalink_url,to");
    ASSERT_EQ(ids(body), (std::vector{second, first}));
    const auto& row = body["data"][1];
    EXPECT_EQ(row["message"], "La linea è giù");
    EXPECT_EQ(row["from"]["name"], "Mario Rossi");
    EXPECT_EQ(row["created_time"], "2026-03-02T09:00:01+0000");
    EXPECT_EQ(row["to"]["data"][0]["id"], page);
    EXPECT_TRUE(first.starts_with(std::string(page) + "_"));
}

TEST_F(GraphRead, WireFormEscapesSlashPercentAndEverythingBeyondAscii)
{
    visitor_posts("100% a/b è 😀");
    const auto response = get("/graph/v25.0/" + std::string(page) + "/feed?fields=message", page_token);
    EXPECT_NE(response.body.find(R"(100\u0025 a\/b \u00e8 \ud83d\ude00)"), std::string::npos) << response.body;
    EXPECT_EQ(response.headers.find("facebook-api-version"), "v25.0");
    EXPECT_EQ(response.headers.find("Content-Type"), "application/json; charset=UTF-8");
}

TEST_F(GraphRead, PagesFollowTheNextLinkToTheEndAndShowEachRowOnce)
{
    std::set<std::string> written;
    for (int i = 0; i < 23; ++i) written.insert(visitor_posts("messaggio " + std::to_string(i)));
    std::set<std::string> seen;
    std::string url =
        "http://simulator.test/graph/v25.0/" + std::string(page) + "/feed?limit=5&fields=id,message&access_token=" + page_token;
    int pages = 0;
    while (!url.empty()) {
        const auto body = json::parse(get(url, "").body);
        for (const auto& id : ids(body)) EXPECT_TRUE(seen.insert(id).second) << id;
        if (++pages == 2) { // the mark of the next page goes
            ASSERT_TRUE(simulator.world().erase(body["data"].back()["id"].get<std::string>(), clock.now()));
        }
        url = body["paging"].value("next", "");
        EXPECT_TRUE(url.empty() || url.starts_with("http://simulator.test/graph/v25.0/")) << url;
    }
    EXPECT_EQ(pages, 5);
    EXPECT_EQ(seen, written);
}

TEST_F(GraphRead, CommentsComeAsTreeOrStreamInEitherOrder)
{
    const auto post = visitor_posts("Anche da voi?");
    const auto top = writes(Platform::facebook, Kind::comment, "Anna", "Sì", post);
    const auto answer = writes(Platform::facebook, Kind::comment, "Ivo", "Anche qui", top);
    const auto under_answer = writes(Platform::facebook, Kind::comment, "Anna", "Grazie", answer);

    EXPECT_EQ(ids(graph("/" + post + "/comments")), std::vector{top});
    EXPECT_EQ(ids(graph("/" + post + "/comments?filter=stream")), (std::vector{top, answer, under_answer}));
    EXPECT_EQ(ids(graph("/" + post + "/comments?filter=stream&order=reverse_chronological")), (std::vector{under_answer, answer, top}));
    EXPECT_EQ(ids(graph("/" + top + "/comments")), (std::vector{answer, under_answer}));
    EXPECT_EQ(graph("/" + post + "/comments?filter=stream&summary=true&limit=1")["summary"]["total_count"], 3);
    EXPECT_EQ(ids(graph("/" + post + "/comments?filter=stream&since=2026-03-02T09:00:03%2B0000")), (std::vector{answer, under_answer}));
    EXPECT_EQ(graph("/" + under_answer + "?fields=parent{id}")["parent"]["id"], top) << "two levels: filed under the top comment";
}

TEST_F(GraphRead, FieldsExpandIntoNestedEdges)
{
    const auto post = visitor_posts("Guasto");
    const auto one = writes(Platform::facebook, Kind::comment, "Anna", "uno", post);
    const auto two = writes(Platform::facebook, Kind::comment, "Ivo", "due", one);
    const auto body = graph("/" + std::string(page) +
                            "/feed?fields=id,comments.limit(1).filter(stream).order(reverse_chronological).summary(true){id,parent{id}}");
    const auto& comments = body["data"][0]["comments"];
    EXPECT_EQ(ids(comments), std::vector{two});
    EXPECT_EQ(comments["data"][0]["parent"]["id"], one);
    EXPECT_EQ(comments["summary"]["total_count"], 2);
    const auto next = json::parse(get(comments["paging"]["next"].get<std::string>(), "").body);
    EXPECT_EQ(ids(next), std::vector{one});
}

TEST_F(GraphRead, EdgesOfAPageTellVisitorsFromThePageItself)
{
    const auto visitor = visitor_posts("Buongiorno");
    const auto own = writes(Platform::facebook, Kind::post, page, "Siamo aperti");
    EXPECT_EQ(ids(graph("/me/feed")), (std::vector{own, visitor}));
    EXPECT_EQ(ids(graph("/me/visitor_posts")), std::vector{visitor});
    EXPECT_EQ(ids(graph("/me/posts")), std::vector{own});
}

TEST_F(GraphRead, AnUndisclosedAuthorIsLeftOut)
{
    ASSERT_EQ(post("/control/posts",
                   {{"platform", "facebook"}, {"account", page}, {"kind", "post"}, {"author", "X"}, {"text", "t"}, {"undisclosed", true}})
                  .status,
              201);
    EXPECT_FALSE(graph("/me/feed?fields=id,from")["data"][0].contains("from"));
}

TEST_F(GraphRead, EditsAndDeletionsShow)
{
    const auto post = visitor_posts("prima");
    const auto comment = writes(Platform::facebook, Kind::comment, "Anna", "sotto", post);
    ASSERT_TRUE(simulator.world().edit(comment, "sotto, corretto", clock.now()));
    EXPECT_EQ(graph("/" + comment)["message"], "sotto, corretto");
    ASSERT_TRUE(simulator.world().erase(post, clock.now()));
    EXPECT_EQ(code(graph("/" + post)), 100);
    EXPECT_EQ(code(graph("/" + comment)), 100) << "what hangs under a post goes with it";
    EXPECT_TRUE(ids(graph("/me/feed")).empty());
}

TEST_F(GraphRead, ConversationsListTheLastWrittenFirstWithTheirMessages)
{
    writes(Platform::facebook, Kind::direct_message, "Anna", "uno");
    writes(Platform::facebook, Kind::direct_message, "Ivo", "due");
    const auto last = writes(Platform::facebook, Kind::direct_message, "Anna", "tre");
    const auto body = graph("/me/"
                            "conversations?platform=messenger&fields=id,updated_time,participants,messages.limit(5){id,"
                            "message,from,created_time}");
    ASSERT_EQ(body["data"].size(), 2U);
    const auto& thread = body["data"][0];
    EXPECT_TRUE(thread["id"].get<std::string>().starts_with("t_"));
    EXPECT_EQ(thread["updated_time"], "2026-03-02T09:00:03+0000");
    EXPECT_EQ(ids(thread["messages"]).front(), last);
    EXPECT_EQ(thread["messages"]["data"].size(), 2U);
    EXPECT_EQ(thread["messages"]["data"][1]["message"], "uno");
    EXPECT_EQ(thread["participants"]["data"][1]["id"], page);
    EXPECT_EQ(ids(graph("/" + thread["id"].get<std::string>() + "/messages?limit=1")), std::vector{last});
}

struct Refusal {
    const char* name;
    std::string path;
    std::string token;
    int code;
};
void PrintTo(const Refusal& refusal, std::ostream* out)
{
    *out << refusal.name;
}
class GraphRefuses : public Platforms, public testing::WithParamInterface<Refusal> {};

TEST_P(GraphRefuses, WithTheErrorOfItsKind)
{
    const auto response = get("/graph/v25.0" + GetParam().path, GetParam().token);
    const auto body = json::parse(response.body);
    EXPECT_EQ(code(body), GetParam().code) << response.body;
    EXPECT_EQ(response.status, 400);
    EXPECT_TRUE(response.body.starts_with("{\"error\":")) << "clients look for it at the start";
    EXPECT_TRUE(body["error"].contains("fbtrace_id"));
}
INSTANTIATE_TEST_SUITE_P(Table, GraphRefuses,
                         testing::Values(Refusal{"NoToken", "/me/feed", "", 2500}, Refusal{"UnknownToken", "/me/feed", "nobody", 190},
                                         Refusal{"ForeignPage", "/104000000000001/feed", page_token, 100},
                                         Refusal{"TooLarge", "/me/feed?limit=101", page_token, 100},
                                         Refusal{"UnknownObject", "/104000000000002_1", page_token, 100},
                                         Refusal{"BadProof", "/me/feed?appsecret_proof=00", page_token, 104},
                                         Refusal{"UnknownEdge", "/me/colours", page_token, 100},
                                         Refusal{"MultiGetWithABadId", "/?ids=104000000000002,1", page_token, 100}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(GraphRead, AnUnknownFieldIsAnErrorOnceThereIsARow)
{
    visitor_posts("x");
    const auto body = graph("/me/feed?fields=id,colour");
    EXPECT_EQ(body["error"]["message"], "(#100) Unknown fields: colour.");
}

TEST_F(GraphRead, ARevokedTokenIsRefusedUntilItHoldsAgain)
{
    ASSERT_EQ(post("/control/tokens", {{"platform", "facebook"}, {"account", page}, {"valid", false}}).status, 204);
    EXPECT_EQ(graph("/me")["error"]["error_subcode"], 460);
    ASSERT_EQ(post("/control/tokens", {{"platform", "facebook"}, {"account", page}, {"valid", true}}).status, 204);
    EXPECT_EQ(graph("/me")["name"], "TIM");
}

/// The keys of an object, of the objects in it, and of an array's first row, as one sorted list of paths.
void paths_of(const json& value, const std::string& at, std::set<std::string>& into)
{
    if (value.is_object()) {
        for (const auto& [name, member] : value.items()) paths_of(member, at + "/" + name, into);
    } else if (value.is_array() && !value.empty()) {
        paths_of(value[0], at + "[]", into);
    } else {
        into.insert(at);
    }
}

TEST_F(GraphRead, FeedHasTheShapeOfTheRecordedOne)
{
    const std::string file = std::string(SPORTELLO_SOURCE_DIR) + "/../shared/reference/facebook/page_feed_cursor_paged.json";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here";
    for (int i = 0; i < 6; ++i) visitor_posts("messaggio");
    std::set<std::string> recorded, ours;
    paths_of(json::parse(std::ifstream(file)), "", recorded);
    paths_of(graph("/me/feed?limit=5"), "", ours);
    EXPECT_EQ(ours, recorded);
}

TEST_F(GraphRead, AccountsListEveryPageWithItsToken)
{
    const auto body = json::parse(get("/v25.0/me/accounts", "sim-facebook-user").body);
    ASSERT_EQ(body["data"].size(), 3U);
    EXPECT_EQ(body["data"][1]["access_token"], page_token);
}

} // namespace
} // namespace sportello::test
