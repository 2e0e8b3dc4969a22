#pragma once

#include "../answer.hpp"
#include <sportello/domain/call_budget.hpp>
#include <sportello/http/message.hpp>

#include <string>
#include <string_view>
#include <unordered_set>

namespace sportello::connectors::twitter {

/// The name under which X limits a call: the path with `:id` for each id, "GET /2/users/:id/mentions".
/// @param path  below the API's base: "/users/42/mentions"
[[nodiscard]] std::string endpoint_of(http::Method method, std::string_view path);

/// What X limits before it has told its own figures: the limits of a user's token on pay-per-use.
void expect_limits(domain::CallBudget& budget);
/// What the headers of an answer tell of its endpoint.
void learn_limits(domain::CallBudget& budget, const std::string& endpoint, const http::Headers& headers, Instant now);

/// The price list of X (2026), and which objects were already paid for: one that is read twice in a UTC day is charged
/// once. A restart forgets them, so that the estimate is never too low.
class Prices {
public:
    /// @param owned_reads  the account owns the app: its own posts and mentions are cheaper
    explicit Prices(bool owned_reads) : owned_reads_(owned_reads) {}

    /// The highest price of one row of this list, with its author and what it answers.
    [[nodiscard]] domain::MicroDollars of_a_row(std::string_view endpoint) const;
    /// The highest price of looking these up by their ids ("1,2,3"); what was paid for today costs nothing.
    [[nodiscard]] domain::MicroDollars of_ids(std::string_view endpoint, std::string_view ids, Instant now) const;
    /// The highest price of a write.
    [[nodiscard]] static domain::MicroDollars of_a_write(http::Method method, std::string_view endpoint, std::string_view body);
    /// What the objects of an answer cost.
    [[nodiscard]] domain::MicroDollars of_an_answer(std::string_view endpoint, const Json& body, Instant now);

private:
    [[nodiscard]] domain::MicroDollars of_a_post(std::string_view endpoint) const;
    domain::MicroDollars once(const Json& objects, char kind, domain::MicroDollars price);

    bool owned_reads_;
    std::chrono::sys_days day_{};
    std::unordered_set<std::string> paid_;
};

} // namespace sportello::connectors::twitter
