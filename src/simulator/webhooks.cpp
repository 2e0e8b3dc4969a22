#include "webhooks.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace sportello::simulator {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kept_attempts = 1000;

} // namespace

WebhookQuirks Webhooks::quirks_of(Platform platform) const
{
    const auto found = quirks_.find(platform);
    return found == quirks_.end() ? WebhookQuirks{} : found->second;
}

void Webhooks::queue(Entry entry)
{
    entry.serial = ++serial_;
    queue_.push_back(std::move(entry));
    if (woken_) woken_->notify();
}

void Webhooks::post(WebhookDelivery delivery)
{
    const auto quirks = quirks_of(delivery.platform);
    if (quirks.drop) return;
    Entry entry{std::move(delivery), clock_.now() + quirks.delay, {}, 1, false, 0};
    if (quirks.forge) {
        // Somebody else's body under a signature that was overheard: it comes first, and nobody sends it again.
        Entry forged = entry;
        forged.forged = true;
        forged.delivery.body = entry.delivery.forged_body.empty() ? entry.delivery.body + " " : entry.delivery.forged_body;
        forged.delivery.retries.clear();
        forged.delivery.on_failure = {};
        queue(std::move(forged));
    }
    for (int more = 0; more < quirks.duplicates; ++more) queue(entry);
    queue(std::move(entry));
}

std::optional<Instant> Webhooks::next_due() const
{
    if (queue_.empty()) return std::nullopt;
    return std::ranges::min_element(queue_, {}, &Entry::due)->due;
}

std::optional<Webhooks::Entry> Webhooks::take_due()
{
    const auto now = clock_.now();
    auto next = queue_.end();
    for (auto entry = queue_.begin(); entry != queue_.end(); ++entry) {
        if (entry->due > now) continue;
        const bool newest_first = quirks_of(entry->delivery.platform).reorder;
        const auto sooner = [&] {
            return newest_first ? entry->serial > next->serial : std::pair(entry->due, entry->serial) < std::pair(next->due, next->serial);
        };
        if (next == queue_.end() || sooner()) next = entry;
    }
    if (next == queue_.end()) return std::nullopt;
    auto taken = std::move(*next);
    queue_.erase(next);
    return taken;
}

asio::awaitable<void> Webhooks::attempt(Entry entry)
{
    const auto started = clock_.now();
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = entry.delivery.url;
    request.headers = entry.delivery.headers;
    request.body = entry.delivery.body;
    request.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(quirks_of(entry.delivery.platform).deadline);
    const auto exchange = co_await transport_->send(std::move(request));
    const int status = exchange.response ? exchange.response->status : 0;
    attempts_.push_back(
        {entry.delivery.platform, started, entry.delivery.url, static_cast<int>(entry.number), status, entry.forged, entry.delivery.body});
    if (attempts_.size() > kept_attempts) attempts_.pop_front();
    if (status >= 200 && status < 300) co_return;

    if (entry.number == 1) entry.first = started;
    const auto retry = entry.number - 1;
    if (entry.delivery.on_failure) entry.delivery.on_failure(clock_.now() - entry.first);
    if (retry >= entry.delivery.retries.size()) co_return;
    entry.due = clock_.now() + entry.delivery.retries[retry];
    ++entry.number;
    queue(std::move(entry));
}

asio::awaitable<int> Webhooks::send_due()
{
    int attempts = 0;
    if (!transport_) co_return attempts;
    for (auto entry = take_due(); entry; entry = take_due()) {
        co_await attempt(std::move(*entry));
        ++attempts;
    }
    co_return attempts;
}

asio::awaitable<void> Webhooks::run()
{
    const auto executor = co_await asio::this_coro::executor;
    woken_ = std::make_unique<base::Signal>(clock_, executor);
    while (!stopped_) {
        co_await send_due();
        const auto due = next_due().value_or(clock_.now() + std::chrono::hours(1));
        const auto until = transport_ ? due : clock_.now() + std::chrono::hours(1);
        co_await woken_->wait_until(until);
    }
    woken_.reset();
}

void Webhooks::stop()
{
    stopped_ = true;
    if (woken_) woken_->notify();
}

} // namespace sportello::simulator
