#pragma once

#include <cstddef>
#include <string_view>

// Codes that carry their own proof. All expect upper-case letters and digits without anything between.
namespace sportello::domain {

/// Number of signs of that country's IBANs; 0 when it has none.
[[nodiscard]] std::size_t iban_length(std::string_view country);
/// ISO 13616: the length of its country, and 1 modulo 97.
[[nodiscard]] bool is_iban(std::string_view code);
/// An Italian codice fiscale of a person: 16 signs, a day and month that exist, the right check letter; digits may be
/// replaced by letters as for homocodes.
[[nodiscard]] bool is_tax_code(std::string_view code);
/// Luhn, with a length and beginning that card issuers use.
[[nodiscard]] bool is_card_number(std::string_view digits);

} // namespace sportello::domain
