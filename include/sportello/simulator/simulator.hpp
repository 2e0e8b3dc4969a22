#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/base/random.hpp>
#include <sportello/http/client.hpp>
#include <sportello/http/message.hpp>
#include <sportello/simulator/faults.hpp>
#include <sportello/simulator/world.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace sportello::simulator {

/// Secrets of the simulated apps; nothing depends on their being secret.
inline constexpr std::string_view app_secret = "sim-app-secret";
inline constexpr std::string_view consumer_key = "sim-consumer-key";
inline constexpr std::string_view consumer_secret = "sim-consumer-secret";

/// The access token of an account: "sim-facebook-104000000000001", "sim-twitter-TelecomItalia".
[[nodiscard]] std::string access_token(const Account& account);
/// The OAuth 1.0a token secret of an X account: "sim-twitter-secret-TelecomItalia".
[[nodiscard]] std::string access_token_secret(const Account& account);
/// Where the account's public page is: "/facebook/104000000000001", "/x/TelecomItalia".
[[nodiscard]] std::string page_path(const Account& account);
/// The demo's three Pages and three X accounts.
[[nodiscard]] std::vector<Account> demo_accounts();

/// X's rule of February 2026 for self-serve apps: answers only to posts that mention the account.
enum class ReplyRule { none, mentioned };

struct SimulatorOptions {
    std::string data_dir;                 ///< where the world is kept; empty: in memory only
    bool demo = true;                     ///< the demo's accounts exist
    bool require_appsecret_proof = false; ///< Facebook: refuse calls without it (a wrong one is always refused)
    bool human_agent = true;              ///< Facebook: the Human Agent feature is granted
    ReplyRule reply_rule = ReplyRule::none;
    bool auto_mention = true;                           ///< X: an API reply's text comes back with "@parent's author " in front
    std::chrono::hours duplicate_window{24};            ///< X: equal text of one account to the same parent is refused
    int rate_limit_scale = 1;                           ///< X and Facebook: limits times this; 0: no limits
    std::chrono::milliseconds lost_answer_hold{60'000}; ///< how long an answer that never comes keeps its connection
};

/// One row of a scenario or corpus that a player brings in.
struct PlayRow {
    Duration after{}; ///< since the start of the play, at speed 1
    NewItem item;
    std::string label;         ///< scenario: other rows answer this one by its label
    std::string answers_label; ///< scenario: `in_reply_to` is the id that this label got
};

/// Both platforms with their public pages and the control API, in one handler.
class Simulator {
public:
    Simulator(base::Clock& clock, base::Random& random, SimulatorOptions options);
    ~Simulator();

    /// Reads the world from the data directory and keeps it there from now on. Needed only with a data directory.
    base::Result<void> open();

    /// Serves `/graph/vN.N/…` and `/vN.N/…` (Graph API), `/x/2/…`, `/2/…`, `/oauth2/token` (X API), `/control/…`, and
    /// the public pages.
    [[nodiscard]] http::Handler handler();

    [[nodiscard]] World& world();
    [[nodiscard]] Faults& faults();

    /// A customer (or, with the account's own name as author, the company) writes now. @return the id.
    base::Result<std::string> write(const NewItem& item);

    /// Lays rows out for play(); rows that an earlier run has played are skipped. One call for each player's name.
    void load(const std::string& player, std::vector<PlayRow> rows);
    /// Brings in what was loaded under that name. @param speed  how many times faster than the rows' times; 0: all at
    /// once.
    boost::asio::awaitable<void> play(std::string player, double speed);
    struct Progress {
        std::size_t played = 0;
        std::size_t total = 0;
    };
    [[nodiscard]] Progress progress() const;

    /// The way by which webhooks reach their listeners. `transport` outlives the simulator.
    void reach_listeners_through(http::Transport& transport);
    /// Sends the webhooks that are due. @return attempts made; for tests, which turn the clock themselves
    boost::asio::awaitable<int> send_webhooks();
    /// Sends each webhook when it is due, until stop_webhooks().
    boost::asio::awaitable<void> run_webhooks();
    void stop_webhooks();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads support-conversations.ndjson: `accounts` are the companies, `rows` the posts with the file's own ids and
/// times, each id once.
struct Corpus {
    std::vector<Account> accounts;
    std::vector<PlayRow> rows;
};
[[nodiscard]] base::Result<Corpus> read_corpus(const std::string& file);
/// Reads a scenario: one JSON object a line with after_seconds, platform, account, kind, author, text, label? and
/// in_reply_to? (a label above).
[[nodiscard]] base::Result<std::vector<PlayRow>> read_scenario(const std::string& file);

} // namespace sportello::simulator
