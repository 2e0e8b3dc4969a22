#pragma once

#include "guard.hpp"
#include "request_parser.hpp"
#include "server_state.hpp"
#include "wire.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace sportello::http {

class UpgradedSocket;

/// One connection of the server, from the handshake to its end.
class Session final : public std::enable_shared_from_this<Session> {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Session(std::shared_ptr<ServerState> server, std::unique_ptr<Wire> wire, std::string peer_address);
    ~Session();

    /// Serves requests until the connection ends. Never throws.
    static boost::asio::awaitable<void> run(std::shared_ptr<Session> self);
    /// Answers 503 and ends: for a connection beyond the limit.
    static boost::asio::awaitable<void> turn_away(std::shared_ptr<Session> self);

    /// Called now and then: ends what has outlived its deadline.
    void enforce_deadline(SteadyTime now);
    /// The server stops: an idle connection ends now, a busy one after its answer; streams are told.
    void stop();
    /// Ends the connection at once.
    void abort();

private:
    friend class ChunkedBody;

    /// What the connection is doing; tells how it ends when its time is over.
    enum class Phase { handshake, idle, receiving, handling, sending, streaming, leaving };

    boost::asio::awaitable<void> serve();
    boost::asio::awaitable<bool> serve_one_request();
    boost::asio::awaitable<bool> receive_head(std::optional<Refusal>& refusal);
    boost::asio::awaitable<bool> receive_body(RequestParser& parser, std::optional<Refusal>& refusal);
    boost::asio::awaitable<bool> receive_more(std::optional<Refusal>& refusal);
    boost::asio::awaitable<bool> receive_request(Request& request, RequestParser& parser, std::optional<Refusal>& refusal,
                                                 std::shared_ptr<void>& place);
    static bool is_upload(std::string_view head);
    boost::asio::awaitable<bool> invite_body(const Request& request, const RequestParser& parser, std::optional<Refusal>& refusal);
    boost::asio::awaitable<Response> handle(Request& request);
    boost::asio::awaitable<bool> answer(const Request& request, Response& response, bool keep_alive, bool is_http_1_1);
    boost::asio::awaitable<void> stream(const Request& request, Response& response, bool is_http_1_1);
    boost::asio::awaitable<void> upgrade(const Request& request, Response& response);
    boost::asio::awaitable<void> refuse(const Refusal& refusal);
    boost::asio::awaitable<bool> send(std::string_view text, std::string_view more = {}, std::string_view end = {});
    boost::asio::awaitable<void> leave(bool unread);
    static boost::asio::awaitable<void> watch_peer(std::shared_ptr<Session> self);

    void skip_empty_lines();
    void enter(Phase phase, std::chrono::steady_clock::duration time_limit);
    void enter_untimed(Phase phase);
    void set_client(Request& request) const;
    std::string_view received() const;
    void report(const Request& request, std::string_view what) const;
    void peer_has_left();

    std::shared_ptr<ServerState> server_;
    std::unique_ptr<Wire> wire_;
    std::string peer_address_;
    std::list<Session*>::iterator place_;
    boost::beast::flat_buffer input_;
    std::string output_;
    HeadScanner scanner_;
    Phase phase_ = Phase::handshake;
    SteadyTime deadline_ = SteadyTime::max();
    bool timed_out_ = false;
    bool stream_closed_ = false;
    std::function<void()> on_stream_close_;
    std::shared_ptr<UpgradedSocket> upgraded_;
};

} // namespace sportello::http
