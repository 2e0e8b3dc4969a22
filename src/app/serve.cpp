#include "commands.hpp"
#include "courier.hpp"
#include "database.hpp"
#include "token_store.hpp"

#include <sportello/api/api.hpp>
#include <sportello/connectors/factory.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/http/client.hpp>
#include <sportello/http/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include <fstream>
#include <iostream>

#include <unistd.h>

namespace sportello::app {
namespace {

namespace asio = boost::asio;

/// Tells scripts that requests are answered: written aside, then renamed, so that nobody reads half of it.
void write_ready_file(const std::filesystem::path& path, std::uint16_t port)
{
    if (path.empty()) return;
    const std::filesystem::path aside = path.string() + ".tmp";
    std::ofstream(aside) << "{\"port\": " << port << ", \"pid\": " << getpid() << "}\n";
    std::filesystem::rename(aside, path);
}

std::string address_of(const http::ServerOptions& server, std::uint16_t port)
{
    const bool v6 = server.address.find(':') != std::string::npos;
    return (server.certificate_file.empty() ? "http://" : "https://") + (v6 ? "[" + server.address + "]" : server.address) + ":" +
           std::to_string(port);
}

/// The stored tokens, sealed anew where the key was changed. What cannot be opened stops only its own channel.
void take_tokens(StoredTokens& tokens, const Config& config, std::vector<connectors::ChannelSettings>& channels)
{
    const auto resealed = tokens.reseal_now();
    if (!resealed) spdlog::error("seal the stored tokens with the new key: {}", resealed.error().what());
    else if (*resealed > 0) spdlog::info("{} stored tokens sealed with the new key: the old one can be left out", *resealed);
    for (const std::string& complaint : tokens.attach(config, channels)) spdlog::error("{}", complaint);
}

} // namespace

int serve(const CommandLine& line, const Config& config)
{
    base::SystemClock clock;
    base::SystemRandom random;
    const auto db = open_database(config, clock);
    if (!db) return 1;

    StoredTokens tokens(*db, config, clock, random);
    std::vector<connectors::ChannelSettings> channels = config.connectors;
    take_tokens(tokens, config, channels);

    asio::io_context io(1);
    const asio::any_io_executor executor = io.get_executor();
    http::Client client(executor, {});
    engine::Engine engine(executor, *db, config.engine, connectors::make_connectors(channels, client, clock, random), clock, random);
    HttpCourier courier(client);
    engine.use_courier(courier);
    api::Options api_options;
    api_options.build = SPORTELLO_VERSION;
    api_options.dashboard = config.dashboard;
    api_options.public_url = config.public_url;
    api_options.webhooks = config.webhooks;
    api::Api api(executor, *db, engine, clock, random, api_options);
    http::ServerOptions server_options = config.server;
    if (line.port) server_options.port = *line.port;
    http::Server server(executor, server_options, api.handler());
    const auto port = server.start();
    if (!port) {
        std::cerr << "sportello: " << port.error().what() << "\n";
        return 1;
    }
    engine.start();
    spdlog::info("listening on {}", address_of(server_options, *port));
    write_ready_file(line.ready_file, *port);

    auto stop = [&]() -> asio::awaitable<void> {
        spdlog::info("stopping: no new requests; sends under way are finished");
        co_await server.stop();
        co_await engine.stop();
        io.stop();
    };
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& failed, int) {
        if (!failed) {
            asio::co_spawn(executor, stop, [&](const std::exception_ptr& error) {
                if (error) io.stop();
            });
        }
    });
    io.run();
    spdlog::info("stopped");
    return 0;
}

} // namespace sportello::app
