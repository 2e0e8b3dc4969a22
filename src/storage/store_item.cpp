#include <sportello/storage/messages.hpp>

#include <sportello/storage/attachments.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

using base::Instant;
using domain::Direction;
using domain::MessageId;
using domain::PlatformItem;
using domain::TicketId;

const Statement known_by_id{"SELECT m.id, m.platform_id, m.text, m.revision, m.deleted_at, m.ticket_id, m.hidden FROM message m "
                            "WHERE m.channel = $1 AND m.platform_id = $2 "
                            "UNION ALL "
                            "SELECT m.id, m.platform_id, m.text, m.revision, m.deleted_at, m.ticket_id, m.hidden "
                            "FROM message_alias a JOIN message m ON m.id = a.message_id WHERE a.channel = $1 AND a.platform_id = $2"};

const Statement insert_message{
    "INSERT INTO message (channel, brand, platform, platform_id, kind, visibility, direction, identity_id, author_name, "
    "text, parent_id, root_id, recipient_id, permalink, at, received_at, revision, intake, checked_at, implicit_mention, hidden) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, 'new', $16, $17, $18) RETURNING id"};

const Statement insert_alias{"INSERT INTO message_alias (channel, platform_id, message_id) VALUES ($1, $2, $3) "
                             "ON CONFLICT (channel, platform_id) DO NOTHING"};

const Statement insert_attachment{"INSERT INTO attachment (message_id, type, url, name, next_try) VALUES ($1, $2, $3, $4, $5)"};
const Statement files_of_message{"SELECT digest FROM attachment WHERE message_id = $1 AND digest <> ''"};

const Statement keep_revision{"INSERT INTO message_revision (message_id, revision, text, seen_at) VALUES ($1, $2, $3, $4)"};

const Statement update_text{"UPDATE message SET platform_id = $2, text = $3, edited_at = $4, revision = revision + 1 "
                            "WHERE id = $1"};

const Statement update_platform_id{"UPDATE message SET platform_id = $2 WHERE id = $1"};

const Statement update_hidden{"UPDATE message SET hidden = $2 WHERE id = $1"};

const Statement mark_deleted{"UPDATE message SET deleted_at = $2, text = '' WHERE id = $1"};
const Statement drop_revisions{"DELETE FROM message_revision WHERE message_id = $1"};
const Statement drop_attachments{"DELETE FROM attachment WHERE message_id = $1"};

const Statement insert_rejected{"INSERT INTO rejected_item (channel, platform_id, reason, raw, at) "
                                "VALUES ($1, $2, $3, $4, $5)"};

/// What is stored of an item already.
struct Known {
    MessageId id;
    std::string platform_id; ///< of its newest form
    std::string text;
    std::int64_t revision = 1;
    bool deleted = false;
    std::optional<TicketId> ticket;
    bool hidden = false;
};

std::optional<Known> find_by_id(Transaction& tx, std::string_view channel, std::string_view platform_id)
{
    const auto make = [](const Row& row) {
        return Known{.id = id_at<MessageId>(row, 0),
                     .platform_id = row.string(1),
                     .text = row.string(2),
                     .revision = row.number(3),
                     .deleted = !row.null(4),
                     .ticket = maybe_id_at<TicketId>(row, 5),
                     .hidden = row.flag(6)};
    };
    return tx.first(known_by_id, make, channel, platform_id);
}

std::optional<Known> find_known(Transaction& tx, std::string_view channel, const PlatformItem& item)
{
    auto known = find_by_id(tx, channel, item.platform_id);
    for (auto earlier = item.earlier_ids.begin(); !known && earlier != item.earlier_ids.end(); ++earlier) {
        known = find_by_id(tx, channel, *earlier);
    }
    return known;
}

void keep_aliases(Transaction& tx, std::string_view channel, const PlatformItem& item, const Known& known)
{
    for (const std::string& earlier : item.earlier_ids) tx.run(insert_alias, channel, earlier, known.id);
    if (item.platform_id != known.platform_id) tx.run(insert_alias, channel, item.platform_id, known.id);
}

/// An edit chain names its earlier forms. What is neither the newest form we know nor names it as earlier is an older one.
bool is_current(const PlatformItem& item, const Known& known)
{
    return item.platform_id == known.platform_id ||
           std::find(item.earlier_ids.begin(), item.earlier_ids.end(), known.platform_id) != item.earlier_ids.end();
}

StoredItem erase(Transaction& tx, const Known& known, Instant now)
{
    if (known.deleted) return {.id = known.id, .change = StoredItem::Change::unchanged, .ticket = known.ticket};
    tx.run(mark_deleted, known.id, now);
    tx.run(drop_revisions, known.id);
    for (const std::string& digest : tx.all(
             files_of_message, [](const Row& row) { return row.string(0); }, known.id))
        forget_file(tx, digest);
    tx.run(drop_attachments, known.id);
    return {.id = known.id, .change = StoredItem::Change::deleted, .ticket = known.ticket};
}

StoredItem update(Transaction& tx, std::string_view channel, const PlatformItem& item, const Known& known, Instant now)
{
    StoredItem stored{.id = known.id, .change = StoredItem::Change::unchanged, .ticket = known.ticket};
    if (known.platform_id != item.platform_id || !item.earlier_ids.empty()) keep_aliases(tx, channel, item, known);
    if (known.deleted || !is_current(item, known)) return stored;
    if (item.hidden != known.hidden) tx.run(update_hidden, known.id, item.hidden);
    if (item.text != known.text) {
        tx.run(keep_revision, known.id, known.revision, known.text, now);
        tx.run(update_text, known.id, item.platform_id, item.text, now);
        stored.change = StoredItem::Change::edited;
    } else if (item.platform_id != known.platform_id) {
        tx.run(update_platform_id, known.id, item.platform_id);
    }
    return stored;
}

StoredItem insert(Transaction& tx, std::string_view channel, std::string_view brand, domain::Platform platform, const PlatformItem& item,
                  std::optional<domain::IdentityId> identity, Instant now)
{
    const auto id = inserted<MessageId>(tx.first(
        insert_message, first_number, channel, brand, to_string(platform), item.platform_id, to_string(item.kind),
        to_string(item.visibility), to_string(item.own ? Direction::outbound : Direction::inbound), identity, item.author_name, item.text,
        item.parent_id, item.root_id, item.recipient_id, item.permalink, item.at, now, item.implicit_mention, item.hidden));
    for (const std::string& earlier : item.earlier_ids) tx.run(insert_alias, channel, earlier, id);
    for (const auto& attachment : item.attachments) {
        // A link leads somewhere, it is no file; and our own files are here already.
        const bool is_file = !item.own && attachment.type != "link" && !attachment.url.empty();
        tx.run(insert_attachment, id, attachment.type, attachment.url, attachment.name, is_file ? std::optional(now) : std::nullopt);
    }
    return {.id = id, .change = StoredItem::Change::inserted, .ticket = std::nullopt};
}

} // namespace

StoredItem store_item(Transaction& tx, std::string_view channel, std::string_view brand, domain::Platform platform,
                      const PlatformItem& item, std::optional<domain::IdentityId> identity, Instant now)
{
    const auto known = find_known(tx, channel, item);
    if (item.deleted) return known ? erase(tx, *known, now) : StoredItem{};
    if (known) return update(tx, channel, item, *known, now);
    return insert(tx, channel, brand, platform, item, identity, now);
}

void reject_item(Transaction& tx, std::string_view channel, std::string_view platform_id, std::string_view reason, std::string_view raw,
                 Instant now)
{
    tx.run(insert_rejected, channel, platform_id, reason, raw, now);
}

} // namespace sportello::storage
