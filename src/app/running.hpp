#pragma once

#include "alert_sender.hpp"
#include "channel_sign_in.hpp"
#include "config.hpp"
#include "courier.hpp"
#include "file_source.hpp"
#include "token_store.hpp"

#include <sportello/api/api.hpp>
#include <sportello/engine/alerts.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/http/client.hpp>

#include <atomic>
#include <list>
#include <memory>

namespace sportello::app {

/// This machine's name where other nodes may work on the same database; otherwise empty.
std::string machine_among_several(const Config& config);
/// This node's name there, the same after each start: several may run on one machine, each on a port of its own.
std::string node_among_several(const Config& config, std::uint16_t port);

/// What outlives a reload of the configuration.
struct Grounds {
    boost::asio::any_io_executor executor;
    storage::Database& db;
    http::Transport& transport;
    base::Clock& clock;
    base::Random& random;
    std::shared_ptr<api::Metrics> metrics;
    std::shared_ptr<std::atomic<bool>> draining;
    std::shared_ptr<std::atomic<bool>> reload_ok;
    http::Transport* alerts = nullptr; ///< how alerts reach webhooks; null: over the guarded client
};

/// All that one configuration makes: channels, engine, alerts, API. A reload makes another and retires this one, while the
/// database, the listener and the metrics stay. Shared by its requests and streams, so that none is cut off under its feet.
class Running : public std::enable_shared_from_this<Running> {
public:
    Running(Config config, Grounds grounds);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    /// Before start(): what was erased of a person is erased again after a restore. @return how often that was needed.
    base::Result<std::size_t> prepare() { return engine_.privacy().reapply_erasures(); }
    void start();
    /// Sends under way are finished, polls too. Requests are answered all the same.
    boost::asio::awaitable<void> stop();
    /// Live streams end with "try again": their clients come back and go on where they were.
    void end_streams();

    static boost::asio::awaitable<http::Response> answer(std::shared_ptr<Running> self, http::Request& request);

    [[nodiscard]] const Config& config() const { return config_; }

private:
    class EndableBody;
    static boost::asio::awaitable<void>
    run_body(std::shared_ptr<Running> self, std::function<boost::asio::awaitable<void>(http::BodyStream&)> inner, http::BodyStream& body);
    static boost::asio::awaitable<void> run_socket(std::shared_ptr<Running> self,
                                                   std::function<boost::asio::awaitable<void>(std::shared_ptr<http::WebSocket>)> inner,
                                                   std::shared_ptr<http::WebSocket> socket);
    std::vector<connectors::ChannelSettings> channels_with_tokens();
    api::Options api_options();
    boost::asio::awaitable<base::Result<void>> send_mail(std::string to, std::string subject, std::string text);

    const Config config_;
    Grounds grounds_;
    StoredTokens tokens_;
    http::OutboundClient outbound_;
    HttpCourier courier_;
    http::OutboundClient media_;
    HttpFileSource files_;
    engine::HostWatch host_;
    engine::Engine engine_;
    ServerSignIn sign_in_;
    api::Api api_;
    http::Handler handler_;
    Mailer mailer_;
    AlertPost alert_post_;
    engine::Alerts alerts_;
    base::Signal alerts_ended_;
    bool alerts_running_ = false;
    std::list<EndableBody*> bodies_;
    std::list<std::weak_ptr<http::WebSocket>> sockets_;
};

} // namespace sportello::app
