// Personal data is found however it is written, and what only looks like it is left alone.
#include "support/seeded_random.hpp"
#include "support/test_seed.hpp"

#include <sportello/domain/personal_data.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>

namespace {

using namespace sportello;
using domain::PersonalData;
using domain::PersonalDataFinder;
using domain::PersonalDataKind;

struct DetectionCase {
    std::string text;
    std::vector<std::string> expected; ///< "kind value"
};

std::vector<std::string> said(const std::vector<PersonalData>& found)
{
    std::vector<std::string> all;
    for (const PersonalData& data : found) all.push_back(std::string(to_string(data.kind)) + " " + data.value);
    return all;
}

TEST(PersonalData, IsFoundInWhatPeopleWrite)
{
    const DetectionCase cases[] = {
        {"chiamatemi al 333 1234567 grazie", {"phone 3331234567"}},
        {"tel.3331234567", {"phone 3331234567"}},
        {"cell3331234567", {"phone 3331234567"}},
        {"+39 333 123 4567", {"phone 3331234567"}},
        {"0039 333.1234567", {"phone 3331234567"}},
        {"(+39) 333-12-34-567", {"phone 3331234567"}},
        {"393331234567", {"phone 3331234567"}},
        {"https://wa.me/393331234567", {"phone 3331234567"}},
        {"3 3 3 1 2 3 4 5 6 7", {"phone 3331234567"}},
        {"333 - 1234567", {"phone 3331234567"}},
        {"333\u00A0123\u202F4567", {"phone 3331234567"}},
        {"３３３１２３４５６７", {"phone 3331234567"}},
        {"3️⃣3️⃣3️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣", {"phone 3331234567"}},
        {"333\u200B1234567", {"phone 3331234567"}},
        {"𝟑𝟑𝟑 𝟏𝟐𝟑𝟒𝟓𝟔𝟕", {"phone 3331234567"}},
        {"٣٣٣١٢٣٤٥٦٧", {"phone 3331234567"}},
        {"06 12345678", {"phone 0612345678"}},
        {"fisso 0612345678", {"phone 0612345678"}},
        {"02/12345678", {"phone 0212345678"}},
        {"0574-123456", {"phone 0574123456"}},
        {"+39 06 1234 5678", {"phone 0612345678"}},
        {"+44 20 7946 0958", {"phone 442079460958"}},
        {"+1 (555) 234-5678", {"phone 15552345678"}},
        {"555-234-5678", {"phone 5552345678"}},
        {"(555) 234-5678", {"phone 5552345678"}},
        {"06 12 34 56 78", {"phone 0612345678"}},
        {"il 3331234567 o il 3401234567", {"phone 3331234567", "phone 3401234567"}},
        {"3331234567 3401234567", {"phone 3331234567", "phone 3401234567"}},
        {"01/02/2026 3331234567", {"phone 3331234567"}},
        {"il mio ticket è vecchio, chiamate 3331234567", {"phone 3331234567"}},
        {"this is the phone of my account: 30073249625", {"phone 30073249625"}},
        {"scrivete a mario.rossi@example.com.", {"email mario.rossi@example.com"}},
        {"Mario_Rossi+tim@Example.co.uk", {"email mario_rossi+tim@example.co.uk"}},
        {"mario.rossi(at)example.com", {"email mario.rossi@example.com"}},
        {"mario.rossi [at] example.com", {"email mario.rossi@example.com"}},
        {"mailto:a@b.it", {"email a@b.it"}},
        {"mario＠example．com", {"email mario@example.com"}},
        {"IT60X0542811101000000123456", {"iban IT60X0542811101000000123456"}},
        {"iban it60 x054 2811 1010 0000 0123 456 intestato a me", {"iban IT60X0542811101000000123456"}},
        {"IBAN:IT60-X-05428-11101-000000123456", {"iban IT60X0542811101000000123456"}},
        {"DE89 3704 0044 0532 0130 00", {"iban DE89370400440532013000"}},
        {"GB82WEST12345698765432", {"iban GB82WEST12345698765432"}},
        {"RSSMRA85T10A562S", {"tax_code RSSMRA85T10A562S"}},
        {"cf: rssmra85t10a562s", {"tax_code RSSMRA85T10A562S"}},
        {"RSS MRA 85T10 A562S", {"tax_code RSSMRA85T10A562S"}},
        {"4111 1111 1111 1111 12/27", {"card 4111111111111111"}},
        {"5500-0000-0000-0004", {"card 5500000000000004"}},
        {"378282246310005", {"card 378282246310005"}},
        {"carta 4111111111111111 e cell 3331234567", {"card 4111111111111111", "phone 3331234567"}},
    };
    const PersonalDataFinder finder;
    for (const DetectionCase& c : cases) EXPECT_EQ(said(finder.find(c.text)), c.expected) << c.text;
}

TEST(PersonalData, IsNotSeenInDatesPricesAndOtherNumbers)
{
    std::string long_prose; // somewhere its words come to the rest of an IBAN
    for (int i = 0; i < 500; ++i) long_prose += "Frase numero " + std::to_string(i) + " di it60 una risposta piuttosto lunga. ";
    const std::string texts[] = {
        "",
        "ciao",
        "dal 01/02/2026 al 03/02/2026",
        "01-02-2026 - 05-02-2026",
        "2026-02-01 10:30",
        "01.02.2026",
        "il 6.12.25 e il 7.12.25",
        "€ 1.234.567,89",
        "329,99 €",
        "$3500000",
        "3.500.000.000 di euro",
        "38.115688, 13.361267",
        "37.206.128.12",
        "ticket #1042",
        "ticket n. 3401234567",
        "ordine numero 3521234567",
        "#3401234567",
        "pratica 3401234567",
        "codice AB3331234567",
        "dalle 09.00-13.00 alle 14.00-18.00",
        "aperti 09-13 14-18",
        "800 123 456",
        "numero verde 800123456",
        "chiamate il 187 o il 119",
        "chiamate il numero 800 123 456",
        "ho chiamato 4 volte, codice cliente 1234567",
        "1-800-555-1234",
        "https://x.com/a/status/1790000000000000000",
        "https://www.facebook.com/104000000000002/posts/3331234567",
        "@TIM_official aiuto",
        "@mario ciao @luca.",
        "a@b",
        "modem DGA4132 20/1 mega",
        "100 mega a 3 euro 12 mesi 24 rate",
        "4111 1111 1111 1112",
        "RSSMRA85T10A562T",
        "IT60X0542811101000000123457",
        "versione 3.12.345.6789",
        "sono 3 ore che aspetto, 2 chiamate, 45 minuti",
        long_prose,
    };
    const PersonalDataFinder finder;
    for (const std::string& text : texts) EXPECT_EQ(said(finder.find(text)), std::vector<std::string>()) << text;
}

TEST(PersonalData, KnowsItsPlaceInTheText)
{
    const PersonalDataFinder finder;
    const std::string text = "è il ３３３ 1234567, già";
    const auto found = finder.find(text);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(text.substr(found[0].begin, found[0].end - found[0].begin), "３３３ 1234567");
    EXPECT_EQ(finder.masked(text), "è il •••••, già");
    EXPECT_EQ(finder.masked("+39 333 1234567 e a@b.it"), "••••• e •••••");
}

TEST(PersonalData, LeavesTheCompanysOwnAlone)
{
    const auto finder = PersonalDataFinder::make({.allow = {"+39 06 36881", "06 12345678", "Info@Tim.it", "@telecomitalia.it",
                                                            "IT60 X054 2811 1010 0000 0123 456"},
                                                  .contract_patterns = {}})
                            .value();
    for (const char* text :
         {"06 12345678", "+39 0612345678", "0039 06-12345678", "info@tim.it", "mario@telecomitalia.it", "IT60X0542811101000000123456"}) {
        EXPECT_EQ(said(finder.find(text)), std::vector<std::string>()) << text;
    }
    EXPECT_EQ(said(finder.find("06 12345679 mario@tim.it x@nontelecomitalia.it")),
              (std::vector<std::string>{"phone 0612345679", "email mario@tim.it", "email x@nontelecomitalia.it"}));
}

TEST(PersonalData, FindsContractNumbersByPattern)
{
    const auto finder =
        PersonalDataFinder::make({.allow = {}, .contract_patterns = {R"((?i)contratto\s*(?:n\.?)?\s*([0-9]{6,10}))", R"(\bTI-[A-Z]{4}\b)"}})
            .value();
    EXPECT_EQ(said(finder.find("contratto n. 1234567 e TI-ABCD")), (std::vector<std::string>{"contract 1234567", "contract TIABCD"}));
    EXPECT_EQ(finder.masked("contratto n. 1234567"), "contratto n. •••••");

    const auto bad = PersonalDataFinder::make({.allow = {}, .contract_patterns = {"ok", "a("}});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().fields().at(0).pointer, "/contract_patterns/1");
    EXPECT_EQ(bad.error().what(), "missing ): a(");
    EXPECT_FALSE(PersonalDataFinder::make({.allow = {}, .contract_patterns = {"x*"}}));
    EXPECT_FALSE(PersonalDataFinder::make({.allow = {}, .contract_patterns = {std::string(501, 'x')}}));
}

TEST(PersonalData, IsRepeatedHoweverItIsWritten)
{
    const PersonalDataFinder finder;
    const auto phone = finder.find("333 1234567").at(0);
    for (const char* text : {"il 3331234567?", "3-3-3-1-2-3-4-5-6-7", "+39 333/1234567", "３３３ 1234567", "0000 3331234567 0000"}) {
        EXPECT_TRUE(repeats(text, phone)) << text;
    }
    for (const char* text : {"il 333 che finisce per 567", "3331234568", "333 clienti in 1234567 anni"})
        EXPECT_FALSE(repeats(text, phone)) << text;
    EXPECT_TRUE(repeats("Le scriviamo a MARIO@Example.com", finder.find("mario@example.com").at(0)));
    EXPECT_TRUE(repeats("su it60.x0542811101000000123456", finder.find("IT60X0542811101000000123456").at(0)));
}

// --- generated codes ------------------------------------------------------------------------------------------------

using Engine = std::mt19937_64;

std::size_t below(Engine& engine, std::size_t limit)
{
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine);
}
std::string drawn(Engine& engine, std::string_view alphabet, std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.push_back(alphabet[below(engine, alphabet.size())]);
    return text;
}
constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// By the book, and not as the program does it: the number in full, modulo 97.
std::string iban_of(Engine& engine)
{
    const std::string bban = drawn(engine, letters, 1) + drawn(engine, digits, 22);
    std::string number;
    for (const char c : bban + "IT00") number += c <= '9' ? std::string(1, c) : std::to_string(c - 'A' + 10);
    int rest = 0;
    for (const char c : number) rest = (rest * 10 + (c - '0')) % 97;
    const int check = 98 - rest;
    return std::string("IT") + static_cast<char>('0' + check / 10) + static_cast<char>('0' + check % 10) + bban;
}

/// The table of the ministerial decree of 23 December 1976, written out.
int odd_value(char c)
{
    static const std::map<char, int> values{
        {'0', 1},  {'1', 0}, {'2', 5}, {'3', 7},  {'4', 9},  {'5', 13}, {'6', 15}, {'7', 17}, {'8', 19}, {'9', 21}, {'A', 1},  {'B', 0},
        {'C', 5},  {'D', 7}, {'E', 9}, {'F', 13}, {'G', 15}, {'H', 17}, {'I', 19}, {'J', 21}, {'K', 2},  {'L', 4},  {'M', 18}, {'N', 20},
        {'O', 11}, {'P', 3}, {'Q', 6}, {'R', 8},  {'S', 12}, {'T', 14}, {'U', 16}, {'V', 10}, {'W', 22}, {'X', 25}, {'Y', 24}, {'Z', 23}};
    return values.at(c);
}
std::string tax_code_of(Engine& engine, std::size_t homocode_level)
{
    const std::size_t day = 1 + below(engine, 31) + 40 * below(engine, 2);
    std::string code = drawn(engine, letters, 6) + drawn(engine, digits, 2) + drawn(engine, "ABCDEHLMPRST", 1) + (day < 10 ? "0" : "") +
                       std::to_string(day) + drawn(engine, letters, 1) + drawn(engine, digits, 3);
    constexpr std::array<std::size_t, 7> order{14, 13, 12, 10, 9, 7, 6}; // from the right
    for (std::size_t i = 0; i < homocode_level; ++i) code[order[i]] = "LMNPQRSTUV"[code[order[i]] - '0'];
    int sum = 0;
    for (std::size_t i = 0; i < 15; ++i) sum += i % 2 == 0 ? odd_value(code[i]) : code[i] <= '9' ? code[i] - '0' : code[i] - 'A';
    return code + static_cast<char>('A' + sum % 26);
}
std::string card_of(Engine& engine)
{
    std::string number = std::string(1, "45"[below(engine, 2)]);
    if (number == "5") number += drawn(engine, "12345", 1);
    number += drawn(engine, digits, 15 - number.size());
    for (char check = '0';; ++check) {
        int sum = 0;
        const std::string whole = number + check;
        for (std::size_t i = 0; i < 16; ++i) {
            const int digit = whole[i] - '0';
            sum += i % 2 == 0 ? (digit * 2) / 10 + (digit * 2) % 10 : digit;
        }
        if (sum % 10 == 0) return whole;
    }
}
/// Signs that people put between, now and then.
std::string spread(Engine& engine, const std::string& code)
{
    static const std::vector<std::string> joints{" ", ".", "-", "", "", "", "\u00A0", "\u2011", " - "};
    std::string text;
    const std::string joint = joints[below(engine, joints.size())];
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (i > 0 && i % 4 == 0) text += joint;
        text += code[i];
    }
    return text;
}

TEST(PersonalData, EveryValidCodeIsFoundAndNoneWithAWrongCheck)
{
    Engine engine(test::test_seed(41));
    const PersonalDataFinder finder;
    const auto kinds_of = [&](const std::string& text) {
        std::vector<PersonalDataKind> kinds;
        for (const auto& data : finder.find(text)) kinds.push_back(data.kind);
        return kinds;
    };
    for (int round = 0; round < 2000; ++round) {
        const std::array<std::pair<PersonalDataKind, std::string>, 3> codes{
            std::pair{PersonalDataKind::iban, iban_of(engine)},
            {PersonalDataKind::tax_code, tax_code_of(engine, below(engine, 8))},
            {PersonalDataKind::card, card_of(engine)}};
        for (const auto& [kind, code] : codes) {
            const bool in_one_piece = kind == PersonalDataKind::tax_code; // beside words, letters alone are no code when spread
            const std::string text = "ecco: " + (in_one_piece ? code : spread(engine, code)) + ", va bene?";
            const auto found = finder.find(text);
            ASSERT_EQ(found.size(), 1u) << text;
            EXPECT_EQ(found[0].kind, kind) << text;
            EXPECT_EQ(found[0].value, code) << text;
            EXPECT_EQ(finder.masked(text), "ecco: •••••, va bene?");

            std::string wrong = code; // one digit more or less always shows in the check
            std::size_t place = wrong.size() - 1;
            while (wrong[place] < '0' || wrong[place] > '9') {
                if (place == 0) break;
                --place;
            }
            if (place == 0) continue;
            wrong[place] = wrong[place] == '9' ? '0' : static_cast<char>(wrong[place] + 1);
            for (const PersonalDataKind seen : kinds_of("ecco: " + wrong)) EXPECT_NE(seen, kind) << wrong;
        }
    }
}

TEST(PersonalData, EveryItalianNumberIsFoundAndItsMaskHoldsNothing)
{
    Engine engine(test::test_seed(43));
    const PersonalDataFinder finder;
    for (int round = 0; round < 3000; ++round) {
        const bool mobile = below(engine, 2) == 0;
        const std::string number = mobile ? "3" + drawn(engine, "23456789", 1) + drawn(engine, digits, 8)
                                          : "0" + drawn(engine, "123456789", 1) + drawn(engine, digits, 8);
        const std::vector<std::string> joints{"", " ", ".", "-", "/"};
        std::string text = std::vector<std::string>{"", "+39", "+39 ", "0039 "}[below(engine, 4)];
        text += number.substr(0, 3) + joints[below(engine, joints.size())] + number.substr(3);
        const auto found = finder.find("al " + text + " grazie");
        ASSERT_EQ(found.size(), 1u) << text;
        EXPECT_EQ(found[0].value, number) << text;
        EXPECT_EQ(finder.masked("al " + text + " grazie"), "al ••••• grazie") << text;
    }
}

// --- hostile texts --------------------------------------------------------------------------------------------------

TEST(PersonalData, EndsOnAnyBytesInLinearTime)
{
    Engine engine(test::test_seed(47));
    const auto finder = PersonalDataFinder::make({.allow = {}, .contract_patterns = {R"([0-9]{8,12}[A-Z])"}}).value();
    const std::vector<std::string> pieces{"3331234567", "@",
                                          "a@b.it",     "\xFF",
                                          "\xC3",       std::string(1, '\0'),
                                          "IT60X05428", "RSSMRA85T10A562S",
                                          "+",          "00",
                                          "((((",       " - ",
                                          ".",          "３",
                                          "\u200B",     "\u0301",
                                          "4111 1111",  "://",
                                          "(at)",       "é",
                                          "😀",          "01/02/2026",
                                          "€"};
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (std::size_t i = below(engine, 30); i > 0; --i) text += pieces[below(engine, pieces.size())];
        const auto found = finder.find(text);
        std::size_t from = 0;
        for (const PersonalData& data : found) {
            ASSERT_LE(from, data.begin) << text;
            ASSERT_LT(data.begin, data.end);
            ASSERT_LE(data.end, text.size());
            from = data.end;
        }
        (void)finder.masked(text);
    }
    const auto begin = std::clock(); // of this process: others may keep the machine busy
    for (const std::string& piece : pieces) {
        std::string text;
        while (text.size() < 20'000) text += piece;
        (void)finder.find(text);
    }
    std::string mega;
    while (mega.size() < 1'000'000) mega += "1 2 3 4 5 6 7 8 9 0 ";
    (void)finder.find(mega);
    EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC); // a square of the length would take hours
}

// --- the real corpus ------------------------------------------------------------------------------------------------

TEST(PersonalData, RaisesFewFalseAlarmsOnRealConversations)
{
    const auto file = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "../shared/data/support-conversations.ndjson";
    std::ifstream lines(file);
    if (!lines) GTEST_SKIP() << "needs " << file << ", which is not there";
    const PersonalDataFinder finder;
    std::size_t messages = 0;
    std::size_t hits = 0;
    std::chrono::nanoseconds spent{};
    for (std::string line; std::getline(lines, line);) {
        const auto text = nlohmann::json::parse(line).at("text").get<std::string>();
        const auto begin = std::chrono::steady_clock::now();
        const auto found = finder.find(text);
        spent += std::chrono::steady_clock::now() - begin;
        ++messages;
        hits += !found.empty();
        for (const auto& data : found) std::cout << to_string(data.kind) << " in: " << finder.masked(text) << "\n";
    }
    ASSERT_GT(messages, 1000u);
    RecordProperty("messages", static_cast<int>(messages));
    RecordProperty("with_personal_data", static_cast<int>(hits));
    std::cout << messages << " messages, " << hits << " with personal data, " << spent.count() / static_cast<long>(messages)
              << " ns each\n";
    EXPECT_LT(hits, messages / 50); // some are there
}

} // namespace
