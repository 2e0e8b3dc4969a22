#include <sportello/storage/own_posts.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_POST_COLUMNS "id, incident_id, brand, channel, platform_id, created_at"
#define SPORTELLO_STEP_COLUMNS                                                                                                             \
    "s.id, s.post_id, s.kind, s.text, s.agent_id, s.state, s.reason, s.platform_id, s.next_try, s.attempts, s.reads, s.canary_seen, "      \
    "s.started_at, s.deadline_at, s.created_at"
#define SPORTELLO_FIRST_OF_ITS_POST                                                                                                        \
    "NOT EXISTS (SELECT 1 FROM own_post_step o WHERE o.post_id = s.post_id AND o.id < s.id "                                               \
    "AND o.state IN ('queued', 'sending', 'unknown', 'needs_decision'))"

const Statement insert_post{
    "INSERT INTO own_post (incident_id, brand, channel, platform_id, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id"};
const Statement post_by_id{"SELECT " SPORTELLO_POST_COLUMNS " FROM own_post WHERE id = $1"};
const Statement posts_of_incident{"SELECT " SPORTELLO_POST_COLUMNS " FROM own_post WHERE incident_id = $1 ORDER BY id"};
const Statement post_on{"SELECT " SPORTELLO_POST_COLUMNS " FROM own_post WHERE platform_id <> '' AND channel = $1 AND platform_id = $2"};
const Statement set_post_id{"UPDATE own_post SET platform_id = $2 WHERE id = $1"};

const Statement insert_step_row{
    "INSERT INTO own_post_step (post_id, kind, text, agent_id, state, reason, platform_id, next_try, attempts, reads, canary_seen, "
    "started_at, deadline_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id"};
const Statement step_by_id{"SELECT " SPORTELLO_STEP_COLUMNS " FROM own_post_step s WHERE s.id = $1"};
const Statement steps_of_post{"SELECT " SPORTELLO_STEP_COLUMNS " FROM own_post_step s WHERE s.post_id = $1 ORDER BY s.id"};
const Statement update_step{"UPDATE own_post_step SET state = $2, reason = $3, platform_id = $4, next_try = $5, attempts = $6, reads = $7, "
                            "canary_seen = $8, started_at = $9, deadline_at = $10 WHERE id = $1"};
const Statement due{"SELECT " SPORTELLO_STEP_COLUMNS " FROM own_post_step s WHERE s.state IN ('queued', 'unknown') AND s.next_try <= $1 "
                    "AND " SPORTELLO_FIRST_OF_ITS_POST " ORDER BY s.next_try, s.id LIMIT $2"};
const Statement sending{"SELECT " SPORTELLO_STEP_COLUMNS " FROM own_post_step s WHERE s.state = 'sending' ORDER BY s.id"};
const Statement next_due{"SELECT s.next_try FROM own_post_step s WHERE s.state IN ('queued', 'unknown') AND " SPORTELLO_FIRST_OF_ITS_POST
                         " ORDER BY s.next_try, s.id LIMIT 1"};

OwnPost post_at(const Row& row)
{
    return {.id = row.number(0),
            .incident = id_at<domain::IncidentId>(row, 1),
            .brand = row.string(2),
            .channel = row.string(3),
            .platform_id = row.string(4),
            .created_at = row.instant(5)};
}

OwnPostStep step_at(const Row& row)
{
    return {.id = row.number(0),
            .post = row.number(1),
            .kind = row.string(2),
            .text = row.string(3),
            .agent = id_at<domain::AgentId>(row, 4),
            .state = delivery_at(row, 5),
            .reason = row.string(6),
            .platform_id = row.string(7),
            .next_try = row.instant(8),
            .attempts = small_number_at(row, 9),
            .reads = small_number_at(row, 10),
            .canary_seen = row.flag(11),
            .started_at = row.instant(12),
            .deadline_at = row.instant(13),
            .created_at = row.instant(14)};
}

std::int64_t new_id(const std::optional<std::int64_t>& id)
{
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

} // namespace

std::int64_t insert_own_post(Transaction& tx, const OwnPost& post)
{
    return new_id(tx.first(insert_post, first_number, post.incident, post.brand, post.channel, post.platform_id, post.created_at));
}

std::optional<OwnPost> find_own_post(Transaction& tx, std::int64_t id)
{
    return tx.first(post_by_id, post_at, id);
}

std::vector<OwnPost> own_posts_of(Transaction& tx, domain::IncidentId incident)
{
    return tx.all(posts_of_incident, post_at, incident);
}

std::optional<OwnPost> find_own_post_on(Transaction& tx, std::string_view channel, std::string_view platform_id)
{
    return tx.first(post_on, post_at, channel, platform_id);
}

void set_platform_id(Transaction& tx, std::int64_t post, std::string_view platform_id)
{
    tx.run(set_post_id, post, platform_id);
}

std::int64_t insert_step(Transaction& tx, const OwnPostStep& s)
{
    return new_id(tx.first(insert_step_row, first_number, s.post, s.kind, s.text, s.agent, to_string(s.state), s.reason, s.platform_id,
                           s.next_try, s.attempts, s.reads, s.canary_seen, s.started_at, s.deadline_at, s.created_at));
}

std::optional<OwnPostStep> find_step(Transaction& tx, std::int64_t id)
{
    return tx.first(step_by_id, step_at, id);
}

std::vector<OwnPostStep> steps_of(Transaction& tx, std::int64_t post)
{
    return tx.all(steps_of_post, step_at, post);
}

void save_step(Transaction& tx, const OwnPostStep& s)
{
    tx.run(update_step, s.id, to_string(s.state), s.reason, s.platform_id, s.next_try, s.attempts, s.reads, s.canary_seen, s.started_at,
           s.deadline_at);
}

std::vector<OwnPostStep> steps_due(Transaction& tx, base::Instant now, std::int64_t limit)
{
    return tx.all(due, step_at, now, limit);
}

std::vector<OwnPostStep> steps_sending(Transaction& tx)
{
    return tx.all(sending, step_at);
}

std::optional<base::Instant> next_step_time(Transaction& tx)
{
    return tx.first(next_due, [](const Row& row) { return row.instant(0); });
}

} // namespace sportello::storage
