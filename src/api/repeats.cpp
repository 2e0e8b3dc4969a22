#include "repeats.hpp"

#include <sportello/storage/idempotency.hpp>

#include <spdlog/spdlog.h>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using storage::KeptAnswer;
using storage::Transaction;

/// Kept in front of the body, so that the repeat carries the same ETag.
std::string with_tag(const http::Response& response)
{
    return std::string(response.headers.find("ETag").value_or("")) + '\n' + response.body;
}

http::Response kept_response(const KeptAnswer& kept)
{
    const auto line = std::min(kept.body.find('\n'), kept.body.size());
    auto body = kept.body.substr(std::min(line + 1, kept.body.size()));
    auto response =
        body.empty() ? http::Response::empty(static_cast<int>(kept.status)) : json_response(static_cast<int>(kept.status), std::move(body));
    if (line > 0) response.headers.set("ETag", kept.body.substr(0, line));
    response.headers.set("Idempotent-Replayed", "true");
    return response;
}

/// What a key is known for already; nothing: go on.
std::optional<Answer> answered_before(const std::optional<KeptAnswer>& kept, const engine::Command& order, const Route& route)
{
    if (!kept) return std::nullopt;
    if (kept->request_hash != order.request_hash) {
        return Error(ErrorKind::invalid_input, "this Idempotency-Key was used for another request; make a new key for each",
                     {{"header:Idempotency-Key", "already used with another request"}});
    }
    if (route.traits.answers_secret) {
        return Error(ErrorKind::conflict, "This was done already, and its answer shown once: it holds a secret that is not kept.");
    }
    if (kept->status == storage::forgotten_answer) {
        return Error(ErrorKind::conflict, "This was done already; its answer is not kept any more.");
    }
    // The engine's mark: the change is made, its answer was lost in a crash; the engine tells what it made.
    if (kept->status == storage::made_without_answer) return std::nullopt;
    return kept_response(*kept);
}

} // namespace

class Repeats::Running {
public:
    Running(std::set<Key>& running, Key key) : running_(running), key_(std::move(key)), first_(running_.insert(key_).second) {}
    ~Running()
    {
        if (first_) running_.erase(key_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    [[nodiscard]] bool first() const { return first_; }

private:
    std::set<Key>& running_;
    Key key_;
    bool first_;
};

awaitable<Answer> Repeats::once(Context& context, Call& call, const Route& route, std::function<awaitable<Answer>()> perform)
{
    const auto order = command(call);
    const Running running(running_, Key(order.actor.id.value, order.idempotency_key));
    if (!running.first()) {
        co_return call.refuse({.status = 409,
                               .code = "conflict",
                               .detail = "A request with this Idempotency-Key is still at work; ask again for its answer.",
                               .retry_after_seconds = 1});
    }
    auto look = [&](Transaction& tx) -> Result<std::optional<KeptAnswer>> {
        return storage::find_answer(tx, order.actor.id, order.idempotency_key);
    };
    const auto kept = co_await context.db.read(look);
    if (!kept) co_return kept.error();
    if (auto before = answered_before(*kept, order, route)) co_return std::move(*before);

    auto answer = co_await perform();
    if (!answer || answer->status < 200 || answer->status >= 300 || answer->stream) co_return answer;
    const KeptAnswer fresh{.request_hash = order.request_hash,
                           .status = answer->status,
                           .body = route.traits.answers_secret ? std::string() : with_tag(*answer)};
    const auto now = context.clock.now();
    auto keep = [&](Transaction& tx) -> Result<void> {
        storage::keep_final_answer(tx, order.actor.id, order.idempotency_key, fresh, now);
        return {};
    };
    const auto stored = co_await context.db.write(keep);
    // The change is made and stands; only a repeat might now be told otherwise than the first.
    if (!stored) spdlog::error("{} the answer could not be kept: {}", call.request_id, stored.error().what());
    co_return answer;
}

} // namespace sportello::api
