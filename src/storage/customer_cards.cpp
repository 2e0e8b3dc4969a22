#include <sportello/storage/customer_cards.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <limits>

namespace sportello::storage {
namespace {

#define SPORTELLO_CARD_COLUMNS                                                                                                             \
    "c.id, c.name, c.created_at, coalesce(k.contract_reference, ''), coalesce(k.labels, ''), coalesce(k.revision, 0)"
#define SPORTELLO_CUSTOMER_NOTE_COLUMNS "n.id, n.customer_id, n.agent_id, a.name, n.text, n.at"

const Statement card_by_id{"SELECT " SPORTELLO_CARD_COLUMNS " FROM customer c LEFT JOIN customer_card k ON k.customer_id = c.id "
                           "WHERE c.id = $1"};
const Statement newest_cards{
    "SELECT " SPORTELLO_CARD_COLUMNS " FROM customer c LEFT JOIN customer_card k ON k.customer_id = c.id "
    "WHERE c.id < $1 AND EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = c.id) ORDER BY c.id DESC LIMIT $2"};
const Statement cards_by_contract{"SELECT " SPORTELLO_CARD_COLUMNS " FROM customer_card k JOIN customer c ON c.id = k.customer_id "
                                  "WHERE k.contract_reference <> '' AND k.contract_reference = $3 AND k.customer_id < $1 "
                                  "AND EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = c.id) ORDER BY k.customer_id DESC LIMIT $2"};
const Statement insert_card{"INSERT INTO customer_card (customer_id, contract_reference, labels, updated_at, revision) "
                            "VALUES ($1, $2, $3, $4, 1) ON CONFLICT (customer_id) DO NOTHING"};
const Statement update_card{"UPDATE customer_card SET contract_reference = $3, labels = $4, updated_at = $5, revision = $2 + 1 "
                            "WHERE customer_id = $1 AND revision = $2"};
const Statement rename_customer{"UPDATE customer SET name = $2 WHERE id = $1"};

const Statement insert_note_row{"INSERT INTO customer_note (customer_id, agent_id, text, at) VALUES ($1, $2, $3, $4) RETURNING id"};
const Statement note_by_id{"SELECT " SPORTELLO_CUSTOMER_NOTE_COLUMNS " FROM customer_note n JOIN agent a ON a.id = n.agent_id "
                           "WHERE n.id = $1"};
const Statement erase_note{"DELETE FROM customer_note WHERE id = $1"};
const Statement notes_of_person{"SELECT " SPORTELLO_CUSTOMER_NOTE_COLUMNS " FROM customer_note n JOIN agent a ON a.id = n.agent_id "
                                "WHERE (n.customer_id = $1 OR n.customer_id IN (SELECT l.customer_id FROM customer_link l "
                                "WHERE l.into_id = $1 AND l.undone_at IS NULL)) AND n.id < $2 ORDER BY n.id DESC LIMIT $3"};

CustomerCard card_at(const Row& row)
{
    return {.customer = id_at<domain::CustomerId>(row, 0),
            .name = row.string(1),
            .created_at = row.instant(2),
            .contract_reference = row.string(3),
            .labels = split(row.text(4), '\n'),
            .revision = small_number_at(row, 5)};
}

CustomerNote note_at(const Row& row)
{
    return {.id = row.number(0),
            .customer = id_at<domain::CustomerId>(row, 1),
            .author = id_at<domain::AgentId>(row, 2),
            .author_name = row.string(3),
            .text = row.string(4),
            .at = row.instant(5)};
}

std::int64_t below(std::int64_t before)
{
    return before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
}

} // namespace

std::optional<CustomerCard> find_card(Transaction& tx, domain::CustomerId customer)
{
    return tx.first(card_by_id, card_at, customer);
}

base::Result<void> save_card(Transaction& tx, CustomerCard& card, base::Instant now)
{
    const auto labels = join(card.labels, '\n');
    const auto rows = card.revision == 0 ? tx.run(insert_card, card.customer, card.contract_reference, labels, now)
                                         : tx.run(update_card, card.customer, card.revision, card.contract_reference, labels, now);
    if (rows == 0) return base::Error(base::ErrorKind::conflict, "it was changed by somebody else since it was read: read it again");
    tx.run(rename_customer, card.customer, card.name);
    ++card.revision;
    return {};
}

std::vector<CustomerCard> cards(Transaction& tx, std::string_view contract_reference, std::int64_t before, std::int64_t limit)
{
    if (contract_reference.empty()) return tx.all(newest_cards, card_at, below(before), limit);
    return tx.all(cards_by_contract, card_at, below(before), limit, contract_reference);
}

std::int64_t insert_customer_note(Transaction& tx, const CustomerNote& note)
{
    const auto id = tx.first(insert_note_row, first_number, note.customer, note.author, note.text, note.at);
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return *id;
}

std::optional<CustomerNote> find_customer_note(Transaction& tx, std::int64_t id)
{
    return tx.first(note_by_id, note_at, id);
}

void delete_customer_note(Transaction& tx, std::int64_t id)
{
    tx.run(erase_note, id);
}

std::vector<CustomerNote> customer_notes(Transaction& tx, domain::CustomerId customer, std::int64_t before, std::int64_t limit)
{
    return tx.all(notes_of_person, note_at, customer, below(before), limit);
}

} // namespace sportello::storage
