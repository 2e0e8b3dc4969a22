#include <sportello/storage/labels.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_LABEL_COLUMNS "name, color, description, retired, updated_at, revision"

const Statement insert_label_row{"INSERT INTO label (" SPORTELLO_LABEL_COLUMNS ") VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (name) DO NOTHING"};
const Statement by_name{"SELECT " SPORTELLO_LABEL_COLUMNS " FROM label WHERE name = $1"};
const Statement update_label{"UPDATE label SET color = $3, description = $4, retired = $5, updated_at = $6, revision = $2 + 1 "
                           "WHERE name = $1 AND revision = $2"};
const Statement erase_one{"DELETE FROM label WHERE name = $1"};
const Statement page_of_labels{"SELECT " SPORTELLO_LABEL_COLUMNS " FROM label WHERE name > $1 ORDER BY name LIMIT $2"};

Label label_at(const Row& row)
{
    return {.name = row.string(0),
            .color = row.string(1),
            .description = row.string(2),
            .retired = row.flag(3),
            .updated_at = row.instant(4),
            .revision = small_number_at(row, 5)};
}

} // namespace

base::Result<void> insert_label(Transaction& tx, const Label& label)
{
    if (tx.run(insert_label_row, label.name, label.color, label.description, label.retired, label.updated_at) > 0) return {};
    return base::Error(base::ErrorKind::conflict, "there is a label of this name already", {{"/name", "is taken"}});
}

std::optional<Label> find_label(Transaction& tx, std::string_view name)
{
    return tx.first(by_name, label_at, name);
}

base::Result<void> save_label(Transaction& tx, Label& label)
{
    if (tx.run(update_label, label.name, label.revision, label.color, label.description, label.retired, label.updated_at) == 0) {
        return base::Error(base::ErrorKind::conflict, "it was changed by somebody else since it was read: read it again");
    }
    ++label.revision;
    return {};
}

void delete_label(Transaction& tx, std::string_view name)
{
    tx.run(erase_one, name);
}

std::vector<Label> labels(Transaction& tx, std::string_view after, std::int64_t limit)
{
    return tx.all(page_of_labels, label_at, after, limit);
}

} // namespace sportello::storage
