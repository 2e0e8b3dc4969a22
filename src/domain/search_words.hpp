#pragma once

#include <string>
#include <string_view>

// Terms that are no words begin with '_' and a digit; stems begin with '_' and a letter, and no word begins with '_'.
namespace sportello::domain {

inline constexpr char kind_mark = '1';
inline constexpr char brand_mark = '2';
inline constexpr char channel_mark = '3';
inline constexpr char secret_mark = '4';
inline constexpr char names_begin = '5';

/// '_', the kind, and the value in lower case with '-' for every sign.
[[nodiscard]] std::string search_mark(char kind, std::string_view value);

} // namespace sportello::domain
