#pragma once

#include <sportello/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::http {

/// Why a request is not served: the status of the answer and what it says. The connection ends after it.
struct Refusal {
    int status = 400;
    std::string detail;
};

/// Looks for the end of a request's head while its bytes come in.
class HeadScanner {
public:
    enum class State { incomplete, complete, malformed };
    /// @param bytes  all bytes of the head so far; what an earlier call saw is not looked at again.
    State scan(std::string_view bytes);
    /// After `complete`: the length of the head with its empty line.
    [[nodiscard]] std::size_t size() const { return line_start_; }
    void reset() { *this = HeadScanner(); }

private:
    std::size_t scanned_ = 0;
    std::size_t line_start_ = 0;
};

/// The request guard: refuses a head that two parsers could read in two ways, before anything acts on it. Beast up to
/// 1.86 lets most of these through: folded lines, a second or missing Host, Content-Length beside Transfer-Encoding, a
/// Transfer-Encoding other than "chunked", chunked in HTTP/1.0, odd Content-Length, blanks around names.
/// @param head  as HeadScanner found it, empty line included.
/// @return nothing when the head is sound.
[[nodiscard]] std::optional<Refusal> guard_head(std::string_view head);

/// Fills `request.path` and `request.query` from `request.target`; an absolute target is reduced to its path when it
/// names the same host as the Host header.
[[nodiscard]] std::optional<Refusal> read_target(Request& request);

} // namespace sportello::http
