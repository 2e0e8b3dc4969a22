#pragma once

#include "../answer.hpp"
#include "app.hpp"
#include <sportello/connectors/factory.hpp>

#include <memory>
#include <string>

namespace sportello::connectors::facebook {

/// Calls of the Graph API in the name of one Page: address, token and proof. Knows nothing of what is asked.
class Graph {
public:
    Graph(const ChannelSettings& settings, http::Transport& transport, base::Clock& clock, std::shared_ptr<App> app);

    /// @param path  below the versioned base: "/104000000000001/feed"
    boost::asio::awaitable<Answer> get(std::string path, http::Parameters query);
    /// Follows a paging link. The link's host is not believed, and the token in it is not used: both are ours.
    boost::asio::awaitable<Answer> follow(std::string link);
    // Each of these writes once, over a connection of its own.
    boost::asio::awaitable<Answer> post(std::string path, http::Parameters form, std::chrono::milliseconds deadline);
    /// The form and one file beside it, as multipart/form-data.
    /// @param part  the name of the file's part: "source", "filedata"
    boost::asio::awaitable<Answer> post_file(std::string path, http::Parameters form, std::string part, OutgoingFile file,
                                             std::chrono::milliseconds deadline);
    boost::asio::awaitable<Answer> del(std::string path, std::chrono::milliseconds deadline);

    /// Before there was a token, or after it was refused: a sign-in may have stored another one meanwhile.
    boost::asio::awaitable<void> look_for_token();
    [[nodiscard]] const std::string& token() const { return token_; }

    [[nodiscard]] Instant now() const { return clock_.now(); }
    /// When the app that this Page shares with others lets it read again; not after now(): at once.
    [[nodiscard]] Instant reads_from() const { return app_->reads_from(page_); }
    /// Why no call of the app may be made now; ok when they may.
    [[nodiscard]] ChannelTrouble refusal() const { return app_->refusal(clock_.now()); }
    /// Calls are free and counted; the quotas of Page and app are kept in percent, as Facebook tells them.
    [[nodiscard]] domain::CallBudget& budget() { return budget_; }
    /// What an operator should know although all works: that another version answers than the one asked for. Facebook
    /// does that silently when a version has come to its end.
    [[nodiscard]] std::string notice() const;

private:
    boost::asio::awaitable<Answer> send(http::ClientRequest request);
    void note(const Answer& answer);
    void add_proof(http::Parameters& parameters) const;
    void take_token(std::string token);
    void note_refusal(Answer& answer);

    std::string channel_;
    std::string app_secret_;
    TokenStore* store_;
    bool refused_ = false;
    std::string store_trouble_; ///< why the store could not be read the last time
    std::string page_;
    std::string base_url_;
    std::string origin_; ///< scheme, host and port of base_url_
    std::string token_;
    std::string proof_;   ///< empty: none is sent
    std::string version_; ///< that answered last; empty: it was not told
    http::Transport& transport_;
    base::Clock& clock_;
    std::shared_ptr<App> app_;
    domain::CallBudget budget_;
};

/// The paging link of an edge; empty at its end.
[[nodiscard]] std::string next_link(const Json& edge);

} // namespace sportello::connectors::facebook
