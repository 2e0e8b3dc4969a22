#pragma once

#include "../answer.hpp"
#include <sportello/connectors/factory.hpp>

#include <string>

namespace sportello::connectors::facebook {

/// Calls of the Graph API in the name of one Page: address, token and proof. Knows nothing of what is asked.
class Graph {
public:
    Graph(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock);

    /// @param path  below the versioned base: "/104000000000001/feed"
    boost::asio::awaitable<Answer> get(std::string path, http::Parameters query);
    /// Follows a paging link. The link's host is not believed, and the token in it is not used: both are ours.
    boost::asio::awaitable<Answer> follow(std::string link);
    /// Sends a form once, over a connection of its own.
    boost::asio::awaitable<Answer> post(std::string path, http::Parameters form, std::chrono::milliseconds deadline);

    [[nodiscard]] Instant now() const { return clock_.now(); }

private:
    boost::asio::awaitable<Answer> send(http::ClientRequest request);
    void add_proof(http::Parameters& parameters) const;

    std::string base_url_;
    std::string origin_; ///< scheme, host and port of base_url_
    std::string token_;
    std::string proof_; ///< empty: none is sent
    http::Transport& transport_;
    base::Clock& clock_;
};

/// The paging link of an edge; empty at its end.
[[nodiscard]] std::string next_link(const Json& edge);

} // namespace sportello::connectors::facebook
