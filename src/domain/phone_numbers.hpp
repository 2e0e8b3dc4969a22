#pragma once

#include "folded_text.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sportello::domain {

/// Signs [begin, end) of a folded text, and what they say without the signs between.
struct FoldedFind {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string value;
};

/// Digits with nothing between them, and runs of such groups with blanks, dots, dashes, slashes or brackets between.
struct DigitGroup {
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
};
using DigitRun = std::vector<DigitGroup>;
[[nodiscard]] std::vector<DigitRun> digit_runs(const FoldedText& text);
/// At most three signs that people write between digits of one number.
[[nodiscard]] bool joins_digits(const FoldedText& text, std::size_t begin, std::size_t end);

/// The phone numbers of a run; `taken` tells which signs belong to something else already.
void find_phone_numbers(const FoldedText& text, const DigitRun& run, const std::vector<bool>& taken, std::vector<FoldedFind>& found);

/// "393331234567", "00393331234567" and "3331234567" are one number: the national digits of an Italian one, the digits
/// with their country code of any other.
[[nodiscard]] std::string national_number(std::string digits, bool with_country);

} // namespace sportello::domain
