#include "support/plain_platform.hpp"

namespace sportello::test {

PlainAccount::PlainAccount(std::string channel, domain::Platform platform, SeededRandom& random)
    : channel_(std::move(channel)), platform_(platform), random_(random)
{
}

std::string PlainAccount::customer_writes(const std::string& who, const std::string& text, base::Instant at, const std::string& answers)
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

const domain::PlatformItem* PlainAccount::find(const std::string& id) const
{
    const auto known = place_of_.find(id);
    return known == place_of_.end() ? nullptr : &written_[known->second].item;
}

std::string PlainAccount::we_write(const connectors::PublishRequest& request, base::Instant at)
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

int PlainAccount::copies(const std::string& text) const
{
    const auto known = copies_.find(text);
    return known == copies_.end() ? 0 : known->second;
}

std::string PlainAccount::id_of(const std::string& text) const
{
    const auto own = std::find_if(written_.rbegin(), written_.rend(),
                                  [&](const Written& one) { return one.item.own && !one.item.deleted && one.item.text == text; });
    return own == written_.rend() ? std::string() : own->item.platform_id;
}

domain::PlatformItem PlainAccount::fresh(const std::string& text, base::Instant at)
{
    domain::PlatformItem item;
    item.platform_id = channel_ + "-" + std::to_string(1'000'000 + written_.size());
    item.text = text;
    item.at = at;
    return item;
}

void PlainAccount::make_private(domain::PlatformItem& item, const std::string& person)
{
    item.kind = domain::MessageKind::direct_message;
    item.visibility = domain::Visibility::private_;
    item.root_id = "conversation-" + person;
    item.recipient_id = person;
}

void PlainAccount::stand_under(domain::PlatformItem& item, const std::string& answered)
{
    const auto* above = find(answered);
    item.parent_id = answered;
    item.root_id = above ? above->root_id : item.platform_id;
    item.permalink = "https://example.org/" + item.platform_id;
}

std::string PlainAccount::add(domain::PlatformItem item)
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

boost::asio::awaitable<connectors::PollResult> PlainConnector::poll(std::string cursor)
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

boost::asio::awaitable<connectors::RecheckResult> PlainConnector::recheck(std::vector<std::string> ids)
{
    connectors::RecheckResult result;
    for (const std::string& id : ids) {
        const auto* item = account_.find(id);
        const bool gone = !item || item->deleted;
        result.items.push_back({id, gone, gone ? std::nullopt : std::optional(*item)});
    }
    co_return result;
}

boost::asio::awaitable<connectors::PublishOutcome> PlainConnector::publish(connectors::PublishRequest request)
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

boost::asio::awaitable<connectors::ReadBackResult> PlainConnector::read_back(connectors::ReadBackRequest request)
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

boost::asio::awaitable<connectors::ActionOutcome> PlainConnector::act(connectors::Action action)
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

} // namespace sportello::test
