#pragma once

#include <cstddef>
#include <string_view>

namespace sportello::domain {

/// How many characters a host's label takes in DNS: "xn--" and Punycode (RFC 3492) when it is not ASCII; `over` or more
/// when it is longer than `over` in any case. No normalization: X does none here.
[[nodiscard]] std::size_t encoded_label_length(std::u16string_view label, std::size_t over);

} // namespace sportello::domain
