#include "channel_connect.hpp"

#include "ask.hpp"
#include "database.hpp"
#include "token_store.hpp"

#include <sportello/base/text.hpp>
#include <sportello/connectors/sign_in.hpp>
#include <sportello/engine/audit.hpp>
#include <sportello/http/client.hpp>
#include <sportello/http/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <nlohmann/json.hpp>

#include <iostream>

namespace sportello::app {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Result;
using connectors::SignedIn;
using connectors::SignInWay;
using namespace std::chrono_literals;

constexpr std::uint16_t usual_port = 8765;
constexpr auto patience = 10min;
constexpr std::string_view callback_path = "/callback";

/// Runs `work` to its end. @return its result; an exception passes.
template <class T> T run(asio::io_context& io, asio::awaitable<T> work)
{
    std::optional<T> result;
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& error, T value) {
        failure = error;
        result.emplace(std::move(value));
        io.stop();
    });
    io.restart();
    io.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

SignInWay way_of(const CommandLine& line, const connectors::ChannelSettings& settings)
{
    if (settings.platform == domain::Platform::facebook) return SignInWay::facebook;
    return line.oauth1 || settings.credentials.client_id.empty() ? SignInWay::x_oauth1 : SignInWay::x_oauth2;
}

std::string redirect_of(const CommandLine& line, SignInWay way)
{
    if (!line.redirect.empty()) return line.redirect;
    if (way == SignInWay::x_oauth1 && line.paste) return std::string(connectors::no_redirect);
    // Facebook lets an address without TLS be called localhost only.
    return std::string(way == SignInWay::facebook ? "http://localhost:" : "http://127.0.0.1:") +
           std::to_string(line.port.value_or(usual_port)) + std::string(callback_path);
}

/// What was typed: the whole address on which the browser ended, or only the code or PIN of it.
http::Parameters read_typed(const std::string& text, SignInWay way, bool& bare)
{
    const auto question = text.find('?');
    bare = question == std::string::npos;
    if (!bare) return http::Parameters::parse(std::string_view(text).substr(question + 1, text.find('#') - question - 1));
    http::Parameters typed;
    typed.add(way == SignInWay::x_oauth1 ? "oauth_verifier" : "code", text);
    return typed;
}

asio::awaitable<Result<SignedIn>> by_typing(connectors::SignIn& sign_in, SignInWay way)
{
    auto address = co_await sign_in.begin();
    if (!address) co_return address.error();
    std::cout << "Open this address in a browser and log in as the channel's account:\n\n  " << *address << "\n\n"
              << (way == SignInWay::x_oauth1 ? "Then type the PIN that X shows (or paste the address on which you end): "
                                             : "Then paste the address of the page on which you end; it need not load: ")
              << std::flush;
    std::string line;
    std::getline(std::cin, line);
    const std::string text(base::trim(line));
    if (text.empty()) co_return Error(ErrorKind::invalid_input, "nothing was typed; nothing was stored");
    bool bare = false;
    http::Parameters answer = read_typed(text, way, bare);
    auto done = co_await sign_in.finish(std::move(answer), bare);
    co_return done;
}

/// Waits on a port of this machine for the browser to come back.
class Listener {
public:
    Listener(asio::any_io_executor executor, base::Clock& clock, std::uint16_t port)
        : came_(clock, executor), clock_(clock), server_(executor, options(port), [this](http::Request& request) { return take(request); })
    {
    }

    Result<std::uint16_t> start() { return server_.start(); }
    asio::awaitable<std::optional<http::Parameters>> wait()
    {
        const base::Instant latest = clock_.now() + patience;
        while (!answer_ && clock_.now() < latest) co_await came_.wait_until(latest);
        co_await server_.stop(1s);
        co_return answer_;
    }

private:
    static http::ServerOptions options(std::uint16_t port)
    {
        http::ServerOptions options;
        options.port = port;
        options.connection_limit = 16;
        return options;
    }
    asio::awaitable<http::Response> take(http::Request& request)
    {
        http::Response response = http::Response::text(404, "There is nothing here.\n");
        if (request.path == callback_path && request.method == http::Method::get) {
            answer_ = request.query;
            came_.notify();
            response = http::Response::text(200, "Sportello has the answer: go back to the terminal, which tells how it ended.\n");
        }
        response.headers.set("Cache-Control", "no-store");
        response.headers.set("Referrer-Policy", "no-referrer"); // the address holds the code
        response.headers.set("X-Content-Type-Options", "nosniff");
        co_return response;
    }

    base::Signal came_;
    base::Clock& clock_;
    std::optional<http::Parameters> answer_;
    http::Server server_;
};

asio::awaitable<Result<SignedIn>> by_redirect(connectors::SignIn& sign_in, Listener& listener)
{
    if (const auto port = listener.start(); !port) {
        co_return port.error().while_doing("listen for the browser (another --port, or --paste, does without; "
                                           "the address must be registered with the app)");
    }
    auto address = co_await sign_in.begin();
    if (!address) co_return address.error();
    std::cout << "Open this address in a browser on this machine and log in as the channel's account:\n\n  " << *address
              << "\n\nWaiting for the browser to come back ..." << std::endl;
    auto answer = co_await listener.wait();
    if (!answer) co_return Error(ErrorKind::unavailable, "nobody came back within ten minutes; nothing was stored");
    auto done = co_await sign_in.finish(std::move(*answer), false);
    co_return done;
}

Result<SignedIn> sign_in(const CommandLine& line, const connectors::ChannelSettings& settings, base::Clock& clock, base::Random& random)
{
    asio::io_context io(1);
    http::Client client(io.get_executor(), {});
    if (line.token_from_stdin) {
        std::string token(base::trim(ask_hidden("Token: ")));
        if (token.empty()) return Error(ErrorKind::invalid_input, "no token was given");
        return run(io, connectors::page_token_from(std::move(token), settings, client, clock));
    }
    const SignInWay way = way_of(line, settings);
    const auto steps = connectors::make_sign_in(way, settings, redirect_of(line, way), client, clock, random);
    if (line.paste) return run(io, by_typing(*steps, way));
    Listener listener(io.get_executor(), clock, line.port.value_or(usual_port));
    return run(io, by_redirect(*steps, listener));
}

/// What makes the command senseless, in words; empty: nothing.
std::string obstacle(const CommandLine& line, const Config& config, const connectors::ChannelSettings& settings)
{
    if (!config.stored.contains(settings.id)) {
        return "channel " + settings.id +
               " takes its token from where `credentials` points; what is stored would not be used. Leave "
               "`credentials` out, or write credentials = \"stored\"";
    }
    const bool facebook = settings.platform == domain::Platform::facebook;
    if (line.token_from_stdin && !facebook) return "--token-stdin is for Facebook; a token of X goes where `credentials` points";
    if (line.oauth1 && facebook) return "--oauth1 is for X";
    if (!line.redirect.empty() && !line.paste) return "--redirect goes with --paste: nothing listens there";
    if (line.port && *line.port == 0) return "--port: the platform must know the port: expected a number from 1 to 65535";
    return {};
}

} // namespace

int connect_channel(const CommandLine& line, const Config& config, const connectors::ChannelSettings& settings)
{
    if (const std::string words = obstacle(line, config, settings); !words.empty()) {
        std::cerr << "sportello: " << words << "\n";
        return 2;
    }
    base::SystemClock clock;
    base::SystemRandom random;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    StoredTokens store(*db, config, clock, random);
    const auto signed_in = sign_in(line, settings, clock, random);
    if (!signed_in) {
        std::cerr << "sportello: channel " << settings.id << ": " << signed_in.error().what() << "\n";
        return 1;
    }
    const auto keep_in_audit = [&](storage::Transaction& tx) {
        const engine::Act act{.action = "channel.signed_in", .object = "channel", .object_id = settings.id, .brand = settings.brand};
        engine::audit_console(tx, act, nullptr, {{"channel", settings.id}, {"account", signed_in->account}}, clock.now());
    };
    if (const auto kept = store.keep_now(settings.id, signed_in->tokens, keep_in_audit); !kept) {
        std::cerr << "sportello: store the tokens: " << kept.error().what() << "\n";
        return 1;
    }
    std::cout << "Channel " << settings.id << " is connected as " << signed_in->account << "; its tokens are stored, sealed.\n";
    for (const std::string& note : signed_in->notes) std::cout << "Note: " << note << "\n";
    std::cout << "`sportello channel check " << settings.id << "` tells what it may. A running server takes it over by itself.\n";
    return 0;
}

} // namespace sportello::app
