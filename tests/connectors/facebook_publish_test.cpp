#include "facebook_page.hpp"

namespace sportello::test {
namespace {

using namespace std::chrono_literals;
using connectors::PublishRequest;
using connectors::ReadBackRequest;
using Class = PublishOutcome::Class;
using domain::Visibility;

class FacebookPublish : public FacebookPage {
protected:
    PublishOutcome publish(PublishRequest request) { return run(connector->publish(std::move(request))); }
    static PublishRequest reply()
    {
        PublishRequest request;
        request.target_id = "900_701";
        request.root_id = "104_900";
        request.text = "We are on it & back soon";
        request.attempt_key = "attempt-1";
        return request;
    }
    PublishRequest message(base::Duration since_last_inbound) const
    {
        PublishRequest request = reply();
        request.visibility = Visibility::private_;
        request.target_id = request.root_id = "t_10";
        request.recipient_id = "240";
        request.last_inbound_at = clock.now() - since_last_inbound;
        return request;
    }
    [[nodiscard]] std::size_t sends() const
    {
        return static_cast<std::size_t>(std::count_if(transport.calls.begin(), transport.calls.end(),
                                                      [](const Asked& a) { return a.request.method == http::Method::post; }));
    }
};

/// One row of the table in reliability 2.6, as Facebook answers it.
struct Row {
    const char* name;
    http::Exchange exchange;
    Class outcome;
    State trouble = State::ok;
    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};
http::Exchange code(int status, int number, int subcode = 0, const char* words = "words")
{
    Json error{{"message", words}, {"type", "OAuthException"}, {"code", number}};
    if (subcode != 0) error["error_subcode"] = subcode;
    return answer(status, Json{{"error", error}}.dump());
}
class FacebookSendClass : public FacebookPublish, public testing::WithParamInterface<Row> {};
TEST_P(FacebookSendClass, FollowsTheTable)
{
    transport.script = [this](const Asked& asked) {
        return asked.request.method == http::Method::post ? GetParam().exchange : serve(asked);
    };
    const auto outcome = publish(reply());
    EXPECT_EQ(outcome.outcome, GetParam().outcome) << outcome.reason;
    EXPECT_EQ(outcome.trouble.state, GetParam().trouble) << outcome.trouble.reason;
    EXPECT_EQ(outcome.reason.empty(), outcome.outcome == Class::published);
    EXPECT_EQ(outcome.platform_id.empty(), outcome.outcome != Class::published);
    EXPECT_EQ(sends(), 1U); // never twice
}
INSTANTIATE_TEST_SUITE_P(
    Table, FacebookSendClass,
    testing::Values(
        Row{"Published", answer(200, R"({"id":"900_705","created_time":"2026-03-02T09:00:05+0000"})"), Class::published},
        Row{"NoByteLeft", broken(false), Class::not_sent, State::unavailable},
        Row{"BrokenAfterBytesLeft", broken(true), Class::unknown, State::unavailable},
        Row{"SuccessWithoutBody", answer(200, ""), Class::unknown}, Row{"SuccessWithHtml", answer(200, "<html>"), Class::unknown},
        Row{"SuccessCut", answer(200, R"({"id":"900_7)"), Class::unknown},
        Row{"SuccessThatWasAnEdit", answer(200, R"({"success":true})"), Class::unknown},
        Row{"SuccessWithAnOddId", answer(200, R"({"id":"<b>"})"), Class::unknown},
        Row{"ServerErrorWithCode", code(500, 2), Class::unknown, State::unavailable},
        Row{"ServerErrorWithTokenCode", code(500, 190), Class::unknown, State::needs_authorisation},
        Row{"BadGateway", answer(502, "<html>"), Class::unknown, State::unavailable}, Row{"Code1", code(400, 1), Class::unknown},
        Row{"Code2", code(400, 2), Class::unknown}, Row{"CodeMinus1", code(400, -1), Class::unknown},
        Row{"AnUnlistedCode", code(400, 987654), Class::unknown},
        Row{"AppLimit", code(403, 4), Class::not_sent_probably, State::rate_limited},
        Row{"UserLimit", code(400, 17), Class::not_sent_probably, State::rate_limited},
        Row{"PageLimit", code(400, 32), Class::not_sent_probably, State::rate_limited},
        Row{"TemporaryLimit", code(400, 341), Class::not_sent_probably, State::rate_limited},
        Row{"CustomLimit", code(400, 613), Class::not_sent_probably, State::rate_limited},
        Row{"Blocked", code(400, 368), Class::not_sent_probably, State::rate_limited},
        Row{"PageLimitOf80001", code(400, 80001), Class::not_sent_probably, State::rate_limited},
        Row{"MessengerLimitOf80006", code(400, 80006), Class::not_sent_probably, State::rate_limited},
        Row{"UnlistedLimitBy429", code(429, 987654), Class::not_sent_probably, State::rate_limited},
        Row{"TokenInvalid", code(400, 190, 460), Class::not_sent_probably, State::needs_authorisation},
        Row{"Session", code(400, 102), Class::not_sent_probably, State::needs_authorisation},
        Row{"Status401", answer(401, ""), Class::not_sent_probably, State::needs_authorisation},
        Row{"AppRemoved", code(400, 190, 458), Class::not_sent_probably, State::needs_authorisation},
        Row{"Checkpoint", code(400, 190, 459), Class::not_sent_probably, State::needs_authorisation},
        Row{"Expired", code(400, 190, 463), Class::not_sent_probably, State::needs_authorisation},
        Row{"RoleLost", code(400, 190, 492), Class::not_sent_probably, State::needs_authorisation},
        Row{"PermissionNotGranted", code(400, 230), Class::not_sent_probably, State::needs_authorisation},
        Row{"NoToken", code(400, 2500, 0, "An active access token must be used"), Class::not_sent_probably, State::needs_authorisation},
        Row{"HiddenPermission", code(400, 1, 99), Class::unknown, State::needs_authorisation},
        Row{"SentAlthoughRefused", code(400, 1, 1357046), Class::unknown}, Row{"TemporarySendFailure", code(400, 1200), Class::unknown},
        Row{"OutsideTheWindow", code(400, 10, 2018278), Class::failed},
        Row{"OutsideInstagramsWindow", code(400, 10, 2534022), Class::failed},
        Row{"WrongMessengerPermission", code(400, 10, 2018065), Class::failed, State::misconfigured},
        Row{"CannotReceive", code(400, 10, 2018108), Class::failed},
        Row{"PageRestricted", code(400, 10, 1893063), Class::failed, State::misconfigured},
        Row{"Policy", code(403, 10), Class::failed, State::misconfigured},
        Row{"Capability", code(400, 3), Class::failed, State::misconfigured},
        Row{"RemovedEndpoint", code(400, 12), Class::failed, State::misconfigured},
        Row{"Permission200", code(403, 200), Class::failed, State::misconfigured},
        Row{"Permission299", code(403, 299), Class::failed, State::misconfigured},
        Row{"NotLive", code(400, 200, 2018028), Class::failed, State::misconfigured},
        Row{"PersonUnavailable200", code(400, 200, 1545041), Class::failed},
        Row{"PersonUnavailable", code(400, 551, 1545041), Class::failed},
        Row{"BadProof", code(400, 104), Class::failed, State::misconfigured},
        Row{"ProofMissing", code(400, 100, 0, "API calls from the server require an appsecret_proof argument"), Class::failed,
            State::misconfigured},
        Row{"TagAbuse", code(400, 613, 2018338), Class::failed}, Row{"WrongIdentity", code(400, 1705), Class::failed, State::misconfigured},
        Row{"SendRefused", code(400, 2022), Class::failed}, Row{"RepliedAlready", code(400, 10900), Class::failed},
        Row{"NotReplyable", code(400, 10902), Class::failed}, Row{"PersonUnreachable", code(400, 10903), Class::failed},
        Row{"WrongPerson", code(400, 100, 2018001), Class::failed}, Row{"AttachmentFetch", code(400, 100, 2018008), Class::failed},
        Row{"AttachmentUpload", code(400, 100, 2018047), Class::failed}, Row{"LinkNotFetched", code(400, 1609005), Class::failed},
        Row{"OtherAppControls", code(400, 2018300), Class::failed}, Row{"MessageTooOld", code(400, 9000001), Class::failed},
        Row{"BadPath", code(400, 2500), Class::failed}, Row{"Duplicate", code(400, 506), Class::unknown},
        Row{"ParentGone", code(400, 100, 33, "Object with ID '900_701' does not exist"), Class::failed},
        Row{"BadParameter", code(400, 100), Class::failed}, Row{"ClientErrorWithoutJson", answer(404, "<html>"), Class::unknown},
        Row{"Redirect", answer(302, ""), Class::unknown}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(FacebookPublish, CommentsOnceOverAConnectionOfItsOwn)
{
    pages["/900_701/comments"] = [](const Asked&) { return answer(200, R"({"id":"900_705","created_time":"2026-03-02T09:00:05+0000"})"); };
    const auto outcome = publish(reply());
    EXPECT_EQ(outcome.platform_id, "900_705");
    EXPECT_EQ(outcome.platform_time, at("2026-03-02T09:00:05Z"));
    const auto& sent = *transport.last("/900_701/comments");
    EXPECT_TRUE(sent.request.fresh_connection);
    EXPECT_EQ(sent.form("message"), "We are on it & back soon");
    EXPECT_EQ(sent.request.body.find("page-token"), std::string::npos);
}

TEST_F(FacebookPublish, AnswersPrivatelyInsideTheWindowsOnly)
{
    pages["/104/messages"] = [](const Asked&) { return answer(200, R"({"recipient_id":"240","message_id":"m_AAAA-b_c="})"); };
    const auto outcome = publish(message(23h));
    EXPECT_EQ(outcome.outcome, Class::published);
    EXPECT_EQ(outcome.platform_id, "m_AAAA-b_c=");
    const auto* sent = transport.last("/104/messages");
    EXPECT_EQ(sent->form("messaging_type"), "RESPONSE");
    EXPECT_EQ(Json::parse(sent->form("recipient")), (Json{{"id", "240"}}));
    EXPECT_EQ(Json::parse(sent->form("message")), (Json{{"text", "We are on it & back soon"}, {"metadata", "attempt-1"}}));

    EXPECT_EQ(publish(message(25h)).outcome, Class::failed);
    EXPECT_EQ(sends(), 1U);

    settings.human_agent = true;
    connector = connectors::make_connector(settings, transport, clock, random);
    EXPECT_EQ(publish(message(25h)).outcome, Class::published);
    EXPECT_EQ(transport.last("/104/messages")->form("messaging_type"), "MESSAGE_TAG");
    EXPECT_EQ(transport.last("/104/messages")->form("tag"), "HUMAN_AGENT");
    EXPECT_EQ(publish(message(7 * 24h)).outcome, Class::failed);
    EXPECT_EQ(sends(), 2U);
}

TEST_F(FacebookPublish, SendsNothingWithoutATarget)
{
    auto request = reply();
    request.target_id = "../104";
    EXPECT_EQ(publish(request).outcome, Class::failed);
    auto private_one = message(1h);
    private_one.recipient_id = "";
    EXPECT_EQ(publish(private_one).outcome, Class::failed);
    EXPECT_EQ(sends(), 0U);
}

TEST_F(FacebookPublish, ReadsTheWholePostBack)
{
    const auto sent = clock.now();
    pages["/104_900/comments"] = [&](const Asked& asked) {
        if (asked.parameter("after").empty()) {
            EXPECT_EQ(asked.parameter("filter"), "stream");
            EXPECT_EQ(asked.parameter("order"), "reverse_chronological");
            return answer(edge(Json::array({comment("900_9", "thanks", sent + 1min), comment("900_8", "ours", sent, "104")}),
                               "https://graph.facebook.com/v25.0/104_900/comments?access_token=T&after=2"));
        }
        return answer(
            edge(Json::array({comment("900_7", "ours as well", sent - 1min, "104"), comment("900_6", "too old", sent - 5min, "104")}),
                 "https://graph.facebook.com/v25.0/104_900/comments?access_token=T&after=4"));
    };
    ReadBackRequest request;
    request.target_id = "900_701";
    request.root_id = "104_900";
    request.since = sent - 2min;
    const auto result = run(connector->read_back(request));
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.canary_seen);
    EXPECT_FALSE(result.parent_gone);
    ASSERT_EQ(result.own.size(), 2U);
    EXPECT_EQ(transport.count("/104_900/comments"), 2U);
}

TEST_F(FacebookPublish, PagesRankedCommentsToTheEnd)
{
    const auto sent = clock.now();
    pages["/104_900/comments"] = [&](const Asked& asked) {
        if (asked.parameter("after").empty()) {
            return answer(edge(Json::array({comment("900_1", "popular", sent - 48h), comment("900_2", "x", sent - 1h)}),
                               "https://graph.facebook.com/v25.0/104_900/comments?after=2"));
        }
        return answer(edge(Json::array({comment("900_8", "ours", sent, "104")})));
    };
    ReadBackRequest request;
    request.target_id = request.root_id = "104_900";
    request.since = sent - 2min;
    const auto result = run(connector->read_back(request));
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(result.own.size(), 1U);
}

TEST_F(FacebookPublish, TellsAParentThatIsGoneFromAReadThatFailed)
{
    ReadBackRequest request;
    request.target_id = "900_701";
    request.root_id = "104_900";
    request.since = clock.now() - 2min;
    const auto gone = [](const Asked&) { return error(400, 100, 33, "Object does not exist"); };
    pages["/900_701"] = gone;
    auto result = run(connector->read_back(request));
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.parent_gone); // the comment alone
    pages["/104_900/comments"] = gone;
    result = run(connector->read_back(request));
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.parent_gone); // the whole post
    pages["/104_900/comments"] = [](const Asked&) { return error(400, 190); };
    result = run(connector->read_back(request));
    EXPECT_FALSE(result.complete);
    EXPECT_FALSE(result.parent_gone);
    EXPECT_EQ(result.trouble.state, State::needs_authorisation);
}

TEST_F(FacebookPublish, ReadsAConversationBack)
{
    const auto sent = clock.now();
    const auto row = [&](const char* id, const char* from, base::Instant when) { return comment(id, "t", when, from); };
    pages["/t_10/messages"] = [&](const Asked&) {
        return answer(edge(Json::array({row("m_3", "240", sent + 30s), row("m_2", "104", sent + 2s), row("m_1", "104", sent - 10min)}),
                           "https://graph.facebook.com/v25.0/t_10/messages?after=3"));
    };
    ReadBackRequest request;
    request.visibility = Visibility::private_;
    request.target_id = request.root_id = "t_10";
    request.recipient_id = "240";
    request.since = sent - 2min;
    const auto result = run(connector->read_back(request));
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.canary_seen);
    ASSERT_EQ(result.own.size(), 1U);
    EXPECT_EQ(result.own[0].platform_id, "m_2");
}

TEST_F(FacebookPublish, LooksAgainAroundTheOneBadId)
{
    std::map<std::string, Json> alive{{"104_900", post("104_900", "edited", clock.now())}};
    for (int i = 1; i <= 20; ++i) {
        const std::string id = "900_" + std::to_string(i);
        if (i != 13) alive.emplace(id, comment(id, "still there", clock.now()));
    }
    pages["/"] = [&](const Asked& asked) {
        Json body = Json::object();
        std::string ids = asked.parameter("ids") + ",";
        for (auto comma = ids.find(','); comma != std::string::npos; ids = ids.substr(comma + 1), comma = ids.find(',')) {
            const auto found = alive.find(ids.substr(0, comma));
            if (found == alive.end()) return error(400, 100, 33, "Unsupported get request. Object with ID does not exist");
            body[found->first] = found->second;
        }
        return answer(body);
    };
    std::vector<std::string> ids{"104_900", "m_private", "../x"};
    for (int i = 1; i <= 20; ++i) ids.push_back("900_" + std::to_string(i));
    const auto result = run(connector->recheck(ids));
    EXPECT_EQ(result.trouble.state, State::ok);
    ASSERT_EQ(result.items.size(), 21U);
    for (const auto& one : result.items) {
        EXPECT_EQ(one.gone, one.platform_id == "900_13") << one.platform_id;
        if (!one.gone) { EXPECT_EQ(one.item->root_id, "104_900"); }
    }
    EXPECT_LE(transport.calls.size(), 15U);
}

} // namespace
} // namespace sportello::test
