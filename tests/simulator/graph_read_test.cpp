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

TEST_F(GraphRead, OwnPostsCanBePagedByTimeAsRecorded)
{
    std::vector<std::string> written;
    for (int i = 0; i < 7; ++i) written.insert(written.begin(), writes(Platform::facebook, Kind::post, page, "n" + std::to_string(i)));
    ASSERT_EQ(post("/control/quirks", {{"account", page}, {"time_paging", true}}).status, 204);
    auto body = graph("/me/posts?limit=3&fields=id");
    EXPECT_FALSE(body["paging"].contains("cursors"));
    const auto next = body["paging"]["next"].get<std::string>();
    EXPECT_NE(next.find("&until=1772442005&since&__paging_token="), std::string::npos) << next;
    EXPECT_TRUE(next.ends_with("&__previous")) << next;
    std::vector<std::string> seen = ids(body);
    std::string last;
    while (body["paging"].contains("next")) {
        last = body["paging"]["next"];
        body = json::parse(get(last, "").body);
        for (const auto& id : ids(body)) seen.push_back(id);
    }
    EXPECT_EQ(seen, written);
    const auto previous = body["paging"]["previous"].get<std::string>();
    EXPECT_NE(previous.find("&__previous=1&since=1772442001&until&__paging_token="), std::string::npos) << previous;
    EXPECT_EQ(ids(json::parse(get(previous, "").body)), (std::vector<std::string>(written.begin() + 3, written.begin() + 6)));
}

TEST_F(GraphRead, ADeadVersionIsServedByTheOldestThatLives)
{
    for (const auto& [asked, answers] :
         {std::pair("v2.8", "v19.0"), {"v3.1", "v19.0"}, {"v18.0", "v19.0"}, {"v19.0", "v19.0"}, {"v27.0", "v27.0"}}) {
        const auto response = get("/" + std::string(asked) + "/me", page_token);
        EXPECT_EQ(response.status, 200) << asked;
        EXPECT_EQ(response.headers.find("facebook-api-version"), answers) << asked;
    }
    EXPECT_EQ(code(json::parse(get("/v99.0/me", page_token).body)), 2500);
    EXPECT_EQ(get("/me", page_token).headers.find("facebook-api-version"), "v19.0");
    clock.set(base::parse_rfc3339("2026-11-27T00:00:00Z").value());
    EXPECT_EQ(get("/v20.0/me", page_token).headers.find("facebook-api-version"), "v21.0");
}

TEST_F(GraphRead, AnUnchangedAnswerIsNotSentAgain)
{
    const auto first = get("/v25.0/me?fields=name", page_token);
    http::ClientRequest again;
    again.url = "http://simulator.test/v25.0/me?fields=name&access_token=" + std::string(page_token);
    again.headers.set("If-None-Match", std::string(first.headers.find("ETag").value()));
    const auto same = call(again);
    EXPECT_EQ(same.status, 304);
    EXPECT_TRUE(same.body.empty());
    again.headers.set("If-None-Match", "\"another\"");
    EXPECT_EQ(call(again).status, 200);
}

TEST_F(GraphRead, IdsAreTakenWithAndWithoutASlash)
{
    const auto one = visitor_posts("uno");
    const auto two = visitor_posts("due");
    for (const std::string& path :
         {"/v25.0?ids=" + one + "," + two, "/v25.0/?ids=" + one + "," + two, "/v25.0/?ids=%5B%22" + one + "%22%2C%22" + two + "%22%5D"}) {
        const auto body = json::parse(get(path + "&fields=message", page_token).body);
        EXPECT_EQ(body[one]["message"], "uno") << path;
        EXPECT_EQ(body[two]["message"], "due") << path;
    }
}

class GraphLimits : public Platforms {
protected:
    /// Makes calls until one is refused; the quota is the platform's, so this is a loop of thousands.
    std::pair<int, http::Response> calls_until_refused(const std::string& path, const std::string& token)
    {
        for (int calls = 1; calls < 200'000; ++calls) {
            auto response = get(path, token);
            if (response.status != 200) return {calls, std::move(response)};
        }
        return {0, {}};
    }
};

TEST_F(GraphLimits, APersonsCallsEndWithTheCodesOfAPerson)
{
    const auto [calls, refused] = calls_until_refused("/v25.0/me", "sim-facebook-user");
    EXPECT_EQ(calls, 4801);
    EXPECT_EQ(code(json::parse(refused.body)), 17);
    EXPECT_EQ(code(json::parse(get("/v25.0/" + std::string(page) + "?fields=name", "sim-facebook-user").body)), 32);
    EXPECT_EQ(get("/v25.0/me", page_token).status, 200) << "a Page has a quota of its own";
    clock.set(clock.now() + 61min);
    EXPECT_EQ(get("/v25.0/me", "sim-facebook-user").status, 200);
}

TEST_F(GraphLimits, SeveralIdsAreSeveralCalls)
{
    std::string list = visitor_posts("0");
    for (int i = 1; i < 48; ++i) list += "," + visitor_posts(std::to_string(i));
    EXPECT_EQ(calls_until_refused("/v25.0/?ids=" + list, "sim-facebook-user").first, 101);
}

TEST_F(GraphLimits, HeadersTellHowMuchOfAQuotaIsUsed)
{
    EXPECT_FALSE(get("/v25.0/me", page_token).headers.has("X-Business-Use-Case-Usage")) << "nothing is told of little";
    ASSERT_EQ(post("/control/quirks", {{"account", page}, {"usage_percent", 97}, {"app_usage_percent", 28}}).status, 204);
    const auto headers = get("/v25.0/me", page_token).headers;
    EXPECT_EQ(json::parse(*headers.find("X-App-Usage")), json({{"call_count", 28}, {"total_time", 7}, {"total_cputime", 7}}));
    EXPECT_EQ(json::parse(*headers.find("X-Page-Usage"))["call_count"], 97);
    const auto business = json::parse(*headers.find("X-Business-Use-Case-Usage"))[page][0];
    EXPECT_EQ(business["type"], "pages");
    EXPECT_EQ(business["call_count"], 97);
    EXPECT_EQ(business["estimated_time_to_regain_access"], 0);
}

} // namespace
} // namespace sportello::test
