#pragma once

#include <string>
#include <string_view>

namespace sportello::engine {

/// What a file is by its bytes: "application/pdf". What could be markup or a program is "application/octet-stream": it is
/// handed out as nothing that anybody opens.
[[nodiscard]] std::string media_type_of(std::string_view bytes);

} // namespace sportello::engine
