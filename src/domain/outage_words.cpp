#include <sportello/base/text.hpp>
#include <sportello/domain/outage_words.hpp>

#include <algorithm>
#include <stdexcept>

namespace sportello::domain {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

/// So many other words may stand between two of a phrase.
constexpr std::size_t gap = 2;

} // namespace

struct OutageReader::Reading {
    std::vector<Word> words;
    std::vector<bool> of_service; ///< for each word
};

Result<std::vector<OutageReader::Phrase>> OutageReader::phrases_of(const std::vector<std::string>& texts)
{
    std::vector<Phrase> phrases;
    for (const std::string& text : texts) {
        Phrase phrase;
        for (std::size_t from = 0; from < text.size();) {
            const std::size_t to = std::min(text.find(' ', from), text.size());
            std::string word = base::fold(text.substr(from, to - from));
            from = to + 1;
            if (word.empty()) continue;
            Token token;
            token.of_service = word == "@";
            token.begins = word.ends_with('*');
            if (token.begins) word.pop_back();
            token.text = std::move(word);
            phrase.push_back(std::move(token));
        }
        const bool sound = !phrase.empty() && std::all_of(phrase.begin(), phrase.end(), [](const Token& token) {
            return token.of_service ||
                   (!token.text.empty() && words_of(token.text).size() == 1 && words_of(token.text).front().folded == token.text);
        });
        if (!sound || phrase.size() > 6) {
            return Error(ErrorKind::invalid_input,
                         "\"" + text + "\": expected one to six words, each letters and digits, the last sign of a word may be '*'");
        }
        phrases.push_back(std::move(phrase));
    }
    return phrases;
}

Result<OutageReader> OutageReader::make(const OutageLexicon& lexicon, std::shared_ptr<const Gazetteer> places)
{
    OutageReader made;
    made.places_ = std::move(places);
    for (const auto& [service, texts] : lexicon.services) {
        auto phrases = phrases_of(texts);
        if (!phrases) return phrases.error();
        if (!service.empty()) made.service_names_.push_back(service);
        made.services_.emplace_back(service, std::move(*phrases));
    }
    const std::pair<const std::vector<std::string>*, std::vector<Phrase>*> lists[] = {{&lexicon.troubles, &made.troubles_},
                                                                                      {&lexicon.outages, &made.outages_},
                                                                                      {&lexicon.over, &made.over_},
                                                                                      {&lexicon.other_matters, &made.other_matters_},
                                                                                      {&lexicon.about_outages, &made.about_outages_}};
    for (const auto& [texts, target] : lists) {
        auto phrases = phrases_of(*texts);
        if (!phrases) return phrases.error();
        *target = std::move(*phrases);
    }
    return made;
}

std::shared_ptr<const OutageReader> OutageReader::usual()
{
    static const std::shared_ptr<const OutageReader> made = [] {
        auto reader = make(OutageLexicon::usual(), Gazetteer::italy());
        if (!reader) throw std::logic_error(reader.error().what());
        return std::make_shared<const OutageReader>(std::move(*reader));
    }();
    return made;
}

bool OutageReader::fits(const Token& token, const Word& word, bool of_service)
{
    if (token.of_service) return of_service;
    return token.begins ? word.folded.starts_with(token.text) : word.folded == token.text;
}

OutageReader::Hit OutageReader::match_from(const Phrase& phrase, std::size_t token, std::size_t at, const Reading& reading)
{
    if (token == phrase.size()) return {true, at, at};
    const std::size_t end = std::min(reading.words.size(), at + (token == 0 ? 1 : gap + 1));
    for (std::size_t i = at; i < end; ++i) {
        if (token > 0 && reading.words[i].begins_sentence) break; // another sentence says something else
        if (!fits(phrase[token], reading.words[i], reading.of_service[i])) continue;
        if (Hit rest = match_from(phrase, token + 1, i + 1, reading); rest.found) return {true, i, rest.to};
    }
    return {};
}

OutageReader::Hit OutageReader::first_of(const std::vector<Phrase>& phrases, const Reading& reading)
{
    for (std::size_t at = 0; at < reading.words.size(); ++at) {
        for (const Phrase& phrase : phrases) {
            if (!fits(phrase.front(), reading.words[at], reading.of_service[at])) continue;
            if (const Hit hit = match_from(phrase, 0, at, reading); hit.found) return hit;
        }
    }
    return {};
}

std::string OutageReader::quote(const Hit& hit, const Reading& reading)
{
    std::string text;
    for (std::size_t i = hit.from; i < hit.to; ++i) text += (text.empty() ? "" : " ") + reading.words[i].folded;
    return text;
}

void OutageReader::note_services(Reading& reading, OutageReading& result) const
{
    for (const auto& [service, phrases] : services_) {
        bool named = false;
        for (std::size_t at = 0; at < reading.words.size(); ++at) {
            for (const Phrase& phrase : phrases) {
                if (!fits(phrase.front(), reading.words[at], false)) continue;
                // The words of a service stand together.
                std::size_t i = 1;
                while (i < phrase.size() && at + i < reading.words.size() && fits(phrase[i], reading.words[at + i], false)) ++i;
                if (i < phrase.size()) continue;
                for (std::size_t k = 0; k < phrase.size(); ++k) reading.of_service[at + k] = true;
                named = true;
            }
        }
        if (named && !service.empty()) result.services.push_back(service);
    }
}

bool OutageReader::is_over(const Reading& reading) const
{
    const Hit hit = first_of(over_, reading);
    if (!hit.found) return false;
    // "non avete risolto", "quando è tornata": it is not.
    for (std::size_t i = hit.from >= 3 ? hit.from - 3 : 0; i < hit.from; ++i) {
        const std::string& word = reading.words[i].folded;
        if (word == "non" || word == "not" || word == "mai" || word == "quando" || word == "when" || word == "isn") return false;
    }
    return true;
}

OutageReading OutageReader::read(std::string_view text) const
{
    Reading reading;
    reading.words = words_of(text);
    reading.of_service.assign(reading.words.size(), false);
    OutageReading result;
    note_services(reading, result);
    const bool any_service = std::find(reading.of_service.begin(), reading.of_service.end(), true) != reading.of_service.end();
    Hit trouble = first_of(outages_, reading);
    if (!trouble.found && any_service) trouble = first_of(troubles_, reading);
    result.outage = trouble.found && !is_over(reading);
    if (const Hit other = first_of(other_matters_, reading); other.found) result.other_matter = quote(other, reading);
    result.about_outages = result.outage || first_of(about_outages_, reading).found;
    std::string where;
    for (const Place* place : places_->find(reading.words)) {
        result.places.push_back(place->key);
        where += (where.empty() ? " in " : ", ") + place->name;
    }
    if (result.outage) {
        std::string what;
        for (const std::string& service : result.services) what += (what.empty() ? " of " : ", ") + service;
        result.why = "says \"" + quote(trouble, reading) + "\"" + what + where;
    }
    return result;
}

} // namespace sportello::domain
