#include "chores.hpp"

#include "attendance.hpp"
#include "kept_answers.hpp"

#include <sportello/engine/aids.hpp>
#include <sportello/engine/approvals.hpp>
#include <sportello/engine/by_hand.hpp>
#include <sportello/engine/office_hours.hpp>
#include <sportello/engine/privacy.hpp>
#include <sportello/engine/reports.hpp>
#include <sportello/engine/rota.hpp>
#include <sportello/engine/search.hpp>
#include <sportello/engine/targets.hpp>
#include <sportello/engine/ticketing.hpp>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using Next = base::Result<std::optional<base::Instant>>;

asio::awaitable<Next> take_in(Ticketing& ticketing)
{
    while (true) {
        const auto threaded = co_await ticketing.thread_new_messages();
        if (!threaded) co_return threaded.error();
        if (*threaded == 0) co_return std::nullopt;
    }
}

asio::awaitable<Next> wake_snoozed(Ticketing& ticketing)
{
    const auto woken = co_await ticketing.wake_snoozed();
    if (!woken) co_return woken.error();
    co_return co_await ticketing.next_snooze();
}

asio::awaitable<Next> assign(Ticketing& ticketing)
{
    const auto assigned = co_await ticketing.assign_waiting();
    if (!assigned) co_return assigned.error();
    co_return ticketing.next_hand_out();
}

asio::awaitable<Next> ask_by_hand(ByHand& by_hand)
{
    const auto asked = co_await by_hand.ask_due();
    if (!asked) co_return asked.error();
    co_return co_await by_hand.next_ask();
}

asio::awaitable<Next> replan(OfficeHours& office_hours)
{
    const auto moved = co_await office_hours.replan();
    if (!moved) co_return moved.error();
    co_return std::nullopt;
}

asio::awaitable<Next> tell_targets(Targets& targets)
{
    const auto told = co_await targets.tell_due();
    if (!told) co_return told.error();
    co_return co_await targets.next_due();
}

} // namespace

std::vector<Chore> chores_of(Ticketing& ticketing, ByHand& by_hand, OfficeHours& office_hours, Attendance& attendance, Rota& rota,
                             Targets& targets, Aids& aids, Privacy& privacy, Approvals& approvals, SearchIndex& search_index,
                             Reports& reports, KeptAnswers& kept_answers)
{
    return {
        {"office hours", [&office_hours] { return replan(office_hours); }}, // first: the others go by deadlines
        {"inbox", [&ticketing] { return take_in(ticketing); }},
        {"snoozed tickets", [&ticketing] { return wake_snoozed(ticketing); }},
        {"attendance", [&attendance] { return attendance.look(); }}, // before work is handed out: what it takes back is work too
        {"assignment", [&ticketing] { return assign(ticketing); }},
        {"rota", [&rota] { return rota.look(); }},
        {"answers by hand", [&by_hand] { return ask_by_hand(by_hand); }},
        {"targets", [&targets] { return tell_targets(targets); }},
        {"closings", [&targets] { return targets.tell_closings(); }},
        {"solved tickets", [&ticketing] { return ticketing.close_solved(); }},
        {"reminders", [&aids] { return aids.remind_due(); }},
        {"ratings", [&aids] { return aids.ask_ratings(); }},
        {"kept answers", [&kept_answers] { return kept_answers.drop_old(); }},
        {"retention", [&privacy] { return privacy.forget_old(); }},
        {"drafts", [&approvals] { return approvals.tidy(); }},
        {"facts of reports", [&reports] { return reports.keep(); }},
        {"search index", [&search_index] { return search_index.keep(); }},
    };
}

} // namespace sportello::engine
