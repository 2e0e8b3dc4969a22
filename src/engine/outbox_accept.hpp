#pragma once

#include <sportello/engine/outbox.hpp>
#include <sportello/storage/attachments.hpp>
#include <sportello/storage/replies.hpp>

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

/// The units of work that people's requests to the outbox run.
namespace sportello::engine {

[[nodiscard]] Result<domain::Reply> accept_reply(storage::Transaction& tx, const Settings& settings, domain::TicketId id,
                                                 const ReplyDraft& draft, const Command& command, base::Instant now);
/// A reply that may be sent: where it goes and in which parts. `reply.id` is `self`, or nothing.
struct CheckedReply {
    domain::Ticket ticket;
    domain::Reply reply;
    std::vector<std::string> parts;
    std::vector<storage::Upload> files; ///< that go with it, each bound to its part when it is accepted
    domain::Agent author;
};
/// Everything that is asked of a reply before it is accepted.
/// @param by    its author; @param command  who wants it sent now
/// @param self  the same reply, which waited for approval: it is not its own repetition
[[nodiscard]] Result<CheckedReply> check_reply(storage::Transaction& tx, const Settings& settings, domain::Ticket ticket,
                                               const ReplyDraft& draft, domain::AgentId by, const Command& command, base::Instant now,
                                               domain::ReplyId self = {});
/// Platforms take an equal text for a mistake, and so may the customer: its author says that it is none.
/// @return conflict with the pointer "/confirm_duplicate" when the text went to the same place within 24 hours.
[[nodiscard]] Result<void> check_repetition(storage::Transaction& tx, const std::string& root_id, const domain::Reply& reply);
/// A reply whose ticket the actor may see.
[[nodiscard]] Result<domain::Reply> visible_reply(storage::Transaction& tx, domain::ReplyId id, const Actor& actor);
/// What the ticket, its customer and its author's draft take note of when a reply was put into the outbox.
[[nodiscard]] Result<void> note_accepted(storage::Transaction& tx, const Settings& settings, CheckedReply& checked, base::Instant now);
[[nodiscard]] Result<domain::Reply> cancel_reply(storage::Transaction& tx, const Settings& settings, domain::ReplyId id,
                                                 const Command& command, base::Instant now);
[[nodiscard]] Result<domain::Reply> send_reply_now(storage::Transaction& tx, domain::ReplyId id, const Command& command, base::Instant now);
/// What goes on the wire by this route, part by part. invalid_input for a text that does not fit.
[[nodiscard]] Result<std::vector<std::string>> parts_for(const domain::Message& answered, const Settings& settings, domain::RouteKind route,
                                                         const std::string& text);
/// A reply to that message by this route: where it goes. Author, text and times are the caller's.
[[nodiscard]] domain::Reply reply_by(domain::RouteKind route, storage::Transaction& tx, const domain::Ticket& ticket,
                                     const domain::Message& answered);
/// What events tell of a reply.
[[nodiscard]] nlohmann::json reply_data(const domain::Reply& reply);
/// The stale guard: an answer carries the newest message that its author saw; a newer one means that it may be beside it.
[[nodiscard]] Result<void> check_fresh(const domain::Ticket& ticket, std::optional<domain::MessageId> last_seen);
/// The customer's message that is answered: the one named, else the newest that is still there; for a public answer, the
/// newest public one, if there is any.
[[nodiscard]] Result<domain::Message> answered_message(storage::Transaction& tx, const domain::Ticket& ticket,
                                                       std::optional<domain::MessageId> answers,
                                                       std::optional<domain::Visibility> visibility = std::nullopt);
/// The root post or conversation that a reply stands under; a ticket may hold several.
[[nodiscard]] std::string root_under(storage::Transaction& tx, const domain::Reply& reply, const domain::Ticket& ticket);

[[nodiscard]] Result<domain::Reply> retry_reply(storage::Transaction& tx, const Settings& settings, domain::ReplyId id, const Retry& order,
                                                const Command& command, base::Instant now);

/// @param written_at  with Decision::published: when it was written on the platform
[[nodiscard]] Result<domain::Reply> decide_reply(storage::Transaction& tx, const Settings& settings, domain::ReplyId id,
                                                 const Decision& decision, std::optional<base::Instant> written_at, const Command& command,
                                                 base::Instant now);

/// What a person says that an undecided reply is on the platform.
struct ClaimedItem {
    storage::OutboxPart part;
    std::string platform_id;
    std::optional<base::Instant> at; ///< nothing: we have never seen it, so the platform has to be read
};
[[nodiscard]] Result<ClaimedItem> claimed_item(storage::Transaction& tx, const Settings& settings, domain::ReplyId id,
                                               const Decision& decision, const Command& command);

/// Why a part's route has closed since the reply was accepted; nothing while it is open.
[[nodiscard]] std::optional<std::string> closed_since(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket,
                                                      const storage::OutboxPart& part, base::Instant now);

} // namespace sportello::engine
