#pragma once

#include "graph_wire.hpp"
#include <sportello/simulator/simulator.hpp>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sportello::simulator {

/// The app that all simulated Facebook tokens belong to, and the person who runs all Pages.
inline constexpr std::string_view graph_app_id = "100000000000001";
inline constexpr std::string_view graph_app_name = "Sportello";
inline constexpr std::string_view graph_person_id = "100000000000009";
inline constexpr std::string_view graph_system_user_id = "100000000000010";
/// All permissions that the simulated app may ask for.
[[nodiscard]] const std::vector<std::string>& graph_permissions();

/// What a token stands for.
struct GraphToken {
    enum class Kind { user, page, system_user, app };
    Kind kind = Kind::user;
    std::string user; ///< who granted it; an app's token has none
    std::string page; ///< of a Page's token
    Instant issued;
    std::optional<Instant> ends; ///< absent: never
    std::set<std::string> scopes;
    std::set<std::string> pages; ///< of a person's token: the Pages that were chosen
    int dead_subcode = 0;        ///< of error 190, once it does not hold any more; 0: it holds
    bool long_lived = false;
};

/// The tokens and subscriptions of the simulated Graph API, kept in the world. Beside those that were issued there are
/// some that need no setting up: each Page's, "sim-facebook-user", "sim-facebook-system" and the app's own.
class GraphBook {
public:
    GraphBook(World& world, base::Clock& clock, base::Random& random) : world_(world), clock_(clock), random_(random) {}

    /// Nothing for a text that never was a token.
    [[nodiscard]] std::optional<GraphToken> find(const std::string& token) const;
    /// @throw GraphFailure when it does not hold (190 with the reason's subcode)
    void require_live(const GraphToken& token) const;
    /// @return the new token
    std::string issue(const GraphToken& token);
    /// Replaces what is known of a token.
    void put(const std::string& token, const GraphToken& what);
    /// Forgets what was put: an issued one never was, one that needs no setting up is as at first.
    void forget(const std::string& token);
    /// Every token that `user` granted dies.
    void revoke_all_of(const std::string& user, int subcode);
    /// The token of a Page that a person's token leads to: it lasts as long as that one, or for ever when that one is
    /// long-lived.
    std::string page_token(const std::string& user_token, const Account& page);

    /// One permission dialog that was answered, until its code is turned in.
    struct Grant {
        std::string redirect_uri;
        std::set<std::string> scopes;
        std::set<std::string> pages;
    };
    std::string issue_code(const Grant& grant);
    /// A code holds once, for ten minutes. @throw GraphFailure otherwise
    Grant take_code(const std::string& code, const std::string& redirect_uri);

    /// Where the app wants to be told of Pages.
    struct Subscription {
        std::string callback_url, verify_token;
        std::set<std::string> fields;
    };
    [[nodiscard]] std::optional<Subscription> subscription() const;
    void set_subscription(const std::optional<Subscription>& subscription);
    /// What a Page lets the app be told; empty: nothing.
    [[nodiscard]] std::set<std::string> page_fields(const std::string& page) const;
    void set_page_fields(const std::string& page, const std::set<std::string>& fields);

private:
    World& world_;
    base::Clock& clock_;
    base::Random& random_;
};

} // namespace sportello::simulator
