#pragma once

#include "support/house.hpp"

#include <sportello/connectors/connector.hpp>

#include <deque>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace sportello::test {

/// How one send ends.
enum class SendEnd {
    published,
    effect_then_error,  ///< it is there, and nobody is told
    error,              ///< it is not there, and nobody is told
    duplicate,          ///< refused because an equal text exists; nobody is told which
    not_sent,           ///< not a byte left
    probably_not,       ///< 429, 401: most likely no effect
    probably_not_but,   ///< the same, with the effect
    failed,             ///< refused for good
    throws,             ///< a defect: no effect
    effect_then_throws, ///< a defect after the effect
    never_returns,      ///< the machine dies before the first byte
    effect_never_told   ///< the machine dies after the effect
};

/// One account of a platform in which a test decides how each send ends and what can be read. Outlives the house's crashes.
class FakePlatform {
public:
    std::deque<SendEnd> ends; ///< of the next sends; then all are published
    base::Duration send_takes{0};
    base::Duration ahead{0}; ///< of its clock
    bool readable = true;    ///< reads answer
    bool canary = true;      ///< reads show something newer than the send
    bool shows_own = true;   ///< what was written lately is visible to reads
    /// Texts of which it said "too many requests", which it had taken all the same, and which it hid when it was asked:
    /// nobody can know of these (reliability 2.6: read back once, then try again).
    std::set<std::string> denied_and_hidden;
    std::set<std::string> denied; ///< of which it said so
    std::vector<domain::PlatformItem> items;
    std::vector<connectors::PublishRequest> sends;

    std::string customer_writes(const std::string& text, base::Instant at, const std::string& in_reply_to = "",
                                const std::string& author = "customer")
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
    /// By our account: through Sportello, or by somebody at a phone.
    std::string we_write(const std::string& text, base::Instant at, const std::string& in_reply_to)
    {
        domain::PlatformItem item = fresh(text, at);
        item.own = true;
        item.kind = domain::MessageKind::comment;
        item.parent_id = in_reply_to;
        item.root_id = root_of(in_reply_to);
        items.push_back(item);
        return item.platform_id;
    }
    [[nodiscard]] std::size_t copies(const std::string& text) const
    {
        return static_cast<std::size_t>(
            std::count_if(items.begin(), items.end(), [&](const auto& item) { return item.own && !item.deleted && item.text == text; }));
    }
    domain::PlatformItem& newest_own()
    {
        for (auto item = items.rbegin(); item != items.rend(); ++item) {
            if (item->own) return *item;
        }
        throw std::runtime_error("nothing of ours is there");
    }

private:
    [[nodiscard]] std::string root_of(const std::string& id) const
    {
        for (const auto& item : items) {
            if (item.platform_id == id) return item.root_id;
        }
        return id;
    }
    domain::PlatformItem fresh(const std::string& text, base::Instant at)
    {
        domain::PlatformItem item;
        item.platform_id = std::to_string(2'000'000'000'000'000'000 + static_cast<std::int64_t>(items.size()));
        item.text = text;
        item.at = at;
        return item;
    }
};

class FakeConnector final : public connectors::Connector {
public:
    FakeConnector(FakePlatform& platform, base::Clock& clock) : platform_(platform), clock_(clock) {}

    boost::asio::awaitable<connectors::PollResult> poll(std::string cursor) override
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
    boost::asio::awaitable<connectors::RecheckResult> recheck(std::vector<std::string> ids) override
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
    boost::asio::awaitable<connectors::PublishOutcome> publish(connectors::PublishRequest request) override
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
    boost::asio::awaitable<connectors::ReadBackResult> read_back(connectors::ReadBackRequest request) override
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

private:
    static connectors::ChannelTrouble unreadable()
    {
        return {connectors::ChannelTrouble::State::needs_authorisation, "the token is refused", {}};
    }

    FakePlatform& platform_;
    base::Clock& clock_;
};

/// A database whose commits can be lost sight of: what was written is written, and the caller is told otherwise.
class ForgetfulDatabase final : public storage::Database {
public:
    ForgetfulDatabase(std::unique_ptr<storage::Database> inner, bool& lose_next_mark)
        : inner_(std::move(inner)), lose_next_mark_(lose_next_mark)
    {
    }
    void on_commit(std::function<void()> callback) override { inner_->on_commit(std::move(callback)); }

protected:
    boost::asio::awaitable<void> perform_work(Work& work, bool writes) override
    {
        run_now(work, writes);
        co_return;
    }
    void run_now(Work& work, bool writes) override
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

private:
    std::unique_ptr<storage::Database> inner_;
    bool& lose_next_mark_;
};

/// A house whose account on X is a fake platform, with one customer's ticket in it.
class FakeHouse {
public:
    explicit FakeHouse(HouseOptions options = {}) : house(with_fakes(std::move(options))) { start_ticket(); }

    base::Result<domain::Reply> answer(const std::string& text, std::int64_t agent = 1, base::Duration undo = 0s)
    {
        engine::ReplyDraft draft;
        draft.text = text;
        draft.undo = undo;
        draft.confirm_duplicate = true;
        return house.run(house.engine->outbox().accept(ticket, draft, house.as(agent)));
    }
    base::Result<domain::Reply> decide(domain::ReplyId id, engine::Decision decision)
    {
        return house.run(house.engine->outbox().decide(id, std::move(decision), house.as(1)));
    }
    domain::Delivery state(domain::ReplyId id) { return house.reply(id).state; }
    std::vector<storage::Attempt> attempts(domain::ReplyId id)
    {
        return house
            .read([&](storage::Transaction& tx) -> base::Result<std::vector<storage::Attempt>> {
                return storage::attempts_of(tx, storage::parts_of(tx, id).front().id);
            })
            .value();
    }
    std::int64_t events(const std::string& type) { return house.count("SELECT count(*) FROM event WHERE type = '" + type + "'"); }

    FakePlatform platform; ///< tim-x
    FakePlatform quiet;    ///< tim-facebook
    bool lose_next_mark = false;
    House house;
    domain::TicketId ticket;
    std::string question; ///< the platform id of what the customer wrote

private:
    HouseOptions with_fakes(HouseOptions options)
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
    void start_ticket()
    {
        house.start();
        house.run_for(1s);
        question = platform.customer_writes("@TIM_Sportello la linea è giù", house.clock.now());
        house.run_for(1min);
        const auto tickets = house.tickets();
        if (tickets.size() != 1) throw std::runtime_error("the customer's post did not become a ticket");
        ticket = tickets.front().id;
    }
};

} // namespace sportello::test
