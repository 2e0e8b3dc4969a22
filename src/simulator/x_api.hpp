#pragma once

#include "usage.hpp"
#include "x_auth.hpp"
#include "x_oauth.hpp"
#include "x_tweets.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string_view>

namespace sportello::simulator {

/// One call of the X API, authenticated.
struct XCall {
    House& house;
    const http::Request& request;
    std::vector<std::string> path; ///< behind "/2": {"users", "3001000001", "mentions"}
    XCaller caller;
    bool newer_words = false; ///< the answer says "post" for "tweet"

    [[nodiscard]] std::string query(std::string_view name) const { return std::string(request.query.find(name).value_or("")); }
    [[nodiscard]] World& world() const { return house.world; }
    /// The account that calls. @throw XFailure 403 when it is only an app
    [[nodiscard]] std::size_t account() const;
};

struct XAnswer {
    int status = 200;
    ordered_json body;
};

// Each answers one route; failures are thrown as XFailure.
XAnswer x_me(const XCall& call);
XAnswer x_user(const XCall& call);
XAnswer x_user_by_name(const XCall& call);
XAnswer x_users(const XCall& call);
XAnswer x_users_by_name(const XCall& call);
XAnswer x_like(const XCall& call);
XAnswer x_hide(const XCall& call);
XAnswer x_dm_event(const XCall& call);
XAnswer x_delete_dm(const XCall& call);
XAnswer x_create_group(const XCall& call);
XAnswer x_mentions(const XCall& call);
XAnswer x_own_tweets(const XCall& call);
XAnswer x_tweet(const XCall& call);
XAnswer x_tweets(const XCall& call);
XAnswer x_search(const XCall& call);
XAnswer x_create_tweet(const XCall& call);
XAnswer x_delete_tweet(const XCall& call);
XAnswer x_dm_events(const XCall& call);
XAnswer x_dm_events_with(const XCall& call);
XAnswer x_dm_events_of_conversation(const XCall& call);
XAnswer x_send_dm_with(const XCall& call);
XAnswer x_send_dm_to_conversation(const XCall& call);

/// One whole number of a query. @throw XFailure when it is outside [least, most]
[[nodiscard]] std::size_t x_number(const XCall& call, const std::string& name, std::size_t otherwise, std::size_t least, std::size_t most);

/// The parts of the X API v2 that the connector and stock clients use.
class XApi {
public:
    explicit XApi(House& house);
    ~XApi();
    /// Whether a path is one of X's: API, sign-in, or the pages on which a person lets an app in.
    [[nodiscard]] static bool is_path(std::string_view path);
    /// @param prefix  what stands in front of "/2" in the path: "" or "/x"
    boost::asio::awaitable<http::Response> serve(const http::Request& request, std::string_view prefix);

private:
    struct Route;
    static const Route* find_route(http::Method method, const std::vector<std::string>& path);
    http::Response run(const Route& route, const XCall& call);
    /// Counts the call and adds the rate headers. @return false when the limit is spent
    bool count(const Route& route, const XCaller& caller, http::Headers& headers);
    /// Refuses what the caller's scopes or the app's credits do not cover. @throw XFailure
    void check(const Route& route, const XCall& call) const;
    void charge(const Route& route, const XCall& call, const XAnswer& answer);

    House& house_;
    Usage usage_;
    XOauth oauth_;
    std::unique_ptr<class XWebhooks> webhooks_;
};

} // namespace sportello::simulator
