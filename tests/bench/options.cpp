#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace sportello::bench {
namespace {

constexpr std::int64_t fewest_tickets = 1'000; // that many are open, or were of late
constexpr std::int64_t most_tickets = 10'000'000;

[[noreturn]] void refuse(const std::string& why)
{
    std::cerr << "bench: " << why << "\n";
    std::exit(2);
}

std::vector<std::int64_t> counts_in(std::string_view text)
{
    std::vector<std::int64_t> counts;
    while (true) {
        const std::string_view word = text.substr(0, text.find(','));
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
        if (error != std::errc() || end != word.data() + word.size() || count < fewest_tickets || count > most_tickets)
            refuse("--tickets takes numbers from 1000 to 10000000, with commas between them, not '" + std::string(word) + "'");
        counts.push_back(count);
        if (word.size() == text.size()) break;
        text.remove_prefix(word.size() + 1);
    }
    std::ranges::sort(counts);
    counts.erase(std::ranges::unique(counts).begin(), counts.end());
    return counts;
}

} // namespace

Options read_options(int count, const char* const* words)
{
    Options options;
    for (int i = 1; i < count; ++i) {
        if (std::string_view(words[i]) != "--tickets") refuse("what is '" + std::string(words[i]) + "'?");
        if (i + 1 == count) refuse("--tickets wants a number");
        options.tickets = counts_in(words[++i]);
    }
    return options;
}

} // namespace sportello::bench
