#include "checked_codes.hpp"

#include "folded_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sportello::domain {
namespace {

struct Country {
    std::string_view code;
    std::size_t length;
};
// The registry of ISO 13616, sorted.
constexpr std::array countries = std::to_array<Country>({
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22}, {"BI", 27},
    {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28},
    {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
    {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21},
    {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28},
    {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
    {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
});

constexpr std::string_view homocode_letters = "LMNPQRSTUV"; // for 0 to 9
constexpr std::array<std::size_t, 7> tax_code_digits{6, 7, 9, 10, 12, 13, 14};
constexpr std::string_view months = "ABCDEHLMPRST";
// What a sign counts at an odd place (the first is odd), by digit and by letter.
constexpr std::array<int, 10> odd_digit{1, 0, 5, 7, 9, 13, 15, 17, 19, 21};
constexpr std::array<int, 26> odd_letter{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};

int tax_digit(char c)
{
    if (is_folded_digit(c)) return c - '0';
    const auto place = homocode_letters.find(c);
    return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

char tax_check_letter(std::string_view code)
{
    int sum = 0;
    for (std::size_t i = 0; i < 15; ++i) {
        const int ordinal = is_folded_digit(code[i]) ? code[i] - '0' : code[i] - 'A';
        if (i % 2 == 1) sum += ordinal;
        else sum += is_folded_digit(code[i]) ? odd_digit[static_cast<std::size_t>(ordinal)] : odd_letter[static_cast<std::size_t>(ordinal)];
    }
    return static_cast<char>('A' + sum % 26);
}

bool passes_luhn(std::string_view digits)
{
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int digit = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

/// Beginnings and lengths of the issuers' ranges.
bool begins_like_a_card(std::string_view digits)
{
    int four = 0;
    std::from_chars(digits.data(), digits.data() + 4, four);
    const int two = four / 100;
    const int three = four / 10;
    const std::size_t size = digits.size();
    if (four >= 4000 && four <= 4999) return size == 13 || size == 16 || size == 19;    // Visa
    if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return size == 16;  // Mastercard
    if (two == 34 || two == 37) return size == 15;                                      // American Express
    if (four == 6011 || two == 65 || (three >= 644 && three <= 649)) return size >= 16; // Discover
    if (four >= 3528 && four <= 3589) return size >= 16;                                // JCB
    if ((three >= 300 && three <= 305) || three == 309 || two == 36 || two == 38 || two == 39) return size == 14 || size == 16; // Diners
    if (two == 62) return size >= 16;                                                                                           // UnionPay
    return (two == 50 || (two >= 56 && two <= 58) || two == 63 || two == 67) && size >= 13;                                     // Maestro
}

} // namespace

std::size_t iban_length(std::string_view country)
{
    const auto found = std::lower_bound(countries.begin(), countries.end(), country,
                                        [](const Country& c, std::string_view code) { return c.code < code; });
    return found != countries.end() && found->code == country ? found->length : 0;
}

bool is_iban(std::string_view code)
{
    if (code.size() < 15 || code.size() != iban_length(code.substr(0, 2))) return false;
    if (!is_folded_digit(code[2]) || !is_folded_digit(code[3])) return false;
    int rest = 0;
    for (std::size_t i = 0; i < code.size(); ++i) { // the first four count last
        const char c = code[(i + 4) % code.size()];
        if (!is_folded_alnum(c)) return false;
        rest = is_folded_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    }
    return rest == 1;
}

bool is_tax_code(std::string_view code)
{
    if (code.size() != 16 || !is_folded_letter(code[15])) return false;
    if (!std::all_of(code.begin(), code.begin() + 6, is_folded_letter)) return false;
    if (!is_folded_letter(code[11]) || months.find(code[8]) == std::string_view::npos) return false;
    for (const std::size_t place : tax_code_digits) {
        if (tax_digit(code[place]) < 0) return false;
    }
    const int day = tax_digit(code[9]) * 10 + tax_digit(code[10]); // women's are 40 higher
    if (day % 40 < 1 || day % 40 > 31 || day > 71) return false;
    return tax_check_letter(code) == code[15];
}

bool is_card_number(std::string_view digits)
{
    return digits.size() >= 13 && digits.size() <= 19 && begins_like_a_card(digits) && passes_luhn(digits);
}

} // namespace sportello::domain
