#include <sportello/storage/privacy.hpp>

#include <sportello/storage/approvals.hpp>
#include <sportello/storage/drafts.hpp>
#include <sportello/storage/idempotency.hpp>

#include <sportello/storage/attachments.hpp>
#include <sportello/storage/search.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace sportello::storage {
namespace {

using base::Instant;
using domain::CustomerId;
using domain::TicketId;

const Statement merged_here{"SELECT customer_id FROM customer_link WHERE into_id = $1 AND undone_at IS NULL ORDER BY id"};
const Statement since_when{"SELECT created_at FROM customer WHERE id = $1"};
const Statement brands_of{"SELECT DISTINCT brand FROM ticket WHERE customer_id = $1"};
const Statement under_way{"SELECT count(*) FROM reply r JOIN ticket t ON t.id = r.ticket_id WHERE t.customer_id = $1 AND r.state IN "
                          "('queued', 'reserved', 'sending', 'unknown', 'needs_decision')"};
const Statement identity_ids{"SELECT id, platform_user_id FROM identity WHERE customer_id = $1"};
const Statement tickets_of{"SELECT id FROM ticket WHERE customer_id = $1"};

const Statement events_of_ticket{"SELECT seq, data FROM event WHERE ticket_id = $1 AND data <> '{}' ORDER BY seq"};
const Statement new_data{"UPDATE event SET data = $2 WHERE seq = $1"};

// --- What an erasure takes out. $1 is the ticket (or the message's identity, or the customer), $2 the time.

const Statement count_messages{"SELECT count(*) FROM message WHERE ticket_id = $1"};
const Statement count_replies{"SELECT count(*) FROM reply WHERE ticket_id = $1"};
const Statement files_of_ticket{
    "SELECT a.digest FROM attachment a JOIN message m ON m.id = a.message_id WHERE m.ticket_id = $1 AND a.digest <> '' "
    "UNION SELECT u.digest FROM upload u WHERE u.ticket_id = $1 AND u.digest <> ''"};
const Statement files_of_identity{
    "SELECT a.digest FROM attachment a JOIN message m ON m.id = a.message_id WHERE m.identity_id = $1 AND a.digest <> ''"};

const Statement ticket_revisions{"DELETE FROM message_revision WHERE message_id IN (SELECT id FROM message WHERE ticket_id = $1)"};
const Statement ticket_attachments{"UPDATE attachment SET url = '', name = '', state = 'erased', reason = '', digest = '', next_try = NULL "
                                   "WHERE message_id IN (SELECT id FROM message WHERE ticket_id = $1)"};
const Statement ticket_uploads{"UPDATE upload SET name = '', digest = '' WHERE ticket_id = $1"};
// A private conversation's number tells who has it. Deleted is what stays deleted when the platform shows it again.
const Statement ticket_messages{
    "UPDATE message SET text = '', author_name = CASE WHEN direction = 'inbound' THEN '' ELSE author_name END, permalink = '', "
    "recipient_id = '', root_id = CASE WHEN visibility = 'private' THEN 'erased' ELSE root_id END, "
    "parent_id = CASE WHEN visibility = 'private' THEN '' ELSE parent_id END, deleted_at = coalesce(deleted_at, $2) WHERE ticket_id = $1"};
const Statement ticket_itself{"UPDATE ticket SET subject = '', last_text = '', opened_why = '', assigned_why = '', priority_why = '', "
                              "root_id = CASE WHEN visibility = 'private' THEN 'erased' ELSE root_id END, forgotten_at = $2 WHERE id = $1"};
const Statement ticket_notes{"UPDATE note SET text = '' WHERE ticket_id = $1"};
const Statement ticket_parts{"UPDATE reply_part SET text = '' WHERE reply_id IN (SELECT id FROM reply WHERE ticket_id = $1)"};
const Statement ticket_attempts{"UPDATE delivery_attempt SET snapshot = '[]', detail = '' WHERE part_id IN (SELECT p.id FROM reply_part p "
                                "JOIN reply r ON r.id = p.reply_id WHERE r.ticket_id = $1)"};
const Statement ticket_replies{"UPDATE reply SET text = '', recipient_id = '', "
                               "target_id = CASE WHEN route = 'private_message' THEN 'erased' ELSE target_id END WHERE ticket_id = $1"};
const Statement ticket_calls{"UPDATE call_centre_delivery SET body = '', next_try = NULL, failure = '' WHERE handover_id IN "
                             "(SELECT id FROM handover WHERE ticket_id = $1)"};
const Statement ticket_handovers{"UPDATE handover SET callback_number = '', note = '' WHERE ticket_id = $1"};
const Statement ticket_by_hand{"UPDATE by_hand SET text = '', permalink = '' WHERE ticket_id = $1"};
const Statement ticket_acknowledgements{"UPDATE acknowledgement SET text = '' WHERE ticket_id = $1"};
const Statement ticket_reminders{"UPDATE reminder SET text = '' WHERE ticket_id = $1"};
const Statement ticket_releases{"DELETE FROM personal_data_release WHERE ticket_id = $1"};
const Statement ticket_promises{"UPDATE promise SET why = '' WHERE ticket_id = $1"};
// What a receiver of webhooks answered may repeat what it was told; why a ticket joined an incident, what its customer wrote.
const Statement ticket_hook_answers{"UPDATE webhook_delivery SET excerpt = '' WHERE excerpt <> '' AND seq IN "
                                    "(SELECT seq FROM event WHERE ticket_id = $1)"};
const Statement ticket_memberships{"UPDATE incident_ticket SET why = '' WHERE ticket_id = $1"};
const Statement ticket_clues{"DELETE FROM identity_clue WHERE message_id IN (SELECT id FROM message WHERE ticket_id = $1)"};

/// With the ticket's id alone.
const std::array<const Statement*, 17> of_ticket{
    &ticket_revisions,        &ticket_attachments, &ticket_uploads,  &ticket_notes,     &ticket_parts,
    &ticket_attempts,         &ticket_replies,     &ticket_calls,    &ticket_handovers, &ticket_by_hand,
    &ticket_acknowledgements, &ticket_reminders,   &ticket_releases, &ticket_promises,  &ticket_clues,
    &ticket_hook_answers,     &ticket_memberships};

// What a person wrote and what belongs to none of their tickets.
const Statement identity_revisions{"DELETE FROM message_revision WHERE message_id IN (SELECT id FROM message WHERE identity_id = $1)"};
const Statement identity_attachments{
    "UPDATE attachment SET url = '', name = '', state = 'erased', reason = '', digest = '', next_try = NULL "
    "WHERE message_id IN (SELECT id FROM message WHERE identity_id = $1)"};
const Statement identity_messages{"UPDATE message SET text = '', author_name = '', permalink = '', recipient_id = '', "
                                  "root_id = CASE WHEN visibility = 'private' THEN 'erased' ELSE root_id END, "
                                  "parent_id = CASE WHEN visibility = 'private' THEN '' ELSE parent_id END, deleted_at = "
                                  "coalesce(deleted_at, $2) WHERE identity_id = $1"};
const Statement identity_clues{"DELETE FROM identity_clue WHERE identity_id = $1"};
const Statement identity_proposals{"UPDATE link_proposal SET shown = '' WHERE identity_a = $1 OR identity_b = $1"};
const Statement identity_itself{
    "UPDATE identity SET platform_user_id = 'erased:' || CAST(id AS TEXT), name = '', handle = '' WHERE id = $1"};
const Statement raw_items{"DELETE FROM rejected_item WHERE raw LIKE '%' || $1 || '%'"};

const Statement customer_contact{"UPDATE customer_contact SET phone = '' WHERE customer_id = $1"};
const Statement customer_links{"UPDATE customer_link SET why = '' WHERE customer_id = $1 OR into_id = $1"};
const Statement customer_itself{"UPDATE customer SET name = '' WHERE id = $1"};
const Statement customer_cards{"DELETE FROM customer_card WHERE customer_id = $1"};
const Statement customer_notes_all{"DELETE FROM customer_note WHERE customer_id = $1"};
const Statement insert_erasure{"INSERT INTO erasure (customer_id, customer_since, at) VALUES ($1, $2, $3) RETURNING id"};
const Statement erasure_of{"SELECT id FROM erasure WHERE customer_id = $1 LIMIT 1"};

// --- What time alone takes out.

const Statement tickets_to_forget{"SELECT id FROM ticket WHERE closed_at < $1 AND forgotten_at IS NULL ORDER BY closed_at, id LIMIT $2"};
const Statement forget_raw{"DELETE FROM rejected_item WHERE id IN (SELECT id FROM rejected_item WHERE at < $1 ORDER BY at, id LIMIT $2)"};
// Numbers grow with time, so the first one tells whether there is anything to do.
const Statement first_event_at{"SELECT at FROM event WHERE seq > 0 ORDER BY seq LIMIT 1"};
const Statement forget_events{"DELETE FROM event WHERE at < $1 AND seq IN (SELECT seq FROM event WHERE seq > 0 ORDER BY seq LIMIT $2)"};
const Statement files_to_forget{"SELECT a.id, a.digest FROM attachment a JOIN message m ON m.id = a.message_id WHERE a.state = 'stored' "
                                "AND m.at < $1 ORDER BY a.id LIMIT $2"};
const Statement forget_attachment{
    "UPDATE attachment SET url = '', name = '', state = 'erased', reason = '', digest = '', next_try = NULL WHERE id = $1"};
const Statement forget_sessions{"DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at < $1 "
                                "ORDER BY expires_at LIMIT $2)"};
const Statement forget_tokens{"DELETE FROM api_token WHERE id IN (SELECT id FROM api_token WHERE expires_at < $1 ORDER BY id LIMIT $2)"};
const Statement forget_deliveries{"DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery WHERE created_at < $1 AND "
                                  "state <> 'waiting' ORDER BY created_at, id LIMIT $2)"};

// --- What an export shows. Columns: '#' a number, '@' a time, else a text.

struct Section {
    std::string_view name;
    std::vector<std::string_view> columns;
    const Statement* sql;
};

const Statement x_customer{"SELECT id, name, created_at FROM customer WHERE id = $1"};
const Statement x_contact{"SELECT phone, answered_at FROM customer_contact WHERE customer_id = $1"};
const Statement x_cards{"SELECT contract_reference, labels, updated_at FROM customer_card WHERE customer_id = $1"};
const Statement x_customer_notes{"SELECT id, text, at FROM customer_note WHERE customer_id = $1 ORDER BY id"};
const Statement x_identities{"SELECT id, platform, platform_user_id, name, handle FROM identity WHERE customer_id = $1 ORDER BY id"};
const Statement x_links{
    "SELECT id, customer_id, into_id, at, why, undone_at FROM customer_link WHERE customer_id = $1 OR into_id = $1 ORDER BY id"};
const Statement x_clues{
    "SELECT c.kind, c.shown, c.message_id FROM identity_clue c JOIN identity i ON i.id = c.identity_id WHERE i.customer_id = $1"};
const Statement x_tickets{"SELECT id, brand, channel, platform, visibility, status, priority, subject, labels, language, created_at, "
                          "updated_at, solved_at, closed_at, opened_why FROM ticket WHERE customer_id = $1 ORDER BY id"};
#define SPORTELLO_HIS_MESSAGES                                                                                                             \
    "(SELECT m.id FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE t.customer_id = $1 UNION "                                      \
    "SELECT m.id FROM message m JOIN identity i ON i.id = m.identity_id WHERE i.customer_id = $1)"
const Statement x_messages{
    "SELECT id, ticket_id, channel, platform, platform_id, kind, visibility, direction, author_name, text, permalink, at, "
    "received_at, edited_at, deleted_at FROM message WHERE id IN " SPORTELLO_HIS_MESSAGES " ORDER BY id"};
const Statement x_revisions{"SELECT message_id, revision, text, seen_at FROM message_revision WHERE message_id IN " SPORTELLO_HIS_MESSAGES
                            " ORDER BY message_id, revision"};
const Statement x_attachments{
    "SELECT id, message_id, type, url, name, state, media_type, bytes, digest FROM attachment WHERE message_id IN " SPORTELLO_HIS_MESSAGES
    " ORDER BY id"};
const Statement x_replies{
    "SELECT r.id, r.ticket_id, r.visibility, r.text, r.state, r.accepted_at, r.published_at, r.platform_id FROM reply r "
    "JOIN ticket t ON t.id = r.ticket_id WHERE t.customer_id = $1 ORDER BY r.id"};
const Statement x_uploads{"SELECT u.id, u.ticket_id, u.reply_id, u.name, u.media_type, u.bytes, u.digest, u.at FROM upload u "
                          "JOIN ticket t ON t.id = u.ticket_id WHERE t.customer_id = $1 ORDER BY u.id"};
const Statement x_notes{
    "SELECT n.id, n.ticket_id, n.text, n.at FROM note n JOIN ticket t ON t.id = n.ticket_id WHERE t.customer_id = $1 ORDER BY n.id"};
const Statement x_handovers{
    "SELECT h.id, h.ticket_id, h.callback_number, h.note, h.reference, h.at, c.slot_at, c.state FROM handover h "
    "JOIN ticket t ON t.id = h.ticket_id LEFT JOIN phone_call c ON c.handover_id = h.id WHERE t.customer_id = $1 ORDER BY h.id"};
const Statement x_ratings{
    "SELECT g.id, g.ticket_id, g.state, g.score, g.asked_at, g.given_at FROM rating g JOIN ticket t ON t.id = g.ticket_id "
    "WHERE t.customer_id = $1 ORDER BY g.id"};
const Statement x_acknowledgements{"SELECT k.id, k.ticket_id, k.text, k.at FROM acknowledgement k JOIN ticket t ON t.id = k.ticket_id "
                                   "WHERE t.customer_id = $1 ORDER BY k.id"};
const Statement x_by_hand{"SELECT b.id, b.ticket_id, b.text, b.permalink, b.since FROM by_hand b JOIN ticket t ON t.id = b.ticket_id "
                          "WHERE t.customer_id = $1 ORDER BY b.id"};
const Statement x_reminders{"SELECT e.id, e.ticket_id, e.text, e.remind_at FROM reminder e JOIN ticket t ON t.id = e.ticket_id "
                            "WHERE t.customer_id = $1 ORDER BY e.id"};
const Statement x_promises{"SELECT p.ticket_id, p.message_id, p.made_at, p.promised_at, p.answered_at FROM promise p JOIN ticket t ON "
                           "t.id = p.ticket_id WHERE t.customer_id = $1 ORDER BY p.message_id"};
const Statement x_events{"SELECT e.seq, e.type, e.at, e.ticket_id, e.data FROM event e JOIN ticket t ON t.id = e.ticket_id "
                         "WHERE t.customer_id = $1 ORDER BY e.seq"};
const Statement x_raw{
    "SELECT r.id, r.channel, r.platform_id, r.reason, r.raw, r.at FROM rejected_item r WHERE EXISTS (SELECT 1 FROM identity i "
    "WHERE i.customer_id = $1 AND length(i.platform_user_id) > 4 AND r.raw LIKE '%' || i.platform_user_id || '%') ORDER BY r.id"};
const Statement x_erasures{"SELECT id, at FROM erasure WHERE customer_id = $1 ORDER BY id"};

std::span<const Section> sections()
{
    static const std::vector<Section> all{
        {"customers", {"#id", "name", "@created_at"}, &x_customer},
        {"contacts", {"phone", "@answered_at"}, &x_contact},
        {"cards", {"contract_reference", "labels", "@updated_at"}, &x_cards},
        {"customer_notes", {"#id", "text", "@at"}, &x_customer_notes},
        {"identities", {"#id", "platform", "platform_user_id", "name", "handle"}, &x_identities},
        {"links", {"#id", "#customer", "#into", "@at", "why", "@undone_at"}, &x_links},
        {"clues", {"kind", "shown", "#message"}, &x_clues},
        {"tickets",
         {"#id", "brand", "channel", "platform", "visibility", "status", "#priority", "subject", "labels", "language", "@created_at",
          "@updated_at", "@solved_at", "@closed_at", "opened_why"},
         &x_tickets},
        {"messages",
         {"#id", "#ticket", "channel", "platform", "platform_id", "kind", "visibility", "direction", "author_name", "text", "permalink",
          "@at", "@received_at", "@edited_at", "@deleted_at"},
         &x_messages},
        {"revisions", {"#message", "#revision", "text", "@seen_at"}, &x_revisions},
        {"attachments", {"#id", "#message", "type", "url", "name", "state", "media_type", "#bytes", "sha256"}, &x_attachments},
        {"replies", {"#id", "#ticket", "visibility", "text", "state", "@accepted_at", "@published_at", "platform_id"}, &x_replies},
        {"uploads", {"#id", "#ticket", "#reply", "name", "media_type", "#bytes", "sha256", "@at"}, &x_uploads},
        {"notes", {"#id", "#ticket", "text", "@at"}, &x_notes},
        {"handovers", {"#id", "#ticket", "callback_number", "note", "reference", "@at", "@slot_at", "call"}, &x_handovers},
        {"ratings", {"#id", "#ticket", "state", "#score", "@asked_at", "@given_at"}, &x_ratings},
        {"acknowledgements", {"#id", "#ticket", "text", "@at"}, &x_acknowledgements},
        {"by_hand", {"#id", "#ticket", "text", "permalink", "@since"}, &x_by_hand},
        {"reminders", {"#id", "#ticket", "text", "@remind_at"}, &x_reminders},
        {"promises", {"#ticket", "#message", "@made_at", "@promised_at", "@answered_at"}, &x_promises},
        {"events", {"#seq", "type", "@at", "#ticket", "data"}, &x_events},
        {"raw", {"#id", "channel", "platform_id", "reason", "raw", "@at"}, &x_raw},
        {"erasures", {"#id", "@at"}, &x_erasures},
    };
    return all;
}

std::vector<ExportedField> fields_of(const Row& row, const std::vector<std::string_view>& columns)
{
    std::vector<ExportedField> fields;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int column = static_cast<int>(i);
        ExportedField field;
        const char kind = columns[i].front();
        field.name = kind == '#' || kind == '@' ? columns[i].substr(1) : columns[i];
        field.is_null = row.null(column);
        field.is_number = kind == '#';
        if (kind == '#') field.text = std::to_string(row.number(column));
        else if (kind == '@') field.text = base::to_rfc3339(row.instant(column));
        else field.text = row.text(column);
        fields.push_back(std::move(field));
    }
    return fields;
}

void erase_ticket(Transaction& tx, TicketId ticket, std::set<std::string>& digests, Instant now)
{
    tx.for_each(
        files_of_ticket, [&](const Row& row) { digests.insert(row.string(0)); }, ticket);
    drop_search_documents_of(tx, ticket);
    for (const Statement* statement : of_ticket) tx.run(*statement, ticket);
    tx.run(ticket_messages, ticket, now);
    tx.run(ticket_itself, ticket, now);
    erase_approval_texts(tx, ticket);
    delete_drafts_about(tx, ticket);
}

} // namespace

std::vector<CustomerId> one_person(Transaction& tx, CustomerId customer)
{
    std::vector<CustomerId> person{customer};
    for (std::size_t next = 0; next < person.size(); ++next) {
        for (const CustomerId other : tx.all(
                 merged_here, [](const Row& row) { return id_at<CustomerId>(row, 0); }, person[next])) {
            if (std::ranges::find(person, other) == person.end()) person.push_back(other);
        }
    }
    return person;
}

std::vector<std::string> brands_of_person(Transaction& tx, const std::vector<CustomerId>& person)
{
    std::set<std::string> brands;
    for (const CustomerId one : person)
        tx.for_each(
            brands_of, [&](const Row& row) { brands.insert(row.string(0)); }, one);
    return {brands.begin(), brands.end()};
}

std::int64_t replies_on_their_way(Transaction& tx, const std::vector<CustomerId>& person)
{
    std::int64_t count = 0;
    for (const CustomerId one : person) count += tx.first(under_way, first_number, one).value_or(0);
    return count;
}

std::vector<const char*> export_sections()
{
    std::vector<const char*> names;
    for (const Section& section : sections()) names.push_back(section.name.data()); // literals
    return names;
}

std::vector<std::pair<std::int64_t, std::string>> events_of_person(Transaction& tx, const std::vector<CustomerId>& person)
{
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (const CustomerId one : person) {
        for (const TicketId ticket : tx.all(
                 tickets_of, [](const Row& row) { return id_at<TicketId>(row, 0); }, one)) {
            tx.for_each(
                events_of_ticket, [&](const Row& row) { found.emplace_back(row.number(0), row.string(1)); }, ticket);
        }
    }
    return found;
}

void rewrite_event(Transaction& tx, std::int64_t seq, std::string_view data)
{
    tx.run(new_data, seq, data);
}

void export_person(Transaction& tx, const std::vector<CustomerId>& person, const ExportRow& each)
{
    for (const Section& section : sections()) {
        for (const CustomerId one : person) {
            tx.for_each(
                *section.sql, [&](const Row& row) { each(section.name, fields_of(row, section.columns)); }, one);
        }
    }
}

ErasedPerson erase_person(Transaction& tx, const std::vector<CustomerId>& person, Instant now)
{
    ErasedPerson erased;
    erased.customer = person.front();
    erased.customer_since = customer_since(tx, erased.customer).value_or(Instant{});
    erased.at = now;
    std::set<std::string> digests;
    for (const CustomerId one : person) {
        for (const TicketId ticket : tx.all(
                 tickets_of, [](const Row& row) { return id_at<TicketId>(row, 0); }, one)) {
            ++erased.tickets;
            erased.messages += tx.first(count_messages, first_number, ticket).value_or(0);
            erased.replies += tx.first(count_replies, first_number, ticket).value_or(0);
            erase_ticket(tx, ticket, digests, now);
        }
        const auto identities = tx.all(
            identity_ids, [](const Row& row) { return std::pair(id_at<domain::IdentityId>(row, 0), row.string(1)); }, one);
        for (const auto& [identity, user] : identities) {
            ++erased.identities;
            tx.for_each(
                files_of_identity, [&](const Row& row) { digests.insert(row.string(0)); }, identity);
            drop_search_documents_of(tx, identity);
            tx.run(identity_revisions, identity);
            tx.run(identity_attachments, identity);
            tx.run(identity_messages, identity, now);
            tx.run(identity_clues, identity);
            tx.run(identity_proposals, identity);
            if (user.size() > 4 && !user.starts_with("erased:")) tx.run(raw_items, user);
            tx.run(identity_itself, identity);
        }
        tx.run(customer_contact, one);
        tx.run(customer_links, one);
        tx.run(customer_cards, one);
        tx.run(customer_notes_all, one);
        tx.run(customer_itself, one);
        erased.id = tx.first(insert_erasure, first_number, one, customer_since(tx, one).value_or(Instant{}), now).value_or(0);
    }
    forget_answers(tx); // nothing in an answer says whose it is
    erased.files = std::ssize(digests);
    for (const std::string& digest : digests) forget_file(tx, digest);
    return erased;
}

bool is_erased(Transaction& tx, CustomerId customer)
{
    return tx.first(erasure_of, first_number, customer).has_value();
}

std::optional<Instant> customer_since(Transaction& tx, CustomerId customer)
{
    return tx.first(
        since_when, [](const Row& row) { return row.instant(0); }, customer);
}

Forgotten forget_old(Transaction& tx, const Forgetting& what)
{
    Forgotten forgotten;
    std::set<std::string> digests;
    const auto add = [&](std::int64_t rows) {
        forgotten.rows += rows;
        forgotten.more = forgotten.more || rows >= what.limit;
    };
    if (what.messages) {
        const auto tickets = tx.all(
            tickets_to_forget, [](const Row& row) { return id_at<TicketId>(row, 0); }, *what.messages, what.limit);
        for (const TicketId ticket : tickets) erase_ticket(tx, ticket, digests, *what.messages);
        add(std::ssize(tickets));
    }
    if (what.raw) add(tx.run(forget_raw, *what.raw, what.limit));
    if (what.events) {
        const auto first = tx.first(first_event_at, [](const Row& row) { return row.instant(0); });
        if (first && *first < *what.events) add(tx.run(forget_events, *what.events, what.limit));
    }
    if (what.attachments) {
        const auto files = tx.all(
            files_to_forget, [](const Row& row) { return std::pair(row.number(0), row.string(1)); }, *what.attachments, what.limit);
        for (const auto& [id, digest] : files) {
            tx.run(forget_attachment, id);
            digests.insert(digest);
        }
        add(std::ssize(files));
    }
    if (what.sessions) {
        add(tx.run(forget_sessions, *what.sessions, what.limit));
        add(tx.run(forget_tokens, *what.sessions, what.limit));
    }
    if (what.deliveries) add(tx.run(forget_deliveries, *what.deliveries, what.limit));
    for (const std::string& digest : digests) forget_file(tx, digest);
    return forgotten;
}

} // namespace sportello::storage
