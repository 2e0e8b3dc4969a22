#pragma once

#include <sportello/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

using base::Duration;
using base::Instant;

// Our own ids are 64-bit numbers, one type a table, so that a ticket's id is never taken for a message's.
template <class Tag> struct Id {
    std::int64_t value = 0;
    friend auto operator<=>(const Id&, const Id&) = default;
};
using MessageId = Id<struct MessageTag>;
using IdentityId = Id<struct IdentityTag>;
using CustomerId = Id<struct CustomerTag>;
using TicketId = Id<struct TicketTag>;
using ReplyId = Id<struct ReplyTag>;
using PartId = Id<struct PartTag>;
using AttemptId = Id<struct AttemptTag>;
using NoteId = Id<struct NoteTag>;
using AgentId = Id<struct AgentTag>;
using IncidentId = Id<struct IncidentTag>;

enum class Platform { facebook, twitter };
enum class MessageKind { post, comment, mention, direct_message };
enum class Visibility { public_, private_ };
enum class Direction { inbound, outbound };
enum class TicketStatus { new_, open, pending, on_hold, solved, closed };
enum class Priority { low, normal, high, urgent };
/// From the least to the most that one may do: `phone` sees the phone desk's own list and the threads behind it, nothing else.
enum class Role { phone, agent, supervisor, admin };
/// States of a reply and of each of its parts (reliability, section 2).
enum class Delivery {
    queued,
    reserved,
    sending,
    published,
    failed,
    cancelled,
    unknown,
    needs_decision,
    awaiting_approval ///< a colleague reads it first: it has no parts yet
};
/// The ways in which a message can be answered (domain/reply_routes.hpp).
enum class RouteKind {
    public_reply,
    private_message, ///< in a conversation that the person has begun
    private_reply,   ///< Facebook: the one private answer to a comment or post
    invitation,      ///< a public reply with a link by which the person writes to us in private
    by_hand          ///< written by a person on the platform itself
};
/// Which public posts an account may answer on X.
enum class ReplyRule {
    mentioned, ///< self-serve apps since February 2026: only those that mention or quote it
    none       ///< an Enterprise account: all
};
/// Why a queued part is not sent although it is due.
enum class Hold {
    none,
    paused, ///< publishing is paused: it leaves when that ends
    trial   ///< the channel runs without publishing: it leaves only when a person sends it
};

// The words of the API and of the database, each way; parse_* answers nothing for a word that is none of them.
[[nodiscard]] std::string_view to_string(Platform value);
[[nodiscard]] std::string_view to_string(MessageKind value);
[[nodiscard]] std::string_view to_string(Visibility value); ///< "public", "private"
[[nodiscard]] std::string_view to_string(Direction value);
[[nodiscard]] std::string_view to_string(TicketStatus value); ///< "new", "open", "pending", "on_hold", "solved", "closed"
[[nodiscard]] std::string_view to_string(Priority value);
[[nodiscard]] std::string_view to_string(Role value);
[[nodiscard]] std::string_view to_string(Delivery value);
[[nodiscard]] std::string_view to_string(Hold value); ///< "", "paused", "trial"
[[nodiscard]] std::string_view to_string(RouteKind value);
[[nodiscard]] std::string_view to_string(ReplyRule value);
[[nodiscard]] std::optional<Platform> parse_platform(std::string_view word);
[[nodiscard]] std::optional<MessageKind> parse_message_kind(std::string_view word);
[[nodiscard]] std::optional<Visibility> parse_visibility(std::string_view word);
[[nodiscard]] std::optional<Direction> parse_direction(std::string_view word);
[[nodiscard]] std::optional<TicketStatus> parse_ticket_status(std::string_view word);
[[nodiscard]] std::optional<Priority> parse_priority(std::string_view word);
[[nodiscard]] std::optional<Role> parse_role(std::string_view word);
[[nodiscard]] std::optional<Delivery> parse_delivery(std::string_view word);
[[nodiscard]] std::optional<Hold> parse_hold(std::string_view word);
[[nodiscard]] std::optional<RouteKind> parse_route_kind(std::string_view word);
[[nodiscard]] std::optional<ReplyRule> parse_reply_rule(std::string_view word);

struct Attachment {
    std::string type; ///< "image", "video", "audio", "file", "sticker", "link"
    std::string url;  ///< the platform's address; may expire
    std::string name;
};

/// One item of a platform as a connector translates it: it knows nothing of tickets or of storage.
/// Every text is clean UTF-8; ids are the platform's own strings.
struct PlatformItem {
    std::string platform_id;              ///< unique in its channel
    std::vector<std::string> earlier_ids; ///< X: ids of this post before its edits, oldest first
    MessageKind kind = MessageKind::post;
    Visibility visibility = Visibility::public_;
    bool own = false;          ///< written by the channel's own account
    std::string author_id;     ///< platform's user id; empty when undisclosed
    std::string author_name;   ///< display name; may be empty
    std::string author_handle; ///< X: without '@'; else empty
    std::string text;          ///< plain text: entities decoded, short links expanded
    std::string parent_id;     ///< the item it answers; empty for a root or unknown
    std::string root_id;       ///< what holds the thread together: the root post's id, or the private conversation's id; never empty
    std::string recipient_id;  ///< private: whom an answer goes to (the customer's user id)
    std::string permalink;     ///< empty for private
    Instant at{};              ///< platform's own time of writing
    bool deleted = false;      ///< seen to be gone; then only platform_id counts
    bool context = false;      ///< addressed to nobody of ours: kept so that what answers or quotes it can be understood
    bool hidden = false;       ///< still there, but the platform shows it to hardly anybody (Facebook: a hidden comment)
    /// X: nothing that its author wrote names or quotes our account; at most X itself put the mention in front.
    bool implicit_mention = false;
    std::vector<Attachment> attachments;
};

/// A stored message: one row of the inbox, later part of a ticket.
struct Message {
    MessageId id;
    std::string channel;
    std::string brand;
    Platform platform = Platform::facebook;
    std::string platform_id;
    MessageKind kind = MessageKind::post;
    Visibility visibility = Visibility::public_;
    Direction direction = Direction::inbound;
    std::optional<IdentityId> identity; ///< nothing when our own account wrote it
    std::string author_name;
    std::string text;
    std::string parent_id;
    std::string root_id;
    std::string recipient_id;
    std::string permalink;
    Instant at{}; ///< platform time
    Instant received_at{};
    std::optional<Instant> edited_at;
    std::optional<Instant> deleted_at;
    std::int32_t revision = 1;
    std::optional<TicketId> ticket; ///< nothing until threaded, or for context only (own root posts)
    std::optional<ReplyId> reply;   ///< own message bound to one of our replies
    bool implicit_mention = false;  ///< as in PlatformItem
    bool hidden = false;            ///< as in PlatformItem
};

struct Ticket {
    TicketId id;
    std::string brand;
    std::string channel;
    Platform platform = Platform::facebook;
    Visibility visibility = Visibility::public_;
    IdentityId identity;
    CustomerId customer;
    std::string root_id; ///< the post or private conversation it began under
    TicketStatus status = TicketStatus::new_;
    Priority priority = Priority::normal;
    std::string subject;
    std::optional<AgentId> assignee;
    std::string assigned_why; ///< in words: why this person, or why it was taken from somebody; may be empty while unassigned
    Instant created_at{};     ///< platform time of the first message
    Instant updated_at{};
    Instant first_inbound_at{}; ///< platform times
    Instant last_inbound_at{};
    std::optional<MessageId> last_inbound; ///< what `last_seen` is compared with
    std::optional<Instant> waiting_since;  ///< the first inbound message not yet answered; nothing when none waits
    std::optional<Instant> first_response_at;
    std::optional<std::int64_t> first_response_office_seconds;
    std::optional<Instant> due_at; ///< of the waiting message's target
    std::optional<Instant> snoozed_until;
    std::string team;                     ///< whose work it is: a team's id; empty: the counter itself
    std::string language;                 ///< that the customer writes in, ISO 639-1; empty: not known
    std::string aside;                    ///< why it does not wait in the queue: "spam", "noise", "incident", "merged"; empty: it does
    std::string status_reason;            ///< why it has its status, in words; empty: as the rules have it
    std::string priority_why;             ///< in words; empty: nobody changed the priority
    std::optional<Instant> solved_at;     ///< while solved or closed
    std::optional<Instant> closed_at;     ///< while closed
    std::optional<TicketId> merged_into;  ///< its messages are there now
    std::optional<TicketId> follow_up_of; ///< the closed ticket whose matter it takes up again
    std::optional<IncidentId> incident;
    /// The clock of the resolution: office time spent until it last stood still, since when it runs again, and when it is due.
    base::Duration resolution_spent{};
    std::optional<Instant> resolution_running_since;
    std::optional<Instant> resolution_due_at;
    std::optional<Instant> route_ends_at; ///< when the last way to answer the waiting message shuts, in wall time
    std::optional<Instant> alarm_at;      ///< when the next warning or breach of its clocks is to be told
    std::optional<Instant> breached_at;   ///< when the waiting message's target was missed
    std::optional<Instant> promised_at;   ///< by when the customer was (or in shadow would be) told to get an answer
    std::string last_text;                ///< shortened, for the list
    Instant last_at{};
    Direction last_direction = Direction::inbound;
    std::int32_t message_count = 0;
    std::int32_t inbound_count = 0; ///< of them, the customer's
    std::int32_t revision = 1;      ///< for If-Match; grows with each change
};

/// A member of the pool, with what assignment needs to know.
struct Agent {
    AgentId id;
    std::string login;
    std::string name;
    Role role = Role::agent;
    bool available = false;
    bool disabled = false;
    std::int32_t capacity = 20;      ///< open tickets assigned automatically at most
    std::vector<std::string> brands; ///< empty: all
    std::string language = "it";
    std::vector<std::string> skills;    ///< kinds of work beyond the usual
    std::vector<std::string> languages; ///< of customers, ISO 639-1; empty: all
    std::vector<std::string> teams;     ///< ids; a ticket of a team goes to its members only
    bool needs_approval = false;        ///< what they write to customers waits until a colleague has approved it
};

/// A reply as accepted from an agent; it is sent as one or more parts.
struct Reply {
    ReplyId id;
    TicketId ticket;
    AgentId author;
    std::string channel;
    std::string conversation; ///< replies of one conversation leave in order, one at a time
    Visibility visibility = Visibility::public_;
    RouteKind route = RouteKind::public_reply;
    std::string text;
    Delivery state = Delivery::queued; ///< of the whole: see domain's rule over its parts
    std::string reason;                ///< why failed, unknown or to decide, in words
    /// The platform id of the item that the first part answers (public, private_reply), or the conversation.
    std::string target_id;
    std::string recipient_id; ///< private: the person's platform id
    Instant accepted_at{};
    Instant send_after{}; ///< end of the undo window
    std::optional<Instant> published_at;
    std::string platform_id;           ///< of the first part, once published
    std::optional<Instant> doubled_at; ///< when a second copy was seen on the platform (I10)
};

/// One wire message of a reply.
struct ReplyPart {
    PartId id;
    ReplyId reply;
    std::int32_t number = 1; ///< 1..count
    std::int32_t count = 1;
    std::string text; ///< exactly what goes on the wire
    Delivery state = Delivery::queued;
    std::string reason;
    std::string platform_id;
    Instant next_try{}; ///< when to send, or to read back
    std::int32_t attempts = 0;
    std::int32_t reads = 0; ///< complete read-backs since the last attempt
    bool canary_seen = false;
    Instant started_at{}; ///< of the last attempt
    Instant deadline_at{};
    Hold held = Hold::none;
    /// Since when nobody knows whether it is out; nothing while that is known.
    std::optional<Instant> uncertain_since;
    std::optional<Instant> paged_at; ///< when the supervisor was told so
    /// After a restore: it may have been sent in the time that is lost, so the platform is read before it is.
    bool quarantined = false;
    bool resent = false; ///< sent again by the channel's option, which happens once
};

/// An immutable fact about a ticket or the counter.
struct Event {
    std::int64_t seq = 0;
    std::string type; ///< "ticket.created", "message.received", "reply.published", …
    Instant at{};
    std::optional<TicketId> ticket;
    std::optional<AgentId> actor;
    std::string cause; ///< client id of the request that caused it, or empty
    std::string data;  ///< a JSON object
};

} // namespace sportello::domain
