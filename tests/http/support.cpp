#include "support.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>

namespace sportello::http::test {
namespace asio = boost::asio;
using asio::ip::tcp;

Engine::Engine() : keep_going_(io_.get_executor()), thread_([this] { io_.run(); }) {}

Engine::~Engine()
{
    finish();
}

void Engine::finish()
{
    keep_going_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
}

RunningServer::RunningServer(ServerOptions options, Handler handler)
{
    server_.emplace(engine_.executor(), std::move(options), std::move(handler));
    const auto start = [this]() -> asio::awaitable<std::uint16_t> { co_return server_->start().value(); };
    port_ = engine_.run(start);
}

RunningServer::~RunningServer()
{
    begin_stop().get();
    engine_.finish();
    server_.reset();
}

std::string RunningServer::url(std::string_view target, std::string_view scheme) const
{
    const std::string host = scheme == "https" ? "localhost" : "127.0.0.1";
    return std::string(scheme) + "://" + host + ":" + std::to_string(port_) + std::string(target);
}

std::size_t RunningServer::connections()
{
    const auto count = [this]() -> asio::awaitable<std::size_t> { co_return server_->connections(); };
    return engine_.run(count);
}

std::future<void> RunningServer::begin_stop(std::chrono::milliseconds grace)
{
    return asio::co_spawn(engine_.io(), server_->stop(grace), asio::use_future);
}

RawPeer::RawPeer(std::uint16_t port) : socket_(io_)
{
    socket_.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

RawPeer::RawPeer(tcp::socket socket) : socket_(std::move(socket)) {}

void RawPeer::send(std::string_view bytes)
{
    // A server that refuses early may have closed already: what it answered is what matters.
    boost::system::error_code ignored_when_closed;
    asio::write(socket_, asio::buffer(bytes), ignored_when_closed);
}

bool RawPeer::fill()
{
    std::array<char, 4096> bytes;
    // Not Asio's read, which would wait again after the time-out.
    const auto size = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "nothing came for ten seconds";
    if (size > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(size));
    return size > 0;
}

std::string RawPeer::read_to_end()
{
    while (fill()) {}
    return std::exchange(buffer_, {});
}

std::string RawPeer::read_until(std::string_view wanted)
{
    std::size_t found = 0;
    while ((found = buffer_.find(wanted)) == std::string::npos) {
        if (!fill()) return std::exchange(buffer_, {});
    }
    std::string text = buffer_.substr(0, found + wanted.size());
    buffer_.erase(0, text.size());
    return text;
}

std::string RawPeer::read_answer(bool bodiless)
{
    std::string answer = read_until("\r\n\r\n");
    const std::string length = header_of(answer, "Content-Length");
    const std::size_t size = bodiless || length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < size && fill()) {}
    answer += buffer_.substr(0, size);
    buffer_.erase(0, size);
    return answer;
}

bool RawPeer::ended()
{
    return buffer_.empty() && !fill() && buffer_.empty();
}

void RawPeer::shut_down_sending()
{
    socket_.shutdown(tcp::socket::shutdown_send);
}

void RawPeer::reset()
{
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
}

ScriptedServer::ScriptedServer(std::vector<std::function<void(RawPeer&)>> script)
    : acceptor_(io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)), port_(acceptor_.local_endpoint().port()),
      thread_([this, script = std::move(script)] {
          for (const auto& act : script) {
              boost::system::error_code stopped;
              tcp::socket socket = acceptor_.accept(stopped);
              if (stopped) return;
              RawPeer peer(std::move(socket));
              act(peer);
          }
      })
{
}

ScriptedServer::~ScriptedServer()
{
    // Wakes a blocking accept(), should the script not have come to its end.
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
}

std::string ScriptedServer::url(std::string_view target) const
{
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
}

TestCertificate::TestCertificate()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "sportello-http-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary directory");
    directory_ = pattern;

    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    X509* x509 = certificate.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, key.get());
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(x509, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509, key.get(), EVP_sha256());

    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> certificate_out(std::fopen(certificate_file().c_str(), "w"), close);
    const std::unique_ptr<std::FILE, decltype(close)> key_out(std::fopen(key_file().c_str(), "w"), close);
    PEM_write_X509(certificate_out.get(), x509);
    PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

TestCertificate::~TestCertificate()
{
    std::error_code ignored_at_the_end;
    std::filesystem::remove_all(directory_, ignored_at_the_end);
}

int status_of(std::string_view answer)
{
    return answer.starts_with("HTTP/1.1 ") && answer.size() > 12 ? std::atoi(std::string(answer.substr(9, 3)).c_str()) : 0;
}

std::string header_of(std::string_view answer, std::string_view name)
{
    const std::string line = "\r\n" + std::string(name) + ": ";
    const std::size_t head_end = answer.find("\r\n\r\n");
    const std::size_t start = answer.substr(0, head_end).find(line);
    if (start == std::string_view::npos) return {};
    const std::size_t value = start + line.size();
    return std::string(answer.substr(value, answer.find("\r\n", value) - value));
}

std::string body_of(std::string_view answer)
{
    const std::size_t head_end = answer.find("\r\n\r\n");
    return head_end == std::string_view::npos ? std::string() : std::string(answer.substr(head_end + 4));
}

} // namespace sportello::http::test
