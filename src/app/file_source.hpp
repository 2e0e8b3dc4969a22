#pragma once

#include <sportello/engine/attachments.hpp>
#include <sportello/http/outbound.hpp>

namespace sportello::app {

/// Files of the platforms over the guarded client: every hop to one of their hosts, at a public address.
class HttpFileSource final : public engine::FileSource {
public:
    explicit HttpFileSource(http::OutboundClient& client) : client_(client) {}
    boost::asio::awaitable<base::Result<Fetched>> fetch(std::string url, std::vector<std::string> hosts, std::size_t most_bytes) override;

private:
    http::OutboundClient& client_;
};

} // namespace sportello::app
