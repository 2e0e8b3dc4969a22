#pragma once

#include "login_throttle.hpp"

#include <sportello/api/api.hpp>
#include <sportello/base/seal.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::api {

/// Second factors: a secret that a person's phone holds too, and ten codes on paper for the day the phone is lost.
class SecondFactor {
public:
    SecondFactor(storage::Database& db, base::Clock& clock, base::Random& random, const Options& options);

    /// A fresh secret; it counts once confirm() has seen a code of it. @return conflict when there is a second factor already.
    boost::asio::awaitable<base::Result<std::string>> begin(domain::AgentId agent);
    /// @return the recovery codes, to be shown once; invalid_input for a wrong code, conflict when nothing was begun.
    boost::asio::awaitable<base::Result<std::vector<std::string>>> confirm(domain::AgentId agent, std::string code,
                                                                           std::string keep_session);
    /// Codes of the phone, or of the paper. Each counts once. @return how it was proved: "second_factor" or "recovery_code";
    /// unauthenticated for a wrong one.
    boost::asio::awaitable<base::Result<std::string>> check(domain::AgentId agent, std::string code);
    /// New codes instead of the old ones.
    boost::asio::awaitable<base::Result<std::vector<std::string>>> renew_recovery_codes(domain::AgentId agent);
    /// Takes the second factor away; the other sessions end.
    boost::asio::awaitable<base::Result<void>> disable(domain::AgentId agent, std::string keep_session);

    /// Whoever guesses codes knows the password. The delay grows to 15 minutes for one person from one address, and to a
    /// minute for one person from everywhere; an address from which the person once succeeded is bound by its own count
    /// only, so that a thief of the password does not keep its owner out.
    LoginThrottle& throttle() { return throttle_; }

private:
    [[nodiscard]] base::Result<const base::Sealer*> sealer();
    [[nodiscard]] std::vector<std::string> fresh_codes();

    storage::Database& db_;
    base::Clock& clock_;
    base::Random& random_;
    const Options& options_;
    std::optional<base::Sealer> own_sealer_;
    LoginThrottle throttle_{{.free_attempts = 10, .longest = std::chrono::minutes(1)}, true};
};

} // namespace sportello::api
