#include "past.hpp"

#include "figures.hpp"

#include <sportello/domain/calendar.hpp>
#include <sportello/engine/search.hpp>
#include <sportello/storage/agents.hpp>
#include <sportello/storage/events.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>

namespace sportello::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t tickets_a_unit = 2'000;
constexpr std::int64_t tickets_a_customer = 3;
constexpr base::Duration between_tickets = 1min;

template <class Unit> auto write_or_throw(storage::Database& db, Unit unit)
{
    auto result = db.write_now(unit);
    if (!result) throw std::runtime_error(result.error().what());
    return std::move(*result);
}

/// Writes one ticket after the other.
class Chronicle {
public:
    Chronicle(Vocabulary& vocabulary, const Past& past, std::vector<domain::AgentId> agents)
        : vocabulary_(vocabulary), past_(past), agents_(std::move(agents)),
          begin_(base::from_micros(1'700'000'000'000'000)) // the same each time; long ago by any clock that runs this
    {
    }

    void write(storage::Transaction& tx, std::int64_t number) const
    {
        const std::string& brand = past_.brands[static_cast<std::size_t>(number) % past_.brands.size()];
        const std::string channel = brand + "-x", root = std::to_string(number * past_.messages_each);
        const base::Instant at = begin_ + number * between_tickets;
        const auto customer = number / tickets_a_customer;
        const auto identity = storage::upsert_identity(tx, domain::Platform::twitter, std::to_string(customer),
                                                       "Cliente " + vocabulary_.any() + " " + std::to_string(customer), "", at);
        std::vector<domain::MessageId> messages;
        for (std::int64_t n = 0; n < past_.messages_each; ++n) {
            domain::PlatformItem item;
            item.platform_id = std::to_string(number * past_.messages_each + n);
            item.kind = domain::MessageKind::mention;
            item.author_id = std::to_string(customer);
            item.author_name = vocabulary_.any() + " " + vocabulary_.any();
            item.text = vocabulary_.text();
            item.root_id = root;
            item.at = at + n * 1s;
            messages.push_back(storage::store_item(tx, channel, brand, domain::Platform::twitter, item, identity, item.at).id);
        }
        domain::Ticket ticket;
        ticket.brand = brand;
        ticket.channel = channel;
        ticket.platform = domain::Platform::twitter;
        ticket.identity = identity;
        ticket.customer = storage::find_identity(tx, identity)->customer;
        ticket.root_id = root;
        ticket.subject = ticket.last_text = vocabulary_.text();
        ticket.created_at = ticket.first_inbound_at = at;
        ticket.last_inbound_at = ticket.last_at = at + (past_.messages_each - 1) * 1s;
        ticket.last_inbound = messages.back();
        ticket.message_count = static_cast<std::int32_t>(past_.messages_each);
        ticket.updated_at = at + 20min;
        if (number + past_.open >= past_.tickets) {
            ticket.status = domain::TicketStatus::open;
        } else {
            ticket.status = domain::TicketStatus::closed;
            ticket.first_response_at = ticket.solved_at = ticket.closed_at = ticket.updated_at;
            ticket.first_response_office_seconds = 1'200;
            if (!agents_.empty()) ticket.assignee = agents_[static_cast<std::size_t>(number) % agents_.size()];
        }
        const auto id = storage::insert_ticket(tx, ticket, "");
        for (const auto message : messages) storage::set_threaded(tx, message, id, storage::Intake::done);
        tell(tx, "ticket.created", at, id);
        tell(tx, "ticket.changed", ticket.updated_at, id);
    }

private:
    static void tell(storage::Transaction& tx, const char* type, base::Instant at, domain::TicketId ticket)
    {
        domain::Event event;
        event.type = type;
        event.at = at;
        event.ticket = ticket;
        event.data = "{}";
        storage::append_event(tx, event);
    }

    Vocabulary& vocabulary_;
    const Past& past_;
    std::vector<domain::AgentId> agents_;
    base::Instant begin_;
};

} // namespace

double write_past(storage::Database& db, Vocabulary& vocabulary, const Past& past)
{
    const auto agents = write_or_throw(db, [](storage::Transaction& tx) -> base::Result<std::vector<domain::AgentId>> {
        std::vector<domain::AgentId> people;
        for (const domain::Agent& agent : storage::all_agents(tx)) {
            if (!agent.login.empty()) people.push_back(agent.id);
        }
        return people;
    });
    const Chronicle chronicle(vocabulary, past, agents);
    return seconds_of([&] {
        for (std::int64_t done = 0; done < past.tickets; done += tickets_a_unit) {
            write_or_throw(db, [&](storage::Transaction& tx) -> base::Result<bool> {
                for (auto number = done; number < std::min(done + tickets_a_unit, past.tickets); ++number) chronicle.write(tx, number);
                return true;
            });
        }
    });
}

double index_past(storage::Database& db, const engine::Settings& settings, base::Clock& clock)
{
    write_or_throw(db, [](storage::Transaction& tx) -> base::Result<bool> {
        storage::set_search_backlog(tx, storage::SearchKind::message, storage::last_search_reference(tx, storage::SearchKind::message));
        return true;
    });
    engine::SearchIndex index(db, settings, clock);
    return seconds_of([&] {
        for (bool more = true; more;) {
            boost::asio::io_context io(1);
            boost::asio::co_spawn(io, index.keep(), [](const std::exception_ptr&, const auto& result) {
                if (!result) throw std::runtime_error(result.error().what());
            });
            io.run();
            auto look = [](storage::Transaction& tx) -> base::Result<bool> {
                return storage::search_backlog(tx, storage::SearchKind::message).has_value();
            };
            more = db.read_now(look).value();
        }
    });
}

engine::Settings settings_of(const std::vector<std::string>& brands)
{
    engine::Settings made;
    for (const std::string& id : brands) {
        engine::BrandSettings brand;
        brand.id = brand.name = id;
        brand.calendar = std::make_shared<const domain::Calendar>(domain::Calendar::always_open());
        made.brands.push_back(brand);
    }
    return made;
}

} // namespace sportello::bench
