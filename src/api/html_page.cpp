#include "html_page.hpp"

#include <sportello/base/text.hpp>

namespace sportello::api {

http::Response html_page(int status, std::string_view title, const std::string& html)
{
    const std::string name = base::escape_html(title);
    auto page = http::Response::text(status,
                                     "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                                     "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
                                         name + " – Sportello</title>\n<main>\n<h1>" + name + "</h1>\n" + html + "</main>\n</html>\n",
                                     "text/html; charset=utf-8");
    page.headers.set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    page.headers.set("Cache-Control", "no-store");
    return page;
}

} // namespace sportello::api
