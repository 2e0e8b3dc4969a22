#include "attendance.hpp"

#include "facts.hpp"
#include "staff.hpp"

#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <vector>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Instant;
using storage::AttendanceRow;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration look_every = 1min;

/// The last opening of an office that is open now.
std::optional<Instant> last_opening(const Settings& settings, Instant now)
{
    std::optional<Instant> last;
    for (const BrandSettings& brand : settings.brands) {
        const auto opening = domain::opening_at(*brand.calendar, now);
        if (opening && (!last || opening->opens > *last)) last = opening->opens;
    }
    return last;
}

} // namespace

struct Attendance::Findings {
    struct Taken {
        domain::AgentId agent;
        std::string why;
    };
    struct Missing {
        domain::AgentId agent;
        std::string why;
        domain::Opening shift;
    };
    std::vector<AttendanceRow> notes;
    std::vector<Taken> taken;
    std::vector<Missing> missing;
    std::optional<Instant> next; ///< when to look again

    void look_at(Instant when, Instant now)
    {
        if (when > now && (!next || when < *next)) next = when;
    }
};

Attendance::Findings Attendance::find(Transaction& tx, Instant now) const
{
    Findings found;
    if (settings_.assignment.absent_after > base::Duration::zero()) found.look_at(now + look_every, now);
    std::map<domain::AgentId, AttendanceRow> known;
    for (AttendanceRow& row : storage::attendance_rows(tx)) known[row.agent] = row;
    std::map<domain::AgentId, std::int64_t> load;
    for (const auto& [agent, open_tickets] : storage::open_load(tx)) load[agent] = open_tickets;
    const domain::TakeBackRule rule{
        .break_limit = settings_.assignment.break_limit, .opened = last_opening(settings_, now), .watching_since = started_};
    for (const StaffMember& member : staff_of(tx, settings_, now)) {
        if (member.agent.role != domain::Role::agent) continue;
        AttendanceRow row = known.contains(member.agent.id) ? known[member.agent.id] : AttendanceRow{.agent = member.agent.id};
        const AttendanceRow before = row;
        if (!member.presence.away()) row.away_since = row.swept_at = std::nullopt;
        else if (!row.away_since) row.away_since = now;
        if (domain::takes_back(member.presence, member.facts(settings_), {row.away_since, row.swept_at}, rule, now)) {
            const bool has_work = load[member.agent.id] > 0;
            if (has_work) found.taken.push_back({member.agent.id, "taken back: " + member.presence.why});
            // From those who are looked at each minute there is nothing to remember.
            if (has_work || !row.swept_at || (rule.opened && *row.swept_at < *rule.opened) ||
                *row.swept_at < *row.away_since + rule.break_limit) {
                row.swept_at = now;
            }
        }
        if (member.plan && !member.agent.disabled) {
            const auto shift = member.plan->shift_at(now);
            const bool absent =
                member.presence.kind == domain::Presence::Kind::unavailable || member.presence.kind == domain::Presence::Kind::vanished;
            if (shift) found.look_at(shift->opens + settings_.assignment.missing_after, now);
            if (shift && absent && now - shift->opens >= settings_.assignment.missing_after && row.told_shift != shift->opens) {
                row.told_shift = shift->opens;
                found.missing.push_back({member.agent.id, member.presence.why, *shift});
            }
            if (const auto change = member.plan->next_change(now)) found.look_at(*change, now);
        }
        if (row.away_since) found.look_at(*row.away_since + rule.break_limit, now);
        if (row != before) found.notes.push_back(row);
    }
    for (const BrandSettings& brand : settings_.brands) {
        if (const auto opens = brand.calendar->next_open(now)) found.look_at(*opens, now);
    }
    return found;
}

base::Result<void> Attendance::carry_out(Transaction& tx, const Findings& findings, Instant now) const
{
    for (const AttendanceRow& row : findings.notes) storage::save_attendance(tx, row);
    for (const auto& [agent, why] : findings.taken) {
        for (domain::Ticket& ticket : storage::queue_of(tx, agent)) {
            const domain::Ticket before = ticket;
            release(tx, ticket, why, now);
            if (const auto saved = storage::save_ticket(tx, ticket, &before); !saved) return saved.error();
        }
    }
    for (const auto& [agent, why, shift] : findings.missing) {
        tell(tx, "agent.missing", now, std::nullopt, nullptr,
             {{"agent", agent.value},
              {"why", why + " although on shift since " + base::to_rfc3339(shift.opens)},
              {"shift_from", base::to_rfc3339(shift.opens)},
              {"shift_until", base::to_rfc3339(shift.closes)}});
    }
    return {};
}

asio::awaitable<base::Result<std::optional<Instant>>> Attendance::look()
{
    const Instant now = clock_.now();
    // Mostly there is nothing to do, and an idle counter must not wear out its disk.
    auto look = [&](Transaction& tx) -> base::Result<Findings> { return find(tx, now); };
    const auto found = co_await db_.read(look);
    if (!found) co_return found.error();
    const std::optional<Instant> next = found->next;
    if (found->notes.empty() && found->taken.empty() && found->missing.empty()) co_return next;
    auto act = [&](Transaction& tx) -> base::Result<void> { return carry_out(tx, find(tx, now), now); };
    const auto done = co_await db_.write(act);
    if (!done) co_return done.error();
    co_return next;
}

} // namespace sportello::engine
