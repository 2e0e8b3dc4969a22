#pragma once

#include "support/manual_clock.hpp"
#include "support/run_to_end.hpp"
#include "support/seeded_random.hpp"
#include <sportello/connectors/factory.hpp>
#include <sportello/http/client.hpp>
#include <sportello/http/url.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sportello::test {

using Json = nlohmann::json;

/// What a connector asked for, taken apart.
struct Asked {
    http::ClientRequest request;
    std::string path; ///< without the API's base: "/users/me"
    http::Parameters query;

    [[nodiscard]] std::string parameter(std::string_view name) const { return std::string(query.find(name).value_or("")); }
    [[nodiscard]] std::string form(std::string_view name) const
    {
        return std::string(http::Parameters::parse(request.body).find(name).value_or(""));
    }
};

inline http::Exchange answer(int status, const std::string& body, http::Headers headers = {})
{
    http::Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = body;
    http::Exchange exchange;
    exchange.response = std::move(response);
    exchange.request_bytes_left = true;
    return exchange;
}
inline http::Exchange answer(const Json& body, http::Headers headers = {})
{
    return answer(200, body.dump(), std::move(headers));
}
inline http::Exchange broken(bool request_bytes_left)
{
    http::Exchange exchange;
    exchange.failure = request_bytes_left ? "connection reset" : "connection refused";
    exchange.request_bytes_left = request_bytes_left;
    return exchange;
}

/// A platform made of one function; keeps what it was asked.
class ScriptedTransport final : public http::Transport {
public:
    using Script = std::function<http::Exchange(const Asked&)>;
    explicit ScriptedTransport(std::string base) : base_(std::move(base)) {}

    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        Asked asked;
        const auto question = request.url.find('?');
        const std::string url = request.url.substr(0, question);
        EXPECT_TRUE(url.starts_with(base_)) << url;
        asked.path = url.substr(std::min(base_.size(), url.size()));
        if (question != std::string::npos) asked.query = http::Parameters::parse(request.url.substr(question + 1));
        asked.request = std::move(request);
        calls.push_back(asked);
        co_return script(asked);
    }
    [[nodiscard]] std::size_t count(std::string_view path) const
    {
        return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [&](const Asked& a) { return a.path == path; }));
    }
    [[nodiscard]] const Asked* last(std::string_view path) const
    {
        for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
            if (call->path == path) return &*call;
        }
        return nullptr;
    }

    Script script;
    std::vector<Asked> calls;

private:
    std::string base_;
};

/// Runs one coroutine to its end on an executor of its own.
template <class T> T run(boost::asio::awaitable<T> work)
{
    boost::asio::io_context io;
    return run_to_end(io, nullptr, std::move(work));
}

/// A recorded payload beside the project, or nothing: then the test skips itself.
inline std::optional<Json> recorded(const std::string& file)
{
    const std::filesystem::path path = std::filesystem::path(SPORTELLO_SOURCE_DIR) / ".." / "shared" / "reference" / file;
    std::ifstream in(path);
    if (!in) return std::nullopt;
    return Json::parse(in);
}

inline base::Instant at(const std::string& text)
{
    return base::parse_rfc3339(text).value();
}

inline const domain::PlatformItem* find(const std::vector<domain::PlatformItem>& items, const std::string& id)
{
    for (const auto& item : items) {
        if (item.platform_id == id) return &item;
    }
    return nullptr;
}

} // namespace sportello::test
