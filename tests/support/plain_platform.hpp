#pragma once

#include "support/seeded_random.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/connectors/connector.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace sportello::test {

/// One account of a platform in memory, without HTTP: quick enough for a simulated year. It shows things late, repeats
/// itself, and loses answers as the real ones do. Outlives the server's crashes.
class PlainAccount {
public:
    struct Manners {
        std::uint64_t faulty_sends = 0; ///< of a hundred
        bool readable = true;
        base::Duration shows_after{}; ///< between writing and being seen by readers, at most
    };

    PlainAccount(std::string channel, domain::Platform platform, SeededRandom& random);

    Manners manners;

    struct Written {
        domain::PlatformItem item;
        base::Instant shows_at;
    };
    /// In the order of writing.
    [[nodiscard]] const std::vector<Written>& written() const { return written_; }
    [[nodiscard]] domain::Platform platform() const { return platform_; }

    /// A public post, an answer to the item `answers`, or a private message (`answers` "dm").
    std::string customer_writes(const std::string& who, const std::string& text, base::Instant at, const std::string& answers = "");

    [[nodiscard]] const domain::PlatformItem* find(const std::string& id) const;
    void erase(const std::string& id) { written_[place_of_.at(id)].item.deleted = true; }

    std::string we_write(const connectors::PublishRequest& request, base::Instant at);
    /// How often our account wrote this text.
    [[nodiscard]] int copies(const std::string& text) const;

    /// Of what our account wrote in these words; empty: nothing.
    [[nodiscard]] std::string id_of(const std::string& text) const;

private:
    friend class PlainConnector;

    domain::PlatformItem fresh(const std::string& text, base::Instant at);
    static void make_private(domain::PlatformItem& item, const std::string& person);
    void stand_under(domain::PlatformItem& item, const std::string& answered);
    std::string add(domain::PlatformItem item);

    std::string channel_;
    domain::Platform platform_;
    SeededRandom& random_;
    std::vector<Written> written_;
    std::map<std::string, std::size_t> place_of_;
    std::map<std::string, int> copies_;
};

class PlainConnector final : public connectors::Connector {
public:
    PlainConnector(PlainAccount& account, base::Clock& clock) : account_(account), clock_(clock) {}

    /// The cursor is the number of items that have all been shown; what shows out of order is shown again.
    boost::asio::awaitable<connectors::PollResult> poll(std::string cursor) override;

    boost::asio::awaitable<connectors::RecheckResult> recheck(std::vector<std::string> ids) override;

    boost::asio::awaitable<connectors::PublishOutcome> publish(connectors::PublishRequest request) override;

    boost::asio::awaitable<connectors::ReadBackResult> read_back(connectors::ReadBackRequest request) override;

    boost::asio::awaitable<connectors::ActionOutcome> act(connectors::Action action) override;

private:
    PlainAccount& account_;
    base::Clock& clock_;
};

} // namespace sportello::test
