#pragma once

#include "problem.hpp"

#include <sportello/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::api {

/// Reads the query parameters of a request and collects every mistake, like Fields; each counts once.
class Query {
public:
    explicit Query(const http::Parameters& parameters) : parameters_(parameters) {}

    std::optional<std::string_view> text(std::string_view name);
    std::optional<std::int64_t> number(std::string_view name, std::int64_t least, std::int64_t most);
    std::optional<bool> flag(std::string_view name);
    std::optional<base::Instant> time(std::string_view name);
    std::optional<base::Duration> duration(std::string_view name);
    template <class Parse> auto word(std::string_view name, Parse parse, std::string_view expected) -> decltype(parse(""))
    {
        const auto given = text(name);
        if (!given) return std::nullopt;
        auto value = parse(*given);
        if (!value) wrong(name, std::string("expected one of ").append(expected));
        return value;
    }
    /// The page size, 25 unless told.
    std::int64_t limit(std::int64_t most = 100, std::int64_t usual = 25);
    void wrong(std::string_view name, std::string detail);

    /// 400 with each wrong, unknown or repeated parameter, or nothing.
    [[nodiscard]] std::optional<Problem> refusal();

private:
    const http::Parameters& parameters_;
    std::vector<std::string> known_;
    std::vector<base::FieldError> errors_;
};

/// A cursor as text: a word that names the order, then numbers ("updated.1772442310000000.17").
[[nodiscard]] std::string write_cursor(std::string_view order, std::initializer_list<std::int64_t> numbers);
/// The numbers of a cursor of that order; nothing when it is not one.
[[nodiscard]] std::optional<std::vector<std::int64_t>> read_cursor(std::string_view text, std::string_view order, std::size_t count);
/// A whole decimal number without sign, blanks or leading plus; nothing otherwise.
[[nodiscard]] std::optional<std::int64_t> read_number(std::string_view text);

} // namespace sportello::api
