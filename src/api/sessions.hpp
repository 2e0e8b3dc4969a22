#pragma once

#include "login_throttle.hpp"

#include <sportello/api/api.hpp>
#include <sportello/engine/command.hpp>

#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::api {

/// Somebody who has proved who they are.
struct Caller {
    domain::Agent agent;
    bool by_cookie = false;
    std::string credential;               ///< hash of the session's or the token's secret
    std::string csrf_token;               ///< empty for programs
    std::vector<std::string> scopes = {}; ///< of a token; empty: all that the agent may do
    std::string signed_in_by = {};        ///< of a session: see storage::Session
    bool awaits_code = false;             ///< the password was right, the code of the second factor is still to come
    bool must_enrol = false;              ///< a second factor is required and there is none yet
    bool second_factor = false;           ///< there is one
    [[nodiscard]] engine::Actor actor() const { return {agent.id, agent.role, agent.brands, agent.teams}; }
};
using CallerPtr = std::shared_ptr<const Caller>;

/// Log-in, log-out, and who sends a request. What was found out about a credential is believed for a second, so that a
/// busy dashboard does not ask the database each time and a right withdrawn elsewhere is gone within that second.
class Sessions {
public:
    Sessions(storage::Database& db, base::Clock& clock, base::Random& random, const Options& options);
    ~Sessions();

    struct LoggedIn {
        CallerPtr caller;
        std::string token; ///< for the cookie
    };
    /// What else is known of a log-in.
    struct From {
        std::string user_agent;
        std::string address;
        std::string old_session; ///< token of the cookie that the request came with; it ends. May be empty
    };
    /// A wrong login and a wrong password take as long and answer the same: unauthenticated.
    /// Who has a second factor gets a session that opens nothing before its code has come (Caller::awaits_code).
    boost::asio::awaitable<base::Result<LoggedIn>> log_in(std::string login, std::string password, From from);
    /// For somebody who proved otherwise who they are.
    boost::asio::awaitable<base::Result<LoggedIn>> open_session(domain::Agent agent, std::string signed_in_by, bool awaits_code, From from);
    /// The code of the second factor has come. @param proof  "second_factor", "recovery_code"
    boost::asio::awaitable<base::Result<CallerPtr>> complete(CallerPtr caller, std::string proof);
    /// Whether the password is this person's.
    boost::asio::awaitable<base::Result<bool>> password_is(domain::AgentId agent, std::string password);
    boost::asio::awaitable<base::Result<void>> log_out(CallerPtr caller);

    /// The caller of a request by its Bearer token or cookie. @return null when there is none or it is not in force.
    boost::asio::awaitable<base::Result<CallerPtr>> authenticate(const http::Request& request);
    /// The same caller with what is true of them now; null when the credential is no longer in force. For open streams.
    boost::asio::awaitable<base::Result<CallerPtr>> renew(CallerPtr caller);

    /// Somebody's rights changed: nothing remembered counts any more. Open streams see `changes()` move and re-check.
    void rights_changed();
    [[nodiscard]] std::uint64_t changes() const { return changes_; }

    /// @param of_person  whether the person's own flag asks for one
    [[nodiscard]] bool requires_second_factor(domain::Role role, bool of_person) const;

    /// Hashes a new password beside the main thread.
    boost::asio::awaitable<std::string> hash_password(std::string password);

    LoginThrottle& throttle() { return throttle_; }
    [[nodiscard]] static std::string_view cookie_name(bool secure);
    /// The Set-Cookie of a session; of an empty token: it ends.
    [[nodiscard]] static std::string cookie(const http::Request& request, std::string_view token);
    [[nodiscard]] static From from(const http::Request& request);

private:
    struct Known {
        CallerPtr caller;
        base::Instant until{};
    };
    boost::asio::awaitable<base::Result<CallerPtr>> look_up(std::string hash, bool by_cookie);
    boost::asio::awaitable<base::Result<CallerPtr>> load_session(std::string hash);
    boost::asio::awaitable<base::Result<CallerPtr>> load_token(std::string hash);
    boost::asio::awaitable<bool> password_fits(std::string hash, std::string password);

    storage::Database& db_;
    base::Clock& clock_;
    base::Random& random_;
    const Options& options_;
    LoginThrottle throttle_;
    std::map<std::string, Known, std::less<>> known_;
    std::uint64_t changes_ = 0;
    std::string nobodys_hash_; ///< what the password of an unknown login is compared with; made at the first log-in
    int passwords_waiting_ = 0;
    boost::asio::thread_pool hashing_{1};
};

} // namespace sportello::api
