#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// What two identities may have in common, so that a person can be asked whether they are one customer.
struct Clue {
    enum class Kind { phone, contract };
    Kind kind = Kind::phone;
    std::string value; ///< normalized: "3331234567", "0612345678", "A123456"
    friend bool operator==(const Clue&, const Clue&) = default;
};
[[nodiscard]] std::string_view to_string(Clue::Kind value); ///< "phone", "contract"

/// The Italian phone numbers and the contract or customer numbers in a text, each once, at most ten. Phone numbers without
/// country code, blanks and punctuation: mobile ones have 9 or 10 digits and begin with 3, others 6 to 11 and begin with
/// 0. A contract number is what follows the word for it: 5 to 16 letters and digits with at least five digits.
[[nodiscard]] std::vector<Clue> clues_in(std::string_view text);

/// "…4567": enough for a person to know the number again.
[[nodiscard]] std::string shown_clue(std::string_view value);

} // namespace sportello::domain
