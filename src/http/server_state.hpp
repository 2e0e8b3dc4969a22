#pragma once

#include "response_head.hpp"

#include <sportello/http/server.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <optional>

namespace sportello::http {

class Session;

/// What the connections of a server share. Lives until the last of them ends.
struct ServerState {
    ServerState(boost::asio::any_io_executor its_executor, ServerOptions its_options, Handler its_handler)
        : executor(std::move(its_executor)), options(std::move(its_options)), handler(std::move(its_handler)), all_gone(executor)
    {
        all_gone.expires_at(boost::asio::steady_timer::time_point::max());
    }

    boost::asio::any_io_executor executor;
    ServerOptions options;
    Handler handler;
    std::optional<boost::asio::ssl::context> tls;
    DateText date;
    std::list<Session*> sessions;
    boost::asio::steady_timer all_gone; ///< cancelled when the last session has left
    std::size_t uploads = 0; ///< requests with a large body, from their head to their answer
    bool stopping = false;
};

} // namespace sportello::http
