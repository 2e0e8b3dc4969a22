#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace sportello::bench {

/// Words as people use them: a few are everywhere, most are rare. The same each time for the same seed.
class Vocabulary {
public:
    explicit Vocabulary(unsigned seed);
    /// By rank: 0 is the most used.
    [[nodiscard]] const std::string& word(std::size_t rank) const { return words_[rank]; }
    /// One, as often as it is used.
    [[nodiscard]] const std::string& any();
    /// Eight words to two dozen.
    [[nodiscard]] std::string text();
    /// From 0 to `below`, that not included.
    [[nodiscard]] std::size_t random(std::size_t below) { return engine_() % below; }
    [[nodiscard]] const std::string& rare() { return word(5'000 + random(20'000)); }
    [[nodiscard]] const std::string& common() { return word(7 + random(20)); }

private:
    std::mt19937 engine_;
    std::vector<std::string> words_;
};

} // namespace sportello::bench
