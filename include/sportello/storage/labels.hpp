#pragma once

#include <sportello/base/error.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// A label as people know it. Tickets bear labels by name, known here or not.
struct Label {
    std::string name;
    std::string color; ///< "#0a6470"; empty: none
    std::string description;
    bool retired = false; ///< stays on the tickets that have it, is offered for no other
    base::Instant updated_at{};
    std::int32_t revision = 1;
};
/// @return conflict for a name that is there.
base::Result<void> insert_label(Transaction& tx, const Label& label);
std::optional<Label> find_label(Transaction& tx, std::string_view name);
/// Counts the revision up. @return conflict when it is another than the one read.
base::Result<void> save_label(Transaction& tx, Label& label);
/// Tickets keep it.
void delete_label(Transaction& tx, std::string_view name);
/// By name, behind `after`.
std::vector<Label> labels(Transaction& tx, std::string_view after, std::int64_t limit);

} // namespace sportello::storage
