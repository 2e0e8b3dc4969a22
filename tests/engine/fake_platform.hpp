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
                                const std::string& author = "customer");
    /// By our account: through Sportello, or by somebody at a phone.
    std::string we_write(const std::string& text, base::Instant at, const std::string& in_reply_to);
    [[nodiscard]] std::size_t copies(const std::string& text) const;
    domain::PlatformItem& newest_own();

private:
    [[nodiscard]] std::string root_of(const std::string& id) const;
    domain::PlatformItem fresh(const std::string& text, base::Instant at);
};

class FakeConnector final : public connectors::Connector {
public:
    FakeConnector(FakePlatform& platform, base::Clock& clock) : platform_(platform), clock_(clock) {}

    boost::asio::awaitable<connectors::PollResult> poll(std::string cursor) override;
    boost::asio::awaitable<connectors::RecheckResult> recheck(std::vector<std::string> ids) override;
    boost::asio::awaitable<connectors::PublishOutcome> publish(connectors::PublishRequest request) override;
    boost::asio::awaitable<connectors::ReadBackResult> read_back(connectors::ReadBackRequest request) override;

private:
    static connectors::ChannelTrouble unreadable();

    FakePlatform& platform_;
    base::Clock& clock_;
};

/// A database whose commits can be lost sight of: what was written is written, and the caller is told otherwise.
class ForgetfulDatabase final : public storage::Database {
public:
    ForgetfulDatabase(std::unique_ptr<storage::Database> inner, bool& lose_next_mark);
    void on_commit(std::function<void()> callback) override { inner_->on_commit(std::move(callback)); }

protected:
    boost::asio::awaitable<void> perform_work(Work& work, bool writes) override;
    void run_now(Work& work, bool writes) override;

private:
    std::unique_ptr<storage::Database> inner_;
    bool& lose_next_mark_;
};

/// A house whose account on X is a fake platform, with one customer's ticket in it.
class FakeHouse {
public:
    explicit FakeHouse(HouseOptions options = {}) : house(with_fakes(std::move(options))) { start_ticket(); }

    base::Result<domain::Reply> answer(const std::string& text, std::int64_t agent = 1, base::Duration undo = 0s);
    base::Result<domain::Reply> decide(domain::ReplyId id, engine::Decision decision);
    domain::Delivery state(domain::ReplyId id) { return house.reply(id).state; }
    std::vector<storage::Attempt> attempts(domain::ReplyId id);
    std::int64_t events(const std::string& type) { return house.count("SELECT count(*) FROM event WHERE type = '" + type + "'"); }

    FakePlatform platform; ///< tim-x
    FakePlatform quiet;    ///< tim-facebook
    bool lose_next_mark = false;
    House house;
    domain::TicketId ticket;
    std::string question; ///< the platform id of what the customer wrote

private:
    HouseOptions with_fakes(HouseOptions options);
    void start_ticket();
};

} // namespace sportello::test
