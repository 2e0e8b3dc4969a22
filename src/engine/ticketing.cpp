#include <sportello/engine/ticketing.hpp>

#include "facts.hpp"
#include "mentions.hpp"
#include "pool.hpp"
#include "rating.hpp"
#include "search_index.hpp"
#include "staff.hpp"
#include "threader.hpp"
#include "ticket_clocks.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/assignment.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/claims.hpp>
#include <sportello/storage/drafts.hpp>
#include <sportello/storage/notes.hpp>
#include <sportello/storage/reports.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::Agent;
using domain::AgentId;
using domain::Ticket;
using domain::TicketId;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr std::int64_t largest_batch = 500; // of tickets handed out in one transaction
// Of messages and tickets where there are other nodes, which wait for their turn, and where leases have to be renewed in between: a
// transaction that takes longer than a lease is taken from its node before it can commit, and the same would befall the next.
constexpr std::int64_t batch_among_nodes = 50;
constexpr base::Duration turn_comes_in = 50ms;
constexpr int most_turns = 100;
constexpr std::size_t label_limit = 20;
constexpr std::size_t label_length = 50;
constexpr std::size_t note_length = 10'000;
constexpr std::size_t subject_length = 200;
constexpr std::size_t reason_length = 200;
constexpr std::int64_t most_closed = 200; // in one transaction

std::int64_t batch_size(const Transaction& tx, std::int64_t alone)
{
    return storage::among_nodes(tx) ? std::min(alone, batch_among_nodes) : alone;
}

/// Runs a unit that answers nothing while another node is at the same, until its turn comes; none is no error: the other one has
/// seen to it. @param now  what the unit takes for the present: that of its turn, not of when it began to wait.
template <class Unit>
asio::awaitable<storage::UnitResult<Unit>> in_turn(storage::Database& db, base::Clock& clock, Instant& now, Unit& unit)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const std::unique_ptr<base::Timer> timer = clock.make_timer(executor);
    for (int turn = 1;; ++turn) {
        now = clock.now();
        auto done = co_await db.write(unit);
        if (!done || *done || turn == most_turns) co_return done;
        co_await timer->wait_until(now + turn_comes_in);
    }
}

Error conflict(std::string what)
{
    return Error(ErrorKind::conflict, std::move(what));
}

bool answers_brand(const Agent& agent, std::string_view brand)
{
    return agent.brands.empty() || std::ranges::find(agent.brands, brand) != agent.brands.end();
}

/// Runs `change` on the ticket and stores it if it changed anything, with one event.
template <class Change>
Result<Ticket> update(Transaction& tx, TicketId id, const Command& command, std::string_view event, Instant now, Change&& change)
{
    auto ticket = workable_ticket(tx, id, command.actor);
    if (!ticket) return ticket.error();
    const Ticket before = *ticket;
    nlohmann::json data = nlohmann::json::object();
    const Result<void> changed = change(*ticket, data);
    if (!changed) return changed.error();
    if (data.empty()) return ticket; // nothing to tell: nothing changed
    if (const auto saved = storage::save_ticket(tx, *ticket, &before); !saved) return saved.error();
    tell(tx, event, now, id, &command, data);
    return ticket;
}

Result<std::string> checked_text(std::string_view given, std::size_t limit, const char* pointer)
{
    std::string text = base::clean_utf8(base::trim(given));
    if (text.empty()) return Error(ErrorKind::invalid_input, "the text is empty", {{pointer, "must not be empty"}});
    if (base::count_code_points(text) > limit) {
        const std::string detail = "at most " + std::to_string(limit) + " characters";
        return Error(ErrorKind::invalid_input, "the text is too long: " + detail, {{pointer, detail}});
    }
    return text;
}

Result<std::vector<std::string>> checked_labels(const std::vector<std::string>& given)
{
    std::vector<std::string> labels;
    if (given.size() > label_limit) {
        return Error(ErrorKind::invalid_input, "too many labels", {{"/labels", "at most " + std::to_string(label_limit)}});
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string pointer = "/labels/" + std::to_string(i);
        auto label = checked_text(given[i], label_length, pointer.c_str());
        if (!label) return label.error();
        if (label->find_first_of("\r\n") != std::string::npos) {
            return Error(ErrorKind::invalid_input, "a label has one line", {{pointer, "must not have a line break"}});
        }
        labels.push_back(std::move(*label));
    }
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
}

/// Status and its reason, as far as the change asks for them.
Result<void> set_status(Transaction& tx, const Settings& settings, Ticket& ticket, const TicketChange& change, const Command& command,
                        Instant now, nlohmann::json& data)
{
    std::string reason;
    if (change.status_reason) {
        auto given = checked_text(*change.status_reason, reason_length, "/status_reason");
        if (!given) return given.error();
        reason = std::move(*given);
    }
    const auto status = change.status.value_or(ticket.status);
    if (status == ticket.status && reason.empty()) return {};
    if (ticket.status == domain::TicketStatus::closed && status == ticket.status) {
        return conflict("the ticket is closed for good; what the customer writes next opens another");
    }
    const bool solved = status == domain::TicketStatus::solved && ticket.status != status;
    if (solved && reason.empty() && storage::is_switched_on(tx, storage::require_reason, false)) {
        return Error(ErrorKind::invalid_input, "say in a few words why it is solved",
                     {{"/status_reason", "is required to solve a ticket"}});
    }
    data["was"] = to_string(ticket.status);
    if (auto done = domain::change_status(ticket, status, target_of(settings, ticket), now, reason); !done) return done;
    if (solved) plan_rating(tx, settings, ticket, command.actor.id, now);
    ticket.updated_at = now;
    data["status"] = to_string(ticket.status);
    if (!reason.empty()) data["status_reason"] = ticket.status_reason;
    return {};
}

/// Spam and noise are a person's to say and to unsay; what stands apart for an incident or a merge has its own way back.
Result<void> set_aside(Ticket& ticket, const std::string& aside, Instant now)
{
    const auto is_ours = [](std::string_view word) { return word.empty() || word == "spam" || word == "noise"; };
    if (!is_ours(aside)) return Error(ErrorKind::invalid_input, "spam or noise expected", {{"/aside", "spam, noise or empty expected"}});
    if (!is_ours(ticket.aside)) {
        return Error(ErrorKind::conflict, "the ticket stands apart for another reason", {{"/aside", "is \"" + ticket.aside + "\""}});
    }
    ticket.aside = aside;
    ticket.updated_at = now;
    return {};
}

} // namespace

Ticketing::Ticketing(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

asio::awaitable<Result<std::size_t>> Ticketing::thread_new_messages(std::size_t limit)
{
    Instant now{};
    auto unit = [&](Transaction& tx) -> Result<std::optional<std::size_t>> {
        storage::take_turn(tx);
        if (!storage::claim(tx, "threading")) return std::optional<std::size_t>();
        const auto messages = storage::next_new_messages(tx, batch_size(tx, static_cast<std::int64_t>(limit)));
        Threader threader(tx, settings_, now, messages.size());
        for (const storage::NewMessage& message : messages) threader.thread(message);
        return std::optional(messages.size());
    };
    const auto threaded = co_await in_turn(db_, clock_, now, unit);
    if (!threaded) co_return threaded.error();
    co_return threaded->value_or(0);
}

asio::awaitable<Result<std::size_t>> Ticketing::assign_waiting()
{
    std::size_t assigned = 0;
    HandOut batch;
    do { // behind those for whom nobody suitable had room
        const auto done = co_await assign_batch(batch.after);
        if (!done) co_return done.error();
        batch = *done;
        assigned += batch.assigned;
    } while (batch.after);
    co_return assigned;
}

asio::awaitable<Result<Ticketing::HandOut>> Ticketing::assign_batch(std::optional<storage::QueuePlace> after)
{
    Instant now = clock_.now();
    std::vector<std::string> open_brands;
    for (const BrandSettings& brand : settings_.brands) {
        if (hands_out_now(settings_, brand.id, now)) open_brands.push_back(brand.id);
    }
    if (open_brands.empty()) co_return HandOut();

    auto unit = [&](Transaction& tx) -> Result<std::optional<HandOut>> {
        storage::take_turn(tx);
        if (!storage::claim(tx, "assignment")) return std::optional<HandOut>();
        const Pool pool(tx, settings_, now);
        const auto brands = pool.brands_with_room(open_brands);
        if (brands.empty()) return std::optional(HandOut());
        const std::int64_t most = batch_size(tx, largest_batch);
        std::vector<Ticket> tickets = storage::waiting_unassigned(tx, brands, most, after);
        HandOut done;
        if (std::ssize(tickets) == most) done.after = {storage::queue_rank(tickets.back()).value_or(0), tickets.back().id};
        domain::Distributor distributor = pool.distributor();
        for (Ticket& ticket : tickets) {
            const Asked asked(tx, settings_, ticket);
            const auto assignment = distributor.assign(asked.of(ticket));
            if (!assignment) continue;
            const Ticket before = ticket;
            domain::assign(ticket, assignment->agent, assignment->why, now);
            if (const auto saved = storage::save_ticket(tx, ticket, &before); !saved) return saved.error();
            tell(tx, "ticket.assigned", now, ticket.id, nullptr, agent_data(assignment->agent, assignment->why));
            ++done.assigned;
        }
        keep_turn(tx, settings_, distributor);
        return std::optional(done);
    };
    const auto handed_out = co_await in_turn(db_, clock_, now, unit);
    if (!handed_out) co_return handed_out.error();
    co_return handed_out->value_or(HandOut());
}

asio::awaitable<Result<std::size_t>> Ticketing::wake_snoozed()
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<std::size_t> {
        auto tickets = storage::due_snoozes(tx, now);
        for (Ticket& ticket : tickets) {
            const Ticket before = ticket;
            ticket.snoozed_until.reset();
            ticket.updated_at = now;
            release_if_absent(tx, settings_, ticket, now);
            if (const auto saved = storage::save_ticket(tx, ticket, &before); !saved) return saved.error();
            tell(tx, "ticket.woken", now, ticket.id, nullptr, {{"snoozed_until", nullptr}});
        }
        return tickets.size();
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Instant>>> Ticketing::close_solved()
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<std::optional<Instant>> {
        std::optional<Instant> next;
        for (const BrandSettings& brand : settings_.brands) {
            const auto after = brand.threading.close_solved_after;
            if (after == base::Duration(0)) continue;
            const auto days = std::chrono::duration_cast<std::chrono::hours>(after).count() / 24;
            for (Ticket& ticket : storage::solved_tickets(tx, brand.id, now - after, most_closed)) {
                const Ticket before = ticket;
                domain::close(ticket, "closed by itself " + std::to_string(days) + " days after it was solved", now);
                if (const auto saved = storage::save_ticket(tx, ticket, &before); !saved) return saved.error();
                tell(tx, "ticket.closed", now, ticket.id, nullptr, {{"status", to_string(ticket.status)}, {"why", ticket.status_reason}});
            }
            const auto solved = storage::first_solved(tx, brand.id);
            if (solved && (!next || *solved + after < *next)) next = *solved + after;
        }
        return next;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Instant>>> Ticketing::next_snooze()
{
    auto unit = [&](Transaction& tx) -> Result<std::optional<Instant>> { return storage::next_snooze(tx); };
    co_return co_await db_.read(unit);
}

std::optional<Instant> Ticketing::next_hand_out() const
{
    std::optional<Instant> next;
    for (const BrandSettings& brand : settings_.brands) {
        const auto opens = brand.calendar->next_open(clock_.now());
        if (opens && (!next || *opens < *next)) next = opens;
    }
    const auto shared = sharing_until(settings_, clock_.now());
    if (shared && (!next || *shared < *next)) next = shared;
    return next;
}

asio::awaitable<Result<Ticket>> Ticketing::take(TicketId id, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Ticket> {
        const auto agent = storage::find_agent(tx, command.actor.id);
        if (!agent) return agent.error();
        return update(tx, id, command, "ticket.assigned", now, [&](Ticket& ticket, nlohmann::json& data) -> Result<void> {
            const auto before = ticket.assignee;
            if (const auto taken = domain::take(ticket, agent->id, agent->name, now); !taken) return taken.error();
            if (before != ticket.assignee) data = agent_data(ticket.assignee, ticket.assigned_why);
            return {};
        });
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<std::optional<Ticket>>> Ticketing::next(Actor actor)
{
    auto unit = [&](Transaction& tx) -> Result<std::optional<Ticket>> { return storage::most_urgent_for(tx, actor.id, actor.brands); };
    co_return co_await db_.read(unit);
}

asio::awaitable<Result<std::optional<Ticket>>> Ticketing::take_next(Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<std::optional<Ticket>> {
        const auto agent = storage::find_agent(tx, command.actor.id);
        if (!agent) return agent.error();
        const auto next = storage::most_urgent_for(tx, agent->id, command.actor.brands);
        if (!next) return std::optional<Ticket>();
        auto taken = update(tx, next->id, command, "ticket.assigned", now, [&](Ticket& ticket, nlohmann::json& data) -> Result<void> {
            if (ticket.assignee == agent->id) return {};
            if (const auto result = domain::take(ticket, agent->id, agent->name, now); !result) return result.error();
            data = agent_data(ticket.assignee, ticket.assigned_why);
            return {};
        });
        if (!taken) return taken.error();
        return std::optional(std::move(*taken));
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Ticket>> Ticketing::change(TicketId id, TicketChange change, Command command,
                                                  std::optional<std::int32_t> if_revision)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Ticket> {
        return update(tx, id, command, "ticket.changed", now, [&](Ticket& ticket, nlohmann::json& data) -> Result<void> {
            if (if_revision && *if_revision != ticket.revision) return conflict("the ticket was changed by somebody else; read it again");
            if (change.assignee && *change.assignee != ticket.assignee) {
                std::string why = "given back";
                if (*change.assignee) {
                    const auto agent = storage::find_agent(tx, **change.assignee);
                    // Who does not serve the brand would not find it, and is nobody to those who serve only this one.
                    if (!agent || agent->disabled || agent->role == domain::Role::phone || !answers_brand(*agent, ticket.brand)) {
                        return Error(ErrorKind::invalid_input, "there is no such agent",
                                     {{"/assignee", "is no agent of this brand who can log in"}});
                    }
                    const auto member = staff_member(tx, settings_, agent->id, now);
                    const bool own = agent->id == command.actor.id; // who takes it is there
                    if (member && !own && agent->role == domain::Role::agent && member->presence.away()) {
                        return Error(ErrorKind::invalid_input, member->presence.why, {{"/assignee", member->presence.why}});
                    }
                    why = "assigned to " + agent->name + " by a person";
                }
                domain::assign(ticket, *change.assignee, why, now);
                data.update(agent_data(ticket.assignee, why));
            }
            if (const auto done = set_status(tx, settings_, ticket, change, command, now, data); !done) return done;
            if (change.priority && *change.priority != ticket.priority) {
                const auto author = storage::find_agent(tx, command.actor.id);
                ticket.priority = *change.priority;
                ticket.priority_why = author ? "set by " + author->name : "set by a person";
                ticket.updated_at = now;
                domain::replan(ticket, target_of(settings_, ticket)); // a priority may have targets of its own
                note_alarm(settings_, ticket.alarm_at);
                data["priority"] = to_string(ticket.priority);
            }
            if (change.subject) {
                auto subject = checked_text(*change.subject, subject_length, "/subject");
                if (!subject) return subject.error();
                storage::note_subject(tx, id, command.actor.id, now);
                ticket.subject = settings_.personal_data.masked(*subject); // it stands in every list
                ticket.updated_at = now;
                index_subject(tx, settings_, ticket);
                data["subject"] = ticket.subject;
            }
            if (change.labels) {
                auto labels = checked_labels(*change.labels);
                if (!labels) return labels.error();
                storage::set_labels(tx, id, *labels);
                ticket.updated_at = now;
                data["labels"] = *labels;
            }
            if (change.aside && *change.aside != ticket.aside) {
                if (const auto done = set_aside(ticket, *change.aside, now); !done) return done.error();
                data["aside"] = ticket.aside;
            }
            if (change.snoozed_until) {
                if (const auto done = domain::snooze(ticket, *change.snoozed_until, now); !done) return done.error();
                note_alarm(settings_, ticket.snoozed_until);
                data["snoozed_until"] = ticket.snoozed_until ? nlohmann::json(base::to_rfc3339(*ticket.snoozed_until)) : nlohmann::json();
            }
            return {};
        });
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Note>> Ticketing::add_note(TicketId id, std::string text, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Note> {
        const auto ticket = visible_ticket(tx, id, command.actor);
        if (!ticket) return ticket.error();
        auto clean = checked_text(text, note_length, "/text");
        if (!clean) return clean.error();
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        Note note{.id = {}, .ticket = id, .author = command.actor.id, .text = std::move(*clean), .at = now};
        if (*before) {
            note.id = domain::NoteId{**before};
            return note;
        }
        note.id = storage::insert_note(tx, id, command.actor.id, note.text, now);
        index_note(tx, settings_, note.id);
        if (const auto kept = remember_made(tx, command, note.id.value, now); !kept) return kept.error();
        tell(tx, "note.added", now, id, &command, {{"note", note.id.value}});
        note_mentions(tx, *ticket, note.id, note.text, command, now);
        storage::delete_draft(tx, command.actor.id, id, "note");
        return note;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<Agent>> Ticketing::set_availability(AgentId id, bool available, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<Agent> {
        auto agent = storage::find_agent(tx, id);
        if (!agent || agent->available == available) return agent;
        if (const auto set = storage::set_available(tx, id, available); !set) return set.error();
        agent->available = available;
        tell(tx, "agent.availability", now, std::nullopt, &command, {{"agent", id.value}, {"available", available}});
        return agent;
    };
    auto agent = co_await db_.write(unit);
    if (agent && available) (void)co_await assign_waiting();
    co_return agent;
}

} // namespace sportello::engine
