#include "second_factor.hpp"

#include "totp.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/storage/access.hpp>
#include <sportello/storage/sessions.hpp>

#include <algorithm>
#include <array>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using domain::AgentId;
using storage::Transaction;

constexpr std::size_t secret_bytes = 20; // what RFC 4226 recommends
constexpr int recovery_codes = 10;
constexpr std::size_t recovery_bytes = 10; // 16 letters

std::string place_of(AgentId agent)
{
    return "totp:" + std::to_string(agent.value);
}

std::string random_bytes(base::Random& random, std::size_t count)
{
    std::string bytes(count, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
    return bytes;
}

/// "abcd-efgh-ijkl-mnop" as it is compared: people leave hyphens out, and shout.
std::string bare(std::string_view code)
{
    std::string letters;
    for (const char c : code) {
        if (c == '-' || c == ' ') continue;
        letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return letters;
}

std::string hash_of(AgentId agent, std::string_view code)
{
    return base::sha256_hex("recovery:" + std::to_string(agent.value) + ':' + bare(code));
}

std::vector<std::string> hashes_of(AgentId agent, const std::vector<std::string>& codes)
{
    std::vector<std::string> hashes;
    for (const std::string& code : codes) hashes.push_back(hash_of(agent, code));
    return hashes;
}

Error wrong_code()
{
    return Error(ErrorKind::unauthenticated, "The code is wrong or was used before. Wait for the next one and try again.");
}

} // namespace

SecondFactor::SecondFactor(storage::Database& db, base::Clock& clock, base::Random& random, const Options& options)
    : db_(db), clock_(clock), random_(random), options_(options)
{
}

Result<const base::Sealer*> SecondFactor::sealer()
{
    if (options_.sealer) return options_.sealer();
    if (!own_sealer_) own_sealer_.emplace(base::SealingKey::fresh(random_), std::vector<base::SealingKey>(), random_);
    return &*own_sealer_;
}

std::vector<std::string> SecondFactor::fresh_codes()
{
    std::vector<std::string> codes;
    for (int n = 0; n < recovery_codes; ++n) {
        std::string code = bare(base32(random_bytes(random_, recovery_bytes)));
        for (const std::size_t at : {12U, 8U, 4U}) code.insert(at, "-");
        codes.push_back(std::move(code));
    }
    return codes;
}

awaitable<Result<std::string>> SecondFactor::begin(AgentId agent)
{
    const auto secret = random_bytes(random_, secret_bytes);
    const auto with = sealer();
    if (!with) co_return with.error();
    const auto sealed = (*with)->seal(secret, place_of(agent));
    auto store = [&](Transaction& tx) -> Result<void> {
        auto access = storage::access_of(tx, agent);
        if (access.enrolled()) {
            return Error(ErrorKind::conflict, "You have a second factor already; take it away first to set up another.");
        }
        access.totp_secret = sealed;
        access.totp_last_step = 0;
        return storage::save_access(tx, agent, access);
    };
    const auto stored = co_await db_.write(store);
    if (!stored) co_return stored.error();
    co_return secret;
}

awaitable<Result<std::vector<std::string>>> SecondFactor::confirm(AgentId agent, std::string code, std::string keep_session)
{
    const auto now = clock_.now();
    const auto codes = fresh_codes();
    const auto opener = sealer();
    if (!opener) co_return opener.error();
    auto store = [&](Transaction& tx) -> Result<void> {
        auto access = storage::access_of(tx, agent);
        if (access.enrolled() || access.totp_secret.empty()) {
            return Error(ErrorKind::conflict, "There is nothing to confirm: begin with POST /v1/me/second-factor.");
        }
        const auto opened = (*opener)->open(access.totp_secret, place_of(agent));
        if (!opened) return Error(ErrorKind::conflict, "The secret cannot be opened any more: begin again with POST /v1/me/second-factor.");
        const auto step = totp_step(opened->plain, code, now);
        if (!step) return Error(ErrorKind::invalid_input, "This is not the code of now.", {{"/code", "the six digits that the app shows"}});
        access.totp_confirmed_at = now;
        access.totp_last_step = *step;
        if (const auto saved = storage::save_access(tx, agent, access); !saved) return saved.error();
        storage::replace_recovery_codes(tx, agent, hashes_of(agent, codes));
        storage::delete_sessions_of(tx, agent, keep_session);
        return {};
    };
    const auto stored = co_await db_.write(store);
    if (!stored) co_return stored.error();
    co_return codes;
}

awaitable<Result<std::string>> SecondFactor::check(AgentId agent, std::string code)
{
    const auto now = clock_.now();
    const auto opener = sealer();
    if (!opener) co_return opener.error();
    auto take = [&](Transaction& tx) -> Result<std::string> {
        const auto access = storage::access_of(tx, agent);
        if (!access.enrolled()) return Error(ErrorKind::conflict, "There is no second factor.");
        if (storage::take_recovery_code(tx, agent, hash_of(agent, code))) return std::string("recovery_code");
        const auto opened = (*opener)->open(access.totp_secret, place_of(agent));
        if (!opened) {
            return Error(ErrorKind::conflict, "The secret of the second factor cannot be opened: use a recovery code, or ask an admin.");
        }
        const auto step = totp_step(opened->plain, bare(code), now);
        if (!step || !storage::take_totp_step(tx, agent, *step)) return wrong_code();
        return std::string("second_factor");
    };
    co_return co_await db_.write(take);
}

awaitable<Result<std::vector<std::string>>> SecondFactor::renew_recovery_codes(AgentId agent)
{
    const auto codes = fresh_codes();
    auto store = [&](Transaction& tx) -> Result<void> {
        storage::replace_recovery_codes(tx, agent, hashes_of(agent, codes));
        return {};
    };
    const auto stored = co_await db_.write(store);
    if (!stored) co_return stored.error();
    co_return codes;
}

awaitable<Result<void>> SecondFactor::disable(AgentId agent, std::string keep_session)
{
    auto store = [&](Transaction& tx) -> Result<void> {
        auto access = storage::access_of(tx, agent);
        access.totp_secret.clear();
        access.totp_confirmed_at.reset();
        if (const auto saved = storage::save_access(tx, agent, access); !saved) return saved.error();
        storage::replace_recovery_codes(tx, agent, {});
        storage::delete_sessions_of(tx, agent, keep_session);
        return {};
    };
    co_return co_await db_.write(store);
}

} // namespace sportello::api
