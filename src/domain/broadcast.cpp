#include "braces.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/broadcast.hpp>

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sportello::domain {
namespace {

constexpr std::array no_names{"anonimo",  "anonima",   "utente", "cliente", "user",      "admin",   "team",   "staff",
                              "official", "ufficiale", "the",    "il",      "lo",        "la",      "le",     "gli",
                              "un",       "una",       "di",     "de",      "del",       "non",     "dott",   "avv",
                              "ing",      "mr",        "mrs",    "sig",     "signor",    "signora", "studio", "associazione",
                              "comune",   "pizzeria",  "bar",    "hotel",   "ristorante"};
constexpr std::size_t longest_name = 20;

/// Whether {word} is a placeholder, and what for.
std::optional<std::string> value_of(std::string_view word, const BroadcastFacts& facts)
{
    if (word == "name") return facts.name;
    if (word == "reference") return "#" + std::to_string(facts.ticket.value);
    if (word == "brand") return facts.brand;
    if (word == "service") return facts.service;
    if (word == "place") return facts.place;
    return std::nullopt;
}

} // namespace

const std::string& BroadcastTexts::of(std::string_view brand, Platform platform) const
{
    const std::string both = std::string(brand) + "/" + std::string(to_string(platform));
    for (const std::string_view key : {std::string_view(both), brand, to_string(platform)}) {
        if (const auto found = variants.find(key); found != variants.end()) return found->second;
    }
    return text;
}

base::Result<void> check_broadcast(std::string_view text)
{
    std::string unknown;
    walk_braces(
        text, [](std::string_view) {},
        [&](std::string_view word) {
            if (!value_of(word, {})) unknown = word;
        });
    if (unknown.empty()) return {};
    return base::Error(base::ErrorKind::invalid_input,
                       "there is no placeholder {" + unknown + "}: {name}, {reference}, {brand}, {service} and {place} are known");
}

std::string compose_broadcast(std::string_view text, const BroadcastFacts& facts)
{
    std::string composed;
    bool named = false;
    bool referred = false;
    walk_braces(
        text, [&](std::string_view plain) { composed += plain; },
        [&](std::string_view word) {
            named = named || word == "name";
            referred = referred || word == "reference";
            const std::string value = value_of(word, facts).value_or(std::string());
            if (value.empty() && composed.ends_with(' ')) composed.pop_back(); // "Ciao ," would look odd
            composed += value;
        });
    const bool italian = facts.language == "it";
    if (!named) {
        std::string greeting = italian ? "Buongiorno, " : "Hello, ";
        if (!facts.name.empty()) greeting = (italian ? "Ciao " : "Hi ") + facts.name + ", ";
        composed.insert(0, greeting);
    }
    if (!referred && facts.platform == Platform::twitter && facts.visibility == Visibility::public_) {
        composed += (italian ? " (rif. #" : " (ref. #") + std::to_string(facts.ticket.value) + ")";
    }
    return composed;
}

std::string first_name(std::string_view display_name)
{
    std::string_view text = base::trim(display_name);
    text = text.substr(0, text.find_first_of(" \t\n,.|/_"));
    if (text.empty()) return {};
    icu::UnicodeString name = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    std::size_t letters = 0;
    for (int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1)) {
        const UChar32 c = name.char32At(i);
        const bool between = i > 0 && (c == '\'' || c == 0x2019 || c == '-');
        if (!u_isalpha(c) && !between) return {};
        letters += u_isalpha(c) != 0;
    }
    const std::string folded = base::fold(text);
    if (letters < 2 || letters > longest_name || folded.find_first_of("aeiouy") == std::string::npos) return {};
    if (std::any_of(no_names.begin(), no_names.end(), [&](const char* word) { return folded == word; })) return {};
    icu::UnicodeString rest(name, name.moveIndex32(0, 1));
    icu::UnicodeString first(name, 0, name.moveIndex32(0, 1));
    const icu::UnicodeString shout = icu::UnicodeString(name).toUpper();
    if (shout == name) rest.toLower(); // "MARA", but not "McKay"
    std::string spoken;
    (first.toUpper() + rest).toUTF8String(spoken);
    return spoken;
}

} // namespace sportello::domain
