#pragma once

#include <string>
#include <string_view>

namespace sportello::api {

/// The contract as a page for people: one document without scripts, with nothing from elsewhere.
[[nodiscard]] const std::string& docs_page();
[[nodiscard]] std::string_view docs_style();

/// A paragraph of the contract's prose as HTML: escaped, `code` and **bold** marked up, empty lines as paragraphs.
[[nodiscard]] std::string prose(std::string_view text);

} // namespace sportello::api
