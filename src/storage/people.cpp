#include <sportello/storage/people.hpp>

#include <sportello/storage/search.hpp>

#include "rows.hpp"
#include "statement.hpp"

#include <algorithm>

namespace sportello::storage {
namespace {

using domain::IdentityId;

#define SPORTELLO_IDENTITY_COLUMNS "id, platform, platform_user_id, name, handle, customer_id"

const Statement by_user{"SELECT " SPORTELLO_IDENTITY_COLUMNS " FROM identity "
                        "WHERE platform = $1 AND platform_user_id = $2"};
const Statement customer_by_id_row{"SELECT " SPORTELLO_IDENTITY_COLUMNS " FROM identity WHERE id = $1"};
const Statement insert_customer{"INSERT INTO customer (name, created_at) VALUES ($1, $2) RETURNING id"};
const Statement insert_identity{"INSERT INTO identity (platform, platform_user_id, name, handle, customer_id) "
                                "VALUES ($1, $2, $3, $4, $5) RETURNING id"};
const Statement update_names{"UPDATE identity SET name = $2, handle = $3 WHERE id = $1"};
const Statement update_customer_name{"UPDATE customer SET name = $2 WHERE id = $1 AND name = $3"};

const Statement customer_by_id{"SELECT id, name, created_at FROM customer WHERE id = $1"};
const Statement of_customer{"SELECT " SPORTELLO_IDENTITY_COLUMNS " FROM identity WHERE customer_id = $1 ORDER BY id LIMIT 200"};
const Statement any_ticket_of{"SELECT 1 FROM ticket WHERE customer_id = $1 LIMIT 1"};
const Statement ticket_of_brand{"SELECT 1 FROM ticket WHERE customer_id = $1 AND brand = $2 LIMIT 1"};

Identity identity_at(const Row& row)
{
    return {.id = id_at<IdentityId>(row, 0),
            .platform = platform_at(row, 1),
            .platform_user_id = row.string(2),
            .name = row.string(3),
            .handle = row.string(4),
            .customer = id_at<domain::CustomerId>(row, 5)};
}

void index_names(Transaction& tx, IdentityId id, std::string_view name, std::string_view handle)
{
    if (name.empty() && handle.empty()) return;
    const std::string names = std::string(name) + " " + std::string(handle);
    put_search_document(tx, SearchKind::person, id.value, "", domain::search_terms("", names, {}, {to_string(SearchKind::person), "", ""}));
}

void take_over_names(Transaction& tx, const Identity& known, std::string_view name, std::string_view handle)
{
    const std::string_view new_name = name.empty() ? std::string_view(known.name) : name;
    const std::string_view new_handle = handle.empty() ? std::string_view(known.handle) : handle;
    if (new_name == known.name && new_handle == known.handle) return;
    tx.run(update_names, known.id, new_name, new_handle);
    tx.run(update_customer_name, known.customer, new_name, known.name);
    index_names(tx, known.id, new_name, new_handle);
}

} // namespace

IdentityId upsert_identity(Transaction& tx, domain::Platform platform, std::string_view user_id, std::string_view name,
                           std::string_view handle, base::Instant now)
{
    if (const auto known = tx.first(by_user, identity_at, to_string(platform), user_id)) {
        take_over_names(tx, *known, name, handle);
        return known->id;
    }
    const auto customer = inserted<domain::CustomerId>(tx.first(insert_customer, first_number, name, now));
    const auto id = inserted<IdentityId>(tx.first(insert_identity, first_number, to_string(platform), user_id, name, handle, customer));
    index_names(tx, id, name, handle);
    return id;
}

void index_person(Transaction& tx, IdentityId id)
{
    if (const auto identity = find_identity(tx, id)) index_names(tx, id, identity->name, identity->handle);
}

std::optional<Identity> find_identity(Transaction& tx, IdentityId id)
{
    return tx.first(customer_by_id_row, identity_at, id);
}

std::optional<Customer> find_customer(Transaction& tx, domain::CustomerId id)
{
    const auto make = [](const Row& row) { return Customer{id_at<domain::CustomerId>(row, 0), row.string(1), row.instant(2)}; };
    return tx.first(customer_by_id, make, id);
}

std::vector<Identity> identities_of(Transaction& tx, domain::CustomerId id)
{
    return tx.all(of_customer, identity_at, id);
}

bool has_ticket_of_brands(Transaction& tx, domain::CustomerId id, const std::vector<std::string>& brands)
{
    if (brands.empty()) return tx.first(any_ticket_of, first_number, id).has_value();
    return std::ranges::any_of(brands,
                               [&](const std::string& brand) { return tx.first(ticket_of_brand, first_number, id, brand).has_value(); });
}

} // namespace sportello::storage
