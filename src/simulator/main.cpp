#include "listings.hpp"
#include <sportello/base/log.hpp>
#include <sportello/http/client.hpp>
#include <sportello/http/server.hpp>
#include <sportello/simulator/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/program_options.hpp>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
namespace po = boost::program_options;
using namespace sportello;
using namespace sportello::simulator;

/// A failure at start-up, in words for the person at the terminal.
struct StartFailure {
    std::string what;
    int status = 1;
};

po::options_description describe()
{
    po::options_description options("sportello-simulator: Facebook's and X's APIs on loopback, with public pages\n\nOptions");
    auto add = options.add_options();
    add("help", "print this");
    add("port", po::value<std::uint16_t>()->default_value(8090), "port on 127.0.0.1; 0 chooses a free one");
    add("data", po::value<std::string>()->default_value("var/simulator"), "directory in which the world is kept");
    add("corpus", po::value<std::string>(), "play these recorded conversations (NDJSON), each company an X account");
    add("scenario", po::value<std::string>()->default_value(SPORTELLO_SCENARIO), "play this day of customers (NDJSON)");
    add("quiet-scenario", "the accounts exist, nobody writes");
    add("speed", po::value<std::string>(), "times as fast as the file says; max: all at once (default: scenario 1, corpus max)");
    add("tls-certificate", po::value<std::string>(), "also serve TLS with this certificate (PEM), for clients that know only https");
    add("tls-key", po::value<std::string>(), "its key (PEM)");
    add("tls-port", po::value<std::uint16_t>()->default_value(0), "port of TLS on 127.0.0.1; 0 chooses a free one");
    add("ready-file", po::value<std::string>(), "write {\"port\", \"pid\"} there once usable");
    add("rate-limits", po::value<int>()->default_value(1), "the platforms' limits times this; 0: no limits");
    add("reply-rule", po::value<std::string>()->default_value("none"), "X answers only posts that mention the account: none or mentioned");
    add("require-appsecret-proof", "Facebook refuses calls without appsecret_proof");
    add("channels-toml", "print [[brand]] and [[channel]] of the corpus's accounts (without --corpus: of the demo's) and end");
    add("credentials-env", "print NAME=token of every account and end");
    add("pages", "print platform, account and path of every public page and end");
    return options;
}

po::variables_map read_options(int argc, char** argv)
{
    po::variables_map values;
    try {
        po::store(po::parse_command_line(argc, argv, describe()), values);
    } catch (const po::error& error) {
        throw StartFailure{std::string(error.what()) + ". --help lists what there is.", 2};
    }
    return values;
}

std::optional<std::string> text(const po::variables_map& values, const char* name)
{
    return values.count(name) ? std::optional(values[name].as<std::string>()) : std::nullopt;
}

std::optional<double> speed_of(const po::variables_map& values)
{
    const auto written = text(values, "speed");
    if (!written) return std::nullopt;
    if (*written == "max") return 0.0;
    char* end = nullptr;
    const double speed = std::strtod(written->c_str(), &end);
    if (written->empty() || *end != '\0' || !(speed >= 0)) {
        throw StartFailure{"--speed " + *written + ": a number from 0 on, or max, was expected", 2};
    }
    return speed;
}

SimulatorOptions simulator_options(const po::variables_map& values)
{
    SimulatorOptions options;
    options.data_dir = values["data"].as<std::string>();
    options.rate_limit_scale = std::max(0, values["rate-limits"].as<int>());
    options.require_appsecret_proof = values.count("require-appsecret-proof") > 0;
    const auto rule = values["reply-rule"].as<std::string>();
    if (rule != "none" && rule != "mentioned") throw StartFailure{"--reply-rule " + rule + ": none or mentioned was expected", 2};
    options.reply_rule = rule == "mentioned" ? ReplyRule::mentioned : ReplyRule::none;
    return options;
}

template <class T> T or_fail(base::Result<T> result)
{
    if (!result) throw StartFailure{result.error().what()};
    return std::move(*result);
}

/// @param tls_port  0: TLS is not served
void write_ready_file(const std::string& path, std::uint16_t port, std::uint16_t tls_port)
{
    const auto temporary = path + ".tmp";
    const auto tls = tls_port == 0 ? std::string() : ", \"tls_port\": " + std::to_string(tls_port);
    std::ofstream(temporary) << "{\"port\": " << port << tls << ", \"pid\": " << ::getpid() << "}\n";
    if (std::rename(temporary.c_str(), path.c_str()) != 0) throw StartFailure{"cannot write the ready file " + path};
}

/// The modes that only print. @return false when none was asked for
bool print_listing(const po::variables_map& values, const std::vector<Account>& corpus)
{
    auto all = demo_accounts();
    all.insert(all.end(), corpus.begin(), corpus.end());
    if (values.count("channels-toml")) {
        std::cout << channels_toml(corpus.empty() ? demo_accounts() : corpus);
    } else if (values.count("credentials-env")) {
        std::cout << credentials_env(all);
    } else if (values.count("pages")) {
        std::cout << pages_list(all);
    } else {
        return false;
    }
    return true;
}

void load_plays(Simulator& simulator, const po::variables_map& values, Corpus corpus, asio::io_context& io)
{
    const auto speed = speed_of(values);
    const auto start = [&](const std::string& player, std::vector<PlayRow> rows, double pace) {
        simulator.load(player, std::move(rows));
        asio::co_spawn(io, simulator.play(player, pace), asio::detached);
    };
    for (const auto& account : corpus.accounts) simulator.world().add_account(account);
    if (values.count("corpus")) start("corpus", std::move(corpus.rows), speed.value_or(0.0));
    if (!values.count("quiet-scenario")) {
        start("scenario", or_fail(read_scenario(values["scenario"].as<std::string>())), speed.value_or(1.0));
    }
}

int serve(const po::variables_map& values, Corpus corpus)
{
    base::set_up_logging("info");
    base::SystemClock clock;
    base::SystemRandom random;
    asio::io_context io{1};
    Simulator simulator(clock, random, simulator_options(values));
    if (const auto opened = simulator.open(); !opened) throw StartFailure{opened.error().what()};
    load_plays(simulator, values, std::move(corpus), io);
    io.poll(); // what is to be there at once is there before the first caller

    http::ServerOptions options;
    options.body_limit_bytes = std::size_t{32} * 1024 * 1024; // the platforms take files of 25 MB
    options.port = values["port"].as<std::uint16_t>();
    http::Server server(io.get_executor(), options, simulator.handler());
    const auto port = or_fail(server.start());
    spdlog::info("the simulated platforms are at http://127.0.0.1:{}/", port);
    std::optional<http::Server> tls_server;
    std::uint16_t tls_port = 0;
    if (const auto certificate = text(values, "tls-certificate")) {
        auto tls = options;
        tls.port = values["tls-port"].as<std::uint16_t>();
        tls.certificate_file = *certificate;
        tls.key_file = text(values, "tls-key").value_or(*certificate);
        tls_server.emplace(io.get_executor(), tls, simulator.handler());
        tls_port = or_fail(tls_server->start());
        spdlog::info("and with TLS at https://127.0.0.1:{}/", tls_port);
    }
    if (const auto ready = text(values, "ready-file")) write_ready_file(*ready, port, tls_port);

    http::Client client(io.get_executor(), {});
    simulator.reach_listeners_through(client);
    asio::co_spawn(io, simulator.run_webhooks(), asio::detached);

    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& failed, int) {
        if (failed) return;
        simulator.stop_webhooks();
        if (tls_server) asio::co_spawn(io, tls_server->stop(std::chrono::seconds(1)), asio::detached);
        asio::co_spawn(io, server.stop(std::chrono::seconds(1)), [&](const std::exception_ptr&) { io.stop(); });
    });
    io.restart();
    io.run();
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        const auto values = read_options(argc, argv);
        if (values.count("help")) {
            std::cout << describe() << "\n";
            return 0;
        }
        Corpus corpus;
        if (const auto file = text(values, "corpus")) corpus = or_fail(read_corpus(*file));
        if (print_listing(values, corpus.accounts)) return 0;
        return serve(values, std::move(corpus));
    } catch (const StartFailure& failure) {
        std::cerr << "sportello-simulator: " << failure.what << "\n";
        return failure.status;
    } catch (const std::exception& error) {
        std::cerr << "sportello-simulator: " << error.what() << "\n";
        return 1;
    }
}
