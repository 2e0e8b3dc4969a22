#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/gazetteer.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What a message says of an outage: which service, which place, whether it says that something is broken at all, and
/// whether it asks for something else besides.
namespace sportello::domain {

/// The words that tell. Each is a phrase of words without accents; a word that ends with '*' stands for all that begin so,
/// "@" for any word of a service. Between the words of a phrase up to two others may stand ("non mi va").
struct OutageLexicon {
    std::map<std::string, std::vector<std::string>, std::less<>> services; ///< by service; "": a service that is not named closer
    std::vector<std::string> troubles;                                     ///< with a word of a service: something is broken
    std::vector<std::string> outages;                                      ///< by themselves: something is broken
    std::vector<std::string> over;                                         ///< it works again, or never was broken
    std::vector<std::string> other_matters; ///< a question of another kind: an answer to all does not answer it
    std::vector<std::string> about_outages; ///< a further message that such an answer does answer
    /// Italian and English.
    [[nodiscard]] static const OutageLexicon& usual();
};

/// What one message says.
struct OutageReading {
    bool outage = false;               ///< it says that a service is out of order
    std::vector<std::string> services; ///< named ones; empty: not told which
    std::vector<std::string> places;   ///< keys of the gazetteer
    std::string other_matter;          ///< the words that ask for something else; empty: none
    bool about_outages = false;        ///< asks on about an outage
    std::string why;                   ///< in words: "says \"non va\" of internet in Bologna"
};

class OutageReader {
public:
    /// @return invalid_input naming the phrase that is none.
    static base::Result<OutageReader> make(const OutageLexicon& lexicon, std::shared_ptr<const Gazetteer> places);
    /// The usual words and the places of Italy; made once.
    static std::shared_ptr<const OutageReader> usual();

    [[nodiscard]] OutageReading read(std::string_view text) const;
    [[nodiscard]] const Gazetteer& places() const { return *places_; }
    /// The services' names, "" not among them.
    [[nodiscard]] const std::vector<std::string>& services() const { return service_names_; }

private:
    struct Token {
        std::string text;
        bool begins = false;     ///< any word that begins so
        bool of_service = false; ///< "@"
    };
    using Phrase = std::vector<Token>;
    struct Hit {
        bool found = false;
        std::size_t from = 0;
        std::size_t to = 0; ///< behind the last word
    };
    struct Reading;
    static base::Result<std::vector<Phrase>> phrases_of(const std::vector<std::string>& texts);
    static bool fits(const Token& token, const Word& word, bool of_service);
    static Hit match_from(const Phrase& phrase, std::size_t token, std::size_t at, const Reading& reading);
    static Hit first_of(const std::vector<Phrase>& phrases, const Reading& reading);
    static std::string quote(const Hit& hit, const Reading& reading);
    void note_services(Reading& reading, OutageReading& result) const;
    [[nodiscard]] bool is_over(const Reading& reading) const;

    std::shared_ptr<const Gazetteer> places_;
    std::vector<std::pair<std::string, std::vector<Phrase>>> services_;
    std::vector<std::string> service_names_;
    std::vector<Phrase> troubles_;
    std::vector<Phrase> outages_;
    std::vector<Phrase> over_;
    std::vector<Phrase> other_matters_;
    std::vector<Phrase> about_outages_;
};

} // namespace sportello::domain
