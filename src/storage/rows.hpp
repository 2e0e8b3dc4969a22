#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// From rows to values and back, for the repositories.
namespace sportello::storage {

/// The value of a word that we wrote ourselves; another word means a damaged database.
template <class T> T known_word(std::optional<T> parsed, std::string_view word)
{
    if (!parsed) { throw Failure(base::ErrorKind::internal, "the database holds the unknown word \"" + std::string(word) + "\""); }
    return *parsed;
}

template <class Id> Id id_at(const Row& row, int column)
{
    return Id{row.number(column)};
}
template <class Id> std::optional<Id> maybe_id_at(const Row& row, int column)
{
    return row.null(column) ? std::nullopt : std::optional(Id{row.number(column)});
}
inline domain::Platform platform_at(const Row& row, int column)
{
    return known_word(domain::parse_platform(row.text(column)), row.text(column));
}
inline domain::Visibility visibility_at(const Row& row, int column)
{
    return known_word(domain::parse_visibility(row.text(column)), row.text(column));
}
inline domain::Direction direction_at(const Row& row, int column)
{
    return known_word(domain::parse_direction(row.text(column)), row.text(column));
}
inline domain::Delivery delivery_at(const Row& row, int column)
{
    return known_word(domain::parse_delivery(row.text(column)), row.text(column));
}
inline std::int32_t small_number_at(const Row& row, int column)
{
    return static_cast<std::int32_t>(row.number(column));
}

/// Words kept in one column, with `separator` between them.
std::vector<std::string> split(std::string_view joined, char separator);
std::string join(const std::vector<std::string>& parts, char separator);

/// The id that an INSERT … RETURNING answered.
template <class Id> Id inserted(const std::optional<std::int64_t>& id)
{
    if (!id) throw Failure(base::ErrorKind::internal, "an insert answered no id");
    return Id{*id};
}
inline std::int64_t first_number(const Row& row)
{
    return row.number(0);
}

} // namespace sportello::storage
