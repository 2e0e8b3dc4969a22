#pragma once

#include <sportello/base/error.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/storage/labels.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>

/// The labels that the counter knows, each change told in the event log. Called inside the caller's unit of work.
namespace sportello::engine {

struct LabelChange {
    std::optional<std::string> color;
    std::optional<std::string> description;
    std::optional<bool> retired;
};

/// conflict for a name that is there.
base::Result<storage::Label> add_label(storage::Transaction& tx, storage::Label label, const Command& command, base::Instant now);
/// not_found; conflict when `if_revision` is given and another.
base::Result<storage::Label> change_label(storage::Transaction& tx, std::string_view name, const LabelChange& change,
                                          const Command& command, base::Instant now, std::optional<std::int32_t> if_revision);
/// not_found. Tickets keep the word.
base::Result<void> remove_label(storage::Transaction& tx, std::string_view name, const Command& command, base::Instant now);

} // namespace sportello::engine
