#include <sportello/engine/labels.hpp>

#include "facts.hpp"

#include <nlohmann/json.hpp>

namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using storage::Label;
using storage::Transaction;

Error no_label(std::string_view name)
{
    return Error(ErrorKind::not_found, "there is no label \"" + std::string(name) + "\"");
}

void tell_of(Transaction& tx, std::string_view type, std::string_view name, const Command& command, base::Instant now)
{
    tell(tx, type, now, std::nullopt, &command, {{"label", name}});
}

} // namespace

Result<Label> add_label(Transaction& tx, Label label, const Command& command, base::Instant now)
{
    label.updated_at = now;
    if (const auto inserted = storage::insert_label(tx, label); !inserted) return inserted.error();
    tell_of(tx, "label.added", label.name, command, now);
    return label;
}

Result<Label> change_label(Transaction& tx, std::string_view name, const LabelChange& change, const Command& command, base::Instant now,
                           std::optional<std::int32_t> if_revision)
{
    auto label = storage::find_label(tx, name);
    if (!label) return no_label(name);
    if (if_revision && *if_revision != label->revision) return Error(ErrorKind::conflict, "the label has changed since you read it");
    if (change.color) label->color = *change.color;
    if (change.description) label->description = *change.description;
    if (change.retired) label->retired = *change.retired;
    label->updated_at = now;
    if (const auto saved = storage::save_label(tx, *label); !saved) return saved.error();
    tell_of(tx, "label.changed", name, command, now);
    return std::move(*label);
}

Result<void> remove_label(Transaction& tx, std::string_view name, const Command& command, base::Instant now)
{
    if (!storage::find_label(tx, name)) return no_label(name);
    storage::delete_label(tx, name);
    tell_of(tx, "label.removed", name, command, now);
    return {};
}

} // namespace sportello::engine
