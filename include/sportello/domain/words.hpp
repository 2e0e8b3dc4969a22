#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sportello::domain {

/// A word of a message, for rules that look for words.
struct Word {
    std::string folded;           ///< lower case, without accents
    bool capital = false;         ///< begins with a capital that means something: not in a text that is all capitals
    bool begins_sentence = false; ///< then a capital means nothing
};

/// The words of a text in their order: runs of letters and digits, apostrophes part them ("c'è" is two). Addresses of the
/// web and names of accounts are left out, the '#' of a tag is dropped. At most the first 400.
[[nodiscard]] std::vector<Word> words_of(std::string_view text);

} // namespace sportello::domain
