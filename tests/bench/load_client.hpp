#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sportello::bench {

/// One answer, as it came over the wire.
struct RawAnswer {
    int status = 0;
    std::string head; ///< up to and with the empty line
    std::string body;
};

/// One request over a connection of its own. @param request  the whole of it, with its empty line and body
[[nodiscard]] RawAnswer ask(std::uint16_t port, const std::string& request);
/// The text of a request to 127.0.0.1 with keep-alive. @param fields  further header lines, each with its line end
[[nodiscard]] std::string request_text(const std::string& method, const std::string& target, const std::string& fields = "",
                                       const std::string& body = "");

struct Load {
    double seconds = 0;
    std::size_t answers = 0;
    std::vector<double> latencies; ///< seconds from each request to the end of its answer
    [[nodiscard]] double rate() const { return static_cast<double>(answers) / seconds; }
};
/// Keeps one request under way on each of `connections` kept-alive connections until `total` answers have come. Lean (one
/// thread, one read and one write an answer), so that the server is what is measured.
/// @param ports  of servers among which the connections are dealt out in turn
/// @param request  the text of request number n, from 0
/// @param expected  the status; another throws
[[nodiscard]] Load load(const std::vector<std::uint16_t>& ports, std::size_t connections, std::size_t total,
                        const std::function<std::string(std::size_t)>& request, int expected);

} // namespace sportello::bench
