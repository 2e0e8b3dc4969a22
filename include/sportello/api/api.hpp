#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/engine/engine.hpp>
#include <sportello/http/message.hpp>
#include <sportello/http/router.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sportello::api {

/// What deliveries of a channel's platform are checked with.
struct WebhookSecrets {
    std::string secret;       ///< the app's; never empty
    std::string old_secret;   ///< while it is being changed; may be empty
    std::string verify_token; ///< Facebook's handshake; empty: no handshake
};

struct Options {
    std::string build = "dev";       ///< shown in the first live frame and in /healthz
    std::filesystem::path dashboard; ///< the dashboard's built files; empty or missing: a page says so
    std::string public_url;          ///< an origin: "https://sportello.example"; empty: the Host header counts
    std::chrono::minutes session_idle{30};
    std::chrono::minutes session_absolute{12 * 60};
    /// By channel. A channel without an entry has no hook.
    std::map<std::string, WebhookSecrets, std::less<>> webhooks;
    std::chrono::seconds heartbeat{20}; ///< of live streams; also how often they re-check their session
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
