#pragma once

#include "scripted_transport.hpp"

namespace sportello::test {

using connectors::ChannelTrouble;
using connectors::PublishOutcome;
using State = ChannelTrouble::State;

/// One Facebook Page with a scripted platform.
class FacebookPage : public testing::Test {
protected:
    FacebookPage()
    {
        settings.id = "acme-facebook";
        settings.platform = domain::Platform::facebook;
        settings.account = "104";
        settings.api_base = "https://graph.facebook.com/v25.0";
        settings.credentials.access_token = "page-token-of-acme";
        transport.script = [this](const Asked& asked) { return serve(asked); };
        connector = connectors::make_connector(settings, transport, clock, random);
    }

    virtual http::Exchange serve(const Asked& asked)
    {
        if (asked.path == "/me") return answer(Json{{"id", "104"}, {"name", "Acme"}});
        if (const auto found = pages.find(asked.path); found != pages.end()) return found->second(asked);
        return answer(Json{{"data", Json::array()}});
    }

    connectors::PollResult poll(const std::string& cursor = "") { return run(connector->poll(cursor)); }

    static std::string graph_time(base::Instant when)
    {
        std::string text = base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(when));
        text.replace(text.size() - 1, 1, "+0000");
        return text;
    }
    static Json person(const std::string& id) { return {{"id", id}, {"name", "Person " + id}}; }
    static Json comment(const std::string& id, const std::string& text, base::Instant when, const std::string& from = "240")
    {
        return {{"id", id}, {"message", text}, {"created_time", graph_time(when)}, {"from", person(from)}};
    }
    static Json post(const std::string& id, const std::string& text, base::Instant when, const std::string& from = "240")
    {
        Json row = comment(id, text, when, from);
        row["updated_time"] = graph_time(when);
        return row;
    }
    static Json edge(const Json& rows, const std::string& next = "")
    {
        Json body{{"data", rows}};
        if (!next.empty()) body["paging"] = {{"next", next}, {"cursors", {{"after", "x"}}}};
        return body;
    }
    static http::Exchange error(int status, int code, int subcode = 0, const std::string& message = "words", http::Headers headers = {})
    {
        Json body{{"message", message}, {"type", "OAuthException"}, {"code", code}, {"fbtrace_id", "Abc"}};
        if (subcode != 0) body["error_subcode"] = subcode;
        return answer(status, Json{{"error", body}}.dump(), std::move(headers));
    }

    ManualClock clock;
    SeededRandom random{7};
    connectors::ChannelSettings settings;
    ScriptedTransport transport{"https://graph.facebook.com/v25.0"};
    std::map<std::string, ScriptedTransport::Script> pages;
    std::unique_ptr<connectors::Connector> connector;
    const std::string feed = "/104/feed";
    const std::string conversations = "/104/conversations";
};

} // namespace sportello::test
