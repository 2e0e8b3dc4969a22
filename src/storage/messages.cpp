#include <sportello/storage/messages.hpp>

#include "message_rows.hpp"
#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using domain::Message;
using domain::MessageId;
using domain::TicketId;

const Statement message_by_id{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.id = $1"};

const Statement by_platform_id{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.channel = $1 AND m.platform_id = $2 "
                               "UNION ALL "
                               "SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message_alias a JOIN message m ON m.id = a.message_id "
                               "WHERE a.channel = $1 AND a.platform_id = $2"};

const Statement last_of_ticket{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m "
                               "WHERE m.ticket_id = $1 AND m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM automatic_reply r "
                               "WHERE r.reply_id = m.reply_id) ORDER BY m.at DESC, m.id DESC LIMIT 1"};

const Statement new_ones{"SELECT " SPORTELLO_MESSAGE_COLUMNS ", i.customer_id "
                         "FROM message m LEFT JOIN identity i ON i.id = m.identity_id "
                         "WHERE m.intake = 'new' ORDER BY m.id LIMIT $1"};

const Statement inbound_ones{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m "
                             "WHERE m.ticket_id = $1 AND m.direction = 'inbound' ORDER BY m.at DESC, m.id DESC LIMIT $2"};

const Statement all_of_ticket{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.ticket_id = $1 ORDER BY m.at, m.id"};

const Statement last_ticket_under{"SELECT ticket_id FROM message WHERE channel = $1 AND root_id = $2 AND identity_id = $3 "
                                  "AND direction = 'inbound' AND ticket_id IS NOT NULL ORDER BY id DESC LIMIT 1"};
const Statement tickets_under{"SELECT DISTINCT ticket_id, coalesce(identity_id, 0) FROM message WHERE channel = $1 AND root_id = $2 "
                              "AND direction = 'inbound' AND ticket_id IS NOT NULL ORDER BY 1"};
const Statement last_private{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.identity_id = $2 AND m.channel = $1 "
                             "AND m.visibility = 'private' AND m.direction = 'inbound' AND m.ticket_id IS NOT NULL "
                             "ORDER BY m.at DESC, m.id DESC LIMIT 1"};
const Statement last_under{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.channel = $1 AND m.root_id = $2 "
                           "AND m.direction = 'inbound' AND m.ticket_id IS NOT NULL ORDER BY m.at DESC, m.id DESC LIMIT 1"};

const Statement waiting_ones{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m "
                             "WHERE m.intake = 'waiting' AND m.channel = $1 AND m.root_id = $2 ORDER BY m.id"};

const Statement context_of_person{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.intake = 'context' AND m.channel = $1 "
                                  "AND m.root_id = $2 AND m.identity_id = $3 ORDER BY m.id DESC LIMIT $4"};
const Statement context_of_conversation{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.intake = 'context' "
                                        "AND m.channel = $1 AND m.root_id = $2 ORDER BY m.id DESC LIMIT $3"};
const Statement context_answers{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.intake = 'context' AND m.channel = $1 "
                                "AND m.parent_id = $2 AND m.direction = 'outbound' ORDER BY m.id LIMIT $3"};

const Statement update_intake{"UPDATE message SET ticket_id = $2, intake = $3 WHERE id = $1"};

// A reply to somebody who was forgotten meanwhile comes back from the platform with its text: it is forgotten as well.
const Statement forget_bound{
    "UPDATE message SET text = '', recipient_id = '', permalink = '', deleted_at = received_at, "
    "root_id = CASE WHEN visibility = 'private' THEN 'erased' ELSE root_id END, "
    "parent_id = CASE WHEN visibility = 'private' THEN '' ELSE parent_id END "
    "WHERE id = $1 AND EXISTS (SELECT 1 FROM ticket t WHERE t.id = message.ticket_id AND t.forgotten_at IS NOT NULL)"};
const Statement bind_part{"UPDATE message SET intake = 'done', reply_part_id = $2, "
                          "reply_id = (SELECT p.reply_id FROM reply_part p WHERE p.id = $2), "
                          "ticket_id = (SELECT r.ticket_id FROM reply_part p JOIN reply r ON r.id = p.reply_id WHERE p.id = $2) "
                          "WHERE id = $1"};

const Statement to_check{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM "
                         "(SELECT c.id FROM message c WHERE c.deleted_at IS NULL AND c.channel = $1 AND c.at >= $2 "
                         "ORDER BY c.checked_at, c.id LIMIT $3) due JOIN message m ON m.id = due.id ORDER BY m.checked_at, m.id"};

const Statement update_checked{"UPDATE message SET checked_at = $2 WHERE id = $1"};

const Statement own_ones{"SELECT " SPORTELLO_MESSAGE_COLUMNS " FROM message m WHERE m.direction = 'outbound' "
                         "AND m.channel = $1 AND m.root_id = $2 AND m.at >= $3 ORDER BY m.at, m.id"};

const Statement attachments{"SELECT type, url, name FROM attachment WHERE message_id = $1 ORDER BY id"};

const Statement revisions{"SELECT revision, text, seen_at FROM message_revision WHERE message_id = $1 ORDER BY revision"};

} // namespace

std::string_view to_string(Intake value)
{
    switch (value) {
    case Intake::new_:
        return "new";
    case Intake::waiting:
        return "waiting";
    case Intake::context:
        return "context";
    case Intake::done:
        return "done";
    }
    return "";
}

Message message_at(const Row& row)
{
    Message message;
    message.id = id_at<MessageId>(row, 0);
    message.channel = row.string(1);
    message.brand = row.string(2);
    message.platform = platform_at(row, 3);
    message.platform_id = row.string(4);
    message.kind = known_word(domain::parse_message_kind(row.text(5)), row.text(5));
    message.visibility = visibility_at(row, 6);
    message.direction = direction_at(row, 7);
    message.identity = maybe_id_at<domain::IdentityId>(row, 8);
    message.author_name = row.string(9);
    message.text = row.string(10);
    message.parent_id = row.string(11);
    message.root_id = row.string(12);
    message.recipient_id = row.string(13);
    message.permalink = row.string(14);
    message.at = row.instant(15);
    message.received_at = row.instant(16);
    message.edited_at = row.maybe_instant(17);
    message.deleted_at = row.maybe_instant(18);
    message.revision = small_number_at(row, 19);
    message.ticket = maybe_id_at<TicketId>(row, 20);
    message.reply = maybe_id_at<domain::ReplyId>(row, 21);
    message.implicit_mention = row.flag(22);
    message.hidden = row.flag(23);
    return message;
}

Result<Message> find_message(Transaction& tx, MessageId id)
{
    auto found = tx.first(message_by_id, message_at, id);
    if (!found) return Error(ErrorKind::not_found, "no message " + std::to_string(id.value));
    return std::move(*found);
}

std::optional<Message> find_message_by_platform_id(Transaction& tx, std::string_view channel, std::string_view platform_id)
{
    return tx.first(by_platform_id, message_at, channel, platform_id);
}

std::vector<NewMessage> next_new_messages(Transaction& tx, std::int64_t limit)
{
    const auto make = [](const Row& row) {
        return NewMessage{.message = message_at(row), .customer = maybe_id_at<domain::CustomerId>(row, message_column_count)};
    };
    return tx.all(new_ones, make, limit);
}

std::vector<Message> waiting_under_root(Transaction& tx, std::string_view channel, std::string_view root_id)
{
    return tx.all(waiting_ones, message_at, channel, root_id);
}

std::vector<Message> context_under_root(Transaction& tx, std::string_view channel, std::string_view root_id,
                                        std::optional<domain::IdentityId> identity, domain::Visibility visibility, std::int64_t limit)
{
    if (visibility == domain::Visibility::private_) return tx.all(context_of_conversation, message_at, channel, root_id, limit);
    if (!identity) return {};
    auto found = tx.all(context_of_person, message_at, channel, root_id, *identity, limit);
    // Answers to answers too: a long one on X is a chain of posts.
    for (std::size_t next = 0; next < found.size(); ++next) {
        const auto room = limit - static_cast<std::int64_t>(found.size());
        if (room <= 0) break;
        auto answers = tx.all(context_answers, message_at, channel, found[next].platform_id, room);
        std::move(answers.begin(), answers.end(), std::back_inserter(found));
    }
    return found;
}

void set_threaded(Transaction& tx, MessageId id, std::optional<TicketId> ticket, Intake intake)
{
    tx.run(update_intake, id, ticket, to_string(intake));
}

void bind_message_to_part(Transaction& tx, MessageId id, domain::PartId part)
{
    tx.run(bind_part, id, part);
    tx.run(forget_bound, id);
}

std::vector<Message> messages_to_check(Transaction& tx, std::string_view channel, Instant written_after, std::int64_t limit)
{
    return tx.all(to_check, message_at, channel, written_after, limit);
}

void mark_checked(Transaction& tx, MessageId id, Instant now)
{
    tx.run(update_checked, id, now);
}

std::vector<Message> own_items_under(Transaction& tx, std::string_view channel, std::string_view root_id, Instant since)
{
    return tx.all(own_ones, message_at, channel, root_id, since);
}

std::optional<Message> last_message_of(Transaction& tx, TicketId ticket)
{
    return tx.first(last_of_ticket, message_at, ticket);
}

std::vector<Message> inbound_messages_of(Transaction& tx, domain::TicketId ticket, std::int64_t limit)
{
    return tx.all(inbound_ones, message_at, ticket, limit);
}

std::vector<Message> messages_of(Transaction& tx, TicketId ticket)
{
    return tx.all(all_of_ticket, message_at, ticket);
}

std::optional<TicketId> ticket_of_person_under(Transaction& tx, std::string_view channel, std::string_view root_id,
                                               domain::IdentityId identity)
{
    return tx.first(
        last_ticket_under, [](const Row& row) { return id_at<TicketId>(row, 0); }, channel, root_id, identity);
}

std::vector<TicketUnderRoot> tickets_under_root(Transaction& tx, std::string_view channel, std::string_view root_id)
{
    const auto make = [](const Row& row) { return TicketUnderRoot{id_at<TicketId>(row, 0), id_at<domain::IdentityId>(row, 1)}; };
    return tx.all(tickets_under, make, channel, root_id);
}

std::optional<Message> last_private_message_of(Transaction& tx, std::string_view channel, domain::IdentityId identity)
{
    return tx.first(last_private, message_at, channel, identity);
}

std::optional<Message> last_message_under(Transaction& tx, std::string_view channel, std::string_view root_id)
{
    return tx.first(last_under, message_at, channel, root_id);
}

std::vector<domain::Attachment> attachments_of(Transaction& tx, MessageId id)
{
    const auto make = [](const Row& row) { return domain::Attachment{.type = row.string(0), .url = row.string(1), .name = row.string(2)}; };
    return tx.all(attachments, make, id);
}

std::vector<Revision> revisions_of(Transaction& tx, MessageId id)
{
    const auto make = [](const Row& row) {
        return Revision{.number = small_number_at(row, 0), .text = row.string(1), .seen_at = row.instant(2)};
    };
    return tx.all(revisions, make, id);
}

} // namespace sportello::storage
