#pragma once

#include "json_writer.hpp"
#include "problem.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/domain/model.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::api {

struct Call;
struct Context;

/// Who looks at a ticket and who writes in it, and who holds it for answering. Nothing of it is ever stored: it is known
/// for as long as it is true, and gone with the process.
class Presence {
    struct Timer;

public:
    enum class State { viewing, writing };
    struct Person {
        domain::AgentId agent;
        std::string name;
        State state = State::viewing;
    };
    /// While it lasts the others cannot answer (where answering is exclusive).
    struct Lease {
        domain::AgentId holder;
        std::string name;
        base::Instant until{};
    };
    struct Ticket {
        domain::TicketId id;
        std::string brand;
        std::vector<Person> people; ///< each once, by id
        std::optional<Lease> lease;
        std::optional<Person> broken_by; ///< the supervisor who ended the last lease, until there is another
    };

    /// @param exclusive  writing takes the lease
    /// @param changed    runs after each change: open streams look
    Presence(boost::asio::any_io_executor executor, base::Clock& clock, bool exclusive, std::function<void()> changed);
    ~Presence();

    /// One tab, one program: what it says ends when it leaves. 0 is none.
    using Source = std::uint64_t;
    /// A source for as long as a connection lasts. May outlive the board.
    class Seat {
    public:
        explicit Seat(Presence& board);
        ~Seat();
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        [[nodiscard]] Source source() const { return source_; }

    private:
        std::shared_ptr<Timer> timer_;
        Source source_;
    };
    /// @param brand  of the ticket
    /// @param until  forgotten then unless it is said again; nothing: until leave(). Writing ends 10 s after it was said last.
    void say(Source source, const domain::Agent& agent, domain::TicketId ticket, std::string brand, State state,
             std::optional<base::Instant> until = std::nullopt);
    void leave(Source source, domain::TicketId ticket);
    void leave(Source source);
    /// The source of somebody who says so over REST: one a person.
    [[nodiscard]] static Source source_of(domain::AgentId agent) { return rest_sources + static_cast<Source>(agent.value); }

    [[nodiscard]] bool exclusive() const { return exclusive_; }
    /// Takes the lease or makes it longer. @return who holds it, when it is somebody else.
    std::optional<Lease> hold(const domain::Agent& agent, domain::TicketId ticket, std::string brand);
    /// Gives one's own lease back. @return whether there was one.
    bool release(domain::TicketId ticket, domain::AgentId agent);
    /// Ends anybody's.
    void break_lease(domain::TicketId ticket, const domain::Agent& by);
    [[nodiscard]] std::optional<Lease> lease(domain::TicketId ticket) const;

    [[nodiscard]] Ticket of(domain::TicketId ticket) const;
    /// All about which there is something to say.
    [[nodiscard]] std::vector<Ticket> all() const;

    /// Grows with each change.
    [[nodiscard]] std::uint64_t version() const { return version_; }
    /// What has changed since `version`.
    [[nodiscard]] std::vector<Ticket> changed_since(std::uint64_t version) const;

private:
    struct Entry;
    static constexpr Source rest_sources = Source(1) << 62;

    Entry& entry(domain::TicketId ticket, std::string brand);
    [[nodiscard]] Ticket show(domain::TicketId id, const Entry& entry) const;
    void touch(Entry& entry);
    void expire();
    [[nodiscard]] base::Instant next_expiry() const;

    base::Clock& clock_;
    bool exclusive_;
    std::function<void()> changed_;
    std::map<std::int64_t, Entry> tickets_;
    std::uint64_t version_ = 0;
    Source last_source_ = 0;
    std::shared_ptr<Timer> timer_;
};

/// `{ticket, exclusive, people: [{agent, name, state}], lease, broken_by}`
void write_presence(JsonWriter& json, const Presence::Ticket& ticket, bool exclusive);
/// 423 when answering is exclusive and another agent holds the ticket; nothing else.
[[nodiscard]] std::optional<Problem> held_by_another(const Context& context, const Call& call, domain::TicketId ticket);

} // namespace sportello::api
