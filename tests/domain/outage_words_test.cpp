#include <sportello/domain/outage_words.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace sportello::domain {
namespace {

using Texts = std::vector<std::string>;

OutageReading read(std::string_view text)
{
    return OutageReader::usual()->read(text);
}

struct Says {
    const char* text;
    bool outage;
    Texts services;
    Texts places;
    friend void PrintTo(const Says& says, std::ostream* out) { *out << says.text; }
};

class OutageWords : public testing::TestWithParam<Says> {};

TEST_P(OutageWords, AreFoundAndOrdinaryWordsAreNot)
{
    const Says& says = GetParam();
    const OutageReading reading = read(says.text);
    EXPECT_EQ(reading.outage, says.outage) << reading.why;
    EXPECT_EQ(reading.services, says.services);
    EXPECT_EQ(reading.places, says.places);
}

INSTANTIATE_TEST_SUITE_P(
    Italian, OutageWords,
    testing::Values(
        Says{"Internet non funziona a Bologna", true, {"internet"}, {"BO/Bologna"}},
        Says{"@TIM_Sportello La fibra non mi va più da ieri, sono di Sesto San Giovanni", true, {"internet"}, {"MI/Sesto San Giovanni"}},
        Says{"LINEA GIU' DA STAMATTINA A NAPOLI", true, {}, {"NA/Napoli"}}, Says{"la linea è giù", true, {}, {}},
        Says{"Non c’è linea a L’Aquila", true, {}, {"AQ/L'Aquila"}},
        Says{"telefono isolato in provincia di Reggio nell'Emilia", true, {"phone"}, {"RE"}},
        Says{"Il cellulare non prende, zero segnale a Este (PD)", true, {"mobile"}, {"PD/Este"}},
        Says{"nessun segnale 4G a Potenza", true, {"mobile"}, {"PZ/Potenza"}}, Says{"#timdown #Forlì", true, {}, {"FC/Forlì"}},
        Says{"wi-fi ok ma non si naviga", true, {"internet"}, {}}, Says{"La fibra funziona bene, grazie", false, {"internet"}, {}},
        Says{"Risolto! la linea è tornata", false, {}, {}}, Says{"la linea non è ancora stata ripristinata, siamo isolati", true, {}, {}},
        Says{"non ho problemi con la fibra", false, {"internet"}, {}}, Says{"Il servizio è una vergogna", false, {}, {}},
        Says{"Quando arriva la bolletta?", false, {}, {}}));

INSTANTIATE_TEST_SUITE_P(English, OutageWords,
                         testing::Values(Says{"No internet in Milano, is there an outage?", true, {"internet"}, {"MI/Milano"}},
                                         Says{"my phone isn't working", true, {"phone"}, {}},
                                         Says{"It works again, thanks", false, {}, {}}));

INSTANTIATE_TEST_SUITE_P(NamesThatAreWords, OutageWords,
                         testing::Values(Says{"la potenza del segnale è assente", true, {"mobile"}, {}},
                                         Says{"ora la linea è assente, alba senza internet", true, {"internet"}, {}},
                                         Says{"Re della rete: non funziona", true, {}, {}}, Says{"Noto che la linea non va", true, {}, {}},
                                         Says{"la rete non va a Re", true, {}, {"VB/Re"}}, Says{"la rete non va in vita mia", true, {}, {}},
                                         Says{"SENZA LINEA A RE", true, {}, {}}));

TEST(OutageWords, AskingForSomethingElseIsHeard)
{
    EXPECT_EQ(read("La fibra è giù e voglio il rimborso").other_matter, "rimborso");
    EXPECT_EQ(read("Internet non va").other_matter, "");
    EXPECT_TRUE(read("quando torna?").about_outages);
    EXPECT_FALSE(read("E il mio numero di cliente?").about_outages);
}

TEST(OutageWords, ReadAnythingWithoutHarm)
{
    const Texts odd{"",
                    "@",
                    "@@@ http://",
                    "\xF0\x9F\x98\xA1\xF0\x9F\x98\xA1",
                    std::string(100'000, 'a'),
                    std::string(50'000, ' '),
                    "non non non non c è"};
    for (const std::string& text : odd) EXPECT_FALSE(read(text).outage);
    std::string many;
    for (int i = 0; i < 20'000; ++i) many += "non ";
    EXPECT_FALSE(read(many).outage);
}

TEST(OutageWords, WordsOfTheConfigurationAreCheckedAndCount)
{
    OutageLexicon lexicon = OutageLexicon::usual();
    lexicon.services["fax"] = {"fax"};
    lexicon.troubles.emplace_back("fa i capricci");
    const auto reader = OutageReader::make(lexicon, Gazetteer::italy());
    ASSERT_TRUE(reader);
    EXPECT_TRUE(reader->read("il fax fa ancora i capricci").outage);
    EXPECT_EQ(reader->read("il fax fa i capricci").services, Texts{"fax"});
    for (const char* wrong : {"", "  ", "a b c d e f g", "non-va", "*", "che?"}) {
        lexicon.troubles.back() = wrong;
        EXPECT_FALSE(OutageReader::make(lexicon, Gazetteer::italy())) << wrong;
    }
}

TEST(Places, AreThoseOfItalyAndMore)
{
    const auto italy = Gazetteer::italy();
    for (const char* key : {"RM", "RM/Roma", "BZ/Bolzano", "AO", "SU/Carbonia"}) EXPECT_TRUE(italy->by_key(key)) << key;
    EXPECT_EQ(italy->meant("Imola")->key, "BO/Imola");
    EXPECT_EQ(italy->meant("provincia di Bologna")->key, "BO");
    EXPECT_EQ(italy->meant("Samone (TN)")->key, "TN/Samone");
    EXPECT_EQ(italy->meant("Atlantide"), nullptr);
    EXPECT_EQ(italy->meant(""), nullptr);
    const auto more = italy->with("RM\tEUR|Esposizione\t20000\n");
    ASSERT_TRUE(more);
    const auto all_aquila = words_of("niente internet all'Aquila");
    ASSERT_EQ(italy->find(all_aquila).size(), 1U);
    EXPECT_EQ(italy->find(all_aquila).front()->name, "L'Aquila");
    EXPECT_TRUE(italy->find(words_of("ho visto un'aquila dal balcone")).empty());
    EXPECT_EQ(more->meant("EUR")->key, "RM/EUR");
    for (const char* wrong : {"RM\tEUR", "\tEUR\t1", "RM\tEUR\tmany", "RM\tEUR\t-1", "A/B\tEUR\t1"})
        EXPECT_FALSE(italy->with(wrong)) << wrong;
    EXPECT_TRUE(lies_in("BO/Imola", "BO"));
    EXPECT_FALSE(lies_in("BO", "BO/Imola"));
    EXPECT_FALSE(lies_in("BG/Bergamo", "B"));
}

} // namespace
} // namespace sportello::domain
