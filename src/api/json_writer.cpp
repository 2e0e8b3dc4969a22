#include "json_writer.hpp"

#include <array>
#include <chrono>
#include <cmath>

namespace sportello::api {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// What may not stand in a JSON string as it is.
constexpr auto needs_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = table[0x7f] = true;
    return table;
}();

void append_escaped(std::string& out, char c)
{
    switch (c) {
    case '"':
        out += "\\\"";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        break;
    }
    out += "\\u00";
    out += hex_digits[static_cast<unsigned char>(c) >> 4U];
    out += hex_digits[static_cast<unsigned char>(c) & 0xfU];
}

/// `value` in exactly `width` digits.
void append_digits(std::string& out, std::int64_t value, int width)
{
    std::array<char, 8> digits{};
    for (int place = width - 1; place >= 0; --place) {
        digits[static_cast<std::size_t>(place)] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out.append(digits.data(), static_cast<std::size_t>(width));
}

} // namespace

void append_json_string(std::string& out, std::string_view text)
{
    out += '"';
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!needs_escape[static_cast<unsigned char>(text[at])]) continue;
        out.append(text, from, at - from);
        append_escaped(out, text[at]);
        from = at + 1;
    }
    out.append(text, from);
    out += '"';
}

void append_json_time(std::string& out, base::Instant at)
{
    using namespace std::chrono;
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const auto time = (at - day).count();
    const auto micros = time % 1'000'000;
    const auto seconds_of_day = time / 1'000'000;
    out += '"';
    append_digits(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_digits(out, seconds_of_day / 3600, 2);
    out += ':';
    append_digits(out, seconds_of_day / 60 % 60, 2);
    out += ':';
    append_digits(out, seconds_of_day % 60, 2);
    if (micros != 0) {
        out += '.';
        if (micros % 1000 == 0) append_digits(out, micros / 1000, 3);
        else append_digits(out, micros, 6);
    }
    out += "Z\"";
}

JsonWriter& JsonWriter::value(double number)
{
    if (!std::isfinite(number)) return value(nullptr);
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    return plain(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

} // namespace sportello::api
