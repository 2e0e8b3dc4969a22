#pragma once

#include <sportello/domain/reply_match.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

/// How a part of a reply finds its end: every change of its state goes through here, with the reply's state, the ticket's
/// clocks and the event in the same transaction.
namespace sportello::engine {

struct Settler {
    storage::Transaction& tx;
    const Settings& settings;
    base::Instant now;

    /// The part stands on the platform under `platform_id` since `at` (platform time). An id that belongs to another part
    /// makes it needs_decision instead.
    void published(storage::OutboxPart& part, std::string_view platform_id, base::Instant at);
    /// Provably not published: parts after it are cancelled, the ticket goes on waiting.
    void failed(storage::OutboxPart& part, std::string_view reason);
    /// A failed part and those after it, which were cancelled with it, are queued again.
    void retried(storage::OutboxPart& part);
    /// The outcome is not known; first read-back at `next_read`.
    void unknown(storage::OutboxPart& part, std::string_view reason, base::Instant next_read);
    void needs_decision(storage::OutboxPart& part, std::string_view reason);
    /// Back to the queue: nothing was sent. Tried again not before `next_try`.
    void requeued(storage::OutboxPart& part, std::string_view reason, base::Instant next_try);
    /// After a restore: it may be out although nothing here says so. Unknown until the platform was read back.
    void doubtful(storage::OutboxPart& part);
    /// A second copy was seen on the platform: an event and a mark, once (I10).
    void doubled(const domain::Reply& reply, std::string_view platform_id);

    /// The part waits, in sight, although it is due: publishing is paused or off.
    void held(storage::OutboxPart& part, domain::Hold why);

    /// Looks for the part among own items of the platform (reliability 2.7). @return what was found.
    [[nodiscard]] domain::MatchResult look_for(const storage::OutboxPart& part, std::span<const domain::PlatformItem> own) const;

private:
    void write(storage::OutboxPart& part, domain::Delivery state, std::string_view reason);
    void refresh_reply(storage::OutboxPart& part);
    void release_held(const storage::OutboxPart& part);
};

/// So long may a reply be uncertain before a supervisor is told.
inline constexpr base::Duration page_after = std::chrono::minutes(10);

/// Whether anything may be sent on this channel now, and if not, why.
[[nodiscard]] domain::Hold hold_of(storage::Transaction& tx, const Settings& settings, std::string_view channel);

/// Whether a try of the part other than `except` may have had an effect: it had one, or nobody knows.
[[nodiscard]] bool may_be_out(storage::Transaction& tx, domain::PartId part, domain::AttemptId except = {});
/// The first try that may have had an effect: what stood on the platform before it is not this part.
[[nodiscard]] std::optional<storage::Attempt> first_doubtful_attempt(storage::Transaction& tx, domain::PartId part);
/// Since when the part may stand on the platform, by the platform's clock.
[[nodiscard]] base::Instant sought_since(storage::Transaction& tx, const storage::OutboxPart& part);

/// Own ids that were known before the send, as the attempt's snapshot keeps them.
[[nodiscard]] std::string snapshot_to_json(std::span<const std::string> platform_ids);
[[nodiscard]] std::vector<std::string> snapshot_from_json(std::string_view json);

} // namespace sportello::engine
