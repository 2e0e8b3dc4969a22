#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace sportello::storage {

/// A value bound to `$n`: NULL, a 64-bit number, or text. Text is borrowed for the duration of the call.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view>;

namespace detail {
template <class T> Value to_value(const T& given)
{
    if constexpr (std::is_same_v<T, std::nullptr_t>) return nullptr;
    else if constexpr (std::is_same_v<T, bool>) return static_cast<std::int64_t>(given);
    else if constexpr (std::is_integral_v<T>) return static_cast<std::int64_t>(given);
    else if constexpr (std::is_same_v<T, base::Instant>) return base::to_micros(given);
    else if constexpr (std::is_convertible_v<const T&, std::string_view>) return std::string_view(given);
    else if constexpr (requires {
                           given.has_value();
                           *given;
                       })
        return given.has_value() ? to_value(*given) : Value(nullptr);
    else if constexpr (requires { given.value; }) return static_cast<std::int64_t>(given.value); // our Id types
    else static_assert(sizeof(T) == 0, "bind a number, text, instant, id, or an optional of these");
}
} // namespace detail

/// One row of an answer, valid until the next row is asked for. Columns are counted from 0.
class Row {
public:
    virtual ~Row() = default;
    [[nodiscard]] virtual bool null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t number(int column) const = 0;   ///< 0 for NULL
    [[nodiscard]] virtual std::string_view text(int column) const = 0; ///< empty for NULL; borrowed

    [[nodiscard]] bool flag(int column) const { return number(column) != 0; }
    [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
    [[nodiscard]] base::Instant instant(int column) const { return base::from_micros(number(column)); }
    [[nodiscard]] std::optional<base::Instant> maybe_instant(int column) const
    {
        return null(column) ? std::nullopt : std::optional(instant(column));
    }
    [[nodiscard]] std::optional<std::int64_t> maybe_number(int column) const
    {
        return null(column) ? std::nullopt : std::optional(number(column));
    }
};

/// What a unit of work runs against. SQL is what SQLite and PostgreSQL both understand: `$1` parameters, ON CONFLICT,
/// RETURNING; statements are kept prepared, so `sql` must be a literal (or otherwise live as long as the program).
/// Failures of the engine throw storage::Failure; a unit lets it pass.
class Transaction {
public:
    virtual ~Transaction() = default;

    /// Runs a statement and calls `on_row` for each row until it answers false. @return rows changed (writes).
    virtual std::int64_t execute(std::string_view sql, std::span<const Value> values, const std::function<bool(const Row&)>& on_row) = 0;

    /// A statement whose rows do not matter. @return rows changed.
    template <class... Args> std::int64_t run(std::string_view sql, const Args&... args)
    {
        const std::vector<Value> values{detail::to_value(args)...};
        return execute(sql, values, nullptr);
    }
    /// `each(const Row&)` for every row.
    template <class Each, class... Args> void for_each(std::string_view sql, Each&& each, const Args&... args)
    {
        const std::vector<Value> values{detail::to_value(args)...};
        execute(sql, values, [&](const Row& row) {
            each(row);
            return true;
        });
    }
    /// `make(const Row&)` of the first row, or nothing.
    template <class Make, class... Args>
    auto first(std::string_view sql, Make&& make, const Args&... args) -> std::optional<std::invoke_result_t<Make, const Row&>>
    {
        std::optional<std::invoke_result_t<Make, const Row&>> found;
        const std::vector<Value> values{detail::to_value(args)...};
        execute(sql, values, [&](const Row& row) {
            found.emplace(make(row));
            return false;
        });
        return found;
    }
    /// `make(const Row&)` of each row.
    template <class Make, class... Args>
    auto all(std::string_view sql, Make&& make, const Args&... args) -> std::vector<std::invoke_result_t<Make, const Row&>>
    {
        std::vector<std::invoke_result_t<Make, const Row&>> rows;
        const std::vector<Value> values{detail::to_value(args)...};
        execute(sql, values, [&](const Row& row) {
            rows.push_back(make(row));
            return true;
        });
        return rows;
    }
};

/// A failure of the engine itself: disk full, corrupt file, I/O error. Ends the unit; becomes Error{unavailable|internal}.
class Failure : public std::runtime_error {
public:
    Failure(base::ErrorKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    [[nodiscard]] base::ErrorKind kind() const noexcept { return kind_; }

private:
    base::ErrorKind kind_;
};

/// What one unit does: returns Result<T>. An error rolls the unit back; a unit may be run again from the start (after the
/// whole group was rolled back), so it touches nothing but `tx` and its own results.
template <class Unit> using UnitResult = std::invoke_result_t<Unit&, Transaction&>;

} // namespace sportello::storage
