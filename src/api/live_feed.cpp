#include "live_feed.hpp"

#include "json_writer.hpp"

#include <sportello/storage/events.hpp>
#include <sportello/storage/incidents.hpp>
#include <sportello/storage/tickets.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>

namespace sportello::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using storage::Transaction;

constexpr std::int64_t batch_size = 500;
constexpr std::size_t kept_events = 5'000;

const std::string& brand_of(Transaction& tx, std::map<std::int64_t, std::string>& known, domain::TicketId ticket)
{
    const auto [place, is_new] = known.try_emplace(ticket.value);
    if (is_new) {
        if (const auto found = storage::find_ticket(tx, ticket)) place->second = found->brand;
    }
    return place->second;
}

void add_brand(std::vector<std::string>& brands, std::string_view brand)
{
    if (!brand.empty()) brands.emplace_back(brand);
}

/// Whose business an event without a ticket is, by what it tells: a brand, brands, a channel, or an incident.
std::vector<std::string> brands_in(Transaction& tx, const engine::Settings& settings, const std::string& data)
{
    std::vector<std::string> brands;
    const auto told = nlohmann::json::parse(data, nullptr, false);
    if (!told.is_object()) return brands;
    if (const auto found = told.find("brand"); found != told.end() && found->is_string()) add_brand(brands, found->get<std::string>());
    if (const auto found = told.find("brands"); found != told.end() && found->is_array()) {
        for (const auto& brand : *found) {
            if (brand.is_string()) add_brand(brands, brand.get<std::string>());
        }
    }
    if (const auto found = told.find("channel"); found != told.end() && found->is_string()) {
        if (const auto* channel = settings.channel(found->get<std::string>())) add_brand(brands, channel->brand);
    }
    if (const auto found = told.find("incident"); brands.empty() && found != told.end() && found->is_number_integer()) {
        const auto incident = storage::find_incident(tx, domain::IncidentId{found->get<std::int64_t>()});
        if (incident) brands = incident->brands;
    }
    return brands;
}

} // namespace

bool may_see(const engine::Actor& actor, const FeedEvent& event)
{
    if (event.brands.empty()) return true;
    return std::ranges::any_of(event.brands, [&](const std::string& brand) { return actor.may_see(brand); });
}

std::string event_json(const domain::Event& event)
{
    std::string out;
    JsonWriter json(out);
    json.open_object().member("seq", event.seq).member("type", event.type).member("at", event.at);
    if (event.ticket) json.member("ticket", event.ticket->value);
    if (event.actor) json.member("actor", event.actor->value);
    if (!event.cause.empty()) json.member("cause", event.cause);
    json.key("data").raw(event.data.empty() ? "{}" : event.data).close_object();
    return out;
}

std::vector<FeedEventPtr> load_events(Transaction& tx, const engine::Settings& settings, std::int64_t seq, std::int64_t limit)
{
    // The brands are asked for after the log was read: one statement at a time.
    std::vector<domain::Event> events;
    storage::events_since(tx, seq, limit, [&](const domain::Event& event) { events.push_back(event); });
    std::map<std::int64_t, std::string> brands;
    std::vector<FeedEventPtr> rendered;
    for (const auto& event : events) {
        auto entry = std::make_shared<FeedEvent>();
        entry->seq = event.seq;
        entry->type = event.type;
        if (event.ticket) add_brand(entry->brands, brand_of(tx, brands, *event.ticket));
        else entry->brands = brands_in(tx, settings, event.data);
        entry->json = event_json(event);
        rendered.push_back(std::move(entry));
    }
    return rendered;
}

struct LiveFeed::State : std::enable_shared_from_this<LiveFeed::State> {
    State(boost::asio::any_io_executor with_executor, storage::Database& with_db, const engine::Settings& with_settings,
          base::Clock& with_clock)
        : executor(std::move(with_executor)), db(with_db), settings(with_settings), clock(with_clock), committed(clock, executor)
    {
    }

    class Seat final : public Member {
    public:
        explicit Seat(std::shared_ptr<State> state) : state_(std::move(state)), signal_(state_->clock, state_->executor)
        {
            state_->members.insert(this);
        }
        ~Seat() override { state_->members.erase(this); }
        awaitable<bool> wait_until(base::Instant when) override { return signal_.wait_until(when); }
        void wake() override { signal_.notify(); }

    private:
        std::shared_ptr<State> state_;
        base::Signal signal_;
    };

    /// Reads what was committed, for as long as the feed exists.
    awaitable<void> run()
    {
        const auto self = shared_from_this();
        while (!stopped) {
            if (members.empty()) follows = false;
            else if (!follows) co_await begin();
            else co_await catch_up();
            co_await committed.wait_until(clock.now() + std::chrono::hours(24));
        }
    }
    /// From here on what is kept has no gap.
    awaitable<void> begin()
    {
        auto read = [](Transaction& tx) -> Result<std::int64_t> { return storage::last_seq(tx); };
        const auto last = co_await db.read(read);
        if (!last) co_return;
        kept.clear();
        floor = head = *last;
        follows = true;
        wake_members(); // what happened before this was asked is in the log
    }
    awaitable<void> catch_up()
    {
        for (bool more = true; more && !stopped;) {
            auto read = [this](Transaction& tx) -> Result<std::vector<FeedEventPtr>> {
                return load_events(tx, settings, head, batch_size);
            };
            const auto events = co_await db.read(read);
            if (!events) { // the streams go on from the log itself
                follows = false;
                break;
            }
            more = std::ssize(*events) == batch_size;
            keep(*events);
        }
        wake_members();
    }
    void keep(const std::vector<FeedEventPtr>& events)
    {
        for (const auto& event : events) {
            kept.push_back(event);
            head = event->seq;
        }
        while (kept.size() > kept_events) {
            floor = kept.front()->seq;
            kept.pop_front();
        }
    }
    void wake_members()
    {
        for (auto* member : members) member->wake();
    }
    [[nodiscard]] std::vector<FeedEventPtr> kept_after(std::int64_t seq) const
    {
        const auto from =
            std::upper_bound(kept.begin(), kept.end(), seq, [](std::int64_t number, const auto& event) { return number < event->seq; });
        const auto count = std::min<std::ptrdiff_t>(kept.end() - from, batch_size);
        return {from, from + count};
    }

    boost::asio::any_io_executor executor;
    storage::Database& db;
    const engine::Settings& settings;
    base::Clock& clock;
    base::Signal committed;
    std::set<Seat*> members;
    std::deque<FeedEventPtr> kept; ///< every event with floor < seq <= head, while `follows`
    std::int64_t floor = 0;
    std::int64_t head = 0;
    bool follows = false;
    bool stopped = false;
    std::shared_ptr<void> subscription;
};

LiveFeed::LiveFeed(boost::asio::any_io_executor executor, storage::Database& db, engine::Engine& engine, base::Clock& clock)
    : state_(std::make_shared<State>(std::move(executor), db, engine.settings(), clock))
{
    const std::weak_ptr<State> weak = state_;
    state_->subscription = engine.on_events([weak] {
        if (const auto state = weak.lock()) state->committed.notify();
    });
    boost::asio::co_spawn(state_->executor, state_->run(), boost::asio::detached);
}

LiveFeed::~LiveFeed()
{
    state_->stopped = true;
    state_->subscription.reset();
    state_->committed.notify();
}

std::shared_ptr<LiveFeed::Member> LiveFeed::join()
{
    auto seat = std::make_shared<State::Seat>(state_);
    state_->committed.notify();
    return seat;
}

awaitable<Result<std::vector<FeedEventPtr>>> LiveFeed::after(std::int64_t seq)
{
    if (state_->follows && seq >= state_->floor) co_return state_->kept_after(seq);
    auto read = [&](Transaction& tx) -> Result<std::vector<FeedEventPtr>> { return load_events(tx, state_->settings, seq, batch_size); };
    co_return co_await state_->db.read(read);
}

awaitable<Result<std::int64_t>> LiveFeed::last_seq()
{
    auto read = [](Transaction& tx) -> Result<std::int64_t> { return storage::last_seq(tx); };
    co_return co_await state_->db.read(read);
}

void LiveFeed::wake_all()
{
    state_->wake_members();
}

} // namespace sportello::api
