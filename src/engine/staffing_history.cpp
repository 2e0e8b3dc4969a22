#include "staffing_history.hpp"

#include <sportello/storage/agents.hpp>
#include <sportello/storage/history.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace sportello::engine {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Instant;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr std::int64_t most_past_messages = 500'000;
constexpr std::int64_t most_replies = 20'000;
constexpr std::int64_t days_needed = 14;
constexpr std::int64_t messages_needed = 100;
constexpr std::size_t timed_needed = 30;
// Shorter is no answering, longer was a break or another duty in between.
constexpr Duration shortest_handling = 5s;
constexpr Duration longest_handling = 60min;

bool is_among(const std::vector<std::string>& brands, std::string_view brand)
{
    return std::find(brands.begin(), brands.end(), brand) != brands.end();
}

/// Pieces of work: a customer's first message, and the first one after each answer. Counted by local half hour.
class Arrivals {
public:
    explicit Arrivals(const domain::Calendar& calendar) : calendar_(calendar) {}

    void see(const storage::PastMessage& message)
    {
        if (message.direction == domain::Direction::outbound) {
            waiting_.erase(message.ticket);
            return;
        }
        if (!waiting_.insert(message.ticket).second) return;
        const sys_days date = calendar_.local_date(message.at);
        const auto slot = static_cast<std::size_t>(calendar_.local_time(message.at) / minutes(30));
        ++counted_[date][slot];
        ++total_;
    }

    /// Averages from the first date with messages to the last of the span; half hours like an outage are left out.
    void average(sys_days last, StaffingHistory& history, domain::WeekTable<double>& averages) const
    {
        history.messages = total_;
        if (counted_.empty()) return;
        const sys_days first = counted_.begin()->first;
        history.days = std::max<std::int64_t>(0, (last - first).count());
        for (std::size_t weekday = 0; weekday < 7; ++weekday) {
            for (std::size_t slot = 0; slot < 48; ++slot) {
                averages[weekday][slot] = average_of(weekday, slot, first, last, history.left_out);
            }
        }
    }

private:
    double average_of(std::size_t weekday, std::size_t slot, sys_days first, sys_days last, std::int64_t& left_out) const
    {
        std::vector<std::int64_t> counts;
        for (sys_days date = first; date < last; date += days(1)) {
            if (std::chrono::weekday(date).iso_encoding() - 1 != weekday) continue;
            const auto found = counted_.find(date);
            counts.push_back(found == counted_.end() ? 0 : found->second[slot]);
        }
        std::ranges::sort(counts);
        // Far beyond what this half hour usually has: an outage, which a what-if asks for by itself.
        while (counts.size() > 2 && counts.back() > 20 + 8 * counts[counts.size() / 2]) {
            left_out += counts.back();
            counts.pop_back();
        }
        std::int64_t sum = 0;
        for (const auto count : counts) sum += count;
        return counts.empty() ? 0 : static_cast<double>(sum) / static_cast<double>(counts.size());
    }

    const domain::Calendar& calendar_;
    std::set<domain::TicketId> waiting_;
    std::map<sys_days, std::array<std::int64_t, 48>> counted_;
    std::int64_t total_ = 0;
};

/// From the moment at which the author could begin (the ticket was theirs, the message there, the answer before it out)
/// until the answer, in office time.
class Handling {
public:
    explicit Handling(const domain::Calendar& calendar) : calendar_(calendar) {}

    void see(const storage::PastReply& reply)
    {
        const auto before = last_.find(reply.author);
        std::optional<Instant> begun = reply.received_at;
        if (reply.assigned_at && (!begun || *reply.assigned_at > *begun)) begun = reply.assigned_at;
        if (before != last_.end() && (!begun || before->second > *begun)) begun = before->second;
        last_[reply.author] = reply.accepted_at;
        if (!begun) return;
        const auto took = calendar_.between(*begun, reply.accepted_at);
        if (took >= shortest_handling && took <= longest_handling) times_.push_back(took);
    }

    [[nodiscard]] std::vector<Duration> times() && { return std::move(times_); }

private:
    const domain::Calendar& calendar_;
    std::map<domain::AgentId, Instant> last_;
    std::vector<Duration> times_;
};

std::string shortage(const StaffingHistory& history)
{
    std::string note;
    const auto lacks = [&note](std::int64_t has, std::int64_t needed, const char* what) {
        if (has >= needed) return;
        note += (note.empty() ? "The history is too short: " : ", ") + std::to_string(has) + " " + what + " of " + std::to_string(needed);
    };
    lacks(history.days, days_needed, "days");
    lacks(history.messages, messages_needed, "messages");
    lacks(history.timed, static_cast<std::int64_t>(timed_needed), "answers whose handling time can be told");
    if (!note.empty()) note += " that are needed.";
    return note;
}

} // namespace

KnownOffice known_office(storage::Transaction& tx, const std::vector<std::string>& brands, const domain::Calendar& calendar, Instant from,
                         Instant until)
{
    KnownOffice known;
    known.history.from = from;
    known.history.until = until;
    Arrivals arrivals(calendar);
    storage::for_each_past_message(tx, from, until, most_past_messages, [&](const storage::PastMessage& message) {
        if (is_among(brands, message.brand)) arrivals.see(message);
    });
    arrivals.average(calendar.local_date(until), known.history, known.demand.arrivals);

    Handling handling(calendar);
    storage::for_each_past_reply(tx, from, until, most_replies, [&](const storage::PastReply& reply) {
        handling.see(reply); // other brands' too: they are what the author did before
        if (is_among(brands, reply.brand)) ++known.history.answers;
    });
    known.demand.handling = std::move(handling).times();
    known.history.timed = std::ssize(known.demand.handling);

    std::int64_t answered = 0;
    std::int64_t office_seconds = 0;
    for (const auto& of_brand : storage::past_responses(tx, from, until)) {
        if (!is_among(brands, of_brand.brand)) continue;
        answered += of_brand.answered;
        office_seconds += of_brand.office_seconds;
    }
    if (answered > 0) known.history.measured_mean_seconds = static_cast<double>(office_seconds) / static_cast<double>(answered);
    known.history.note = shortage(known.history);
    known.history.enough = known.history.note.empty();
    for (const domain::Agent& agent : storage::all_agents(tx)) {
        if (agent.role == domain::Role::agent && !agent.disabled) ++known.agents;
    }
    return known;
}

} // namespace sportello::engine
