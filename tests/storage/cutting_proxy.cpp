#include "cutting_proxy.hpp"

#include <array>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sportello::storage::test {
namespace {

constexpr int look_at_flags_every_ms = 20;

sockaddr_un address_in(const std::filesystem::path& folder)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder / ".s.PGSQL.5432";
    std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
    return address;
}

int connect_to(const std::filesystem::path& folder)
{
    const int wire = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_in(folder);
    if (connect(wire, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return wire;
    close(wire);
    return -1;
}

bool send_all(int wire, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto sent = send(wire, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

} // namespace

CuttingProxy::CuttingProxy(const std::filesystem::path& server) : server_(server)
{
    std::string name = (std::filesystem::temp_directory_path() / "sportello-wire-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    listening_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_in(folder_);
    if (bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listening_, 8) != 0) {
        throw std::runtime_error("no socket for the proxy");
    }
    thread_ = std::thread([this] { serve(); });
}

CuttingProxy::~CuttingProxy()
{
    closing_ = true;
    thread_.join();
    close(listening_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void CuttingProxy::serve()
{
    while (!closing_) {
        pollfd waiting{.fd = listening_, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, look_at_flags_every_ms) <= 0) continue;
        const int client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = connect_to(server_);
        if (client >= 0 && server >= 0) carry(client, server);
        if (client >= 0) close(client);
        if (server >= 0) close(server);
    }
}

void CuttingProxy::carry(int client, int server)
{
    std::array<char, 65536> bytes{};
    while (!closing_) {
        std::array<pollfd, 2> wires{{{.fd = client, .events = POLLIN, .revents = 0}, {.fd = server, .events = POLLIN, .revents = 0}}};
        if (poll(wires.data(), wires.size(), look_at_flags_every_ms) <= 0) continue;
        if (wires[0].revents != 0) {
            const auto got = recv(client, bytes.data(), bytes.size(), 0);
            if (got <= 0) return;
            const std::string_view said(bytes.data(), static_cast<std::size_t>(got));
            const bool commits = said.find("COMMIT") != std::string_view::npos;
            const int cut = commits ? cut_.exchange(0) : 0;
            if (cut != 0) ++cuts_;
            if (cut == 1) return;
            if (!send_all(server, said) || cut == 2) return;
        }
        if (wires[1].revents != 0) {
            const auto got = recv(server, bytes.data(), bytes.size(), 0);
            if (got <= 0 || !send_all(client, std::string_view(bytes.data(), static_cast<std::size_t>(got)))) return;
        }
    }
}

} // namespace sportello::storage::test
