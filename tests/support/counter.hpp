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

    explicit Counter(Options given)
        : options(std::move(given)), dice(options.seed * 7919 + 1), accounts(make_accounts(dice)), house(house_options())
    {
        house.clock.set(options.begins);
        for (int id = 1; id <= options.agents; ++id) desks_.push_back({.agent = id});
        set_everybody(false);
        house.start();
    }

    Options options;
    SeededRandom dice;
    std::map<std::string, PlainAccount> accounts;
    House house;

    [[nodiscard]] base::Instant now() const { return house.clock.now(); }
    [[nodiscard]] bool open() const { return calendar().is_open(now()); }
    [[nodiscard]] static const domain::Calendar& calendar()
    {
        static const domain::Calendar office = [] {
            domain::CalendarSpec spec;
            for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = domain::parse_windows("09:00-18:00").value();
            return domain::Calendar::make(spec).value();
        }();
        return office;
    }

    /// Somebody writes now. @return the platform's id.
    std::string customer(const std::string& channel, const std::string& who, const std::string& text, const std::string& answers = "")
    {
        ++messages;
        return accounts.at(channel).customer_writes(who, text, now(), answers);
    }
    /// One minute: agents come, go and work; the server does what is due.
    void minute()
    {
        if (open() != office_was_open_) {
            office_was_open_ = open();
            set_everybody(office_was_open_);
        }
        if (office_was_open_) {
            supervise();
            for (Desk& desk : desks_) work(desk);
        }
        house.run_for(std::chrono::minutes(1));
    }
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
    [[nodiscard]] std::int64_t mean_first_response()
    {
        return house.count("SELECT coalesce(CAST(avg(first_response_office_seconds) AS INTEGER), 0) FROM ticket "
                           "WHERE first_response_office_seconds IS NOT NULL");
    }
    [[nodiscard]] std::int64_t waiting() { return house.count("SELECT count(*) FROM ticket WHERE queue_rank IS NOT NULL"); }

private:
    struct Desk {
        std::int64_t agent = 0;
        std::int64_t ticket = 0; ///< being worked on; 0: none
        base::Instant until{};
    };

    static std::map<std::string, PlainAccount> make_accounts(SeededRandom& dice)
    {
        std::map<std::string, PlainAccount> made;
        for (const char* brand : {"tim", "telecom", "impresa"}) {
            const std::string facebook = std::string(brand) + "-facebook", x = std::string(brand) + "-x";
            made.emplace(facebook, PlainAccount(facebook, domain::Platform::facebook, dice));
            made.emplace(x, PlainAccount(x, domain::Platform::twitter, dice));
        }
        return made;
    }

    HouseOptions house_options()
    {
        HouseOptions made;
        made.seed = options.seed;
        made.office_always_open = false;
        made.agents = options.agents;
        made.human_agent = true;
        made.poll = options.poll;
        made.poll_closed = std::chrono::minutes(15);
        made.recheck = std::chrono::hours(6);
        made.three_brands = true;
        made.start_at = options.begins;
        made.settings = options.settings;
        made.connector = [this](const std::string& channel, base::Clock& clock) -> std::unique_ptr<connectors::Connector> {
            return std::make_unique<PlainConnector>(accounts.at(channel), clock);
        };
        return made;
    }

    void set_everybody(bool there)
    {
        for (Desk& desk : desks_) {
            (void)house.run(house.engine->ticketing().set_availability(domain::AgentId{desk.agent}, there, house.as(desk.agent)));
            desk.ticket = 0;
        }
    }

    /// Once an hour somebody looks on the platforms for the replies of which nobody knows whether they are out.
    void supervise()
    {
        if (now() < next_look_) return;
        next_look_ = now() + std::chrono::hours(1);
        std::vector<std::int64_t> uncertain;
        (void)house.read([&](storage::Transaction& tx) -> base::Result<void> {
            tx.for_each("SELECT DISTINCT reply_id FROM reply_part WHERE state = 'needs_decision' ORDER BY reply_id",
                        [&](const storage::Row& row) { uncertain.push_back(row.number(0)); });
            return {};
        });
        for (const std::int64_t id : uncertain) {
            const auto known = replies.find(id);
            engine::Decision decision;
            if (known != replies.end()) decision.platform_id = accounts.at(known->second.channel).id_of(known->second.text);
            decision.kind = decision.platform_id.empty() ? engine::Decision::Kind::resend : engine::Decision::Kind::published;
            decision.confirmed = true;
            decided += static_cast<bool>(house.run(house.engine->outbox().decide(domain::ReplyId{id}, decision, house.as(1))));
        }
    }

    void work(Desk& desk)
    {
        if (desk.ticket != 0 && now() < desk.until) return;
        if (desk.ticket != 0) answer(desk);
        desk.ticket = next_ticket(desk.agent);
        if (desk.ticket == 0) return;
        if (!house.run(house.engine->ticketing().take(domain::TicketId{desk.ticket}, house.as(desk.agent)))) desk.ticket = 0;
        const auto spread = static_cast<std::uint64_t>((options.longest_handling - options.shortest_handling).count());
        desk.until = now() + options.shortest_handling + base::Duration(static_cast<std::int64_t>(dice.below(spread)));
    }

    /// The first of the queue that is theirs or nobody's, and has no answer on its way.
    std::int64_t next_ticket(std::int64_t agent)
    {
        const std::string where = " AND NOT EXISTS (SELECT 1 FROM reply r WHERE r.ticket_id = t.id AND r.state IN ('queued', 'reserved', "
                                  "'sending', 'unknown', 'needs_decision')) ORDER BY queue_rank, id LIMIT 1";
        static std::map<std::int64_t, std::string> sql; // statements are kept by their address
        auto& mine = sql[agent];
        if (mine.empty()) {
            mine = "SELECT id FROM ticket t WHERE queue_rank IS NOT NULL AND team = '' AND assignee_id = " + std::to_string(agent) + where;
        }
        static const std::string free =
            "SELECT id FROM ticket t WHERE queue_rank IS NOT NULL AND team = '' AND assignee_id IS NULL" + where;
        const auto own = house.count(mine);
        return std::max<std::int64_t>(own > 0 ? own : house.count(free), 0);
    }

    void answer(Desk& desk)
    {
        const domain::TicketId id{desk.ticket};
        const domain::Ticket ticket = house.ticket(id);
        if (ticket.assignee != domain::AgentId{desk.agent}) return; // somebody else has it now
        engine::ReplyDraft draft;
        draft.text = "Buongiorno, abbiamo verificato: pratica " + std::to_string(++texts_) + ".";
        draft.visibility = ticket.visibility;
        const auto accepted = house.run(house.engine->outbox().accept(id, draft, house.as(desk.agent)));
        if (accepted) {
            replies[accepted->id.value] = {id.value, ticket.channel, draft.text};
            maybe_write_again(ticket);
            return;
        }
        ++refused;
        ++refusals[accepted.error().what()];
        engine::TicketChange solved;
        solved.status = domain::TicketStatus::solved; // nothing else can be done here
        (void)house.run(house.engine->ticketing().change(id, solved, house.as(desk.agent)));
    }

    void maybe_write_again(const domain::Ticket& ticket)
    {
        if (dice.below(100) >= writes_again_percent) return;
        const auto unit = [&](storage::Transaction& tx) -> base::Result<std::pair<std::string, std::string>> {
            return tx
                .first(
                    "SELECT m.platform_id, m.author_name FROM message m WHERE m.ticket_id = $1 AND m.direction = 'inbound' "
                    "ORDER BY m.at DESC, m.id DESC LIMIT 1",
                    [](const storage::Row& row) { return std::pair(row.string(0), row.string(1)); }, ticket.id)
                .value();
        };
        const auto last = house.read(unit).value();
        customer(ticket.channel, last.second, "Grazie, ma continua a non andare " + std::to_string(texts_),
                 ticket.visibility == domain::Visibility::private_ ? "dm" : last.first);
    }

    std::vector<Desk> desks_;
    base::Instant next_look_{};
    bool office_was_open_ = false;
    int texts_ = 0;
};

} // namespace sportello::test
