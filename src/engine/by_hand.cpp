#include <sportello/engine/by_hand.hpp>

#include "facts.hpp"
#include "outbox_accept.hpp"
#include "shield_rules.hpp"
#include "ticket_clocks.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Ticket;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr base::Duration ask_after = 30min;
constexpr std::size_t longest_text = 25'000;

nlohmann::json wait_data(const storage::ByHand& wait)
{
    return {{"by_hand", wait.id},
            {"agent", wait.agent.value},
            {"since", base::to_rfc3339(wait.since)},
            {"target", wait.target_id},
            {"asked", wait.asked_at.has_value()}};
}

/// Something about the wait has changed: the ticket has a new revision, and readers are told.
Result<void> tell_wait(Transaction& tx, std::string_view type, const storage::ByHand& wait, Instant now, const Command* command)
{
    auto ticket = storage::find_ticket(tx, wait.ticket);
    if (!ticket) return ticket.error();
    const Ticket before = *ticket;
    ticket->updated_at = now;
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved;
    tell(tx, type, now, wait.ticket, command, wait_data(wait));
    return {};
}

Result<storage::ByHand> present_wait(Transaction& tx, domain::TicketId id, const Command& command)
{
    if (const auto ticket = workable_ticket(tx, id, command.actor); !ticket) return ticket.error();
    auto wait = storage::waiting_by_hand(tx, id);
    if (!wait) return Error(ErrorKind::conflict, "nobody is answering this ticket by hand");
    return std::move(*wait);
}

/// Whoever writes the answer has the ticket, as with any answer.
Result<void> take_over(Transaction& tx, Ticket& ticket, domain::AgentId agent, Instant now)
{
    const Ticket before = ticket;
    const auto author = storage::find_agent(tx, agent);
    if (!author) return author.error();
    ticket.updated_at = now;
    if (ticket.status == domain::TicketStatus::new_) ticket.status = domain::TicketStatus::open;
    if (!ticket.assignee) domain::assign(ticket, agent, author->name + " answered it", now);
    return storage::save_ticket(tx, ticket, &before);
}

} // namespace

asio::awaitable<Result<storage::ByHand>> ByHand::start(domain::TicketId id, HandDraft draft, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<storage::ByHand> {
        auto ticket = workable_ticket(tx, id, command.actor);
        if (!ticket) return ticket.error();
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) {
            if (auto known = storage::find_by_hand(tx, **made)) return std::move(*known);
        }
        storage::ByHand wait;
        wait.text = base::clean_utf8(base::trim(draft.text));
        if (wait.text.empty()) return Error(ErrorKind::invalid_input, "the text is empty", {{"/text", "must not be empty"}});
        if (base::count_code_points(wait.text) > longest_text) {
            return Error(ErrorKind::invalid_input, "the text is too long", {{"/text", "at most 25000 characters"}});
        }
        if (ticket->status == domain::TicketStatus::closed) return Error(ErrorKind::conflict, "the ticket is closed");
        if (const auto fresh = check_fresh(*ticket, draft.last_seen); !fresh) return fresh.error();
        if (storage::waiting_by_hand(tx, id)) return Error(ErrorKind::conflict, "this ticket is being answered by hand");
        const auto answered = answered_message(tx, *ticket, draft.answers);
        if (!answered) return answered.error();
        if (answered->visibility == domain::Visibility::public_) {
            const auto safe = check_public_text(tx, settings_, *ticket, wait.text, draft.release_personal_data, command, now);
            if (!safe) return safe.error();
        }
        wait.ticket = id;
        wait.agent = command.actor.id;
        wait.channel = answered->channel;
        wait.root_id = answered->root_id;
        wait.target_id = answered->platform_id;
        wait.permalink = answered->permalink;
        wait.since = now;
        wait.ask_at = now + ask_after;
        const auto inserted = storage::insert_by_hand(tx, wait);
        if (!inserted) return inserted.error();
        wait.id = *inserted;
        note_alarm(settings_, wait.ask_at);
        if (const auto kept = remember_made(tx, command, wait.id, now); !kept) return kept.error();
        if (const auto taken = take_over(tx, *ticket, wait.agent, now); !taken) return taken.error();
        tell(tx, "by_hand.started", now, id, &command, wait_data(wait));
        return wait;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<storage::ByHand>> ByHand::keep_waiting(domain::TicketId id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<storage::ByHand> {
        auto wait = present_wait(tx, id, command);
        if (!wait) return wait;
        wait->ask_at = now + ask_after;
        wait->asked_at.reset();
        storage::save_by_hand(tx, *wait);
        note_alarm(settings_, wait->ask_at);
        if (const auto told = tell_wait(tx, "by_hand.kept", *wait, now, &command); !told) return told.error();
        return wait;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<storage::ByHand>> ByHand::give_up(domain::TicketId id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<storage::ByHand> {
        auto wait = present_wait(tx, id, command);
        if (!wait) return wait;
        wait->ended_at = now;
        wait->outcome = "given_up";
        storage::save_by_hand(tx, *wait);
        if (const auto told = tell_wait(tx, "by_hand.given_up", *wait, now, &command); !told) return told.error();
        return wait;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::size_t>> ByHand::ask_due()
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<std::size_t> {
        auto due = storage::by_hand_to_ask(tx, now);
        for (storage::ByHand& wait : due) {
            wait.asked_at = now;
            storage::save_by_hand(tx, wait);
            if (const auto told = tell_wait(tx, "by_hand.unseen", wait, now, nullptr); !told) return told.error();
        }
        return due.size();
    };
    // Most times there is nothing to ask, and nothing is written.
    auto look = [&](Transaction& tx) -> Result<bool> { return !storage::by_hand_to_ask(tx, now, 1).empty(); };
    const auto any = co_await db_.read(look);
    if (!any) co_return any.error();
    if (!*any) co_return std::size_t(0);
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Instant>>> ByHand::next_ask()
{
    auto unit = [](Transaction& tx) -> Result<std::optional<Instant>> { return storage::next_by_hand_ask(tx); };
    co_return co_await db_.read(unit);
}

} // namespace sportello::engine
