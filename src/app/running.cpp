#include "running.hpp"

#include "host_watch.hpp"

#include <sportello/connectors/factory.hpp>

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include <unistd.h>

namespace sportello::app {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t service_restart = 1012; // RFC 6455's registry: come back
// A mail under way takes half a minute at most.
constexpr base::Duration longest_letter = 40s;

std::string host_name()
{
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "?";
}

/// Whether other nodes may work on the same database.
bool shares_database(const Config& config)
{
    return config.database_url.starts_with("postgres");
}

engine::HostWatch with_reload_state(engine::HostWatch watch, std::string machine, std::shared_ptr<std::atomic<bool>> reload_ok)
{
    return [watch = std::move(watch), machine = std::move(machine), reload_ok = std::move(reload_ok)] {
        engine::HostFacts facts = watch();
        facts.machine = machine;
        facts.reload_ok = *reload_ok;
        return facts;
    };
}

} // namespace

std::string machine_among_several(const Config& config)
{
    return shares_database(config) ? host_name() : "";
}

std::string node_among_several(const Config& config, std::uint16_t port)
{
    return shares_database(config) ? host_name() + ":" + std::to_string(port) : "";
}

/// A stream that can be ended from here as well as from the other side.
class Running::EndableBody final : public http::BodyStream {
public:
    explicit EndableBody(http::BodyStream& inner) : inner_(inner)
    {
        inner_.on_close([told = told_] { told->tell(); });
    }
    asio::awaitable<bool> write(std::string_view chunk) override
    {
        if (told_->ended) co_return false;
        const bool written = co_await inner_.write(chunk);
        co_return written;
    }
    [[nodiscard]] bool closed() const override { return told_->ended || inner_.closed(); }
    void on_close(std::function<void()> callback) override { told_->callback = std::move(callback); }
    void end()
    {
        told_->ended = true;
        told_->tell();
    }

private:
    struct Told {
        std::function<void()> callback;
        bool ended = false;
        void tell()
        {
            if (auto once = std::exchange(callback, nullptr)) once();
        }
    };
    http::BodyStream& inner_;
    std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

Running::Running(Config config, Grounds grounds)
    : config_(std::move(config)), grounds_(std::move(grounds)), tokens_(grounds_.db, config_, grounds_.clock, grounds_.random),
      outbound_(grounds_.executor, config_.outbound), courier_(outbound_), media_(grounds_.executor, config_.media), files_(media_),
      host_(with_reload_state(watch_host(config_, grounds_.clock), machine_among_several(config_), grounds_.reload_ok)),
      engine_(grounds_.executor, grounds_.db, config_.engine,
              connectors::make_connectors(channels_with_tokens(), grounds_.transport, grounds_.clock, grounds_.random), grounds_.clock,
              grounds_.random),
      sign_in_(config_, tokens_, grounds_.transport, engine_, grounds_.clock, grounds_.random),
      api_(grounds_.executor, grounds_.db, engine_, grounds_.clock, grounds_.random, api_options()), handler_(api_.handler()),
      mailer_(config_.mail), alert_post_(grounds_.alerts ? *grounds_.alerts : outbound_, mailer_),
      alerts_(grounds_.executor, grounds_.db, engine_.settings(), config_.alerts, alert_post_, host_, grounds_.clock, grounds_.random),
      alerts_ended_(grounds_.clock, grounds_.executor)
{
    if (shares_database(config_)) {
        engine_.share_duties(
            {.name = host_name() + "/" + std::to_string(getpid()) + "/" + grounds_.random.token(6), .lease = config_.lease});
        alerts_.house_only_when([this] { return engine_.keeps_the_clock(); });
    }
    engine_.use_courier(courier_);
    engine_.use_file_source(files_);
    engine_.use_sealing([this](bool make_key) { return tokens_.sealer(make_key); });
}

Running::~Running() = default;

/// The stored tokens, sealed anew where the key was changed. What cannot be opened stops only its own channel.
std::vector<connectors::ChannelSettings> Running::channels_with_tokens()
{
    std::vector<connectors::ChannelSettings> channels = config_.connectors;
    const auto resealed = tokens_.reseal_now();
    if (!resealed) spdlog::error("seal the stored tokens with the new key: {}", resealed.error().what());
    else if (*resealed > 0) spdlog::info("{} stored tokens sealed with the new key: the old one can be left out", *resealed);
    for (const std::string& complaint : tokens_.attach(config_, channels)) spdlog::error("{}", complaint);
    return channels;
}

api::Options Running::api_options()
{
    api::Options options;
    options.build = SPORTELLO_VERSION;
    options.dashboard = config_.dashboard;
    options.public_url = config_.public_url;
    options.streams_each = config_.streams_each;
    options.webhooks = config_.webhooks;
    options.session_idle = config_.access.session_idle;
    options.session_absolute = config_.access.session_longest;
    options.second_factor_for = config_.access.second_factor_for;
    options.sealer = [this] { return tokens_.sealer(); };
    options.oidc = config_.access.oidc;
    if (options.oidc) options.oidc->transport = &grounds_.transport;
    options.crm_links = config_.crm_links;
    if (!config_.practice.empty()) options.practice = api::Practice{.simulator = config_.practice, .transport = &grounds_.transport};
    if (!config_.mail.server.empty()) {
        options.mail = [this](std::string to, std::string subject, std::string text) { return send_mail(to, subject, text); };
    }
    options.metrics = grounds_.metrics;
    options.draining = grounds_.draining;
    options.host = host_;
    options.sign_in = &sign_in_;
    options.backup_age = config_.alerts.backup_age;
    return options;
}

asio::awaitable<base::Result<void>> Running::send_mail(std::string to, std::string subject, std::string text)
{
    Mail mail{
        .to = std::move(to), .subject = std::move(subject), .text = std::move(text), .id = {}, .thread = {}, .at = grounds_.clock.now()};
    auto sent = co_await mailer_.send(std::move(mail));
    co_return sent;
}

void Running::start()
{
    engine_.start();
    alerts_running_ = true;
    asio::co_spawn(grounds_.executor, alerts_.run(), [self = shared_from_this()](const std::exception_ptr& failure) {
        self->alerts_running_ = false;
        self->alerts_ended_.notify();
        if (failure) std::rethrow_exception(failure);
    });
}

asio::awaitable<void> Running::stop()
{
    const auto self = shared_from_this();
    alerts_.stop();
    co_await engine_.stop();
    const base::Instant latest = grounds_.clock.now() + longest_letter;
    while (alerts_running_ && grounds_.clock.now() < latest) co_await alerts_ended_.wait_until(latest);
}

void Running::end_streams()
{
    // Each may go away while it is told.
    const std::list<EndableBody*> bodies = bodies_;
    for (EndableBody* body : bodies) {
        if (std::find(bodies_.begin(), bodies_.end(), body) != bodies_.end()) body->end();
    }
    for (const auto& entry : std::exchange(sockets_, {})) {
        if (const auto socket = entry.lock()) socket->close(service_restart);
    }
}

asio::awaitable<http::Response> Running::answer(std::shared_ptr<Running> self, http::Request& request)
{
    http::Response response = co_await self->handler_(request);
    if (response.stream) {
        response.stream = [self, inner = std::move(response.stream)](http::BodyStream& body) { return run_body(self, inner, body); };
    }
    if (response.websocket) {
        response.websocket = [self, inner = std::move(response.websocket)](std::shared_ptr<http::WebSocket> socket) {
            return run_socket(self, inner, std::move(socket));
        };
    }
    co_return response;
}

asio::awaitable<void> Running::run_body(std::shared_ptr<Running> self, std::function<asio::awaitable<void>(http::BodyStream&)> inner,
                                        http::BodyStream& body)
{
    EndableBody endable(body);
    const auto place = self->bodies_.insert(self->bodies_.end(), &endable);
    std::exception_ptr failure;
    try {
        co_await inner(endable);
    } catch (...) {
        failure = std::current_exception();
    }
    self->bodies_.erase(place);
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Running::run_socket(std::shared_ptr<Running> self,
                                          std::function<asio::awaitable<void>(std::shared_ptr<http::WebSocket>)> inner,
                                          std::shared_ptr<http::WebSocket> socket)
{
    std::erase_if(self->sockets_, [](const auto& entry) { return entry.expired(); });
    self->sockets_.push_back(socket);
    co_await inner(std::move(socket));
}

} // namespace sportello::app
