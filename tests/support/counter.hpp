#pragma once

#include "support/house.hpp"
#include "support/plain_platform.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sportello::test {

/// A counter at work: three brands on both platforms, and a pool of agents who come at nine, answer one ticket after the
/// other, and go at six. The engine and SQLite are the real ones; the platforms are plain accounts in memory.
class Counter {
public:
    struct Options {
        std::uint64_t seed = 1;
        int agents = 9;
        base::Duration poll = std::chrono::minutes(1);
        base::Duration shortest_handling = std::chrono::minutes(3); ///< of one ticket by one agent
        base::Duration longest_handling = std::chrono::minutes(12);
        base::Instant begins = base::parse_rfc3339("2026-03-02T06:00:00Z").value(); ///< a Monday, before the opening
        std::function<void(engine::Settings&)> settings = {};
    };

    explicit Counter(Options given);

    Options options;
    SeededRandom dice;
    std::map<std::string, PlainAccount> accounts;
    House house;

    [[nodiscard]] base::Instant now() const { return house.clock.now(); }
    [[nodiscard]] bool open() const { return calendar().is_open(now()); }
    [[nodiscard]] static const domain::Calendar& calendar();

    /// Somebody writes now. @return the platform's id.
    std::string customer(const std::string& channel, const std::string& who, const std::string& text, const std::string& answers = "");
    /// One minute: agents come, go and work; the server does what is due.
    void minute();
    /// Time in which nobody works.
    void pass(base::Duration time) { house.run_for(time); }
    /// What a customer does after an answer, as often as `percent` of a hundred: writes once more under the same root.
    std::uint64_t writes_again_percent = 0;

    void crash() { house.crash_and_restart(); }

    struct Answer {
        std::int64_t ticket;
        std::string channel;
        std::string text;
    };
    std::int64_t messages = 0;              ///< that customers wrote
    std::map<std::int64_t, Answer> replies; ///< accepted replies of agents
    std::int64_t decided = 0;               ///< how often a person decided about a reply of unknown fate
    std::int64_t refused = 0;               ///< replies that were refused, each with its reason
    std::map<std::string, int> refusals;

    /// Mean office time to the first answer, seconds, of the tickets that were answered.
    [[nodiscard]] std::int64_t mean_first_response();
    [[nodiscard]] std::int64_t waiting() { return house.count("SELECT count(*) FROM ticket WHERE queue_rank IS NOT NULL"); }

private:
    struct Desk {
        std::int64_t agent = 0;
        std::int64_t ticket = 0; ///< being worked on; 0: none
        base::Instant until{};
    };

    static std::map<std::string, PlainAccount> make_accounts(SeededRandom& dice);
    HouseOptions house_options();
    void set_everybody(bool there);
    /// Once an hour somebody looks on the platforms for the replies of which nobody knows whether they are out.
    void supervise();
    void work(Desk& desk);
    /// The first of the queue that is theirs or nobody's, and has no answer on its way.
    std::int64_t next_ticket(std::int64_t agent);
    void answer(Desk& desk);
    void maybe_write_again(const domain::Ticket& ticket);
    std::vector<Desk> desks_;
    base::Instant next_look_{};
    bool office_was_open_ = false;
    int texts_ = 0;
};

} // namespace sportello::test
