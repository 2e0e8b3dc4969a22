#include "sessions.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/base/text.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/sessions.hpp>
#include <sportello/storage/tokens.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration remembered_for = 1s;
constexpr base::Duration touch_every = 1min;  ///< how exactly "last seen" is kept: each touch is a commit
constexpr base::Duration code_within = 10min; ///< of a log-in whose second factor is still to come
constexpr std::size_t most_remembered = 10'000;
constexpr int most_passwords_waiting = 32;

std::string_view bearer_token(const http::Request& request)
{
    const auto field = request.headers.find("Authorization");
    constexpr std::string_view scheme = "bearer ";
    if (!field || field->size() <= scheme.size()) return {};
    for (std::size_t at = 0; at < scheme.size(); ++at) {
        const char c = (*field)[at];
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (lower != scheme[at]) return {};
    }
    return field->substr(scheme.size());
}

} // namespace

Sessions::Sessions(storage::Database& db, base::Clock& clock, base::Random& random, const Options& options)
    : db_(db), clock_(clock), random_(random), options_(options)
{
}

Sessions::~Sessions()
{
    hashing_.join();
}

std::string_view Sessions::cookie_name(bool secure)
{
    return secure ? "__Host-sportello" : "sportello";
}

std::string Sessions::cookie(const http::Request& request, std::string_view token)
{
    std::string cookie(cookie_name(request.secure));
    cookie.append("=").append(token).append("; Path=/; HttpOnly; SameSite=Lax");
    if (request.secure) cookie += "; Secure";
    if (token.empty()) cookie += "; Max-Age=0";
    return cookie;
}

Sessions::From Sessions::from(const http::Request& request)
{
    return {.user_agent = std::string(request.headers.find("User-Agent").value_or("")),
            .address = request.remote_address,
            .old_session = std::string(request.cookie(cookie_name(request.secure)).value_or(""))};
}

awaitable<Result<Sessions::LoggedIn>> Sessions::log_in(std::string login, std::string password, From from)
{
    bool second_factor = false;
    auto find = [&](Transaction& tx) -> Result<std::optional<storage::AgentCredentials>> {
        auto credentials = storage::find_agent_by_login(tx, login);
        second_factor = credentials && storage::access_of(tx, credentials->agent.id).enrolled();
        return credentials;
    };
    const auto found = co_await db_.read(find);
    if (!found) co_return found.error();

    const auto& credentials = *found;
    const bool may_log_in = credentials && !credentials->agent.disabled && !credentials->password_hash.empty();
    if (passwords_waiting_ >= most_passwords_waiting) {
        co_return Error(ErrorKind::too_many, "Too many people log in right now. Try again in a second.");
    }
    // Named first: GCC 12 destroys the temporaries of a conditional inside a co_await expression twice.
    std::string hash;
    if (may_log_in) hash = credentials->password_hash;
    const bool fits = co_await password_fits(std::move(hash), password);
    if (!fits || !may_log_in) co_return Error(ErrorKind::unauthenticated, "The login or the password is wrong.");
    co_return co_await open_session(credentials->agent, "password", second_factor, std::move(from));
}

awaitable<Result<bool>> Sessions::password_is(domain::AgentId agent, std::string password)
{
    auto find = [&](Transaction& tx) -> Result<std::string> {
        const auto known = storage::find_agent(tx, agent);
        if (!known) return known.error();
        const auto credentials = storage::find_agent_by_login(tx, known->login);
        return credentials ? credentials->password_hash : std::string();
    };
    auto hash = co_await db_.read(find);
    if (!hash) co_return hash.error();
    const bool fits = co_await password_fits(std::move(*hash), std::move(password));
    co_return fits;
}

awaitable<bool> Sessions::password_fits(std::string hash, std::string password)
{
    struct Waiting {
        int& count;
        explicit Waiting(int& counter) : count(counter) { ++count; }
        ~Waiting() { --count; }
    };
    const Waiting waiting(passwords_waiting_);
    auto work = [&]() -> awaitable<bool> {
        if (nobodys_hash_.empty()) nobodys_hash_ = base::hash_password("nobody's");
        const bool fits = base::verify_password(hash.empty() ? nobodys_hash_ : hash, password);
        co_return fits && !hash.empty();
    };
    // The one thread of the pool is the only one that touches nobodys_hash_.
    co_return co_await boost::asio::co_spawn(hashing_, work(), boost::asio::use_awaitable);
}

awaitable<std::string> Sessions::hash_password(std::string password)
{
    auto work = [&]() -> awaitable<std::string> { co_return base::hash_password(password); };
    co_return co_await boost::asio::co_spawn(hashing_, work(), boost::asio::use_awaitable);
}

awaitable<Result<Sessions::LoggedIn>> Sessions::open_session(domain::Agent agent, std::string signed_in_by, bool awaits_code, From from)
{
    const auto now = clock_.now();
    const auto token = random_.token();
    const storage::Session session{.token_hash = base::sha256_hex(token),
                                   .agent = agent.id,
                                   .csrf_token = random_.token(),
                                   .created_at = now,
                                   .last_seen_at = now,
                                   .expires_at = now + (awaits_code ? code_within : base::Duration(options_.session_absolute)),
                                   .user_agent = base::shorten(base::clean_utf8(from.user_agent), 200),
                                   .address = from.address,
                                   .signed_in_by = std::move(signed_in_by),
                                   .awaits_code = awaits_code};
    auto store = [&](Transaction& tx) -> Result<void> {
        storage::delete_expired_sessions(tx, now, now - options_.session_idle);
        if (!from.old_session.empty()) storage::delete_session(tx, base::sha256_hex(from.old_session));
        storage::insert_session(tx, session);
        return {};
    };
    const auto stored = co_await db_.write(store);
    if (!stored) co_return stored.error();
    if (!from.old_session.empty()) rights_changed();
    auto caller = co_await load_session(session.token_hash);
    if (!caller) co_return caller.error();
    if (!*caller) co_return Error(ErrorKind::unauthenticated, "Log in again.");
    LoggedIn logged_in{std::move(*caller), token};
    co_return logged_in;
}

awaitable<Result<CallerPtr>> Sessions::complete(CallerPtr caller, std::string proof)
{
    const auto way = caller->signed_in_by == "oidc" ? "oidc_" + proof : proof;
    const auto until = clock_.now() + options_.session_absolute;
    auto store = [&](Transaction& tx) -> Result<void> {
        storage::complete_session(tx, caller->credential, way, until);
        return {};
    };
    const auto stored = co_await db_.write(store);
    if (!stored) co_return stored.error();
    rights_changed();
    co_return co_await load_session(caller->credential);
}

awaitable<Result<void>> Sessions::log_out(CallerPtr caller)
{
    auto end = [&](Transaction& tx) -> Result<void> {
        if (caller->by_cookie) storage::delete_session(tx, caller->credential);
        return {};
    };
    const auto ended = co_await db_.write(end);
    if (ended) rights_changed();
    co_return ended;
}

bool Sessions::requires_second_factor(domain::Role role, bool of_person) const
{
    const auto& roles = options_.second_factor_for;
    return of_person || std::find(roles.begin(), roles.end(), role) != roles.end();
}

void Sessions::rights_changed()
{
    known_.clear();
    ++changes_;
}

awaitable<Result<CallerPtr>> Sessions::authenticate(const http::Request& request)
{
    if (request.headers.has("Authorization")) {
        const auto token = bearer_token(request);
        if (token.empty()) co_return CallerPtr();
        co_return co_await look_up(base::sha256_hex(token), false);
    }
    const auto cookie = request.cookie(cookie_name(request.secure));
    if (!cookie || cookie->empty()) co_return CallerPtr();
    co_return co_await look_up(base::sha256_hex(*cookie), true);
}

awaitable<Result<CallerPtr>> Sessions::renew(CallerPtr caller)
{
    co_return co_await look_up(caller->credential, caller->by_cookie);
}

awaitable<Result<CallerPtr>> Sessions::look_up(std::string hash, bool by_cookie)
{
    const auto now = clock_.now();
    const std::string key = (by_cookie ? "s" : "t") + hash;
    if (const auto found = known_.find(key); found != known_.end()) {
        if (now < found->second.until && now >= found->second.until - remembered_for) co_return found->second.caller;
        known_.erase(found);
    }
    const auto changes = changes_;
    // Not `? co_await : co_await`: GCC 12 destroys the result of the chosen branch twice.
    Result<CallerPtr> caller = CallerPtr();
    if (by_cookie) caller = co_await load_session(hash);
    else caller = co_await load_token(hash);
    if (!caller || !*caller) co_return caller;
    // A right withdrawn while the database was asked must not be remembered as granted.
    if (changes == changes_) {
        if (known_.size() >= most_remembered) known_.clear();
        known_[key] = Known{*caller, now + remembered_for};
    }
    co_return caller;
}

awaitable<Result<CallerPtr>> Sessions::load_session(std::string hash)
{
    auto find = [&](Transaction& tx) -> Result<std::optional<storage::SessionOfAgent>> { return storage::find_session(tx, hash); };
    const auto found = co_await db_.read(find);
    if (!found) co_return found.error();
    const auto now = clock_.now();
    if (!*found) co_return CallerPtr();
    const auto& session = (*found)->session;
    const auto& agent = (*found)->agent;
    const bool in_force = !agent.disabled && now < session.expires_at && now - session.last_seen_at < options_.session_idle;
    if (!in_force) co_return CallerPtr();
    if (now - session.last_seen_at >= touch_every) {
        auto touch = [&](Transaction& tx) -> Result<void> {
            storage::touch_session(tx, hash, now);
            return {};
        };
        (void)co_await db_.write(touch); // reading goes on when the storage cannot write
    }
    auto caller = std::make_shared<Caller>();
    caller->agent = agent;
    caller->by_cookie = true;
    caller->credential = hash;
    caller->csrf_token = session.csrf_token;
    caller->signed_in_by = session.signed_in_by;
    caller->awaits_code = session.awaits_code;
    caller->second_factor = (*found)->second_factor_enrolled;
    const bool asked_elsewhere = session.signed_in_by == "oidc" && options_.oidc && options_.oidc->second_factor;
    caller->must_enrol = !caller->second_factor && !asked_elsewhere && requires_second_factor(agent.role, (*found)->second_factor_required);
    co_return CallerPtr(std::move(caller));
}

awaitable<Result<CallerPtr>> Sessions::load_token(std::string hash)
{
    auto find = [&](Transaction& tx) -> Result<std::optional<storage::TokenOfAgent>> { return storage::find_token(tx, hash); };
    const auto found = co_await db_.read(find);
    if (!found) co_return found.error();
    const auto now = clock_.now();
    if (!*found) co_return CallerPtr();
    const auto& [token, agent] = **found;
    if (agent.disabled || (token.expires_at && now >= *token.expires_at)) co_return CallerPtr();
    if (!token.last_used_at || now - *token.last_used_at >= touch_every) {
        auto touch = [&, id = token.id](Transaction& tx) -> Result<void> {
            storage::touch_token(tx, id, now);
            return {};
        };
        (void)co_await db_.write(touch);
    }
    auto caller = std::make_shared<Caller>();
    caller->agent = agent;
    caller->credential = hash;
    caller->scopes = token.scopes;
    co_return CallerPtr(std::move(caller));
}

} // namespace sportello::api
