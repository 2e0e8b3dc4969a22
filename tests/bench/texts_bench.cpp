// What reading a message costs: finding personal data and telling the language, beside one bare pass of RE2 over the same texts.
#include "figures.hpp"

#include <sportello/domain/language.hpp>
#include <sportello/domain/personal_data.hpp>

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace sportello;
using namespace sportello::bench;

constexpr std::size_t messages = 200'000;

/// As customers write; one in eight tells a number.
std::vector<std::string> texts()
{
    const std::vector<std::string> kinds{
        "@TIM_Sportello la linea è muta da ieri sera, potete aiutarmi? Ho già provato a riavviare il modem due volte",
        "Buongiorno, non mi arriva più la fattura del 01/02/2026 e ho pagato 39,90 € per niente",
        "No internet since 9.30 this morning, anyone else? #down",
        "grazie mille per la risposta veloce 😊",
        "ADSL ferma a Napoli, zona Vomero: da tre giorni nessuno risponde, ticket #1042",
        "Potete chiamarmi al 333 1234567 dopo le 18?",
        "Come faccio a cambiare piano? Ho il 100 mega e vorrei il 200",
        "https://example.com/status/1790000000000000000 guardate qui cosa succede",
    };
    std::vector<std::string> all;
    for (std::size_t i = 0; i < messages; ++i) all.push_back(kinds[i % kinds.size()]);
    return all;
}

} // namespace

int main()
{
    const auto all = texts();
    const domain::PersonalDataFinder finder;
    const RE2 bare(R"([0-9]{3}[ .-]?[0-9]{6,7}|[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]{2,}|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})");
    std::size_t found = 0;
    std::size_t matched = 0;
    std::size_t told = 0;
    const double find_seconds = seconds_of([&] {
        for (const auto& text : all) found += finder.find(text).size();
    });
    const double bare_seconds = seconds_of([&] {
        for (const auto& text : all) matched += RE2::PartialMatch(re2::StringPiece(text), bare);
    });
    const double language_seconds = seconds_of([&] {
        for (const auto& text : all) told += !domain::language_of(text, "it").empty();
    });
    const auto micros = [](double seconds) { return number(seconds * 1e6 / static_cast<double>(messages)); };
    std::cout << "  " << number(found) << " finds, " << number(told) << " languages; telling the language takes "
              << micros(language_seconds) << " us a message\n";
    report("personal data in a message", micros(find_seconds) + " us",
           micros(bare_seconds) + " us of one pass of RE2, " + number(matched) + " matches", "under 20 us",
           find_seconds * 1e6 / static_cast<double>(messages) < 20);
}
