#pragma once

#include <sportello/base/time.hpp>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sportello::api {

/// Appends `text` as a JSON string. Expects valid UTF-8.
void append_json_string(std::string& out, std::string_view text);
/// Appends the instant as base::to_rfc3339 writes it, in quotes, without allocating.
void append_json_time(std::string& out, base::Instant at);

/// Writes JSON straight into a string: the list of tickets would spend four fifths of its time in a tree of values.
/// Keys are ours and never need escaping. Commas are looked after; nesting is the caller's duty.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& open_object() { return open('{'); }
    JsonWriter& close_object() { return close('}'); }
    JsonWriter& open_array() { return open('['); }
    JsonWriter& close_array() { return close(']'); }

    JsonWriter& key(std::string_view name)
    {
        separate();
        out_ += '"';
        out_ += name;
        out_ += "\":";
        comma_ = false;
        return *this;
    }

    JsonWriter& value(std::nullptr_t) { return plain("null"); }
    JsonWriter& value(bool flag) { return plain(flag ? "true" : "false"); }
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(std::string_view text)
    {
        separate();
        append_json_string(out_, text);
        return *this;
    }
    JsonWriter& value(base::Instant at)
    {
        separate();
        append_json_time(out_, at);
        return *this;
    }
    JsonWriter& value(double number);
    template <std::integral T>
    requires(!std::same_as<T, bool>) JsonWriter& value(T number)
    {
        char digits[24];
        const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
        return plain(std::string_view(digits, static_cast<std::size_t>(end - digits)));
    }
    template <class T> JsonWriter& value(const std::optional<T>& maybe) { return maybe ? value(*maybe) : value(nullptr); }
    /// JSON that is already written.
    JsonWriter& raw(std::string_view json) { return plain(json); }

    template <class T> JsonWriter& member(std::string_view name, const T& given) { return key(name).value(given); }
    JsonWriter& member(std::string_view name, const char* given) { return key(name).value(std::string_view(given)); }
    /// An array of texts.
    JsonWriter& texts(std::string_view name, std::span<const std::string> texts)
    {
        key(name).open_array();
        for (const auto& text : texts) value(text);
        return close_array();
    }
    /// The text, or null when it is empty.
    JsonWriter& text_or_null(std::string_view name, std::string_view text)
    {
        return text.empty() ? member(name, nullptr) : member(name, text);
    }

private:
    void separate()
    {
        if (comma_) out_ += ',';
        comma_ = true;
    }
    JsonWriter& plain(std::string_view token)
    {
        separate();
        out_ += token;
        return *this;
    }
    JsonWriter& open(char bracket)
    {
        separate();
        out_ += bracket;
        comma_ = false;
        return *this;
    }
    JsonWriter& close(char bracket)
    {
        out_ += bracket;
        comma_ = true;
        return *this;
    }

    std::string& out_;
    bool comma_ = false;
};

} // namespace sportello::api
