#pragma once

#include <sportello/http/client.hpp>

#include <map>
#include <optional>
#include <string>

namespace sportello::connectors {

/// Lets only reading through, and keeps the heads of the answers by their paths.
class ReadOnly final : public http::Transport {
public:
    ReadOnly(http::Transport& way, std::string base) : way_(way), base_(std::move(base)) {}

    boost::asio::awaitable<http::Exchange> send(http::ClientRequest request) override
    {
        http::Exchange exchange;
        if (request.method != http::Method::get) {
            exchange.failure = "not sent, since a look writes nothing";
            co_return exchange;
        }
        const std::string url = request.url.substr(0, request.url.find('?'));
        const std::string path = url.starts_with(base_) ? url.substr(base_.size()) : url;
        http::Exchange answered = co_await way_.send(std::move(request));
        if (answered.response) {
            last_ = answered.response->headers;
            answers_[path] = answered.response->headers;
        }
        co_return answered;
    }

    [[nodiscard]] const std::map<std::string, http::Headers>& answers() const { return answers_; }
    /// The newest value of a header, of any answer.
    [[nodiscard]] std::optional<std::string> last_header(std::string_view name) const
    {
        if (const auto value = last_.find(name)) return std::string(*value);
        for (const auto& [path, headers] : answers_) {
            if (const auto value = headers.find(name)) return std::string(*value);
        }
        return std::nullopt;
    }

private:
    http::Transport& way_;
    std::string base_;
    http::Headers last_;
    std::map<std::string, http::Headers> answers_;
};

} // namespace sportello::connectors
