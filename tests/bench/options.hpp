#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sportello::bench {

/// What `./dev bench` hands on to a benchmark.
struct Options {
    std::vector<std::int64_t> tickets; ///< how many there are, in rising order; empty: the benchmark's own choice
};

/// Reads `--tickets N[,N...]`; writes what is wrong and ends the program with status 2.
[[nodiscard]] Options read_options(int count, const char* const* words);

} // namespace sportello::bench
