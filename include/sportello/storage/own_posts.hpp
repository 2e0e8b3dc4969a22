#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Posts of our own that answer nothing, and what is done to them, with the guarantees of the outbox.
namespace sportello::storage {

struct OwnPost {
    std::int64_t id = 0;
    domain::IncidentId incident;
    std::string brand;
    std::string channel;
    std::string platform_id; ///< empty until it is out
    base::Instant created_at{};
};
/// One a channel. `post.id` does not count.
std::int64_t insert_own_post(Transaction& tx, const OwnPost& post);
std::optional<OwnPost> find_own_post(Transaction& tx, std::int64_t id);
std::vector<OwnPost> own_posts_of(Transaction& tx, domain::IncidentId incident);
std::optional<OwnPost> find_own_post_on(Transaction& tx, std::string_view channel, std::string_view platform_id);
void set_platform_id(Transaction& tx, std::int64_t post, std::string_view platform_id);

/// One thing done to a post. Steps of a post are done in their order, one at a time.
struct OwnPostStep {
    std::int64_t id = 0;
    std::int64_t post = 0;
    std::string kind; ///< "post", "edit", "answer"
    std::string text;
    domain::AgentId agent;
    domain::Delivery state = domain::Delivery::queued;
    std::string reason;
    std::string platform_id;
    base::Instant next_try{};
    std::int32_t attempts = 0;
    std::int32_t reads = 0;
    bool canary_seen = false;
    base::Instant started_at{};
    base::Instant deadline_at{};
    base::Instant created_at{};
};
std::int64_t insert_step(Transaction& tx, const OwnPostStep& step);
std::optional<OwnPostStep> find_step(Transaction& tx, std::int64_t id);
/// In their order.
std::vector<OwnPostStep> steps_of(Transaction& tx, std::int64_t post);
/// Writes all that may change.
void save_step(Transaction& tx, const OwnPostStep& step);
/// Queued or unknown ones that are due and whose post has no earlier unfinished step.
std::vector<OwnPostStep> steps_due(Transaction& tx, base::Instant now, std::int64_t limit);
/// Left behind by a crash.
std::vector<OwnPostStep> steps_sending(Transaction& tx);
std::optional<base::Instant> next_step_time(Transaction& tx);

} // namespace sportello::storage
