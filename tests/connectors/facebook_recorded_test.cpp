#include "facebook_page.hpp"

#include <algorithm>
#include <set>

namespace sportello::test {
namespace {

using domain::PlatformItem;

/// The recorded payloads of the Graph API, translated.
class FacebookRecorded : public FacebookPage {
protected:
    /// A connector for the Page whose recording it is.
    connectors::PollResult read(const std::string& page)
    {
        settings.account = page;
        connector = connectors::make_connector(settings, transport, clock, random);
        transport.script = [this, page](const Asked& asked) {
            if (asked.path == "/me") return answer(Json{{"id", page}, {"name", "Example Page"}});
            return serve(asked);
        };
        return poll();
    }
    /// Paging links lead back to the version they were recorded with.
    void is_version(const std::string& version)
    {
        settings.api_base = "https://graph.facebook.com/" + version;
        transport = ScriptedTransport(settings.api_base);
    }
    static Json without_next(Json edge)
    {
        if (edge.contains("paging")) edge["paging"].erase("next");
        return edge;
    }
};

/// Every text a person could want to see of a recorded row stands somewhere in its item.
void expect_nothing_lost(const Json& row, const PlatformItem& item)
{
    std::string all = item.platform_id + "\n" + item.text + "\n" + item.author_id + "\n" + item.author_name + "\n" + item.permalink;
    for (const auto& one : item.attachments) all += "\n" + one.type + "\n" + one.url + "\n" + one.name;
    const std::set<std::string> wanted{"id", "message", "name", "permalink_url", "src", "url"};
    const std::set<std::string> elsewhere{"target", "to", "tags", "paging", "parent", "comments", "reply_to"};
    const auto look = [&](const auto& self, const Json& value, const std::string& key) -> void {
        if (value.is_object()) {
            for (const auto& [name, below] : value.items()) {
                if (!elsewhere.contains(name)) self(self, below, name);
            }
        } else if (value.is_array()) {
            for (const auto& one : value) self(self, one, key);
        } else if (value.is_string() && wanted.contains(key) && value.get<std::string>().find("photo.php") == std::string::npos) {
            EXPECT_NE(all.find(value.get<std::string>()), std::string::npos) << key << ": " << value;
        }
    };
    Json shown = row;
    if (shown.contains("attachments")) {
        for (Json& one : shown["attachments"]["data"]) one.erase("id"); // of no use to anybody
    }
    look(look, shown, "");
    EXPECT_EQ(item.at, base::parse_rfc3339(row["created_time"].get<std::string>()).value());
}

TEST_F(FacebookRecorded, AFeedWithCursorPaging)
{
    const auto body = recorded("facebook/page_feed_cursor_paged.json");
    if (!body) GTEST_SKIP() << "../shared/reference/facebook is not there";
    pages["/10000007919/feed"] = [&](const Asked& asked) {
        return asked.parameter("after").empty() ? answer(*body) : answer(Json{{"data", Json::array()}});
    };
    is_version("v11.0");
    const auto result = read("10000007919");
    ASSERT_EQ(result.items.size(), (*body)["data"].size());
    for (const Json& row : (*body)["data"]) expect_nothing_lost(row, *find(result.items, row["id"]));
    EXPECT_TRUE(result.rejected.empty());
    EXPECT_EQ(transport.last("/10000007919/feed")->parameter("after"), "QVFIUafter");
    EXPECT_EQ(transport.last("/10000007919/feed")->request.url.find("PAGE_TOKEN"), std::string::npos);
}

TEST_F(FacebookRecorded, PostsWithTimePaging)
{
    const auto body = recorded("facebook/posts_time_paged.json");
    if (!body) GTEST_SKIP() << "../shared/reference/facebook is not there";
    pages["/104000000000001/published_posts"] = [&](const Asked&) { return answer(*body); };
    pages["/104000000000001/posts"] = [](const Asked&) { return answer(Json{{"data", Json::array()}}); };
    pages["/"] = [&](const Asked&) {
        Json found = Json::object();
        for (const Json& row : (*body)["data"]) found[row["id"].get<std::string>()] = row;
        return answer(found);
    };
    is_version("v10.0");
    const auto result = read("104000000000001");
    ASSERT_EQ(result.items.size(), (*body)["data"].size());
    for (const Json& row : (*body)["data"]) expect_nothing_lost(row, *find(result.items, row["id"]));
    EXPECT_EQ(transport.last("/104000000000001/posts")->parameter("until"), "1624385168");
}

TEST_F(FacebookRecorded, AStreamOfCommentsWhoseIdsAreWithheld)
{
    const auto stream = recorded("facebook/comments_stream_page1.json");
    if (!stream) GTEST_SKIP() << "../shared/reference/facebook is not there";
    Json root = post("10000007919_10000000000055433", "We are here for you", at("2021-08-10T18:00:00Z"), "10000007919");
    root["comments"] = without_next(*stream);
    pages["/10000007919/feed"] = [&](const Asked&) { return answer(edge(Json::array({root}))); };
    const auto result = read("10000007919");
    ASSERT_EQ(result.items.size(), 1U + (*stream)["data"].size());
    EXPECT_TRUE(result.rejected.empty());
    for (const Json& row : (*stream)["data"]) {
        const auto same = std::ranges::find_if(result.items, [&](const auto& item) { return row["permalink_url"] == item.permalink; });
        ASSERT_NE(same, result.items.end()) << row;
        expect_nothing_lost(row, *same);
        EXPECT_EQ(same->author_id, "");
        EXPECT_FALSE(same->own);
    }
    EXPECT_EQ(find(result.items, "10000000000055433_10000000000063352")->parent_id, "10000007919_10000000000055433");
    EXPECT_EQ(find(result.items, "10000000000055433_10000000000087109")->parent_id, "10000000000055433_10000000000071271");
}

TEST_F(FacebookRecorded, ACommentWithAPhoto)
{
    const auto row = recorded("facebook/comment_with_photo.json");
    if (!row) GTEST_SKIP() << "../shared/reference/facebook is not there";
    Json root = post("1000000000134623_1000000000118785", "p", at("2021-07-23T08:00:00Z"));
    root["comments"] = edge(Json::array({*row}));
    pages["/1000000000134623/feed"] = [&](const Asked&) { return answer(edge(Json::array({root}))); };
    const auto result = read("1000000000134623");
    const auto* item = find(result.items, (*row)["id"]);
    ASSERT_NE(item, nullptr);
    expect_nothing_lost(*row, *item);
    ASSERT_EQ(item->attachments.size(), 1U);
    EXPECT_EQ(item->attachments[0].type, "image");
    EXPECT_TRUE(result.rejected.empty());
}

TEST_F(FacebookRecorded, AConversationWithAPictureAndAVideo)
{
    const auto thread = recorded("facebook/conversation.json");
    const auto messages = recorded("facebook/messages_multi_get.json");
    if (!thread || !messages) GTEST_SKIP() << "../shared/reference/facebook is not there";
    Json row = *thread;
    Json rows = Json::array();
    for (const auto& [id, message] : messages->items()) rows.push_back(message);
    row["messages"] = edge(rows);
    pages["/1000000000134623/conversations"] = [&](const Asked&) { return answer(edge(Json::array({row}))); };
    const auto result = read("1000000000134623");
    ASSERT_EQ(result.items.size(), rows.size());
    EXPECT_TRUE(result.rejected.empty());
    std::set<std::string> types;
    for (const auto& [id, message] : messages->items()) {
        const auto* item = find(result.items, id);
        ASSERT_NE(item, nullptr);
        expect_nothing_lost(message, *item);
        EXPECT_EQ(item->root_id, "t_100000000142542");
        EXPECT_EQ(item->recipient_id, "1000000000110866");
        types.insert(item->attachments.at(0).type);
    }
    EXPECT_EQ(types, (std::set<std::string>{"image", "video"}));
}

TEST_F(FacebookRecorded, OnlyTheEchoWithOurMetadataConfirms)
{
    const auto deliveries = recorded("facebook/webhook_messaging_events.json");
    if (!deliveries) GTEST_SKIP() << "../shared/reference/facebook is not there";
    settings.account = "1000000000134623";
    connector = connectors::make_connector(settings, transport, clock, random);
    std::size_t confirmed = 0;
    for (const Json& entry : *deliveries) {
        const auto found = connector->confirmations(entry["body"].dump());
        EXPECT_EQ(found.size(), entry["body"].dump().find("metadata") == std::string::npos ? 0U : 1U) << entry;
        for (const auto& one : found) {
            ++confirmed;
            EXPECT_EQ(one.attempt_key, "outbox-00000000-0000-0000-0000-000000000001");
            EXPECT_TRUE(one.platform_id.starts_with("m_EXAMPLE"));
            EXPECT_EQ(one.at, base::from_micros(1'698'636'945'713'000));
        }
    }
    EXPECT_EQ(confirmed, 1U);
}

TEST_F(FacebookRecorded, AnEchoOfAnotherPageOrOfAnotherShapeConfirmsNothing)
{
    const Json echo{{"sender", {{"id", "104"}}},
                    {"timestamp", 1698636945713},
                    {"message", {{"mid", "m_1"}, {"is_echo", true}, {"metadata", "attempt-1"}}}};
    const auto confirmed = [&](const Json& event, const char* page = "104") {
        return connector->confirmations(Json{{"object", "page"}, {"entry", {{{"id", page}, {"messaging", {event}}}}}}.dump()).size();
    };
    EXPECT_EQ(confirmed(echo), 1U);
    EXPECT_EQ(confirmed(echo, "105"), 0U);
    for (const char* place : {"/sender/id", "/timestamp", "/message/mid", "/message/is_echo", "/message/metadata", "/message", "/sender"}) {
        for (const Json& shape : {Json(), Json(false), Json("105"), Json::array(), Json::object()}) {
            if (std::string(place) == "/message/mid" && shape == "105") continue;      // an id like any other
            if (std::string(place) == "/message/metadata" && shape == "105") continue; // and a key
            if (std::string(place) == "/timestamp" && shape == "105") continue;        // numbers may come as texts
            Json other = echo;
            other[Json::json_pointer(place)] = shape;
            EXPECT_EQ(confirmed(other), 0U) << place << " " << shape;
        }
    }
    for (const char* text : {"", "<html>", "[]", "{\"entry\":7}", "{\"entry\":[null,7,{\"id\":\"104\",\"messaging\":\"x\"}]}"}) {
        EXPECT_TRUE(connector->confirmations(text).empty()) << text;
    }
}

TEST_F(FacebookRecorded, EveryErrorHasAMeaning)
{
    const auto errors = recorded("facebook/errors.json");
    if (!errors) GTEST_SKIP() << "../shared/reference/facebook is not there";
    for (const Json& entry : *errors) {
        const int status = entry["http_status"].is_number() ? entry["http_status"].get<int>() : 400;
        transport.script = [&](const Asked& asked) {
            return asked.path == "/me" ? answer(Json{{"id", "104"}}) : answer(status, entry["body"].dump());
        };
        connector = connectors::make_connector(settings, transport, clock, random);
        connectors::PublishRequest request;
        request.target_id = request.root_id = "104_900";
        request.text = "t";
        const auto sent = run(connector->publish(request));
        const Json& error = entry["body"]["error"];
        const bool listed = error.value("code", 0) > 1 || status == 500;
        if (listed && status != 500) {
            EXPECT_NE(sent.outcome, PublishOutcome::Class::unknown) << entry;
        } else {
            EXPECT_EQ(sent.outcome, PublishOutcome::Class::unknown) << entry;
        }
        EXPECT_FALSE(sent.reason.empty());
        const auto read = poll();
        EXPECT_TRUE(read.trouble.state != State::ok || !read.rejected.empty()) << entry;
    }
}

} // namespace
} // namespace sportello::test
