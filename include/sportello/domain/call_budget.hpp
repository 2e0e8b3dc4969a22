#pragma once

#include <sportello/base/time.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// Millionths of a US dollar, in which platforms name their prices.
using MicroDollars = std::int64_t;

/// What a call to a platform is for. Some of the quota and of the money is kept back for answers.
enum class CallUse { reading, answering };

/// What a channel may spend on its platform in a UTC day and month; nothing: no cap.
struct MoneyCaps {
    std::optional<MicroDollars> a_day;
    std::optional<MicroDollars> a_month;
};

/// What a channel has spent. Kept in the database, so that a restart forgets nothing.
struct Spending {
    std::chrono::sys_days day{}; ///< the UTC day that `today` and `calls` are of; `month` is of its month
    MicroDollars today = 0;
    MicroDollars month = 0;
    std::int64_t calls = 0;

    friend bool operator==(const Spending&, const Spending&) = default;
};

/// What is left of one quota of one endpoint.
struct Quota {
    std::string endpoint; ///< as the connector calls it: "GET /2/users/:id/mentions"
    std::string window;   ///< "15 min", "24 h"
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    base::Instant resets_at{};
    base::Duration length{};       ///< of the window that begins with the first call after `resets_at`
    bool kept_for_answers = false; ///< reading leaves a part of it untouched
};

/// Whether a call may go out.
struct Permit {
    base::Instant at{}; ///< not before; at once when this is not in the future
    std::string reason; ///< why not at once, in words
    bool money = false; ///< it is money that is short, not calls
};

/// The budget of one channel: what its platform still lets it call, and what it may still cost (I12).
///
/// Reading never uses the last fifth of a quota that answers need too, nor the last fifth of the money; answering may
/// use all. No call is permitted that could carry the spending over a cap, however much it brings.
class CallBudget {
public:
    explicit CallBudget(MoneyCaps caps = {}) : caps_(caps) {}

    /// The limit of an endpoint before its platform has told it.
    void expect(std::string_view endpoint, std::string_view window, std::int64_t limit, base::Duration length, bool kept_for_answers);
    /// @param worst_cost  what the call costs if it brings as much as it can
    [[nodiscard]] Permit ask(std::string_view endpoint, CallUse use, MicroDollars worst_cost, base::Instant now) const;
    /// A call leaves: counted before its answer is there.
    void sent(std::string_view endpoint, base::Instant now);
    /// What the answer says of a quota. While calls are under way it cannot know of them: the lower count holds.
    void told(std::string_view endpoint, std::string_view window, std::int64_t limit, std::int64_t remaining, base::Instant resets_at,
              base::Instant now);
    void charge(MicroDollars cost, base::Instant now);

    /// Goes on with what an earlier process spent; adds to what was spent since this one began.
    void restore(const Spending& spent);
    [[nodiscard]] Spending spending(base::Instant now) const;
    [[nodiscard]] const MoneyCaps& caps() const { return caps_; }
    /// What may still be spent before a cap is reached; nothing: any amount.
    [[nodiscard]] std::optional<MicroDollars> left(base::Instant now) const;
    /// What reading may still cost until the end of the UTC day; nothing: any amount.
    [[nodiscard]] std::optional<MicroDollars> left_for_reading(base::Instant now) const;
    /// Quotas whose window runs, by endpoint and window.
    [[nodiscard]] std::vector<Quota> quotas(base::Instant now) const;

private:
    void turn_day(base::Instant now);
    Quota& at(std::string_view endpoint, std::string_view window);

    MoneyCaps caps_;
    Spending spent_;
    std::map<std::string, std::vector<Quota>, std::less<>> quotas_;
};

} // namespace sportello::domain
