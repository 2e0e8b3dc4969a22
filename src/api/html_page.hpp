#pragma once

#include <sportello/http/message.hpp>

#include <string>
#include <string_view>

namespace sportello::api {

enum class PageLanguage { english, italian };

/// Italian for a browser that puts it before English, else English.
[[nodiscard]] PageLanguage page_language(const http::Request& request);

/// A small page of plain words for a browser that comes from outside the dashboard: no script, no other file, no referrer.
/// @param html  the body, its texts escaped
[[nodiscard]] http::Response html_page(int status, std::string_view title, const std::string& html,
                                       PageLanguage language = PageLanguage::english);

} // namespace sportello::api
