#pragma once

#include <string>
#include <string_view>

/// Texts for customers with places like "{opening}": one way to read them, wherever they are filled.
namespace sportello::domain {

/// Calls `plain(text)` and `place(word)` for what stands in the text, in its order. Braces around anything but a word of
/// small letters are plain.
template <class Plain, class Place> void walk_braces(std::string_view text, Plain plain, Place place)
{
    const auto is_word = [](std::string_view word) {
        return !word.empty() && word.size() <= 20 && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
    };
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) return plain(text);
        const std::string_view word = text.substr(open + 1, close - open - 1);
        if (!is_word(word)) {
            plain(text.substr(0, open + 1));
            text.remove_prefix(open + 1);
            continue;
        }
        plain(text.substr(0, open));
        place(word);
        text.remove_prefix(close + 1);
    }
}

/// Puts values in once: what is put in is never looked at again. A place of no known name stays as it stands.
/// @param value_of  an optional text for a word
template <class ValueOf> std::string fill_braces(std::string_view text, ValueOf value_of)
{
    std::string filled;
    walk_braces(
        text, [&](std::string_view plain) { filled += plain; },
        [&](std::string_view word) {
            if (const auto value = value_of(word)) filled += *value;
            else filled.append("{").append(word).append("}");
        });
    return filled;
}

} // namespace sportello::domain
