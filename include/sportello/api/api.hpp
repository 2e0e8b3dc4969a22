#pragma once

#include <sportello/api/channel_sign_in.hpp>
#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/base/seal.hpp>
#include <sportello/engine/alerts.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/http/client.hpp>
#include <sportello/http/message.hpp>
#include <sportello/http/router.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::api {

/// What deliveries of a channel's platform are checked with.
struct WebhookSecrets {
    std::string secret;       ///< the app's; never empty
    std::string old_secret;   ///< while it is being changed; may be empty
    std::string verify_token; ///< Facebook's handshake; empty: no handshake
};

/// Where people log in elsewhere (OpenID Connect).
struct OidcProvider {
    std::string issuer; ///< exactly as the provider writes it
    std::string client_id;
    std::string client_secret;                          ///< empty: a public client
    std::string name = "OpenID";                        ///< on the button
    std::vector<std::string> scopes{"openid", "email"}; ///< asked for
    bool match_email = false; ///< who comes first with the verified address of an agent is that agent (never an admin)
    std::map<std::string, std::string, std::less<>> people; ///< login by the provider's `sub`
    bool second_factor = false;                             ///< the provider asks for one itself
    http::Transport* transport = nullptr;                   ///< the way there; outlives the Api
};

/// A way from a customer's panel into the operator's own system.
struct CrmLink {
    std::string name;
    std::string url;                 ///< https, with {contract}, {customer}, {ticket} and {handle} behind the host
    std::vector<std::string> brands; ///< empty: all
};

/// A house in which nobody is a customer: both platforms are a simulator.
struct Practice {
    std::string simulator;                ///< its origin
    http::Transport* transport = nullptr; ///< the way there; outlives the Api
};

class Metrics;
/// What is counted; shared by the APIs that follow one another when the configuration is reloaded.
[[nodiscard]] std::shared_ptr<Metrics> make_metrics();

struct Options {
    std::string build = "dev";       ///< shown in the first live frame and in /healthz
    std::filesystem::path dashboard; ///< the dashboard's built files; empty or missing: a page says so
    std::string public_url;          ///< an origin: "https://sportello.example"; empty: the Host header counts
    std::chrono::minutes session_idle{30};
    std::chrono::minutes session_absolute{12 * 60};
    /// By channel. A channel without an entry has no hook.
    std::map<std::string, WebhookSecrets, std::less<>> webhooks;
    std::vector<domain::Role> second_factor_for; ///< who must have a second factor, besides those of whom an admin asks it
    /// Seals what is kept of second factors, asked for when first needed; null: one whose key is forgotten at the end.
    std::function<base::Result<const base::Sealer*>()> sealer;
    std::optional<OidcProvider> oidc;
    std::vector<CrmLink> crm_links;
    std::optional<Practice> practice; ///< nothing: the house is a real one
    /// Sends a letter; null: no mail is set up, and people hand links over themselves.
    std::function<boost::asio::awaitable<base::Result<void>>(std::string to, std::string subject, std::string text)> mail;
    std::size_t streams_each = 50;      ///< live streams that one session or token may have open
    std::chrono::seconds heartbeat{20}; ///< of live streams; also how often they re-check their session
    std::shared_ptr<Metrics> metrics;   ///< null: of its own
    /// True: the server is about to stop, and /readyz says so. Null: never.
    std::shared_ptr<const std::atomic<bool>> draining;
    engine::HostWatch host;           ///< for /metrics; empty: nothing is told of the machine
    base::Duration backup_age{};      ///< of the newest backup at most, as configured; for /metrics
    ChannelSignIn* sign_in = nullptr; ///< outlives the Api; null: channels are signed in on the command line only
};

/// Who may use a route, before any question about a single object.
enum class Access { public_, local, phone, agent, supervisor, admin };
/// "public", "local", "phone", "agent", "supervisor", "admin": the contract's x-role.
[[nodiscard]] std::string_view to_string(Access access);

/// The REST API, the live streams and the dashboard's files behind one handler. Everything runs on `executor`, only
/// passwords are hashed on a thread of their own. Outlives no reference it was given.
class Api {
public:
    Api(boost::asio::any_io_executor executor, storage::Database& db, engine::Engine& engine, base::Clock& clock, base::Random& random,
        Options options);
    ~Api();

    /// Answers every request, errors included; never throws. The Api outlives the handler's last run.
    [[nodiscard]] http::Handler handler();
    /// Every route of the contract, for the tests that compare the two.
    [[nodiscard]] const http::Router& routes() const;
    /// What a route asks of its caller. Precondition: (method, pattern) is one of routes().
    [[nodiscard]] Access access(http::Method method, std::string_view pattern) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The contract (openapi.yaml) as JSON, as served under /openapi.json.
[[nodiscard]] std::string_view openapi_json();

} // namespace sportello::api
