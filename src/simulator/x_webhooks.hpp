#pragma once

#include "x_api.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sportello::simulator {

/// Webhooks of X's app and their Account Activity subscriptions: addresses that pass the challenge (CRC), and what is
/// told to them, signed, of the accounts that subscribed.
class XWebhooks {
public:
    explicit XWebhooks(House& house);

    /// Answers /2/webhooks… and /2/account_activity…; nothing for other paths. @throw XFailure
    boost::asio::awaitable<std::optional<XAnswer>> serve(XCall call);

private:
    struct Hook {
        std::string url;
        bool valid = true;
        Instant created;
        std::vector<std::string> accounts; ///< user ids that subscribed
    };

    boost::asio::awaitable<XAnswer> create(XCall call);
    boost::asio::awaitable<XAnswer> validate(XCall call);
    boost::asio::awaitable<bool> passes_challenge(std::string url);
    XAnswer subscriptions(const XCall& call);
    [[nodiscard]] ordered_json render(const std::string& id) const;
    void load();
    void save(const std::string& id);
    void tell(const Happening& happening);
    void deliver(std::size_t account, ordered_json event);

    House& house_;
    std::map<std::string, Hook> hooks_; ///< by id
    bool loaded_ = false;
};

} // namespace sportello::simulator
