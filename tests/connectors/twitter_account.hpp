#pragma once

#include "scripted_transport.hpp"

namespace sportello::test {

using connectors::ChannelTrouble;
using connectors::PublishOutcome;
using State = ChannelTrouble::State;

/// One X account with a scripted platform.
class TwitterAccount : public testing::Test {
protected:
    static constexpr const char* self_id = "3000000001";

    TwitterAccount()
    {
        settings.id = "acme-twitter";
        settings.platform = domain::Platform::twitter;
        settings.account = "acme_helps";
        settings.api_base = "https://api.x.com/2";
        settings.credentials.access_token = "bearer-of-acme";
        transport.script = [this](const Asked& asked) { return serve(asked); };
        connector = connectors::make_connector(settings, transport, clock, random);
    }

    /// Everything empty, and `me` answered; tests lay their own answers over it.
    virtual http::Exchange serve(const Asked& asked)
    {
        if (asked.path == "/users/me") {
            return answer(Json{{"data", {{"id", self_id}, {"name", "Acme Support"}, {"username", "Acme_Helps"}}}});
        }
        if (const auto found = pages.find(asked.path); found != pages.end()) return found->second(asked);
        return answer(Json{{"meta", {{"result_count", 0}}}});
    }

    connectors::PollResult poll(const std::string& cursor = "") { return run(connector->poll(cursor)); }

    /// A post as the API shows it.
    static Json post(const std::string& id, const std::string& text, const std::string& author = "1205290000000000001")
    {
        return {{"id", id},
                {"text", text},
                {"author_id", author},
                {"conversation_id", id},
                {"created_at", "2026-03-02T09:05:10.000Z"},
                {"edit_history_tweet_ids", {id}}};
    }
    static Json page(const Json& data, const std::string& next = "")
    {
        Json meta{{"result_count", data.size()}};
        if (!next.empty()) meta["next_token"] = next;
        if (!data.empty()) meta["newest_id"] = data.front().at("id");
        Json body{{"meta", meta}};
        if (!data.empty()) body["data"] = data;
        return body;
    }

    ManualClock clock;
    SeededRandom random{7};
    connectors::ChannelSettings settings;
    ScriptedTransport transport{"https://api.x.com/2"};
    std::map<std::string, ScriptedTransport::Script> pages;
    std::unique_ptr<connectors::Connector> connector;
    const std::string mentions = "/users/3000000001/mentions";
    const std::string own_posts = "/users/3000000001/tweets";
    const std::string messages = "/dm_events";
};

inline http::Headers limits(int limit, int remaining, base::Instant reset)
{
    http::Headers headers;
    headers.add("x-rate-limit-limit", std::to_string(limit));
    headers.add("x-rate-limit-remaining", std::to_string(remaining));
    headers.add("x-rate-limit-reset", std::to_string(base::to_micros(reset) / 1'000'000));
    return headers;
}

} // namespace sportello::test
