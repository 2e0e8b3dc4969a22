#include "presence.hpp"

#include "context.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Instant;
using boost::asio::awaitable;
using domain::AgentId;
using domain::TicketId;
using namespace std::chrono_literals;

constexpr base::Duration writing_ends_after = 10s;
constexpr base::Duration lease_lasts = 2min;
/// What has ended is told for so long to those who come back.
constexpr base::Duration kept_after_end = 2min;
constexpr std::size_t most_watched_tickets = 10'000;

std::string_view word_of(Presence::State state)
{
    return state == Presence::State::writing ? "writing" : "viewing";
}

} // namespace

/// What is said of one ticket.
struct Presence::Entry {
    struct Saying {
        AgentId agent;
        std::string name;
        Instant writing_until{}; ///< in the past: viewing
        std::optional<Instant> until;
    };
    std::string brand;
    std::map<Source, Saying> sayings;
    std::optional<Lease> lease;
    std::optional<Person> broken_by;
    std::uint64_t version = 0;
    Instant changed_at{};
};

/// Ends what nobody says any more, at its time. Outlives the board until it has noticed that it is gone.
struct Presence::Timer {
    Timer(base::Clock& clock, boost::asio::any_io_executor executor) : signal(clock, std::move(executor)) {}
    base::Signal signal;
    Presence* board = nullptr;

    static awaitable<void> run(std::shared_ptr<Timer> self)
    {
        while (self->board) {
            const Instant next = self->board->next_expiry();
            const bool woken = co_await self->signal.wait_until(next);
            if (!woken && self->board) self->board->expire();
        }
    }
};

Presence::Presence(boost::asio::any_io_executor executor, base::Clock& clock, bool exclusive, std::function<void()> changed)
    : clock_(clock), exclusive_(exclusive), changed_(std::move(changed)), timer_(std::make_shared<Timer>(clock, executor))
{
    timer_->board = this;
    boost::asio::co_spawn(executor, Timer::run(timer_), boost::asio::detached);
}

Presence::~Presence()
{
    timer_->board = nullptr;
    timer_->signal.notify();
}

Presence::Seat::Seat(Presence& board) : timer_(board.timer_), source_(++board.last_source_) {}

Presence::Seat::~Seat()
{
    if (timer_->board) timer_->board->leave(source_);
}

Presence::Entry& Presence::entry(TicketId ticket, std::string brand)
{
    if (tickets_.size() >= most_watched_tickets && !tickets_.contains(ticket.value)) {
        std::erase_if(tickets_, [](const auto& item) { return item.second.sayings.empty() && !item.second.lease; });
    }
    Entry& found = tickets_[ticket.value];
    found.brand = std::move(brand);
    return found;
}

void Presence::touch(Entry& entry)
{
    entry.version = ++version_;
    entry.changed_at = clock_.now();
    timer_->signal.notify();
    changed_();
}

void Presence::say(Source source, const domain::Agent& agent, TicketId ticket, std::string brand, State state, std::optional<Instant> until)
{
    Entry& about = entry(ticket, brand);
    const Instant now = clock_.now();
    const bool known = about.sayings.contains(source);
    Entry::Saying& saying = about.sayings[source];
    const bool wrote = known && saying.writing_until > now;
    saying.agent = agent.id;
    saying.name = agent.name;
    saying.until = until;
    saying.writing_until = state == State::writing ? now + writing_ends_after : Instant{};
    bool changed = !known || wrote != (state == State::writing);
    if (exclusive_ && state == State::writing) {
        const bool had = about.lease && about.lease->until > now;
        if (!had || about.lease->holder == agent.id) {
            // Told anew when it is news, or so long before its end that a reader who counts on it is not wrong.
            changed = changed || !had || about.lease->until < now + lease_lasts - 30s;
            about.lease = Lease{agent.id, agent.name, now + lease_lasts};
            about.broken_by.reset();
        }
    }
    if (changed) touch(about);
    else timer_->signal.notify();
}

void Presence::leave(Source source, TicketId ticket)
{
    const auto found = tickets_.find(ticket.value);
    if (found == tickets_.end() || found->second.sayings.erase(source) == 0) return;
    touch(found->second);
}

void Presence::leave(Source source)
{
    std::vector<TicketId> left;
    for (const auto& [ticket, about] : tickets_) {
        if (about.sayings.contains(source)) left.push_back(TicketId{ticket});
    }
    for (const TicketId ticket : left) leave(source, ticket);
}

std::optional<Presence::Lease> Presence::hold(const domain::Agent& agent, TicketId ticket, std::string brand)
{
    Entry& about = entry(ticket, std::move(brand));
    const Instant now = clock_.now();
    if (about.lease && about.lease->until > now && about.lease->holder != agent.id) return about.lease;
    about.lease = Lease{agent.id, agent.name, now + lease_lasts};
    about.broken_by.reset();
    touch(about);
    return std::nullopt;
}

bool Presence::release(TicketId ticket, AgentId agent)
{
    const auto found = tickets_.find(ticket.value);
    if (found == tickets_.end() || !found->second.lease || found->second.lease->holder != agent) return false;
    found->second.lease.reset();
    touch(found->second);
    return true;
}

void Presence::break_lease(TicketId ticket, const domain::Agent& by)
{
    const auto found = tickets_.find(ticket.value);
    if (found == tickets_.end() || !found->second.lease) return;
    found->second.lease.reset();
    found->second.broken_by = Person{by.id, by.name, State::viewing};
    touch(found->second);
}

std::optional<Presence::Lease> Presence::lease(TicketId ticket) const
{
    const auto found = tickets_.find(ticket.value);
    if (found == tickets_.end() || !found->second.lease || found->second.lease->until <= clock_.now()) return std::nullopt;
    return found->second.lease;
}

Presence::Ticket Presence::show(TicketId id, const Entry& about) const
{
    const Instant now = clock_.now();
    Ticket shown{id, about.brand, {}, about.lease, about.broken_by};
    if (shown.lease && shown.lease->until <= now) shown.lease.reset();
    std::map<std::int64_t, Person> people; // several tabs of one person are one
    for (const auto& [source, saying] : about.sayings) {
        if (saying.until && *saying.until <= now) continue;
        Person& person = people[saying.agent.value];
        person.agent = saying.agent;
        person.name = saying.name;
        if (saying.writing_until > now) person.state = State::writing;
    }
    for (auto& [agent, person] : people) shown.people.push_back(std::move(person));
    return shown;
}

Presence::Ticket Presence::of(TicketId ticket) const
{
    const auto found = tickets_.find(ticket.value);
    return found == tickets_.end() ? Ticket{ticket, "", {}, {}, {}} : show(ticket, found->second);
}

std::vector<Presence::Ticket> Presence::all() const
{
    std::vector<Ticket> shown;
    for (const auto& [id, about] : tickets_) {
        Ticket ticket = show(TicketId{id}, about);
        if (!ticket.people.empty() || ticket.lease) shown.push_back(std::move(ticket));
    }
    return shown;
}

std::vector<Presence::Ticket> Presence::changed_since(std::uint64_t version) const
{
    std::vector<Ticket> shown;
    if (version == version_) return shown;
    for (const auto& [id, about] : tickets_) {
        if (about.version > version) shown.push_back(show(TicketId{id}, about));
    }
    return shown;
}

Instant Presence::next_expiry() const
{
    const Instant now = clock_.now();
    Instant next = now + 24h;
    const auto consider = [&](Instant when) {
        if (when > now) next = std::min(next, when);
    };
    for (const auto& [id, about] : tickets_) {
        if (about.lease) next = std::min(next, std::max(about.lease->until, now));
        if (about.sayings.empty() && !about.lease) consider(about.changed_at + kept_after_end);
        for (const auto& [source, saying] : about.sayings) {
            consider(saying.writing_until);
            if (saying.until) next = std::min(next, std::max(*saying.until, now));
        }
    }
    return next;
}

void Presence::expire()
{
    const Instant now = clock_.now();
    bool told = false;
    for (auto& [id, about] : tickets_) {
        bool changed = std::erase_if(about.sayings, [&](const auto& item) { return item.second.until && *item.second.until <= now; }) > 0;
        for (auto& [source, saying] : about.sayings) {
            if (saying.writing_until == Instant{} || saying.writing_until > now) continue;
            saying.writing_until = Instant{};
            changed = true;
        }
        if (about.lease && about.lease->until <= now) {
            about.lease.reset();
            changed = true;
        }
        if (!changed) continue;
        about.version = ++version_;
        about.changed_at = now;
        told = true;
    }
    std::erase_if(tickets_, [&](const auto& item) {
        return item.second.sayings.empty() && !item.second.lease && item.second.changed_at + kept_after_end <= now;
    });
    if (told) changed_();
}

void write_presence(JsonWriter& json, const Presence::Ticket& ticket, bool exclusive)
{
    const auto write_person = [&](AgentId agent, std::string_view name) { json.member("agent", agent.value).member("name", name); };
    json.open_object().member("ticket", ticket.id.value).member("exclusive", exclusive).key("people").open_array();
    for (const auto& person : ticket.people) {
        json.open_object();
        write_person(person.agent, person.name);
        json.member("state", word_of(person.state)).close_object();
    }
    json.close_array().key("lease");
    if (ticket.lease) {
        json.open_object();
        write_person(ticket.lease->holder, ticket.lease->name);
        json.member("until", ticket.lease->until).close_object();
    } else {
        json.value(nullptr);
    }
    json.key("broken_by");
    if (ticket.broken_by) {
        json.open_object();
        write_person(ticket.broken_by->agent, ticket.broken_by->name);
        json.close_object();
    } else {
        json.value(nullptr);
    }
    json.close_object();
}

std::optional<Problem> held_by_another(const Context& context, const Call& call, TicketId ticket)
{
    if (!context.presence.exclusive()) return std::nullopt;
    const auto lease = context.presence.lease(ticket);
    if (!lease || lease->holder == call.caller->agent.id) return std::nullopt;
    const auto wait = std::chrono::ceil<std::chrono::seconds>(lease->until - context.clock.now()).count();
    return Problem{.status = 423,
                   .code = "locked",
                   .detail = lease->name + " is answering this ticket; a supervisor can take it from them.",
                   .retry_after_seconds = static_cast<int>(wait)};
}

} // namespace sportello::api
