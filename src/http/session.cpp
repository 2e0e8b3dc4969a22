#include "session.hpp"

#include "ascii.hpp"
#include "chunked_body.hpp"
#include "upgraded_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

namespace sportello::http {
namespace asio = boost::asio;

// GCC 12 destroys the awaitable of `if (!co_await f(x)) co_return false;` twice, so here every result of co_await gets a
// name before it is looked at.

namespace {

constexpr std::size_t read_size_bytes = 4096;
constexpr std::size_t body_read_size_bytes = 64 * 1024;
/// A connection that waits for its next request keeps no more than this.
constexpr std::size_t largest_idle_input_bytes = 16 * 1024;
/// A body beyond this goes out in pieces, each with its own time limit: a large file may take its time, a peer that
/// reads nothing may not.
constexpr std::size_t piece_bytes = 256 * 1024;
/// Smaller bodies are copied behind the head: one buffer is cheaper to write than two.
constexpr std::size_t joined_body_bytes = 16 * 1024;
/// With bytes unread, closing at once would reset the connection and destroy our answer before the peer has read it.
constexpr auto leave_time = std::chrono::seconds(2);
constexpr std::size_t leave_limit_bytes = 1024 * 1024;

/// The client as the last trusted proxy saw it: the right-most forwarded address that is no trusted proxy itself.
std::string forwarded_client(const Request& request, const std::vector<std::string>& trusted, const std::string& peer)
{
    std::string client = peer;
    std::string all;
    for (const auto& [name, value] : request.headers) {
        if (equal_no_case(name, "X-Forwarded-For")) all.append(all.empty() ? "" : ",").append(value);
    }
    std::string_view rest = all;
    while (!rest.empty() && std::find(trusted.begin(), trusted.end(), client) != trusted.end()) {
        const std::size_t comma = rest.rfind(',');
        const std::string_view last = trim_blanks(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
        boost::system::error_code no_address;
        const auto address = asio::ip::make_address(std::string(last), no_address);
        if (no_address) break;
        client = address.to_string();
        rest = rest.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
    return client;
}

} // namespace

Session::Session(std::shared_ptr<ServerState> server, std::unique_ptr<Wire> wire, std::string peer_address)
    : server_(std::move(server)), wire_(std::move(wire)), peer_address_(std::move(peer_address))
{
    server_->sessions.push_front(this);
    place_ = server_->sessions.begin();
}

Session::~Session()
{
    server_->sessions.erase(place_);
    if (server_->sessions.empty()) server_->all_gone.cancel();
}

asio::awaitable<void> Session::run(std::shared_ptr<Session> self)
{
    try {
        co_await self->serve();
    } catch (const std::exception& e) {
        spdlog::error("http: a connection ended by an error of ours: {}", e.what());
    }
    self->abort();
}

asio::awaitable<void> Session::turn_away(std::shared_ptr<Session> self)
{
    // Under TLS the handshake would cost the server what it wants to save.
    const Refusal refusal{503, "Too many connections are open. Try again in a moment."};
    if (!self->wire_->secure()) co_await self->refuse(refusal);
    self->abort();
}

asio::awaitable<void> Session::serve()
{
    Wire::Error error;
    enter(Phase::handshake, server_->options.header_timeout);
    co_await wire_->shake_hands(error);
    if (error) co_return;
    for (bool stays_open = true; stays_open;) { stays_open = co_await serve_one_request(); }
}

/// @return whether the connection stays open for another one.
asio::awaitable<bool> Session::serve_one_request()
{
    Request request;
    RequestParser parser(request, server_->options.header_limit_bytes, server_->options.body_limit_bytes);
    std::optional<Refusal> refusal;
    std::shared_ptr<void> place; // among the uploads
    const bool has_request = co_await receive_request(request, parser, refusal, place);
    if (!has_request) {
        if (refusal) co_await refuse(*refusal);
        co_return false;
    }
    set_client(request);

    enter_untimed(Phase::handling);
    Response response = co_await handle(request);
    if (response.cut) co_return false;
    if (response.websocket) {
        co_await upgrade(request, response);
        co_return false;
    }
    if (response.stream) {
        co_await stream(request, response, parser.is_http_1_1());
        co_return false;
    }
    const bool keep_alive = parser.wants_keep_alive() && !server_->stopping;
    const bool answered = co_await answer(request, response, keep_alive, parser.is_http_1_1());
    if (answered && !keep_alive) co_await leave(input_.size() > 0);
    co_return answered&& keep_alive;
}

/// By the first line of the head, before anything is parsed.
bool Session::is_upload(std::string_view head)
{
    const auto line = head.substr(0, head.find_first_of("\r\n"));
    if (!line.starts_with("POST ")) return false;
    const auto path = line.substr(5, line.find_first_of(" ?", 5) - 5);
    return path.ends_with("/uploads");
}

/// Reads one whole request. @return false when there is none; then `refusal` says what to answer, if anything.
asio::awaitable<bool> Session::receive_request(Request& request, RequestParser& parser, std::optional<Refusal>& refusal,
                                               std::shared_ptr<void>& place)
{
    const bool has_head = co_await receive_head(refusal);
    if (!has_head) co_return false;
    refusal = guard_head(received().substr(0, scanner_.size()));
    if (refusal) co_return false;
    if (server_->options.upload_limit_bytes > 0 && is_upload(received().substr(0, scanner_.size()))) {
        if (server_->uploads >= server_->options.uploads_at_once)
            refusal = Refusal{503, "Too many files are coming in: try again in a moment."};
        if (refusal) co_return false;
        ++server_->uploads;
        place = std::shared_ptr<void>(nullptr, [server = server_](void*) { --server->uploads; });
        parser.body_limit(server_->options.upload_limit_bytes);
    }
    input_.consume(parser.take(received(), refusal));
    if (!refusal) refusal = read_target(request);
    if (refusal) co_return false;
    const bool invited = co_await invite_body(request, parser, refusal);
    if (!invited || parser.is_done()) co_return invited;
    const bool has_body = co_await receive_body(parser, refusal);
    co_return has_body;
}

asio::awaitable<bool> Session::receive_head(std::optional<Refusal>& refusal)
{
    const std::size_t limit = server_->options.header_limit_bytes;
    scanner_.reset();
    skip_empty_lines();
    if (input_.size() == 0) {
        if (server_->stopping) co_return false;
        if (input_.capacity() > largest_idle_input_bytes) input_.shrink_to_fit();
        enter(Phase::idle, server_->options.idle_timeout);
    } else {
        enter(Phase::receiving, server_->options.header_timeout);
    }
    for (;;) {
        const auto state = scanner_.scan(received());
        if (state == HeadScanner::State::malformed) refusal = Refusal{400, "A line of the head does not end with CR LF."};
        const std::size_t size = state == HeadScanner::State::complete ? scanner_.size() : input_.size();
        if (size > limit) refusal = Refusal{431, "The request head is larger than " + std::to_string(limit) + " bytes."};
        if (refusal) co_return false;
        if (state == HeadScanner::State::complete) co_return true;
        const bool has_more = co_await receive_more(refusal);
        if (!has_more) co_return false;
        if (phase_ == Phase::idle) {
            skip_empty_lines();
            if (input_.size() > 0) enter(Phase::receiving, server_->options.header_timeout);
        }
    }
}

/// Answers "Expect: 100-continue" before the body comes.
asio::awaitable<bool> Session::invite_body(const Request& request, const RequestParser& parser, std::optional<Refusal>& refusal)
{
    const auto expectation = request.headers.find("Expect");
    if (!expectation || !parser.is_http_1_1()) co_return true;
    if (!equal_no_case(*expectation, "100-continue")) {
        refusal = Refusal{417, "The only expectation understood is 100-continue."};
        co_return false;
    }
    if (parser.is_done() || input_.size() > 0 || !request.body.empty()) co_return true;
    const bool sent = co_await send("HTTP/1.1 100 Continue\r\n\r\n");
    co_return sent;
}

asio::awaitable<bool> Session::receive_body(RequestParser& parser, std::optional<Refusal>& refusal)
{
    enter(Phase::receiving, server_->options.body_timeout);
    while (!parser.is_done()) {
        const bool has_more = co_await receive_more(refusal);
        if (!has_more) co_return false;
        input_.consume(parser.take(received(), refusal));
        if (refusal) co_return false;
    }
    co_return true;
}

/// Reads what there is. @return false at the end of the connection, or with `refusal` set when the time is over.
asio::awaitable<bool> Session::receive_more(std::optional<Refusal>& refusal)
{
    const std::size_t room = phase_ == Phase::receiving ? std::max(input_.size() * 2, read_size_bytes) : read_size_bytes;
    Wire::Error error;
    const asio::mutable_buffer free = input_.prepare(std::min(room, body_read_size_bytes));
    const std::size_t size = co_await wire_->read_some(free, error);
    input_.commit(size);
    if (!error) co_return true;
    if (error == asio::error::operation_aborted && timed_out_ && phase_ == Phase::receiving) {
        refusal = Refusal{408, "The request did not arrive in time."};
    }
    co_return false;
}

asio::awaitable<Response> Session::handle(Request& request)
{
    try {
        Response response = co_await server_->handler(request);
        co_return response;
    } catch (const std::exception& e) {
        report(request, e.what());
    } catch (...) {
        report(request, "an exception of unknown type");
    }
    co_return problem_response({500, "The server failed. The failure has been logged."});
}

asio::awaitable<bool> Session::answer(const Request& request, Response& response, bool keep_alive, bool is_http_1_1)
{
    const HeadFacts facts{.framing = Framing::length, .keep_alive = keep_alive, .say_keep_alive = !is_http_1_1, .secure = request.secure};
    output_.clear();
    try {
        append_head(output_, response, facts, server_->date);
    } catch (const std::logic_error& e) {
        report(request, e.what());
        response = problem_response({500, "The server failed. The failure has been logged."});
        output_.clear();
        append_head(output_, response, facts, server_->date);
    }
    const bool bodiless = request.method == Method::head || response.status == 204 || response.status == 304;
    std::string_view body = bodiless ? std::string_view() : std::string_view(response.body);
    if (body.size() <= joined_body_bytes) {
        output_.append(body);
        const bool sent_whole = co_await send(output_);
        co_return sent_whole;
    }
    bool sent = co_await send(output_, body.substr(0, piece_bytes));
    for (body.remove_prefix(std::min(body.size(), piece_bytes)); sent && !body.empty();
         body.remove_prefix(std::min(body.size(), piece_bytes))) {
        sent = co_await send(body.substr(0, piece_bytes));
    }
    co_return sent;
}

asio::awaitable<void> Session::stream(const Request& request, Response& response, bool is_http_1_1)
{
    const HeadFacts facts{
        .framing = is_http_1_1 ? Framing::chunked : Framing::close, .keep_alive = false, .say_keep_alive = false, .secure = request.secure};
    output_.clear();
    append_head(output_, response, facts, server_->date);
    const bool head_sent = co_await send(output_);
    if (!head_sent || request.method == Method::head) co_return;

    enter_untimed(Phase::streaming);
    if (server_->stopping) peer_has_left();
    asio::co_spawn(server_->executor, watch_peer(shared_from_this()), asio::detached);
    ChunkedBody body(*this, is_http_1_1);
    bool complete = false;
    try {
        co_await response.stream(body);
        complete = true;
    } catch (const std::exception& e) {
        report(request, e.what());
    }
    on_stream_close_ = nullptr;
    // An answer that broke off must not look complete: then the last chunk stays away.
    if (!complete || !wire_->socket().is_open()) co_return;
    if (is_http_1_1) {
        const bool ended = co_await send("0\r\n\r\n");
        if (!ended) co_return;
    }
    co_await leave(false);
}

/// While a stream runs, nothing else would notice that the peer has gone.
asio::awaitable<void> Session::watch_peer(std::shared_ptr<Session> self)
{
    std::array<char, 512> ignored;
    std::size_t total = 0;
    Wire::Error error;
    while (!error && total < leave_limit_bytes) {
        const std::size_t size = co_await self->wire_->read_some(asio::buffer(ignored), error);
        total += size;
    }
    self->peer_has_left();
}

asio::awaitable<void> Session::upgrade(const Request& request, Response& response)
{
    if (!is_websocket_upgrade(request)) {
        const Refusal refusal{426, "This address speaks WebSocket (RFC 6455, version 13) only."};
        Response problem = problem_response(refusal);
        problem.headers.add("Upgrade", "websocket");
        const bool answered = co_await answer(request, problem, false, true);
        if (answered) co_await leave(input_.size() > 0);
        co_return;
    }
    if (input_.size() > 0) {
        const Refusal refusal{400, "Nothing may follow an upgrade request before its answer."};
        co_await refuse(refusal);
        co_return;
    }
    enter_untimed(Phase::streaming);
    upgraded_ = wire_->upgrade();
    upgraded_->set_patience(server_->options.write_timeout);
    const bool accepted = co_await upgraded_->accept(request, response.headers);
    if (accepted) {
        if (server_->stopping) upgraded_->close(1001);
        try {
            co_await response.websocket(upgraded_);
        } catch (const std::exception& e) {
            report(request, e.what());
            upgraded_->close(1011);
        }
    }
    co_await upgraded_->finish();
}

asio::awaitable<void> Session::refuse(const Refusal& refusal)
{
    const Response response = problem_response(refusal);
    output_.clear();
    append_head(output_, response, {.framing = Framing::length, .keep_alive = false, .say_keep_alive = false, .secure = wire_->secure()},
                server_->date);
    output_.append(response.body);
    const bool sent = co_await send(output_);
    if (sent) co_await leave(true);
}

asio::awaitable<bool> Session::send(std::string_view text, std::string_view more, std::string_view end)
{
    const Phase before = phase_;
    enter(Phase::sending, server_->options.write_timeout);
    Wire::Error error;
    const Wire::Pieces pieces{asio::buffer(text), asio::buffer(more), asio::buffer(end)};
    co_await wire_->write(pieces, error);
    if (before == Phase::streaming) enter_untimed(before);
    co_return !error;
}

/// Says good-bye. @param unread  the peer has sent, or may be sending, what nobody reads.
asio::awaitable<void> Session::leave(bool unread)
{
    enter(Phase::leaving, leave_time);
    Wire::Error error;
    co_await wire_->finish_writing(error);
    if (wire_->secure() || !unread) co_return;
    std::array<char, 4096> ignored;
    std::size_t total = 0;
    while (!error && total < leave_limit_bytes) {
        const std::size_t size = co_await wire_->read_some(asio::buffer(ignored), error);
        total += size;
    }
}

void Session::enforce_deadline(SteadyTime now)
{
    if (now < deadline_) return;
    deadline_ = SteadyTime::max();
    timed_out_ = true;
    // A peer that is slow in sending can still be told so; one that does not read cannot.
    if (phase_ == Phase::receiving || phase_ == Phase::idle) {
        wire_->cancel();
    } else {
        wire_->close();
    }
}

void Session::stop()
{
    if (upgraded_) {
        upgraded_->close(1001);
    } else if (phase_ == Phase::idle || phase_ == Phase::handshake || phase_ == Phase::leaving) {
        wire_->cancel();
    } else {
        peer_has_left(); // what streams, ends; what is being handled, is answered
    }
}

void Session::abort()
{
    if (upgraded_) {
        upgraded_->abort();
    } else {
        wire_->close();
    }
}

void Session::peer_has_left()
{
    stream_closed_ = true;
    if (auto callback = std::exchange(on_stream_close_, nullptr)) asio::post(server_->executor, std::move(callback));
}

/// RFC 9112, 2.2: a client may send an empty line too many after a body.
void Session::skip_empty_lines()
{
    while (received().starts_with("\r\n")) input_.consume(2);
}

void Session::enter(Phase phase, std::chrono::steady_clock::duration time_limit)
{
    phase_ = phase;
    deadline_ = std::chrono::steady_clock::now() + time_limit;
    timed_out_ = false;
}

void Session::enter_untimed(Phase phase)
{
    phase_ = phase;
    deadline_ = SteadyTime::max();
}

void Session::set_client(Request& request) const
{
    const auto& trusted = server_->options.trusted_proxies;
    request.secure = wire_->secure();
    request.remote_address = peer_address_;
    if (trusted.empty() || std::find(trusted.begin(), trusted.end(), peer_address_) == trusted.end()) return;
    request.remote_address = forwarded_client(request, trusted, peer_address_);
    if (const auto scheme = request.headers.find("X-Forwarded-Proto")) request.secure = equal_no_case(*scheme, "https");
}

std::string_view Session::received() const
{
    const auto bytes = input_.data();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
}

void Session::report(const Request& request, std::string_view what) const
{
    // The query stays out: it may hold what should not be in a log.
    spdlog::error("http: {} {} failed: {}", to_string(request.method), request.path, what);
}

} // namespace sportello::http
