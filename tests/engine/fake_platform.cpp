#include "fake_platform.hpp"

namespace sportello::test {

std::string FakePlatform::customer_writes(const std::string& text, base::Instant at, const std::string& in_reply_to,
                                          const std::string& author)
{
    domain::PlatformItem item = fresh(text, at);
    item.kind = domain::MessageKind::mention;
    item.author_id = author;
    item.author_name = "Name of " + author;
    item.author_handle = author;
    item.parent_id = in_reply_to;
    item.root_id = in_reply_to.empty() ? item.platform_id : root_of(in_reply_to);
    item.permalink = "https://x.com/" + author + "/status/" + item.platform_id;
    items.push_back(item);
    return item.platform_id;
}

std::string FakePlatform::we_write(const std::string& text, base::Instant at, const std::string& in_reply_to)
{
    domain::PlatformItem item = fresh(text, at);
    item.own = true;
    item.kind = domain::MessageKind::comment;
    item.parent_id = in_reply_to;
    item.root_id = root_of(in_reply_to);
    items.push_back(item);
    return item.platform_id;
}

std::size_t FakePlatform::copies(const std::string& text) const
{
    return static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [&](const auto& item) { return item.own && !item.deleted && item.text == text; }));
}

domain::PlatformItem& FakePlatform::newest_own()
{
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
        if (item->own) return *item;
    }
    throw std::runtime_error("nothing of ours is there");
}

std::string FakePlatform::root_of(const std::string& id) const
{
    for (const auto& item : items) {
        if (item.platform_id == id) return item.root_id;
    }
    return id;
}

domain::PlatformItem FakePlatform::fresh(const std::string& text, base::Instant at)
{
    domain::PlatformItem item;
    item.platform_id = std::to_string(2'000'000'000'000'000'000 + static_cast<std::int64_t>(items.size()));
    item.text = text;
    item.at = at;
    return item;
}

boost::asio::awaitable<connectors::PollResult> FakeConnector::poll(std::string cursor)
{
    connectors::PollResult result;
    result.cursor = "read " + std::to_string(platform_.items.size());
    if (!platform_.readable) {
        result.cursor = cursor;
        result.trouble = unreadable();
        co_return result;
    }
    for (const auto& item : platform_.items) {
        if (!item.deleted && (!item.own || platform_.shows_own)) result.items.push_back(item);
    }
    co_return result;
}

boost::asio::awaitable<connectors::RecheckResult> FakeConnector::recheck(std::vector<std::string> ids)
{
    connectors::RecheckResult result;
    if (!platform_.readable) {
        result.trouble = unreadable();
        co_return result;
    }
    for (const std::string& id : ids) {
        connectors::Rechecked one{id, true, std::nullopt};
        for (const auto& item : platform_.items) {
            if (item.platform_id == id && !item.deleted && (!item.own || platform_.shows_own)) one = {id, false, item};
        }
        result.items.push_back(std::move(one));
    }
    co_return result;
}

boost::asio::awaitable<connectors::PublishOutcome> FakeConnector::publish(connectors::PublishRequest request)
{
    using Class = connectors::PublishOutcome::Class;
    const SendEnd end = platform_.ends.empty() ? SendEnd::published : platform_.ends.front();
    if (!platform_.ends.empty()) platform_.ends.pop_front();
    platform_.sends.push_back(request);
    connectors::PublishOutcome outcome;
    std::string id;
    const bool effect = end == SendEnd::published || end == SendEnd::effect_then_error || end == SendEnd::probably_not_but ||
                        end == SendEnd::effect_then_throws || end == SendEnd::effect_never_told;
    if (end == SendEnd::probably_not_but) platform_.denied.insert(request.text);
    if (effect) id = platform_.we_write(request.text, clock_.now() + platform_.ahead, request.target_id);
    const bool dies = end == SendEnd::never_returns || end == SendEnd::effect_never_told;
    const auto timer = clock_.make_timer(co_await boost::asio::this_coro::executor);
    if (dies || platform_.send_takes > 0s)
        co_await timer->wait_until(clock_.now() + (dies ? base::Duration(24h * 365) : platform_.send_takes));
    switch (end) {
    case SendEnd::published:
        outcome.outcome = Class::published;
        outcome.platform_id = id;
        outcome.platform_time = clock_.now() + platform_.ahead;
        break;
    case SendEnd::not_sent:
        outcome.outcome = Class::not_sent;
        outcome.reason = "not reached";
        break;
    case SendEnd::probably_not:
    case SendEnd::probably_not_but:
        outcome.outcome = Class::not_sent_probably;
        outcome.reason = "the token is refused";
        break;
    case SendEnd::failed:
        outcome.outcome = Class::failed;
        outcome.reason = "refused";
        break;
    case SendEnd::throws:
    case SendEnd::effect_then_throws:
        throw std::runtime_error("a defect");
    default:
        outcome.outcome = Class::unknown;
        outcome.duplicate = end == SendEnd::duplicate;
        outcome.reason = "no answer";
        break;
    }
    co_return outcome;
}

boost::asio::awaitable<connectors::ReadBackResult> FakeConnector::read_back(connectors::ReadBackRequest request)
{
    connectors::ReadBackResult result;
    if (!platform_.readable) {
        result.trouble = unreadable();
        co_return result;
    }
    result.complete = true;
    result.canary_seen = platform_.canary;
    if (!platform_.shows_own) platform_.denied_and_hidden.insert(platform_.denied.begin(), platform_.denied.end());
    for (const auto& item : platform_.items) {
        if (item.own && !item.deleted && platform_.shows_own && item.at >= request.since) result.own.push_back(item);
    }
    co_return result;
}

connectors::ChannelTrouble FakeConnector::unreadable()
{
    return {connectors::ChannelTrouble::State::needs_authorisation, "the token is refused", {}};
}

ForgetfulDatabase::ForgetfulDatabase(std::unique_ptr<storage::Database> inner, bool& lose_next_mark)
    : inner_(std::move(inner)), lose_next_mark_(lose_next_mark)
{
}

boost::asio::awaitable<void> ForgetfulDatabase::perform_work(Work& work, bool writes)
{
    run_now(work, writes);
    co_return;
}

void ForgetfulDatabase::run_now(Work& work, bool writes)
{
    bool done = false;
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        done = work.run(tx);
        if (done) return {};
        return base::Error(base::ErrorKind::conflict, "rolled back");
    };
    const auto result = writes ? inner_->write_now(unit) : inner_->read_now(unit);
    if (!result && done) work.fail(result.error());
    if (!writes || !lose_next_mark_) return;
    auto marked = [](storage::Transaction& tx) -> base::Result<bool> {
        return !storage::parts_in_state(tx, domain::Delivery::sending).empty();
    };
    if (!inner_->read_now(marked).value()) return;
    lose_next_mark_ = false;
    work.fail(base::Error(base::ErrorKind::unavailable, "the connection was lost inside COMMIT"));
}

base::Result<domain::Reply> FakeHouse::answer(const std::string& text, std::int64_t agent, base::Duration undo)
{
    engine::ReplyDraft draft;
    draft.text = text;
    draft.undo = undo;
    draft.confirm_duplicate = true;
    return house.run(house.engine->outbox().accept(ticket, draft, house.as(agent)));
}

base::Result<domain::Reply> FakeHouse::decide(domain::ReplyId id, engine::Decision decision)
{
    return house.run(house.engine->outbox().decide(id, std::move(decision), house.as(1)));
}

std::vector<storage::Attempt> FakeHouse::attempts(domain::ReplyId id)
{
    return house
        .read([&](storage::Transaction& tx) -> base::Result<std::vector<storage::Attempt>> {
            return storage::attempts_of(tx, storage::parts_of(tx, id).front().id);
        })
        .value();
}

HouseOptions FakeHouse::with_fakes(HouseOptions options)
{
    options.poll = std::max(options.poll, base::Duration(50s)); // simulated hours are long enough
    options.recheck = 6h;
    options.connector = [this](const std::string& channel, base::Clock& clock) -> std::unique_ptr<connectors::Connector> {
        return std::make_unique<FakeConnector>(channel == "tim-x" ? platform : quiet, clock);
    };
    options.database = [this](std::unique_ptr<storage::Database> inner) -> std::unique_ptr<storage::Database> {
        return std::make_unique<ForgetfulDatabase>(std::move(inner), lose_next_mark);
    };
    return options;
}

void FakeHouse::start_ticket()
{
    house.start();
    house.run_for(1s);
    question = platform.customer_writes("@TIM_Sportello la linea è giù", house.clock.now());
    house.run_for(1min);
    const auto tickets = house.tickets();
    if (tickets.size() != 1) throw std::runtime_error("the customer's post did not become a ticket");
    ticket = tickets.front().id;
}

} // namespace sportello::test
