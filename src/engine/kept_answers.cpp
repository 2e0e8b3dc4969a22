#include "kept_answers.hpp"

#include <sportello/storage/idempotency.hpp>

#include <chrono>

namespace sportello::engine {
namespace {

constexpr auto kept_for = std::chrono::hours(24);
constexpr auto between_sweeps = std::chrono::hours(1);

} // namespace

boost::asio::awaitable<base::Result<std::optional<base::Instant>>> KeptAnswers::drop_old()
{
    const auto now = clock_.now();
    if (next_ && now < *next_) co_return next_;
    next_ = now + between_sweeps;
    auto drop = [&](storage::Transaction& tx) -> base::Result<std::int64_t> { return storage::delete_answers_before(tx, now - kept_for); };
    const auto dropped = co_await db_.write(drop);
    if (!dropped) co_return dropped.error();
    co_return next_;
}

} // namespace sportello::engine
