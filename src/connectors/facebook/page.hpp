#pragma once

#include "errors.hpp"
#include "graph.hpp"

#include <string>

namespace sportello::connectors::facebook {

/// Whose token it is: asked once, and compared with the account of the configuration, so that a reply can never leave
/// through another brand's Page.
class PageIdentity {
public:
    PageIdentity(Graph& graph, std::string account) : graph_(graph), account_(std::move(account)) {}

    /// @return ok, or why nothing may be read or sent.
    boost::asio::awaitable<ChannelTrouble> verify();

private:
    Graph& graph_;
    std::string account_;
    bool verified_ = false;
};

} // namespace sportello::connectors::facebook
