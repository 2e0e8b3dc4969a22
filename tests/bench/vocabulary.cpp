#include "vocabulary.hpp"

#include <cmath>
#include <iterator>

namespace sportello::bench {

Vocabulary::Vocabulary(unsigned seed) : engine_(seed)
{
    words_ = {"la",       "il",       "non",    "è",        "di",    "che",   "da",      "linea", "modem",      "internet",
              "fibra",    "adsl",     "guasto", "bolletta", "luce",  "rossa", "perché",  "città", "assistenza", "numero",
              "telefono", "risposta", "giorni", "mattina",  "lenta", "rete",  "tecnico", "wifi"};
    static const char* const parts[] = {"ba", "co", "di", "fe", "gi", "lo", "ma", "ne", "po", "ra", "se", "ti", "vo", "zza", "gno", "sci"};
    while (words_.size() < 30'000) {
        std::string word;
        for (auto n = 2 + engine_() % 3; n > 0; --n) word += parts[engine_() % std::size(parts)];
        words_.push_back(word + (engine_() % 2 == 0 ? "re" : "ti"));
    }
}

const std::string& Vocabulary::any()
{
    const double chance = std::uniform_real_distribution<double>(0, 1)(engine_);
    return words_[static_cast<std::size_t>(std::pow(static_cast<double>(words_.size()), chance)) - 1];
}

std::string Vocabulary::text()
{
    std::string made;
    for (auto n = 8 + engine_() % 16; n > 0; --n) made += any() + " ";
    return made;
}

} // namespace sportello::bench
