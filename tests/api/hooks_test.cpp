// What the platforms deliver: only what is signed is taken, and whatever is taken does no harm.
#include "desk.hpp"
#include "support/in_process_transport.hpp"

#include <sportello/base/digest.hpp>

#include <address_throttle.hpp>

#include <gmock/gmock.h>

namespace sportello {
namespace {

using http::Method;
using test::body_of;
using test::Desk;
using testing::HasSubstr;
using namespace std::chrono_literals;

const std::string secret = "example-app-secret";
const std::string facebook = "/hooks/facebook/tim-facebook";
const std::string twitter = "/hooks/twitter/tim-x";

api::Options hooks()
{
    api::Options options;
    options.webhooks["tim-facebook"] = {.secret = secret, .old_secret = "old-app-secret", .verify_token = "our-verify-token"};
    options.webhooks["tim-x"] = {.secret = "consumer-secret", .old_secret = "", .verify_token = ""};
    return options;
}

http::Request delivery(const std::string& target, const std::string& header, const std::string& signature, const std::string& body)
{
    auto request = Desk::request(Method::post, target, nullptr, body);
    request.remote_address = "192.0.2.7";
    if (!header.empty()) request.headers.set(header, signature);
    return request;
}
http::Request from_facebook(const std::string& body, const std::string& key = secret)
{
    return delivery(facebook, "X-Hub-Signature-256", "sha256=" + base::hmac_sha256_hex(key, body), body);
}
http::Request from_x(const std::string& body, const std::string& key = "consumer-secret")
{
    return delivery(twitter, "x-twitter-webhooks-signature", "sha256=" + base::hmac_sha256_base64(key, body), body);
}

class Hooks : public testing::Test {
protected:
    [[nodiscard]] int status(http::Request request) { return desk.send(std::move(request)).status; }
    Desk desk{{.automatic_assignment = false}, hooks()};
};

TEST_F(Hooks, FacebooksHandshakeNeedsTheVerifyToken)
{
    const auto ask = [&](const std::string& query) { return desk.send(Desk::request(Method::get, facebook + "?" + query)); };
    const auto good = ask("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=our-verify-token");
    EXPECT_EQ(good.status, 200);
    EXPECT_EQ(good.body, "1158201444") << "bare: no quotes, no JSON";
    EXPECT_EQ(good.headers.find("Content-Type"), "text/plain; charset=utf-8");
    for (const char* const query :
         {"hub.mode=subscribe&hub.challenge=1&hub.verify_token=another", "hub.mode=subscribe&hub.challenge=1",
          "hub.mode=subscribe&hub.challenge=1&hub.verify_token=", "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=our-verify-token",
          "hub.mode=subscribe&hub.verify_token=our-verify-token",
          "hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=our-verify-token"}) {
        EXPECT_EQ(ask(query).status, 403) << query;
    }
}

TEST_F(Hooks, TakesWhatIsSignedOverTheBytesAsTheyCame)
{
    // The reference's vector: Facebook signs its escapes.
    const std::string body =
        R"({"object":"page","entry":[{"id":"1","time":1,"changes":[{"field":"feed","value":{"message":"\u00e4\u00f6\u00e5 \ud83d\ude22 1\/2"}}]}]})";
    ASSERT_EQ(body.size(), 135U);
    EXPECT_EQ(
        status(delivery(facebook, "X-Hub-Signature-256", "sha256=da8300df79ca6837a6e5f646255973d3204bca9b2a6031b8742f93ee4f0a8707", body)),
        200);
    EXPECT_EQ(
        status(delivery(facebook, "X-Hub-Signature-256", "sha256=8b31ebbe492a03b7e96e2534b23ac63faebf0baf29e1c3c89dbff84ad3239143", body)),
        401);
    EXPECT_EQ(status(from_x(R"({"for_user_id":"1"})")), 200);
}

TEST_F(Hooks, ForgedDeliveriesAreRefused)
{
    const std::string body = R"({"object":"page","entry":[]})";
    const std::string good = "sha256=" + base::hmac_sha256_hex(secret, body);
    EXPECT_EQ(status(delivery(facebook, "", "", body)), 401) << "none";
    for (const std::string& forged :
         {std::string(), std::string("sha256="), good.substr(0, good.size() - 1), good + "0", good.substr(7), "SHA256=" + good.substr(7),
          std::string("sha1=2f9ed113231040a18bc57c4b4d478988dc2b5ce6"), "sha256=" + base::hmac_sha256_hex("another-secret", body),
          "sha256=" + base::hmac_sha256_hex("", body), "sha256=" + base::hmac_sha256_base64(secret, body)}) {
        EXPECT_EQ(status(delivery(facebook, "X-Hub-Signature-256", forged, body)), 401) << forged;
    }
    EXPECT_EQ(status(delivery(facebook, "X-Hub-Signature", "sha1=2f9ed113231040a18bc57c4b4d478988dc2b5ce6", body)), 401);
    EXPECT_EQ(status(delivery(facebook, "X-Hub-Signature-256", good, body + " ")), 401) << "another body";
    EXPECT_EQ(status(delivery(twitter, "x-twitter-webhooks-signature", good, body)), 401) << "another app's secret";
}

TEST_F(Hooks, TwoSecretsServeWhileOneIsChanged)
{
    EXPECT_EQ(status(from_facebook("{}")), 200);
    EXPECT_EQ(status(from_facebook("{}", "old-app-secret")), 200);
    EXPECT_EQ(status(from_x("{}", "")), 401) << "no old secret is not an empty one";
}

TEST_F(Hooks, AnswersXsChallenge)
{
    const auto response = desk.send(Desk::request(Method::get, twitter + "?crc_token=abc%2B%2FDEF_-1%3D&nonce=x"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body_of(response).at("response_token"), "sha256=" + base::hmac_sha256_base64("consumer-secret", "abc+/DEF_-1="));
}

TEST_F(Hooks, TheChallengeSignsNoDelivery)
{
    // Who could have any text signed could sign a delivery.
    for (const std::string body : {R"({"user_event":{}})", "{}", "[]", R"("x")", "a b", "a\nb"}) {
        EXPECT_EQ(status(Desk::request(Method::get, twitter + "?crc_token=" + http::percent_encode(body))), 422) << body;
    }
    EXPECT_EQ(status(Desk::request(Method::get, twitter + "?crc_token=" + std::string(513, 'a'))), 422);
    EXPECT_EQ(status(Desk::request(Method::get, twitter)), 422);
}

TEST_F(Hooks, WithoutSecretOrChannelThereIsNothing)
{
    Desk off;
    auto request = from_facebook("{}", "");
    EXPECT_EQ(off.send(std::move(request)).status, 404);
    EXPECT_EQ(off.send(Desk::request(Method::get, twitter + "?crc_token=abc")).status, 404);
    const std::string body = "{}";
    const std::string signature = "sha256=" + base::hmac_sha256_hex(secret, body);
    EXPECT_EQ(status(delivery("/hooks/facebook/nobody", "X-Hub-Signature-256", signature, body)), 404);
    EXPECT_EQ(status(delivery("/hooks/facebook/tim-x", "X-Hub-Signature-256", signature, body)), 404) << "a channel of the other platform";
    EXPECT_EQ(status(Desk::request(Method::get, "/hooks/twitter/tim-facebook?crc_token=abc")), 404);
}

TEST_F(Hooks, ManyForgedOnesAreNotEvenLookedAt)
{
    for (int i = 0; i < 20; ++i) EXPECT_EQ(status(delivery(facebook, "", "", "{}")), 401);
    const auto refused = desk.send(from_facebook("{}"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.headers.find("Retry-After"), "60");
    auto elsewhere = from_facebook("{}");
    elsewhere.remote_address = "192.0.2.8";
    EXPECT_EQ(status(std::move(elsewhere)), 200) << "another address is heard";
    desk.house.run_for(61s);
    EXPECT_EQ(status(from_facebook("{}")), 200);
}

TEST_F(Hooks, ADeliveryBringsTheNewsBeforeTheNextPoll)
{
    desk.house.start();
    desk.house.run_for(21s); // just polled
    const auto before = desk.house.count("SELECT COUNT(*) FROM message");
    desk.house.customer_writes(test::House::page, simulator::Kind::post, "Sara Greco", "Guasto");
    const std::string body =
        R"({"object":"page","entry":[{"id":")" + std::string(test::House::page.second) + R"(","time":1,"changes":[]}]})";
    EXPECT_EQ(status(from_facebook(body)), 200);
    desk.house.run_for(3s);
    EXPECT_EQ(desk.house.count("SELECT COUNT(*) FROM message"), before + 1);
}

TEST_F(Hooks, AnythingSignedIsAnsweredAndDoesNoHarm)
{
    desk.house.start();
    desk.house.run_for(30s);
    const auto before = desk.house.count("SELECT COUNT(*) FROM message");
    const std::string deep = std::string(5000, '[') + std::string(5000, ']');
    for (const std::string& body :
         {std::string("{"), std::string("null"), std::string("\"\""), deep, std::string(R"({"object":5,"entry":{"a":1}})"),
          std::string(R"({"object":"page","entry":[null,5,{"id":7,"messaging":"x"}]})"),
          std::string(R"({"user_event":{"revoke":{"source":{"user_id":"999"}}}})"), std::string("\xff\xfe{}")}) {
        EXPECT_EQ(status(from_facebook(body)), 200) << body.substr(0, 40);
        EXPECT_EQ(status(from_x(body)), 200) << body.substr(0, 40);
        desk.house.run_for(3s);
    }
    EXPECT_EQ(desk.house.count("SELECT COUNT(*) FROM message"), before);
    EXPECT_EQ(desk.house.count("SELECT COUNT(*) FROM channel_state WHERE state <> 'ok'"), 0);
}

TEST(AddressThrottle, ForgetsAfterAMinuteAndHoldsManyAddresses)
{
    api::AddressThrottle throttle(20);
    for (int i = 0; i < 20; ++i) throttle.offended("a", 1s * i);
    EXPECT_EQ(throttle.wait("a", 30s), 30s);
    EXPECT_EQ(throttle.wait("b", 30s), 0s);
    EXPECT_EQ(throttle.wait("a", 60s), 0s);
    throttle.offended("a", 61s);
    EXPECT_EQ(throttle.wait("a", 61s), 0s);
    for (int i = 0; i < 30'000; ++i) throttle.offended(std::to_string(i), 62s);
    EXPECT_EQ(throttle.wait("7", 62s), 0s);
}

} // namespace
} // namespace sportello
