#pragma once

#include "../answer.hpp"
#include "login.hpp"
#include "prices.hpp"
#include <sportello/connectors/factory.hpp>

#include <string>

namespace sportello::connectors::twitter {

/// Calls of the X API in the name of one account: address, signature, and the budget that permits them. Knows nothing of
/// what is asked.
class Api {
public:
    Api(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock, base::Random& random);

    /// @param path  below the API's base: "/users/me"
    /// @param use  answering: to read back what was sent; may use what reading leaves to answers
    boost::asio::awaitable<Answer> get(std::string path, http::Parameters query, domain::CallUse use = domain::CallUse::reading);
    /// Sends a JSON body, or none, once, over a connection of its own.
    boost::asio::awaitable<Answer> write(http::Method method, std::string path, std::string body, std::chrono::milliseconds deadline);
    /// Posts a form with a file in it once, over a connection of its own.
    boost::asio::awaitable<Answer> upload(std::string path, http::Parameters fields, OutgoingFile file, std::chrono::milliseconds deadline);
    /// Waits for `how_long`.
    boost::asio::awaitable<void> pause(base::Duration how_long);

    /// Changes with the token, and tells nothing about it.
    [[nodiscard]] std::string token_fingerprint() const;
    [[nodiscard]] Instant now() const { return clock_.now(); }
    [[nodiscard]] domain::CallBudget& budget() { return budget_; }
    /// What the token lacks of the scopes that a counter needs; nothing when that is not known.
    [[nodiscard]] std::optional<ChannelAccess> access() const;

private:
    /// The one door through which every call of this account passes.
    boost::asio::awaitable<Answer> send(std::string path, http::ClientRequest request, http::Parameters query, domain::CallUse use);
    [[nodiscard]] domain::Permit permit(const std::string& endpoint, const http::ClientRequest& request, http::Parameters& query,
                                        domain::CallUse use) const;
    void note(const std::string& endpoint, const http::ClientRequest& request, const Answer& answer);
    boost::asio::awaitable<void> renew_after(Answer& answer, std::string used);

    std::string channel_;
    std::string base_url_;
    Login login_;
    http::Transport& transport_;
    base::Clock& clock_;
    base::Random& random_;
    domain::CallBudget budget_;
    Prices prices_;
};

/// Who the token belongs to: asked once, and compared with the account of the configuration, so that a reply can never
/// leave through another brand's account.
class Account {
public:
    Account(Api& api, std::string handle) : api_(api), handle_(std::move(handle)) {}

    /// Makes sure that id() is known. @return ok, or why it is not.
    boost::asio::awaitable<ChannelTrouble> identify();
    /// An earlier process has asked already, with the token of that fingerprint: X allows few such questions.
    void remember(const std::string& id, const std::string& fingerprint);
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const std::string& handle() const { return handle_; }

private:
    boost::asio::awaitable<ChannelTrouble> look_up_by_handle();
    [[nodiscard]] ChannelTrouble accept(const Json& user);

    Api& api_;
    std::string handle_;
    std::string id_;
};

/// The pace of one endpoint: bursts while four fifths of its limit are left, then evenly until the reset. Of the 15 readings of
/// private messages in 15 minutes that is one every 100 s: a longer burst would be paid with minutes of deafness behind it.
class Pace {
public:
    [[nodiscard]] bool open(Instant now) const { return now >= next_; }
    void rest_until(Instant when) { next_ = when; }
    void learn(const Answer& answer, Instant now);

private:
    Instant next_{};
};

} // namespace sportello::connectors::twitter
