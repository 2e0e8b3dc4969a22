#pragma once

#include <sportello/base/error.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

enum class PersonalDataKind { phone, email, iban, tax_code, card, contract };
/// "phone", "email", "iban", "tax_code", "card", "contract".
[[nodiscard]] std::string_view to_string(PersonalDataKind value);
/// For people: "a phone number", "an IBAN", …
[[nodiscard]] std::string_view in_words(PersonalDataKind value);

/// One find: which bytes of the text, and what they say without the blanks and signs between.
struct PersonalData {
    PersonalDataKind kind = PersonalDataKind::phone;
    std::size_t begin = 0; ///< first byte in the text
    std::size_t end = 0;   ///< behind its last byte
    /// Two ways to write the same thing have the same value: a phone number as national digits ("3331234567"; other
    /// countries with their code), an address in lower case, everything else as upper-case letters and digits.
    std::string value;
    friend bool operator==(const PersonalData&, const PersonalData&) = default;
};

struct PersonalDataSettings {
    /// The company's own numbers, addresses ("info@tim.it", or "@tim.it" for all of a domain) and IBANs, written as people do.
    std::vector<std::string> allow;
    /// What contract numbers look like, as RE2; with a group, the group is the number.
    std::vector<std::string> contract_patterns;
};

/// Finds what identifies a person in a text: phone numbers (Italian ones, and those of other countries in the forms in
/// which they are written there), e-mail addresses, IBANs (modulo 97), Italian tax codes (check letter, also with the
/// letters of homocodes), card numbers (Luhn) and contract numbers by pattern; also with blanks, dots and dashes between,
/// invisible signs, and the digits of other scripts. Dates, times, prices, addresses of computers and numbers that the
/// text calls an order or ticket are none. One pass; a text without digits and '@' costs a glance. Immutable and cheap to copy.
class PersonalDataFinder {
public:
    PersonalDataFinder();
    /// @return invalid_input with the pattern's number in a pointer "/contract_patterns/0" and RE2's own words.
    [[nodiscard]] static base::Result<PersonalDataFinder> make(const PersonalDataSettings& settings);

    /// In the order of the text, without overlaps. Any bytes will do; what is not UTF-8 is no personal data.
    [[nodiscard]] std::vector<PersonalData> find(std::string_view text) const;
    /// The text with each find replaced by mask_sign.
    [[nodiscard]] std::string masked(std::string_view text) const;

private:
    struct Rules;
    explicit PersonalDataFinder(std::shared_ptr<const Rules> rules);
    std::shared_ptr<const Rules> rules_;
};

/// What stands where personal data stood: tells neither its length nor its last digits.
inline constexpr std::string_view mask_sign = "•••••";
/// @param found  of this text, in its order
[[nodiscard]] std::string mask(std::string_view text, std::span<const PersonalData> found);

/// Whether the text says the same, however it is written.
[[nodiscard]] bool repeats(std::string_view text, const PersonalData& known);

} // namespace sportello::domain
