#pragma once

#include <sportello/base/error.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace sportello::domain {

/// A regular expression of RE2, compiled once: linear in the text, bounded in memory, whatever either of them is. Upper
/// and lower case are the same unless the pattern says `(?-i)`. Cheap to copy, safe to share between threads.
class TextPattern {
public:
    static constexpr std::size_t longest = 1000; ///< bytes of a pattern
    /// @return invalid_input in RE2's own words, or for a pattern that is too long.
    [[nodiscard]] static base::Result<TextPattern> compile(std::string_view pattern);

    /// Whether it matches anywhere in the text.
    [[nodiscard]] bool matches(std::string_view text) const;
    [[nodiscard]] const std::string& source() const;

private:
    struct Compiled;
    explicit TextPattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
    std::shared_ptr<const Compiled> compiled_;
};

} // namespace sportello::domain
