#pragma once

#include "context.hpp"

#include <functional>
#include <set>
#include <string>
#include <utility>

namespace sportello::api {

/// What makes a repeated request harmless, whatever its route: the first success under an Idempotency-Key is kept for a day
/// and given again to the same person with the same request. A failure is not kept: it changed nothing, and may be over.
class Repeats {
public:
    /// Runs `perform`, or gives the kept answer. 422 for a key that came with another request, 409 with Retry-After while
    /// the first is still at work, 409 for an answer that held a secret and is not kept.
    /// Precondition: the call has a caller and a key.
    boost::asio::awaitable<Answer> once(Context& context, Call& call, const Route& route,
                                        std::function<boost::asio::awaitable<Answer>()> perform);

private:
    using Key = std::pair<std::int64_t, std::string>;
    class Running;
    std::set<Key> running_;
};

} // namespace sportello::api
