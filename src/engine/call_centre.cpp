#include "call_centre.hpp"

#include "facts.hpp"
#include "patience.hpp"

#include <sportello/base/digest.hpp>
#include <sportello/domain/phone_desk.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Instant;
using storage::CallCentreDelivery;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr std::int64_t calls_at_once = 20;

std::vector<std::pair<std::string, std::string>> headers_of(const CallCentreDelivery& delivery, const TeamSettings& desk, Instant now)
{
    const std::string timestamp = std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    return {{"X-Sportello-Delivery", std::to_string(delivery.id)},
            {"X-Sportello-Timestamp", timestamp},
            {"X-Sportello-Signature", "sha256=" + base::hmac_sha256_hex(desk.webhook_secret, timestamp + "." + delivery.body)}};
}

} // namespace

CallCentre::CallCentre(asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock)
    : db_(db), settings_(settings), clock_(clock), signal_(clock, std::move(executor))
{
}

asio::awaitable<void> CallCentre::run()
{
    while (courier_ && !stopping_) {
        const Instant next = co_await round();
        if (!stopping_) co_await signal_.wait_until(next);
    }
}

void CallCentre::stop()
{
    stopping_ = true;
    signal_.notify();
}

/// Sends what is due. @return when to look again.
asio::awaitable<Instant> CallCentre::round()
{
    const Instant now = clock_.now();
    auto look = [&](Transaction& tx) -> base::Result<std::vector<CallCentreDelivery>> {
        return storage::due_deliveries(tx, now, calls_at_once);
    };
    auto due = co_await db_.read(look);
    if (!due) co_return now + 1min;
    for (CallCentreDelivery& delivery : *due) {
        if (stopping_) co_return now;
        co_await send(std::move(delivery));
    }
    auto next = [&](Transaction& tx) -> base::Result<std::optional<Instant>> { return storage::next_delivery(tx); };
    const auto found = co_await db_.read(next);
    if (!found) co_return now + 1min;
    co_return std::clamp(found->value_or(now + idle_look), clock_.now() + 1s, clock_.now() + idle_look);
}

asio::awaitable<void> CallCentre::send(CallCentreDelivery delivery)
{
    const TeamSettings* desk = settings_.team(delivery.desk);
    std::string failure = "the desk has no webhook any more";
    if (desk && !desk->webhook.empty()) {
        const auto answered = co_await courier_->post(desk->webhook, headers_of(delivery, *desk, clock_.now()), delivery.body);
        if (answered && answered->taken()) failure.clear();
        else failure = answered ? "answered " + std::to_string(answered->status) : answered.error().what();
    }
    const Instant now = clock_.now();
    const std::int32_t attempts = delivery.attempts + 1;
    const auto pause = domain::call_centre_backoff(attempts);
    auto note = [&](Transaction& tx) -> base::Result<void> {
        if (failure.empty()) {
            storage::delivered(tx, delivery.id, now);
            return {};
        }
        storage::delivery_failed(tx, delivery.id, attempts, pause ? std::optional(now + *pause) : std::nullopt, failure);
        // Somebody has to know when it goes on, and when it ends.
        if (attempts == 5 || !pause) {
            tell(
                tx, "call_centre.unreachable", now, std::nullopt, nullptr,
                {{"handover", delivery.handover}, {"desk", delivery.desk}, {"attempts", attempts}, {"why", failure}, {"given_up", !pause}});
        }
        return {};
    };
    const auto noted = co_await db_.write(note);
    if (!noted) spdlog::error("call centre: {}", noted.error().what());
    if (!failure.empty()) spdlog::warn("call centre {}: delivery {} failed: {}", delivery.desk, delivery.id, failure);
}

} // namespace sportello::engine
