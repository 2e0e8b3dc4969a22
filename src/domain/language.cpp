#include <sportello/domain/language.hpp>

#include <sportello/base/text.hpp>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

namespace sportello::domain {
namespace {

constexpr std::size_t longest = 4000; // more of it tells nothing new

/// What people say in words: a handle or an address has no language.
std::string letters_of(std::string_view text)
{
    std::string words;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n\t\r"), text.size());
        const auto word = text.substr(0, end);
        const bool counts =
            !word.empty() && word[0] != '@' && word[0] != '#' && word.find("://") == std::string_view::npos && !word.starts_with("www.");
        if (counts) (words += word) += ' ';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

} // namespace

std::string language_of(std::string_view text, std::string_view usual)
{
    const std::string words = base::clean_utf8(letters_of(text.substr(0, longest)));
    if (base::trim(words).empty()) return {};
    const std::string hint(usual);
    const CLD2::CLDHints hints{hint.empty() ? nullptr : hint.c_str(), nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language guesses[3];
    int percents[3];
    double scores[3];
    int bytes = 0;
    bool reliable = false;
    CLD2::ExtDetectLanguageSummary(words.data(), static_cast<int>(words.size()), true, &hints, 0, guesses, percents, scores, nullptr,
                                   &bytes, &reliable);
    if (guesses[0] == CLD2::UNKNOWN_LANGUAGE) return {};
    std::string code = CLD2::LanguageCode(guesses[0]);
    if (code == "iw") code = "he";
    if (code.starts_with("zh")) code = "zh";
    if (code.size() != 2 || code == "un") return {};
    return reliable || code == usual ? code : std::string();
}

} // namespace sportello::domain
