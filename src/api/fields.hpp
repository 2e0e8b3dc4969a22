#pragma once

#include "problem.hpp"

#include <sportello/base/time.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::api {

/// Reads the fields of a JSON request body one by one and collects every mistake, so that a person hears of all at once.
/// Every text it gives out is clean UTF-8. After reading, `refusal()` also names the fields that nobody asked for.
class Fields {
public:
    /// Parses `body`: an object, depth at most 64, no key twice. An empty body is an empty object.
    explicit Fields(std::string_view body);
    ~Fields();

    /// Lengths in code points.
    struct Length {
        std::size_t least = 0;
        std::size_t most = 0;
    };
    std::string text(std::string_view name, Length length);
    std::optional<std::string> maybe_text(std::string_view name, Length length);
    bool flag(std::string_view name);
    std::optional<bool> maybe_flag(std::string_view name);
    std::optional<std::int64_t> maybe_number(std::string_view name, std::int64_t least, std::int64_t most);
    /// Seconds, fractions allowed, as microseconds.
    std::optional<base::Duration> maybe_seconds(std::string_view name, base::Duration most);
    /// Outer nothing: not sent. Inner nothing: null.
    std::optional<std::optional<std::int64_t>> nullable_number(std::string_view name);
    std::optional<std::optional<base::Instant>> nullable_time(std::string_view name);
    std::optional<std::vector<std::string>> maybe_texts(std::string_view name, std::size_t most_items, Length length);
    /// An object of texts.
    std::map<std::string, std::string, std::less<>> texts_by_name(std::string_view name, std::size_t most_items, Length length);
    /// An object for each entry of the list `name`; each is read with its own Fields (`each`), whose mistakes are told under
    /// "/name/N". Nothing when the field is not there.
    void objects(std::string_view name, std::size_t most_items, const std::function<void(std::size_t, Fields&)>& each);
    /// The object `name`, read with its own Fields, whose mistakes are told under "/name".
    void object(std::string_view name, const std::function<void(Fields&)>& read);
    /// Numbers from 1 up, at most `most_items`.
    std::optional<std::vector<std::int64_t>> maybe_numbers(std::string_view name, std::size_t most_items);
    /// A word that `parse` knows; `expected` lists the words for the error.
    template <class Parse> auto maybe_word(std::string_view name, Parse parse, std::string_view expected) -> decltype(parse(""))
    {
        const auto word = maybe_text(name, {0, 100});
        if (!word) return std::nullopt;
        auto value = parse(std::string_view(*word));
        if (!value) wrong_value(name, std::string("expected one of ").append(expected));
        return value;
    }
    /// Either a number or a text; nothing for null or none.
    struct NumberOrText {
        std::optional<std::int64_t> number;
        std::string text;
    };
    std::optional<NumberOrText> maybe_number_or_text(std::string_view name);

    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] bool empty() const;
    void missing(std::string_view name);
    void wrong_value(std::string_view name, std::string detail);

    /// What to answer when the body is not acceptable: 400 when its shape is wrong (not JSON, unknown, missing or mistyped
    /// fields), 422 when only values are.
    [[nodiscard]] std::optional<Problem> refusal();

private:
    const nlohmann::json* find(std::string_view name);
    void wrong_shape(std::string_view name, std::string detail);
    void read_inside(const nlohmann::json& value, const std::string& pointer, const std::function<void(Fields&)>& read);

    std::unique_ptr<nlohmann::json> object_;
    std::vector<std::string> known_;
    std::vector<base::FieldError> errors_;
    std::string broken_; ///< why the body is no object at all
    bool wrong_shape_ = false;
};

/// Whether a login holds only what one can be made of: small letters, digits and . _ @ -
[[nodiscard]] bool is_login(std::string_view login);

} // namespace sportello::api
