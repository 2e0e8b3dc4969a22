#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// All that is kept of one person: to be handed out, or to be forgotten.
namespace sportello::storage {

/// The customer and everybody who was merged into them; the target of a merge first.
std::vector<domain::CustomerId> one_person(Transaction& tx, domain::CustomerId customer);
/// The brands of the person's tickets.
std::vector<std::string> brands_of_person(Transaction& tx, const std::vector<domain::CustomerId>& person);
/// Replies to the person that are neither out nor given up.
std::int64_t replies_on_their_way(Transaction& tx, const std::vector<domain::CustomerId>& person);

/// One row of one table, told to `each(section, row)`: the section's name in the export, and the row as pairs of name and
/// value. Values: text, or a number as text with `is_number`.
struct ExportedField {
    std::string_view name;
    std::string text;
    bool is_number = false;
    bool is_null = false;
};
using ExportRow = std::function<void(std::string_view section, const std::vector<ExportedField>& row)>;
/// The names of all sections.
std::vector<const char*> export_sections();
void export_person(Transaction& tx, const std::vector<domain::CustomerId>& person, const ExportRow& each);

/// Number and data of the events of the person's tickets.
std::vector<std::pair<std::int64_t, std::string>> events_of_person(Transaction& tx, const std::vector<domain::CustomerId>& person);
/// Only to take personal data out of an event.
void rewrite_event(Transaction& tx, std::int64_t seq, std::string_view data);

/// What an erasure found.
struct ErasedPerson {
    std::int64_t id = 0; ///< of the erasure
    domain::CustomerId customer;
    base::Instant customer_since{}; ///< with `customer` tells the person apart, also in a restored database
    base::Instant at{};
    std::int64_t identities = 0;
    std::int64_t tickets = 0;
    std::int64_t messages = 0;
    std::int64_t replies = 0;
    std::int64_t files = 0;
};
/// Takes every text and name out of every table. Whoever adds a table with words of or about a customer adds its statement
/// to the list in privacy.cpp. Idempotent.
ErasedPerson erase_person(Transaction& tx, const std::vector<domain::CustomerId>& person, base::Instant now);
/// Whether the person was erased already.
bool is_erased(Transaction& tx, domain::CustomerId customer);
/// When the customer was first seen; nothing: there is none.
std::optional<base::Instant> customer_since(Transaction& tx, domain::CustomerId customer);

/// What is older than these is forgotten, at most `limit` rows of each; nothing: it is kept.
struct Forgetting {
    std::optional<base::Instant> messages;
    std::optional<base::Instant> raw;
    std::optional<base::Instant> events;
    std::optional<base::Instant> attachments;
    std::optional<base::Instant> sessions;
    std::optional<base::Instant> deliveries;
    std::int64_t limit = 200;
};
struct Forgotten {
    std::int64_t rows = 0; ///< of all tables; as many as `limit` of one: there is more
    bool more = false;
};
Forgotten forget_old(Transaction& tx, const Forgetting& what);

} // namespace sportello::storage
