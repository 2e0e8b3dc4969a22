#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>
#include <sportello/http/message.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace sportello::api {

/// Signs channels in on their platforms; whoever wires the program together gives one.
class ChannelSignIn {
public:
    struct Begun {
        std::string address; ///< the platform's, to be opened in a browser
        std::string redirect; ///< where the browser comes back to; must be registered with the app
        base::Instant expires_at{};
    };
    struct Ended {
        std::string channel;
        std::string account; ///< as the platform names it
        std::vector<std::string> notes;
    };

    virtual ~ChannelSignIn() = default;
    /// @param by  who began it, for the event log
    virtual boost::asio::awaitable<base::Result<Begun>> begin(std::string channel, std::string redirect, std::int64_t by) = 0;
    /// A browser came back. Each sign-in serves once. @param answer  the query of its address
    /// @return not_found for an answer to no sign-in of this server; invalid_input in words for one that went wrong
    virtual boost::asio::awaitable<base::Result<Ended>> finish(http::Parameters answer) = 0;
};

} // namespace sportello::api
