#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The inbox and the messages of tickets. Every function throws Failure when the engine fails.
namespace sportello::storage {

/// Where a message stands on its way to a ticket.
enum class Intake {
    new_,    ///< not yet threaded
    waiting, ///< an own item whose ticket is not known yet
    context, ///< from before its channel counted, and of no ticket yet
    done     ///< threaded, bound to a reply, or context only
};
[[nodiscard]] std::string_view to_string(Intake value);

/// What store_item did.
struct StoredItem {
    enum class Change { inserted, edited, deleted, unchanged };
    domain::MessageId id; ///< 0 only for the deletion of an item that was never stored
    Change change = Change::unchanged;
    std::optional<domain::TicketId> ticket; ///< the ticket the message already belongs to
};

/// Stores one item of a channel, once whatever is repeated or re-ordered (I1, I3). A known item (by its id or one of its
/// earlier ids) whose text differs becomes a new revision, unless it is an older form of the edit chain; `deleted` marks
/// the message, blanks its text and removes revisions and attachments, for good. A new item waits with Intake::new_.
/// @param identity  who wrote it; nothing for own items and undisclosed authors.
StoredItem store_item(Transaction& tx, std::string_view channel, std::string_view brand, domain::Platform platform,
                      const domain::PlatformItem& item, std::optional<domain::IdentityId> identity, base::Instant now);

/// Keeps what could not be translated (I6). `raw` without secrets.
void reject_item(Transaction& tx, std::string_view channel, std::string_view platform_id, std::string_view reason, std::string_view raw,
                 base::Instant now);

/// @return not_found when there is none.
base::Result<domain::Message> find_message(Transaction& tx, domain::MessageId id);
/// By its present or any earlier platform id.
std::optional<domain::Message> find_message_by_platform_id(Transaction& tx, std::string_view channel, std::string_view platform_id);

/// The newest message of a ticket, not deleted.
std::optional<domain::Message> last_message_of(Transaction& tx, domain::TicketId ticket);

/// What the customer wrote in a ticket, deleted ones too, newest first.
std::vector<domain::Message> inbound_messages_of(Transaction& tx, domain::TicketId ticket, std::int64_t limit);

/// All messages of a ticket by platform time, ours too.
std::vector<domain::Message> messages_of(Transaction& tx, domain::TicketId ticket);

/// Where the person's last message under a root is, by arrival: their next one goes on there.
std::optional<domain::TicketId> ticket_of_person_under(Transaction& tx, std::string_view channel, std::string_view root_id,
                                                       domain::IdentityId identity);
/// Every ticket that holds a customer's message under a root, with its author (0 for one whom the platform does not tell).
struct TicketUnderRoot {
    domain::TicketId ticket;
    domain::IdentityId identity;
};
std::vector<TicketUnderRoot> tickets_under_root(Transaction& tx, std::string_view channel, std::string_view root_id);
/// What the person last wrote to the channel in private, of what stands in a ticket.
std::optional<domain::Message> last_private_message_of(Transaction& tx, std::string_view channel, domain::IdentityId identity);
/// The customer's last message of a private conversation.
std::optional<domain::Message> last_message_under(Transaction& tx, std::string_view channel, std::string_view root_id);

/// A message to be threaded, with the customer of its author.
struct NewMessage {
    domain::Message message;
    std::optional<domain::CustomerId> customer; ///< nothing for own and undisclosed ones
};
/// The oldest `limit` messages with Intake::new_, in the order of arrival.
std::vector<NewMessage> next_new_messages(Transaction& tx, std::int64_t limit);
/// Own items under a root post that wait for their ticket, oldest first.
std::vector<domain::Message> waiting_under_root(Transaction& tx, std::string_view channel, std::string_view root_id);
/// Up to `limit` items with Intake::context that belong to what a person wrote under a root, newest first: their own and
/// the company's answers to them; in a private conversation all of it.
std::vector<domain::Message> context_under_root(Transaction& tx, std::string_view channel, std::string_view root_id,
                                                std::optional<domain::IdentityId> identity, domain::Visibility visibility,
                                                std::int64_t limit);
void set_threaded(Transaction& tx, domain::MessageId id, std::optional<domain::TicketId> ticket, Intake intake);
/// The message is what this part became on the platform; its intake is done, its ticket the reply's.
void bind_message_to_part(Transaction& tx, domain::MessageId id, domain::PartId part);

/// Messages of the channel, not deleted, written at or after `written_after`: those not looked at for longest first.
std::vector<domain::Message> messages_to_check(Transaction& tx, std::string_view channel, base::Instant written_after, std::int64_t limit);
void mark_checked(Transaction& tx, domain::MessageId id, base::Instant now);

/// Own items (also deleted ones) under a root or conversation, written at or after `since`, oldest first.
std::vector<domain::Message> own_items_under(Transaction& tx, std::string_view channel, std::string_view root_id, base::Instant since);

std::vector<domain::Attachment> attachments_of(Transaction& tx, domain::MessageId id);

/// A text that an edit replaced.
struct Revision {
    std::int32_t number = 1;
    std::string text;
    base::Instant seen_at{};
};
std::vector<Revision> revisions_of(Transaction& tx, domain::MessageId id);

} // namespace sportello::storage
