#include "running_server.hpp"

#include "figures.hpp"
#include "filled_house.hpp"
#include "load_client.hpp"
#include "processor_time.hpp"

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string_view>

namespace sportello::bench {
namespace {

constexpr const char* login = "agent1";
constexpr const char* password = "a password of the bench";
const std::vector<std::string> environment{"SPORTELLO_BENCH_TOKEN=not-a-token"};

std::uint16_t free_port()
{
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(probe, reinterpret_cast<const sockaddr*>(&address), size);
    getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
    close(probe);
    return ntohs(address.sin_port);
}

bool answers(std::uint16_t port)
{
    try {
        return ask(port, request_text("GET", "/healthz")).status == 200;
    } catch (const std::runtime_error&) {
        return false; // not listening yet
    }
}

} // namespace

RunningServer::RunningServer(const std::string& url)
{
    std::string toml =
        "[storage]\nurl = \"" + url + "\"\n[server]\nstream_limit = 5000\n[log]\nlevel = \"off\"\n[polling]\nopen = \"24h\"\n";
    toml += "[platform.twitter]\napi = \"http://127.0.0.1:9\"\n[calendar.office]\n";
    for (const char* day : {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
        toml += std::string(day) + " = [\"00:00-24:00\"]\n";
    toml += std::string("[[brand]]\nid = \"") + brand + "\"\n[[channel]]\nid = \"" + channel + "\"\nbrand = \"" + brand +
            "\"\nplatform = \"twitter\"\naccount = \"bench\"\ncredentials = \"env:SPORTELLO_BENCH_TOKEN\"\n";
    test::write_file(folder_ / "sportello.toml", toml);
    const auto set = test::run_program(words({"user", "passwd", login, "--password-stdin"}), environment, std::string(password) + "\n");
    if (set.status != 0) throw std::runtime_error("user passwd: " + set.error);
}

std::vector<std::string> RunningServer::words(std::vector<std::string> command) const
{
    command.insert(command.begin(), test::program("sportello"));
    command.insert(command.end(), {"--config", folder_ / "sportello.toml"});
    return command;
}

void RunningServer::start()
{
    port_ = free_port();
    test::Command command;
    command.words = words({"serve", "--port", std::to_string(port_)});
    command.environment = environment;
    command.output = folder_ / "log";
    seconds_to_first_answer_ = seconds_of([&] {
        process_ = std::make_unique<test::Process>(command);
        while (!answers(port_)) {
            if (process_->ended()) throw std::runtime_error("sportello serve: " + test::read_file(command.output));
            usleep(500);
        }
    });
}

void RunningServer::stop()
{
    if (process_->stop() != 0) throw std::runtime_error("sportello serve did not end well: " + test::read_file(folder_ / "log"));
}

std::string RunningServer::log_in()
{
    using nlohmann::json;
    const RawAnswer session = ask(port_, request_text("POST", "/v1/session", "", json{{"login", login}, {"password", password}}.dump()));
    if (session.status != 200) throw std::runtime_error("log in: " + session.body);
    const std::size_t cookie = session.head.find("sportello=");
    const std::string fields = "Cookie: " + session.head.substr(cookie, session.head.find(';', cookie) - cookie) +
                               "\r\nX-CSRF-Token: " + json::parse(session.body).at("csrf_token").get<std::string>() + "\r\n";
    const RawAnswer token = ask(port_, request_text("POST", "/v1/tokens", fields, json{{"name", "bench"}}.dump()));
    if (token.status != 201) throw std::runtime_error("token: " + token.body);
    return "Authorization: Bearer " + json::parse(token.body).at("token").get<std::string>() + "\r\n";
}

long RunningServer::memory_kib(const std::string& name) const
{
    std::ifstream status("/proc/" + std::to_string(process_->pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
    }
    return -1;
}

double RunningServer::processor_seconds() const
{
    return processor_seconds_of(process_->pid());
}

} // namespace sportello::bench
