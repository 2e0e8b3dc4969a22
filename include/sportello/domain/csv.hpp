#pragma once

#include <sportello/base/error.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// Reads comma-separated values (RFC 4180): quotes around what holds separators, line breaks or quotes, which are doubled;
/// CRLF or LF; a byte order mark in front is skipped; when the first line has semicolons and no comma, they separate (as
/// spreadsheets in Italy write it). Empty lines are left out. What csv_line guarded is given back bare.
/// @return the cells of each line; invalid_input with the line's number for a quote that does not end, text behind a
/// closing quote, or more than `most_lines` lines.
[[nodiscard]] base::Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text, std::size_t most_lines = 10'000);

/// One line with its CRLF. A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage
/// return, also in full width) gets an apostrophe in front; a negative number does not.
[[nodiscard]] std::string csv_line(std::span<const std::string> cells);

} // namespace sportello::domain
