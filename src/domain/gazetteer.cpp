#include "italy.hpp"
#include <sportello/domain/gazetteer.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace sportello::domain {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

/// Below so many inhabitants a name of one word counts only where a place is expected.
constexpr std::int64_t known_to_all = 15'000;

/// Names of larger places that are words, names of persons or of things as well.
constexpr std::array ambiguous{
    "acri",    "adria",    "alba",       "andria",   "angri",   "aquila",   "arco",   "ardea",   "argenta",    "augusta", "bra",
    "bronte",  "campagna", "caravaggio", "carpi",    "cascina", "cento",    "cerea",  "chiari",  "cittadella", "como",    "correggio",
    "crema",   "desio",    "erba",       "este",     "fano",    "favara",   "fermo",  "fondi",   "formia",     "gela",    "gorgonzola",
    "laterza", "latina",   "licata",     "lodi",     "lugo",    "magenta",  "marino", "marsala", "massa",      "meda",    "medicina",
    "mentana", "mira",     "modica",     "monopoli", "nettuno", "noci",     "noto",   "oria",    "paese",      "pagani",  "palmi",
    "paola",   "porcia",   "portici",    "potenza",  "prato",   "quarto",   "rende",  "rho",     "ribera",     "sava",    "signa",
    "sona",    "sora",     "tivoli",     "trani",    "vasto",   "vittoria", "volla"};

constexpr std::array before_a_place{"a",      "ad",     "di",    "da",       "in",     "su",    "citta", "zona", "comune", "provincia",
                                    "presso", "vicino", "paese", "frazione", "centro", "tutta", "nord",  "sud",  "est",    "ovest",
                                    "from",   "at",     "near",  "around",   "al",     "all",   "dell",  "dall", "nell"};

bool is_one_of(std::string_view word, std::span<const char* const> words)
{
    return std::any_of(words.begin(), words.end(), [&](const char* known) { return word == known; });
}

std::vector<std::string> name_words(std::string_view name)
{
    std::vector<std::string> words;
    for (Word& word : words_of(name)) words.push_back(std::move(word.folded));
    return words;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t to = std::min(text.find(separator, from), text.size());
        parts.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return parts;
}

} // namespace

bool lies_in(std::string_view inner, std::string_view outer)
{
    return inner == outer || (outer.find('/') == std::string_view::npos && province_of(inner) == outer);
}

std::string_view province_of(std::string_view key)
{
    return key.substr(0, key.find('/'));
}

Result<Gazetteer> Gazetteer::parse(std::string_view tsv)
{
    Gazetteer made;
    if (const auto added = made.add(tsv); !added) return added.error();
    return made;
}

Result<Gazetteer> Gazetteer::with(std::string_view tsv) const
{
    Gazetteer more = *this;
    if (const auto added = more.add(tsv); !added) return added.error();
    return more;
}

std::shared_ptr<const Gazetteer> Gazetteer::italy()
{
    static const std::shared_ptr<const Gazetteer> made = [] {
        auto parsed = parse(italy_tsv());
        if (!parsed) throw std::logic_error(parsed.error().what());
        return std::make_shared<const Gazetteer>(std::move(*parsed));
    }();
    return made;
}

Result<void> Gazetteer::add(std::string_view tsv)
{
    std::size_t number = 0;
    for (const std::string_view line : split(tsv, '\n')) {
        ++number;
        if (line.empty() || line.front() == '#') continue;
        const auto fields = split(line, '\t');
        const bool province = fields.size() == 3 && fields[1].empty();
        std::int64_t inhabitants = 0;
        if (fields.size() == 3 && !province) {
            const auto [end, wrong] = std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), inhabitants);
            if (wrong != std::errc() || end != fields[2].data() + fields[2].size() || inhabitants < 0) inhabitants = -1;
        }
        if (fields.size() != 3 || fields[0].empty() || fields[0].find('/') != std::string_view::npos || fields[2].empty() ||
            inhabitants < 0) {
            return Error(ErrorKind::invalid_input, "line " + std::to_string(number) + ": expected province TAB name TAB inhabitants");
        }
        const auto names = split(province ? fields[2] : fields[1], '|');
        Place place{.key = std::string(fields[0]),
                    .name = std::string(names.front()),
                    .province = std::string(fields[0]),
                    .inhabitants = inhabitants};
        if (!province) place.key += "/" + place.name;
        if (!by_key_.try_emplace(place.key, places_.size()).second) continue; // known already
        std::string code(fields[0]);
        for (char& c : code) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        codes_.try_emplace(code, place.province);
        places_.push_back(std::move(place));
        for (const std::string_view name : names) {
            add_name(name, places_.size() - 1);
            if (name.starts_with("L'")) add_name(name.substr(2), places_.size() - 1); // "all'Aquila"
        }
    }
    return {};
}

void Gazetteer::add_name(std::string_view name, std::size_t place)
{
    auto words = name_words(name);
    if (words.empty()) return;
    auto& names = (places_[place].is_province() ? provinces_ : names_)[words.front()];
    const auto known = std::find_if(names.begin(), names.end(), [&](const Name& one) { return one.words == words; });
    if (known == names.end()) {
        names.push_back({std::move(words), {place}});
        std::stable_sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.words.size() > b.words.size(); });
        return;
    }
    known->places.push_back(place);
    std::stable_sort(known->places.begin(), known->places.end(),
                     [&](std::size_t a, std::size_t b) { return places_[a].inhabitants > places_[b].inhabitants; });
}

Gazetteer::Hit Gazetteer::longest_at(std::span<const Word> words, std::size_t at, bool province) const
{
    const auto& table = province ? provinces_ : names_;
    const auto found = table.find(words[at].folded);
    if (found == table.end()) return {};
    for (const Name& name : found->second) { // the longest first
        if (at + name.words.size() > words.size()) continue;
        const auto same = [&](std::size_t i) { return name.words[i] == words[at + i].folded; };
        std::size_t i = 1;
        while (i < name.words.size() && same(i)) ++i;
        if (i == name.words.size()) return {name.words.size(), &name};
    }
    return {};
}

bool Gazetteer::counts(const Name& name, std::span<const Word> words, std::size_t at) const
{
    if (name.words.size() > 1) return true;
    const std::string& word = name.words.front();
    const Place& largest = places_[name.places.front()];
    if (largest.inhabitants >= known_to_all && word.size() > 3 && !is_one_of(word, ambiguous)) return true;
    // "Este (PD)"; a code that is a word too ("me", "si", "no") tells nothing in a text without capitals.
    if (at + 1 < words.size() && words[at].capital && words[at + 1].capital) {
        const auto code = codes_.find(words[at + 1].folded);
        const auto of_it = [&](std::size_t place) { return code != codes_.end() && places_[place].province == code->second; };
        if (std::any_of(name.places.begin(), name.places.end(), of_it)) return true;
    }
    return words[at].capital && !words[at].begins_sentence && at > 0 && is_one_of(words[at - 1].folded, before_a_place);
}

const Place* Gazetteer::choose(const Name& name, std::span<const Word> words, std::size_t after) const
{
    if (name.places.size() > 1) {
        for (std::size_t i = after; i < std::min(after + 4, words.size()); ++i) {
            const auto code = codes_.find(words[i].folded);
            if (code == codes_.end() || !words[i].capital) continue;
            for (const std::size_t place : name.places) {
                if (places_[place].province == code->second) return &places_[place];
            }
        }
    }
    return &places_[name.places.front()];
}

std::vector<const Place*> Gazetteer::find(std::span<const Word> words) const
{
    std::vector<const Place*> found;
    const auto take = [&](const Place* place) {
        if (std::find(found.begin(), found.end(), place) == found.end()) found.push_back(place);
    };
    for (std::size_t at = 0; at < words.size(); ++at) {
        const bool after_province =
            (at > 0 && words[at - 1].folded == "provincia") ||
            (at > 1 && words[at - 2].folded == "provincia" && (words[at - 1].folded == "di" || words[at - 1].folded == "de"));
        if (after_province) {
            if (const Hit hit = longest_at(words, at, true); hit.name) {
                take(&places_[hit.name->places.front()]);
                at += hit.length - 1;
                continue;
            }
        }
        const Hit hit = longest_at(words, at, false);
        if (!hit.name || !counts(*hit.name, words, at)) continue;
        take(choose(*hit.name, words, at + hit.length));
        at += hit.length - 1;
    }
    return found;
}

const Place* Gazetteer::by_key(std::string_view key) const
{
    const auto found = by_key_.find(std::string(key));
    return found == by_key_.end() ? nullptr : &places_[found->second];
}

const Place* Gazetteer::meant(std::string_view text) const
{
    if (const Place* place = by_key(text)) return place;
    std::vector<Word> words = words_of(text);
    if (words.empty()) return nullptr;
    const bool province = words.front().folded == "provincia";
    if (province) words.erase(words.begin(), words.begin() + (words.size() > 1 && words[1].folded == "di" ? 2 : 1));
    if (words.empty()) return nullptr;
    const Hit hit = longest_at(words, 0, province);
    if (!hit.name) return nullptr;
    if (hit.length == words.size()) return &places_[hit.name->places.front()];
    return hit.length + 1 == words.size() ? choose(*hit.name, words, hit.length) : nullptr; // "Este (PD)"
}

} // namespace sportello::domain
