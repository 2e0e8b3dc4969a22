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

    PlainAccount(std::string channel, domain::Platform platform, SeededRandom& random)
        : channel_(std::move(channel)), platform_(platform), random_(random)
    {
    }

    Manners manners;

    struct Written {
        domain::PlatformItem item;
        base::Instant shows_at;
    };
    /// In the order of writing.
    [[nodiscard]] const std::vector<Written>& written() const { return written_; }
    [[nodiscard]] domain::Platform platform() const { return platform_; }

    /// A public post, an answer to the item `answers`, or a private message (`answers` "dm").
    std::string customer_writes(const std::string& who, const std::string& text, base::Instant at, const std::string& answers = "")
    {
        domain::PlatformItem item = fresh(text, at);
        item.author_id = "person-" + who;
        item.author_name = who;
        if (platform_ == domain::Platform::twitter) item.author_handle = who;
        if (answers == "dm") {
            make_private(item, item.author_id);
        } else {
            item.kind = platform_ == domain::Platform::twitter ? domain::MessageKind::mention
                        : answers.empty()                      ? domain::MessageKind::post
                                                               : domain::MessageKind::comment;
            stand_under(item, answers);
        }
        return add(std::move(item));
    }

    [[nodiscard]] const domain::PlatformItem* find(const std::string& id) const
    {
        const auto known = place_of_.find(id);
        return known == place_of_.end() ? nullptr : &written_[known->second].item;
    }
    void erase(const std::string& id) { written_[place_of_.at(id)].item.deleted = true; }

    std::string we_write(const connectors::PublishRequest& request, base::Instant at)
    {
        domain::PlatformItem item = fresh(request.text, at);
        item.own = true;
        if (request.visibility == domain::Visibility::private_) {
            make_private(item, request.recipient_id);
        } else {
            item.kind = request.target_id.empty() ? domain::MessageKind::post : domain::MessageKind::comment;
            stand_under(item, request.target_id);
        }
        copies_[request.text] += 1;
        return add(std::move(item));
    }
    /// How often our account wrote this text.
    [[nodiscard]] int copies(const std::string& text) const
    {
        const auto known = copies_.find(text);
        return known == copies_.end() ? 0 : known->second;
    }

    /// Of what our account wrote in these words; empty: nothing.
    [[nodiscard]] std::string id_of(const std::string& text) const
    {
        const auto own = std::find_if(written_.rbegin(), written_.rend(),
                                      [&](const Written& one) { return one.item.own && !one.item.deleted && one.item.text == text; });
        return own == written_.rend() ? std::string() : own->item.platform_id;
    }

private:
    friend class PlainConnector;

    domain::PlatformItem fresh(const std::string& text, base::Instant at)
    {
        domain::PlatformItem item;
        item.platform_id = channel_ + "-" + std::to_string(1'000'000 + written_.size());
        item.text = text;
        item.at = at;
        return item;
    }
    static void make_private(domain::PlatformItem& item, const std::string& person)
    {
        item.kind = domain::MessageKind::direct_message;
        item.visibility = domain::Visibility::private_;
        item.root_id = "conversation-" + person;
        item.recipient_id = person;
    }
    void stand_under(domain::PlatformItem& item, const std::string& answered)
    {
        const auto* above = find(answered);
        item.parent_id = answered;
        item.root_id = above ? above->root_id : item.platform_id;
        item.permalink = "https://example.org/" + item.platform_id;
    }
    std::string add(domain::PlatformItem item)
    {
        const auto late =
            manners.shows_after.count()
                ? base::Duration(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(manners.shows_after.count()))))
                : base::Duration{};
        place_of_[item.platform_id] = written_.size();
        written_.push_back({std::move(item), {}});
        written_.back().shows_at = written_.back().item.at + late;
        return written_.back().item.platform_id;
    }

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
    boost::asio::awaitable<connectors::PollResult> poll(std::string cursor) override
    {
        constexpr std::size_t most = 100;
        connectors::PollResult result;
        result.cursor = cursor;
        if (!account_.manners.readable) {
            result.trouble = {connectors::ChannelTrouble::State::unavailable, "the platform does not answer", {}};
            co_return result;
        }
        const auto& all = account_.written();
        std::size_t read = cursor.empty() ? 0 : std::stoul(cursor);
        bool in_order = true;
        for (std::size_t i = read; i < all.size() && result.items.size() < most; ++i) {
            const bool visible = all[i].shows_at <= clock_.now();
            in_order = in_order && visible;
            if (visible && !all[i].item.deleted) result.items.push_back(all[i].item);
            if (in_order) read = i + 1;
        }
        result.cursor = std::to_string(read);
        result.more = in_order && read < all.size();
        co_return result;
    }

    boost::asio::awaitable<connectors::RecheckResult> recheck(std::vector<std::string> ids) override
    {
        connectors::RecheckResult result;
        for (const std::string& id : ids) {
            const auto* item = account_.find(id);
            const bool gone = !item || item->deleted;
            result.items.push_back({id, gone, gone ? std::nullopt : std::optional(*item)});
        }
        co_return result;
    }

    boost::asio::awaitable<connectors::PublishOutcome> publish(connectors::PublishRequest request) override
    {
        using Class = connectors::PublishOutcome::Class;
        connectors::PublishOutcome outcome;
        const bool public_answer = request.visibility == domain::Visibility::public_ && !request.target_id.empty();
        const auto* target = public_answer ? account_.find(request.target_id) : nullptr;
        if (public_answer && (!target || target->deleted)) {
            outcome.outcome = Class::failed;
            outcome.reason = "what it answers is gone";
            co_return outcome;
        }
        const auto timer = clock_.make_timer(co_await boost::asio::this_coro::executor);
        co_await timer->wait_until(clock_.now() + std::chrono::milliseconds(300));
        const bool faulty = account_.random_.below(100) < account_.manners.faulty_sends;
        const auto kind = faulty ? account_.random_.below(4) : 4;
        if (kind == 0) { // refused for now, not a word of it out
            outcome.outcome = Class::not_sent_probably;
            outcome.reason = "too many requests";
            outcome.not_before = clock_.now() + std::chrono::minutes(1);
        } else if (kind == 1) {
            outcome.outcome = Class::not_sent;
            outcome.reason = "not reached";
        } else if (kind == 2) { // neither out nor told
            outcome.reason = "no answer";
        } else if (kind == 3) { // out, and nobody is told
            account_.we_write(request, clock_.now());
            outcome.reason = "no answer";
        } else {
            outcome.outcome = Class::published;
            outcome.platform_id = account_.we_write(request, clock_.now());
            outcome.platform_time = clock_.now();
        }
        co_return outcome;
    }

    boost::asio::awaitable<connectors::ReadBackResult> read_back(connectors::ReadBackRequest request) override
    {
        connectors::ReadBackResult result;
        if (!account_.manners.readable) {
            result.trouble = {connectors::ChannelTrouble::State::unavailable, "the platform does not answer", {}};
            co_return result;
        }
        result.complete = true;
        const auto& all = account_.written();
        for (auto entry = all.rbegin(); entry != all.rend() && entry->item.at >= request.since; ++entry) {
            if (entry->shows_at > clock_.now()) continue;
            result.canary_seen = result.canary_seen || entry->item.at > request.since + std::chrono::minutes(2);
            if (entry->item.own && !entry->item.deleted) result.own.push_back(entry->item);
        }
        co_return result;
    }

    boost::asio::awaitable<connectors::ActionOutcome> act(connectors::Action action) override
    {
        connectors::ActionOutcome outcome;
        outcome.outcome = connectors::PublishOutcome::Class::published;
        if (action.kind == connectors::ActionKind::post) {
            connectors::PublishRequest request;
            request.text = action.text;
            outcome.platform_id = account_.we_write(request, clock_.now());
        }
        outcome.platform_time = clock_.now();
        co_return outcome;
    }

private:
    PlainAccount& account_;
    base::Clock& clock_;
};

} // namespace sportello::test
